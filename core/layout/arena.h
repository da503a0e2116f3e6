/* SPDX-License-Identifier: MIT */
/*
 * Memory that is freed all at once: what one text asks for, up to a limit that the text can't
 * raise. Not thread-safe; what was allocated may be read by any thread.
 */
#ifndef PEEKFS_LAYOUT_ARENA_H
#define PEEKFS_LAYOUT_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks;
	size_t left;  /* bytes free in the newest chunk */
	size_t total; /* bytes taken from malloc() */
	size_t max;
	int err; /* 0; -ENOMEM or, beyond max, -E2BIG once an allocation has failed */
};

#define ARENA_INIT(limit) ((struct arena){.max = (limit)})

/* n zeroed bytes, aligned for anything; NULL when there are none (see err). */
void *arena_alloc(struct arena *arena, size_t n);
/* A copy with a NUL behind it. */
char *arena_copy(struct arena *arena, const char *bytes, size_t n);
/* Did p come from it? */
bool arena_owns(const struct arena *arena, const void *p);
void arena_destroy(struct arena *arena);

#endif
