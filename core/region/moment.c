/* SPDX-License-Identifier: MIT */
/*
 * When is what we see the middle of a change? A change takes some tens of nanoseconds, so what
 * stands still for many looks is none, as a rule. But now and then the writer itself is held up in
 * the middle: by an interrupt for a twentieth of a millisecond, by its hypervisor, by another
 * program that got its processor for some milliseconds. Then half a change stands still for as
 * long as a whole record does.
 *
 * One thing tells them apart without knowing the writer. Take what stood before (A), what stood
 * then (B) and what stood after it (C). If B is a whole record, coming to it and leaving it are two
 * changes, and mostly the same bytes differ in both: a counter's lowest one, in each place that it
 * is written to. If B is the middle of one change, coming wrote the first part and leaving wrote
 * the rest, and perhaps the first part again, when the writer makes up for the time it lost; the
 * rest differs in leaving only. So a B whose coming and leaving changed the same bytes is whole.
 * One where at least some bit changed in both, and leaving didn't change all that coming did, is
 * likely to be so; it is remembered in case that nothing better comes. All that needs A, B and C to
 * be neighbours, no change between them having escaped us because we were interrupted ourselves: so
 * the looks around both changes must be near each other.
 *
 * Who changes its members in turn, a request's number and then the answer's, shows no such thing,
 * and is like a slow change in every way. What stood still for most of the time that we watched is
 * taken for whole then.
 *
 * All this isn't asked of what was the same when it was read before and doesn't move while we look:
 * that is watched for two microseconds. And what moved at a high pace and now stands may be held
 * up, perhaps by us, who took its processor: so we rest, for as long as others have a processor, as
 * a rule. If it has never been seen to stand, it may work in bursts, and needn't show for as long
 * that it pauses. What stands whenever we look and is another one after each rest is torn, as far
 * as we can know.
 */
#include "region/moment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOOKS	 16 /* that see the same: it stands */
#define FEWER	 8  /* are enough where they are slow, and took so many ns */
#define LONG	 4000u
#define NEAR	 500u	   /* ns between neighbours, and one for each byte */
#define WATCH	 100000u   /* ns that are spent on what moves */
#define ROUNDS	 3	   /* so often, unless it stands or is sure */
#define RESTED	 8	   /* rounds in which we rested count as one */
#define FAST	 50000u	   /* ns: a pace that makes standing for WATCH suspicious */
#define BRIEF	 1000u	   /* ns: a pace at which nothing stands */
#define PATIENCE 20000000u /* ns for it to go on; twice that for everything */
#define REST	 200000u   /* ns */

int moment_still(const struct sight *sight, unsigned looks, unsigned tries, char *to)
{
	char *again = looks ? malloc(sight->n + 1) : NULL;
	int r = looks && !again ? -ENOMEM : 0;
	bool same = false;

	for (; tries && !same && r == 0; tries--) {
		r = sight->look(sight->context, NULL, to);
		same = r == 0;
		for (unsigned i = 0; i < looks && same; i++) {
			r = sight->look(sight->context, to, again);
			same = r == 0 && memcmp(to, again, sight->n) == 0;
		}
	}
	free(again);
	return r < 0 ? r : same;
}

struct watch {
	const struct sight *sight;
	char *room;
	/* What stood before, what stood last (and may still), what the last look saw; and one of
	 * the former that some bit speaks for. */
	char *before, *stood, *last, *next, *likely;
	bool arrived;	  /* it came from `before`, its neighbour */
	bool is_likely;	  /* there is a `likely` */
	bool sure;	  /* `before` is whole */
	bool rested;	  /* since start: we gave it time to go on */
	bool moves;	  /* it is known to, or has been seen to */
	unsigned same;	  /* looks that saw `last` again */
	unsigned looks;	  /* since start */
	unsigned others;  /* of these, those that saw another than the last */
	unsigned settled; /* how often something came to stand, since start: then there is a `stood`
			   */
	uint64_t start;
	uint64_t came; /* the first look that saw `last` */
	uint64_t seen; /* the last one of all */
	uint64_t left; /* the last that saw `stood` */
	/* ns since start, without those for which we were away; those when anything stood; and
	 * those until it moved last. */
	uint64_t watched, calm, moving;
};

static uint64_t near_of(const struct watch *watch)
{
	return NEAR + watch->sight->n;
}

static void swap(char **a, char **b)
{
	char *c = *a;

	*a = *b;
	*b = c;
}

/* How coming to b speaks for its being whole, and leaving it: 2 the same bytes changed; 1 at least
 * some bit did, and something that leaving didn't change; 0 nothing speaks for it. */
static int compare_changes(const char *a, const char *b, const char *c, size_t n)
{
	bool some = false, only_coming = false, only_leaving = false;

	for (size_t i = 0; i < n; i++) {
		int coming = a[i] ^ b[i], leaving = b[i] ^ c[i];

		some |= (coming & leaving) != 0;
		only_coming |= coming && !leaving;
		only_leaving |= leaving && !coming;
	}
	if (some && !only_coming && !only_leaving)
		return 2;
	return some && only_coming;
}

/* What was seen last stands. */
static void settle(struct watch *watch)
{
	size_t n = watch->sight->n;
	bool near = watch->settled && watch->came - watch->left <= near_of(watch);
	int sign = watch->arrived && near
			   ? compare_changes(watch->before, watch->stood, watch->last, n)
			   : 0;

	watch->sure = sign == 2;
	if (sign == 1) {
		memcpy(watch->likely, watch->stood, n);
		watch->is_likely = true;
	}
	swap(&watch->before, &watch->stood);
	memcpy(watch->stood, watch->last, n);
	watch->arrived = near;
	watch->settled++;
}

static bool stands(const struct watch *watch)
{
	return watch->same >= LOOKS || (watch->same >= FEWER && watch->seen - watch->came >= LONG);
}

static int look_again(struct watch *watch)
{
	const struct sight *sight = watch->sight;
	int r = sight->look(sight->context, watch->last, watch->next);
	uint64_t now, step;

	if (r < 0)
		return r;
	now = sight->now(sight->context);
	watch->looks++;
	step = now - watch->seen;
	if (step > near_of(watch))
		step = near_of(watch);
	watch->watched += step;
	if (memcmp(watch->last, watch->next, sight->n) == 0) {
		const bool stood = stands(watch);

		watch->same++;
		watch->seen = now;
		if (stands(watch) && !stood)
			settle(watch);
		if (stands(watch)) {
			watch->calm += step;
			watch->left = now;
		}
	} else {
		swap(&watch->last, &watch->next);
		watch->same = 0;
		watch->others++;
		watch->moves = true;
		watch->came = now;
		watch->moving = watch->watched;
	}
	watch->seen = now;
	return 0;
}

static void begin(struct watch *watch, uint64_t now)
{
	watch->start = watch->came = watch->seen = now;
	watch->same = watch->looks = watch->others = watch->settled = 0;
	watch->calm = watch->watched = watch->moving = 0;
	watch->arrived = watch->sure = watch->rested = false;
}

static bool is_calm(const struct watch *watch)
{
	return watch->settled && watch->calm >= watch->watched / 2;
}

/* One change may be seen by parts, which is no pace of what stands most of the time; nor is the
 * time for which it was held up. */
static void learn_pace(const struct watch *watch, uint64_t *pace)
{
	uint64_t seen = watch->others ? watch->moving / watch->others + 1 : 0;

	if (seen && (!*pace || seen < *pace))
		*pace = seen;
	if (watch->settled > 2 && *pace < BRIEF)
		*pace = BRIEF;
}

/* What moved fast stands: true long enough to be believed. */
static bool outwait(struct watch *watch, uint64_t pace)
{
	uint64_t time = watch->seen - watch->came;

	if (!pace || pace > FAST || time > (pace < BRIEF ? 1000 * pace : PATIENCE))
		return true;
	if (time > WATCH) {
		watch->sight->rest(watch->sight->context, REST);
		watch->rested = true;
	}
	return false;
}

/* What is the best of all that was seen, or NULL. What stands while we look and moves while we rest
 * was held up by us. */
static const char *choose(const struct watch *watch)
{
	if (watch->is_likely)
		return watch->likely;
	return is_calm(watch) && (stands(watch) || !watch->rested) ? watch->stood : NULL;
}

/* What never stands may do so soon, if it works in bursts. */
static void begin_anew(struct watch *watch)
{
	const struct sight *sight = watch->sight;

	if (!is_calm(watch))
		sight->rest(sight->context, REST);
	begin(watch, sight->now(sight->context));
}

/* Looks until there is something to say: 0 and *found, NULL: it is torn. Or an error of look. */
static int look_on(struct watch *watch, uint64_t *pace, const char **found)
{
	const uint64_t first = watch->start;
	unsigned rounds = 0;
	int r;

	while ((r = look_again(watch)) == 0) {
		*found = watch->sure ? watch->before : watch->stood;
		if (watch->sure || (stands(watch) && !watch->moves))
			break;
		if (watch->watched <= WATCH || watch->looks < 4 * LOOKS)
			continue;
		learn_pace(watch, pace);
		*found = choose(watch);
		if (watch->seen - first > 2 * PATIENCE)
			break;
		if (stands(watch)) {
			if (outwait(watch, *pace))
				break;
			continue;
		}
		rounds += watch->rested ? 1 : RESTED;
		if (rounds >= ROUNDS * RESTED)
			break;
		begin_anew(watch);
	}
	learn_pace(watch, pace);
	return r;
}

static int moment_watch(struct watch *watch, uint64_t *pace, char *to)
{
	const struct sight *sight = watch->sight;
	size_t n = sight->n;
	const char *found = NULL;
	int r;

	watch->before = watch->room;
	watch->stood = watch->room + n;
	watch->last = watch->room + 2 * n;
	watch->next = watch->room + 3 * n;
	watch->likely = watch->room + 4 * n;
	r = sight->look(sight->context, NULL, watch->last);
	if (r < 0)
		return r;
	begin(watch, sight->now(sight->context));
	r = look_on(watch, pace, &found);
	if (r < 0)
		return r;
	memcpy(to, found ? found : watch->last, n);
	return found != NULL;
}

int moment_find(const struct sight *sight, bool moves, uint64_t *pace, char *to)
{
	struct watch watch = {.sight = sight, .moves = moves};
	int r = 1;

	if (sight->n == 0)
		return r;
	watch.room = malloc(5 * sight->n);
	r = watch.room ? moment_watch(&watch, pace, to) : -ENOMEM;
	free(watch.room);
	return r;
}
