/* SPDX-License-Identifier: MIT */
/* Memory that others change, as it is between two of their changes. Internal to memory_look.c and
 * its tests. */
#ifndef PEEKFS_REGION_MOMENT_H
#define PEEKFS_REGION_MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How n bytes are looked at. Times are ns of a clock that only goes on. */
struct sight {
	/* Copies them as they are now to `to`; before: what they were a moment ago, or NULL. Takes
	 * some tens of nanoseconds, unevenly. 0, or a negative errno that ends it all. */
	int (*look)(void *context, const char *before, char *to);
	uint64_t (*now)(void *context);
	void (*rest)(void *context, uint64_t ns); /* as a sleeper does */
	void *context;
	size_t n;
};

/* A look and so many more: 1 all saw the bytes that are in `to`; 0 in none of the tries; -ENOMEM,
 * or what look said. */
int moment_still(const struct sight *sight, unsigned looks, unsigned tries, char *to);

/*
 * The bytes to `to`: 1 as they stood at one moment, and not in the middle of a change as far as
 * that can be seen (moment.c says how); 0 they never stood still, and `to` is of several moments;
 * -ENOMEM, or what look said.
 *
 * moves: they may, so standing still for two microseconds isn't enough. *pace: how many ns lie
 * between two changes, as far as is known, or 0; is set when it is seen. Takes a tenth of a
 * millisecond, for what doesn't move two microseconds, and 40 milliseconds at most.
 */
int moment_find(const struct sight *sight, bool moves, uint64_t *pace, char *to);

/* What is remembered of what was read before: zeroed at first. Not thread-safe. */
#define MOMENTS 32
struct moments {
	struct moment {
		uint64_t offset, n, hash;
		uint64_t pace;
		uint64_t when; /* it was another one than before; 0: never */
	} known[MOMENTS];
};

/* Whether n bytes at offset may move: false if they are known and haven't been seen to. now: the
 * time; *pace: for moment_find(), 0 if it is too long ago. */
bool moments_ask(const struct moments *moments, uint64_t offset, size_t n, uint64_t now,
		 uint64_t *pace);
/* That they were read, and with which pace. Forgets others, if it must. */
void moments_tell(struct moments *moments, uint64_t offset, const char *bytes, size_t n,
		  uint64_t now, uint64_t pace);

#endif
