/* SPDX-License-Identifier: MIT */
/* What a watcher makes of writers who are held up in the middle of a change, on a clock of our own:
 * each look takes a tenth of a microsecond, and memory is a function of the time. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "region/moment.h"

#define MEMBERS 6

/* A writer changes all members to one number, then waits; or as `turns` says. */
struct world {
	uint64_t time;
	uint64_t period, step;	   /* ns from change to change, from member to member */
	uint64_t held, length;	   /* the change that is held up in the middle, and for how long */
	unsigned at;		   /* before that member */
	bool makes_up, turns, two; /* no pause until time is made up for; one member at a time; two
				    * numbers in turn */
	uint64_t jump, jumped;	   /* we ourselves are away at that time, so long */
	bool starved;		   /* it goes on only while we rest: we have its processor */
	uint64_t lag;		   /* how long it had to wait for that */
	uint64_t written;	   /* stores so far */
	uint64_t next;		   /* when the next one comes */
	uint64_t due;		   /* when this change ought to have begun */
	uint32_t member[MEMBERS];
	unsigned looks, rests;
};

static uint32_t number_of(const struct world *w, uint64_t change)
{
	return w->two ? (change & 1 ? 0x5a5a5a5a : 0xa5a5a5a5) : (uint32_t)change * 3 + 1;
}

/* Lets the writer go on until now. */
static void write_on(struct world *w)
{
	while (w->period && w->next <= w->time - w->lag) {
		uint64_t change = w->written / MEMBERS;
		unsigned i = (unsigned)(w->written % MEMBERS);

		if (w->turns)
			w->member[w->written % 2] = (uint32_t)w->written + 1;
		else
			w->member[i] = number_of(w, change);
		w->written++;
		i = (unsigned)(w->written % MEMBERS);
		w->next += w->turns ? w->period : w->step;
		if (!w->turns && i == 0) {
			w->due += w->period;
			if (w->due > w->next)
				w->next = w->due;
			else if (!w->makes_up)
				w->due = w->next += w->period;
		}
		if (w->length && w->written / MEMBERS == w->held && i == w->at) {
			w->next += w->length;
			w->length = 0;
		}
	}
}

static int look(void *context, const char *before, char *to)
{
	struct world *w = context;

	unsigned took = 90 + w->looks++ % 7 * 5;

	w->time += took;
	w->lag += w->starved ? took : 0;
	if (before && w->jumped && w->time >= w->jump) {
		w->time += w->jumped;
		w->jumped = 0;
	}
	write_on(w);
	memcpy(to, w->member, sizeof(w->member));
	return 0;
}

static uint64_t now(void *context)
{
	return ((struct world *)context)->time;
}

static void rest(void *context, uint64_t ns)
{
	struct world *w = context;

	w->time += ns;
	w->rests++;
}

static int find(struct world *w, bool moves, uint64_t *pace, uint32_t found[MEMBERS])
{
	const struct sight sight = {look, now, rest, w, sizeof(w->member)};

	return moment_find(&sight, moves, pace, (char *)found);
}

static bool is_whole(const uint32_t *found)
{
	for (unsigned i = 1; i < MEMBERS; i++)
		if (found[i] != found[0])
			return false;
	return true;
}

static void test_quiet(void **state)
{
	struct world w = {0};
	uint32_t found[MEMBERS];
	uint64_t pace = 0;

	(void)state;
	assert_int_equal(find(&w, false, &pace, found), 1);
	assert_in_range(w.time, 1500, 3000);
	assert_int_equal(find(&w, true, &pace, found), 1);
	assert_in_range(w.time, 100000, 110000);
	assert_int_equal(pace, 0);
	assert_int_equal(w.rests, 0);
}

/* Reads that begin at all times before, in and after a change that is held up. */
static void sweep(struct world given, uint64_t length, uint64_t known, unsigned *torn)
{
	const uint64_t held = 100 + 60000 / given.period, at = held * given.period;

	*torn = 0;
	for (uint64_t start = at - 60000; start < at + length + 40000;
	     start += 401 + length / 200) {
		struct world w = given;
		uint32_t found[MEMBERS] = {0};
		uint64_t pace = known;
		int r;

		w.time = start;
		w.held = held;
		w.length = length;
		write_on(&w);
		r = find(&w, true, &pace, found);
		assert_in_range(r, 0, 1);
		*torn += r == 0;
		if (r == 1 && !is_whole(found))
			fail_msg("begun at %ju, held %ju before %u, makes up %d, two %d: %u %u at "
				 "%ju",
				 (uintmax_t)start, (uintmax_t)length, w.at, w.makes_up, w.two,
				 found[0], found[MEMBERS - 1], (uintmax_t)w.time);
	}
}

static void test_held(void **state)
{
	static const uint64_t lengths[] = {1000, 3000, 9000, 12000, 30000, 80000, 95000};
	unsigned torn;

	(void)state;
	for (unsigned at = 1; at < MEMBERS; at++)
		for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
			struct world w = {.period = 10000, .step = 8, .at = at};

			sweep(w, lengths[i], 0, &torn);
			assert_int_equal(torn, 0);
			w.two = true;
			sweep(w, lengths[i], 0, &torn);
			assert_int_equal(torn, 0);
			w.two = false;
			w.makes_up = true;
			sweep(w, lengths[i], 0, &torn);
			assert_int_equal(torn, 0);
		}
}

/* Its processor is given to another: longer than we watch, so the pace must be known. */
static void test_waiting(void **state)
{
	unsigned torn;

	(void)state;
	for (unsigned at = 1; at < MEMBERS; at++) {
		struct world w = {.period = 10000, .step = 8, .at = at};

		sweep(w, 12000000, 9000, &torn);
		assert_int_equal(torn, 0);
		w.makes_up = true;
		sweep(w, 12000000, 9000, &torn);
		assert_int_equal(torn, 0);
	}
}

/* We are away while it changes on: what stood before and after are no neighbours. */
static void test_interrupted(void **state)
{
	(void)state;
	for (uint64_t jump = 380000; jump < 440000; jump += 700)
		for (uint64_t away = 2000; away < 60000; away *= 3) {
			struct world w = {.period = 10000, .step = 8, .at = 3};

			w.held = 40;
			w.length = 20000;
			w.jump = jump;
			w.jumped = away;
			for (int i = 0; i < 12; i++) {
				uint32_t found[MEMBERS] = {0};
				uint64_t pace = 0;

				w.time += i ? 0 : 370000;
				assert_int_equal(find(&w, true, &pace, found), 1);
				if (!is_whole(found))
					fail_msg("away at %ju for %ju, try %d, now %ju: %u %u",
						 (uintmax_t)jump, (uintmax_t)away, i,
						 (uintmax_t)w.time, found[0], found[MEMBERS - 1]);
			}
		}
}

/* It stands whenever we look: nothing is sure, whatever it is. */
static void test_starved(void **state)
{
	struct world w = {.period = 10007, .step = 300, .starved = true};
	unsigned torn = 0;

	(void)state;
	for (int i = 0; i < 500; i++) {
		uint32_t found[MEMBERS] = {0};
		uint64_t pace = 9000;
		int r = find(&w, true, &pace, found);

		assert_in_range(r, 0, 1);
		assert_true(r == 0 || is_whole(found));
		torn += r == 0;
	}
	assert_in_range(torn, 1, 500);
}

static void test_restless(void **state)
{
	struct world w = {.period = 170, .step = 20};
	uint32_t found[MEMBERS];
	uint64_t pace = 0;

	(void)state;
	assert_int_equal(find(&w, false, &pace, found), 0);
	assert_in_range(w.time, 700000, 720000);
	assert_in_range(pace, 90, 250);
	/* and now and then an interrupt */
	for (unsigned at = 1; at < MEMBERS; at++) {
		struct world h = {.period = 170, .step = 20, .at = at};
		unsigned torn;

		sweep(h, 45000, 200, &torn);
		assert_in_range(torn, 1, 2000);
	}
}

/* A request and its answer in turn: nothing is proved, and nothing is torn. */
static void test_turns(void **state)
{
	struct world w = {.period = 7000, .turns = true};
	uint32_t found[MEMBERS];
	uint64_t pace = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(find(&w, true, &pace, found), 1);
		assert_in_range(found[0] ^ found[1], 1, UINT32_MAX);
		pace = 0;
	}
}

/* It has stopped: once that is so for long enough, it is believed. */
static void test_stopped(void **state)
{
	struct world w = {0};
	uint32_t found[MEMBERS];
	uint64_t pace = 5000;

	(void)state;
	assert_int_equal(find(&w, true, &pace, found), 1);
	assert_in_range(w.time, 20000000, 20500000);
	assert_true(w.rests > 10);
}

static int fails(void *context, const char *before, char *to)
{
	return before ? -EIO : look(context, before, to);
}

static void test_failure(void **state)
{
	struct world w = {0};
	const struct sight sight = {fails, now, rest, &w, sizeof(w.member)};
	uint32_t found[MEMBERS];
	uint64_t pace = 0;

	(void)state;
	assert_int_equal(moment_find(&sight, true, &pace, (char *)found), -EIO);
	assert_int_equal(moment_still(&sight, 1, 2, (char *)found), -EIO);
	assert_int_equal(moment_still(&sight, 0, 2, (char *)found), 1);
}

static void test_memory(void **state)
{
	struct moments moments = {0};
	uint64_t pace = 1;

	(void)state;
	assert_true(moments_ask(&moments, 64, 4, 10, &pace)); /* who knows */
	assert_int_equal(pace, 0);
	moments_tell(&moments, 64, "abcd", 4, 10, 0);
	assert_false(moments_ask(&moments, 64, 4, 11, &pace));
	assert_true(moments_ask(&moments, 64, 3, 11, &pace));
	moments_tell(&moments, 64, "abce", 4, 20, 7);
	assert_true(moments_ask(&moments, 64, 4, 21, &pace));
	assert_int_equal(pace, 7);
	moments_tell(&moments, 64, "abce", 4, 30, 7);
	assert_true(moments_ask(&moments, 64, 4, 1500000000, &pace));
	assert_int_equal(pace, 0);
	moments_tell(&moments, 64 + 8 * MOMENTS, "x", 1, 40, 0);
	assert_true(moments_ask(&moments, 64, 4, 41, &pace));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quiet),	 cmocka_unit_test(test_held),
		cmocka_unit_test(test_waiting),	 cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_restless), cmocka_unit_test(test_starved),
		cmocka_unit_test(test_turns),	 cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_failure),	 cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests_name("moment", tests, NULL, NULL);
}
