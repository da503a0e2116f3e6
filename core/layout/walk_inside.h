/* SPDX-License-Identifier: MIT */
/* What walk.c (members), walk_array.c and walk_number.c share. Errors and threads as walk.h says;
 * the trail is as it was on return, but for walk_push(). */
#ifndef PEEKFS_LAYOUT_WALK_INSIDE_H
#define PEEKFS_LAYOUT_WALK_INSIDE_H

#include "layout/expr.h"
#include "layout/walk.h"

/* 0, or -ELOOP: too deep. */
int walk_push(struct trail *trail, const struct place *place);

/* walk_number(), and it can't be negative: -ERANGE. what: of which message. */
int walk_natural(struct walk *walk, struct trail *trail, const struct expr *expr, const char *what,
		 uint64_t *value);
/* Sets how long a struct at place is that says it itself; -ERANGE: not between its least and room.
 */
int walk_own_size(struct walk *walk, struct trail *trail, struct place *place, uint64_t room);
/* A count, or the room when it says more: that is told in *walk. */
uint64_t walk_at_most(struct walk *walk, const struct expr *expr, uint64_t count, uint64_t room);

/* The array at the trail's end. */

/* How many elements there can be at most, by what is known without walking along them. */
int walk_most(struct walk *walk, struct trail *trail, uint64_t *count);
/* Walks to the index-th element: 0 and *out (may be NULL); -ENOENT it ends before, and *count (may
 * be NULL) says how many there are. */
int walk_along(struct walk *walk, struct trail *trail, uint64_t index, struct place *out,
	       uint64_t *count);
/* The place of the index-th element. -ENOENT: there is none. */
int walk_element(struct walk *walk, struct trail *trail, uint64_t index, struct place *out);

#endif
