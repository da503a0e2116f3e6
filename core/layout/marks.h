/* SPDX-License-Identifier: MIT */
/*
 * Marks along arrays that are walked (walk.h): where every MARKS_EVERY-th element begins, so that
 * one far behind isn't walked to from the start each time.
 *
 * A mark is true as long as no length before it changes, and nobody tells when one does. So a walk
 * begins at the mark before the nearest one: it passes the nearest, and when that isn't where the
 * walk arrives, all marks of the array go and the walk begins anew. And all of them go when they
 * are MARKS_AGE old: what a change before the last two marks made of the numbers of elements behind
 * is seen after that time. Arrays of less than twice MARKS_EVERY elements are always walked from
 * their start.
 *
 * All functions are thread-safe.
 */
#ifndef PEEKFS_LAYOUT_MARKS_H
#define PEEKFS_LAYOUT_MARKS_H

#include <stdbool.h>
#include <stdint.h>

#define MARKS_EVERY 1024u
#define MARKS_MAX   4096u	/* of one array */
#define MARKS_AGE   1000000000u /* ns */

struct marks;

struct marks *marks_new(void);	      /* for marks_free(); NULL: no memory */
void marks_free(struct marks *marks); /* takes NULL */

/* Where to begin on the way to the index-th element of the array with that ordinal at that offset.
 * False: at its start. */
bool marks_before(struct marks *marks, uint64_t ordinal, uint64_t array, uint64_t index,
		  uint64_t *at, uint64_t *offset);
/* A walk came by element `at`, a multiple of MARKS_EVERY, at that offset. False: once it was
 * elsewhere, so what was walked from a mark must be walked anew. */
bool marks_pass(struct marks *marks, uint64_t ordinal, uint64_t array, uint64_t at,
		uint64_t offset);
/* The array isn't what its marks say. */
void marks_drop(struct marks *marks, uint64_t ordinal, uint64_t array);

#endif
