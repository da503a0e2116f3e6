/* SPDX-License-Identifier: MIT */
#include "region/track.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "region/own.h"
#include "region/resident.h"

/* What to add to the other clock to get CLOCK_REALTIME. Two clocks can't be read at once; of some
 * tries the one counts in which least came between. */
static uint64_t until_epoch(clockid_t clock)
{
	uint64_t best = UINT64_MAX, difference = 0;

	for (int i = 0; i < 5; i++) {
		uint64_t before = clock_ns_on(clock);
		uint64_t now = clock_ns_on(CLOCK_REALTIME);
		uint64_t took = clock_ns_on(clock) - before;

		if (took < best) {
			best = took;
			difference = now - before - took / 2;
		}
	}
	return difference;
}

/* ---- resident size ---- */

/* Of memory that only we can be asked for: whether a page is there, wherever it is mapped. */
static int resident_here(const struct created *created, uint64_t *bytes)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), total = 0;
	unsigned char pages[4096];

	for (uint64_t at = 0; at < created->mapped; at += sizeof(pages) * page) {
		uint64_t n = (created->mapped - at) / page;

		n = n < sizeof(pages) ? n : sizeof(pages);
		if (mincore(created->address + at, n * page, pages) < 0)
			return -ENODATA;
		for (uint64_t i = 0; i < n; i++)
			total += (pages[i] & 1) * page;
	}
	*bytes = total;
	return 0;
}

static int resident(const struct created *created, uint64_t *bytes)
{
	struct reach reach = {
		.fd = created->fd,
		.huge = created->kind == REGION_HUGETLB,
		.quiet = true,
	};

	if (created->shmid >= 0)
		return resident_sysv("/proc", created->shmid, bytes);
	return created->fd < 0 ? resident_here(created, bytes) : resident_of(&reach, bytes);
}

/* ---- since when ---- */

static const struct seen *seen_before(const struct created *created, const struct process *process)
{
	for (size_t i = 0; i < created->n_seen; i++)
		if (created->seen[i].pid == process->pid &&
		    created->seen[i].start_time == process->start_time)
			return &created->seen[i];
	return NULL;
}

static uint64_t latest(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void date(const struct created *created, struct track_user *user, uint64_t looked_at)
{
	const struct seen *seen = seen_before(created, &user->process);
	uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK);

	if (seen) {
		user->after = seen->after;
		user->since = seen->since;
		return;
	}
	user->since = looked_at;
	user->after =
		until_epoch(CLOCK_BOOTTIME) + user->process.start_time * (CLOCK_SECOND / ticks);
	user->after = latest(user->after, created->looked_at);
	if (!created->opened) /* there was nothing to map before we made it */
		user->after = latest(user->after, created->since);
	if (user->after > user->since)
		user->after = user->since;
}

/* What is remembered for the next look is what this one found. */
static int remember(struct created *created, const struct track *track)
{
	struct seen *seen = calloc(track->n_users + 1, sizeof(*seen));

	if (!seen)
		return -ENOMEM;
	for (size_t i = 0; i < track->n_users; i++) {
		const struct track_user *user = &track->users[i];

		seen[i] = (struct seen){user->process.pid, user->process.start_time, user->after,
					user->since};
	}
	free(created->seen);
	created->seen = seen;
	created->n_seen = track->n_users;
	created->looked_at = track->looked_at;
	return 0;
}

/* ---- who ---- */

/* Mappers come by pid: those of one process stand together. */
static int gather(const struct created *created, const struct region *region, struct track *track)
{
	track->users = calloc(region->n_mappers + 1, sizeof(*track->users));
	if (!track->users)
		return -ENOMEM;
	for (size_t i = 0; i < region->n_mappers; i++) {
		const struct mapper *mapper = &region->mappers[i];
		struct track_user *user = track->n_users ? &track->users[track->n_users - 1] : NULL;

		if (mapper->process->pid == getpid())
			continue;
		if (!user || user->process.pid != mapper->process->pid) {
			user = &track->users[track->n_users++];
			user->process = *mapper->process;
			date(created, user, track->looked_at);
		}
		user->prot |= mapper->prot;
		user->mappings++;
	}
	return 0;
}

void track_destroy(struct track *track)
{
	free(track->users);
	*track = (struct track){0};
}

int created_track(struct created *created, struct registry *registry, uint64_t max_age,
		  struct track *out)
{
	CLEANUP(snapshot_unrefp) struct snapshot *snapshot = NULL;
	struct track track = {0};
	struct region *region;
	struct region_id id = {0};
	int r = created_id(created, &id);

	r = r ? r : registry_get(registry, max_age, &snapshot);
	r = r ? r : own_size(created, &track.size);
	if (r)
		return r;
	track.looked_at = until_epoch(CLOCK_MONOTONIC) + snapshot->scanned_at;
	track.n_unseen = snapshot->n_unreadable;
	track.resident_known = resident(created, &track.resident) == 0;
	region = snapshot_by_id(snapshot, &id);
	r = region ? gather(created, region, &track) : 0;
	r = r ? r : remember(created, &track);
	if (r)
		track_destroy(&track);
	else
		*out = track;
	return r;
}
