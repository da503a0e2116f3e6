/* SPDX-License-Identifier: MIT */
/*
 * The table of an array whose elements vary (layout/walk.h): as table.h has it, but each line is
 * found by a walk. A cell of what isn't there now, or has no sensible place, is empty. Of a string
 * without a length of its own, .txt shows TABLE_LIVE_WIDTH characters, .csv at most TABLE_RUN_MAX
 * bytes or an empty cell; bytes without one have no column.
 */
#ifndef PEEKFS_VIEW_TABLE_LIVE_H
#define PEEKFS_VIEW_TABLE_LIVE_H

#include "view/place.h"
#include "view/table.h"

#define TABLE_LIVE_WIDTH 32

struct live_table;

/* Is the table of the array one of these? */
bool table_live_is(const struct type *array);
/* 0 and *out, for table_live_free(); -ENOMEM. array is borrowed. */
int table_live_new(const struct type *array, enum table_form form, struct live_table **out);
void table_live_free(struct live_table *table); /* takes NULL */
/* Bytes of a line in .txt, its newline included. */
size_t table_live_line(const struct live_table *table);
void table_live_header(const struct live_table *table, struct buf *out);
/* Appends the line of the index-th element, at which the spot is. 0; -EFBIG the element is too
 * large; -E2BIG; errors of reading. */
int table_live_row(struct live_table *table, struct memory *memory, struct spot *spot,
		   uint64_t index, struct buf *out);

#endif
