/* SPDX-License-Identifier: MIT */
/*
 * Records by offset: what a pointer leads to where nothing is placed.
 *
 * A list in shared memory has its head in some header, which a layout places, and its nodes
 * wherever an allocator put them, which no layout can. But the pointers tell their type. So a
 * layout that is bound has, behind its variables, the hidden struct BY_OFFSET_NAME: for each type
 * of record that a pointer of the layout can lead to, or one in such a record, an array with an
 * element wherever one could stand, named by its offset: `.at/node/4096`. Such elements overlap:
 * from one to the next it is the type's alignment (type.h: stride), as no compiler's pointer leads
 * between.
 *
 * Thereby a record anywhere has a number and a path that are computed, as all others, and nothing
 * is stored. It is there when it is asked for: the arrays are never listed or counted. A type whose
 * elements would take more numbers than a layout has left is left out.
 */
#ifndef PEEKFS_LAYOUT_BY_OFFSET_H
#define PEEKFS_LAYOUT_BY_OFFSET_H

#include "layout/arena.h"
#include "layout/type.h"

#define BY_OFFSET_NAME	    ".at"
#define BY_OFFSET_TYPES_MAX 1024

/*
 * The type of BY_OFFSET_NAME in a region of root->size bytes, for the pointers of root, which has
 * all its variables but this one. most: nodes that it may have. 0 and *out, in arena, NULL when
 * there is nothing to point to; -ENOMEM.
 */
int by_offset_make(struct arena *arena, const struct type *root, uint64_t most,
		   const struct type **out);

/* The number of the record of that type at that offset; 0: there is none. root: of a bound
 * layout. */
uint64_t by_offset_ordinal(const struct type *root, const struct type *record, uint64_t offset);

#endif
