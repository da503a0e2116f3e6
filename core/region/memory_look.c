/* SPDX-License-Identifier: MIT */
/* Looking at bytes again and again, until they are of one moment: memory.h, moment.h. */
#include <errno.h>
#include <time.h>

#include "base/clock.h"
#include "region/access.h"
#include "region/moment.h"

/* Of what is too long to be watched. */
#define MOMENT_MAX (64u << 10)

/* What is looked at: through the window, or by the kernel's copying. */
struct seen {
	const struct access *access;
	size_t n;
	uint64_t offset;
};

static int look_copied(void *context, const char *before, char *to)
{
	const struct seen *seen = context;
	ssize_t got = access_read(seen->access, to, seen->n, seen->offset);

	(void)before;
	return got < 0 ? (int)got : (size_t)got == seen->n ? 0 : -EIO;
}

static int look_mapped(void *context, const char *before, char *to)
{
	const struct seen *seen = context;
	struct grip *grip = seen->access->grip;

	return window_look(&grip->window, &grip->reach, seen->offset, seen->n, before, to);
}

static uint64_t now(void *unused)
{
	(void)unused;
	return clock_ns();
}

static void rest(void *unused, uint64_t ns)
{
	const struct timespec t = {0, (long)ns};

	(void)unused;
	nanosleep(&t, NULL);
}

static bool is_mapped(const struct access *access)
{
	return !access_by_process(access) && !access->grip->reach.huge;
}

static struct sight sight_of(struct seen *seen)
{
	return (struct sight){is_mapped(seen->access) ? look_mapped : look_copied, now, rest, seen,
			      seen->n};
}

int memory_still(struct memory *memory, void *to, size_t n, uint64_t offset, unsigned looks,
		 unsigned tries)
{
	struct access access;
	struct seen seen = {&access, n, offset};
	struct sight sight;
	int r = access_begin(memory, ACCESS_BYTES, &access, NULL);

	if (r < 0)
		return r;
	sight = sight_of(&seen);
	/* Where each look is a call of the kernel, if not several, and none is exact, one more will
	 * do. */
	if (looks && !is_mapped(&access))
		looks = 1;
	r = offset > (uint64_t)INT64_MAX - n ? -EIO : moment_still(&sight, looks, tries, to);
	access_end(memory, &access);
	return r;
}

/* Remembers in the grip what was seen, so that what doesn't move costs nothing. */
static int find_moment(struct seen *seen, char *to)
{
	const struct sight sight = sight_of(seen);
	struct grip *grip = seen->access->grip;
	uint64_t pace;
	bool moves;
	int r;

	pthread_mutex_lock(&grip->lock);
	moves = moments_ask(&grip->moments, seen->offset, seen->n, clock_ns(), &pace);
	pthread_mutex_unlock(&grip->lock);
	r = moment_find(&sight, moves, &pace, to);
	if (r < 0)
		return r;
	pthread_mutex_lock(&grip->lock);
	moments_tell(&grip->moments, seen->offset, to, seen->n, clock_ns(), pace);
	pthread_mutex_unlock(&grip->lock);
	return r;
}

int memory_moment(struct memory *memory, void *to, size_t n, uint64_t offset)
{
	struct access access;
	struct seen seen = {&access, n, offset};
	bool fine;
	int r = access_begin(memory, ACCESS_BYTES, &access, NULL);

	if (r < 0)
		return r;
	fine = n > 0 && n <= MOMENT_MAX && is_mapped(&access);
	if (fine)
		r = offset > (uint64_t)INT64_MAX - n ? -EIO : find_moment(&seen, to);
	access_end(memory, &access);
	return fine ? r : memory_still(memory, to, n, offset, MEMORY_LOOKS, MEMORY_TRIES);
}
