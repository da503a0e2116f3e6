/* SPDX-License-Identifier: MIT */
/*
 * The table of an array whose elements vary (layout/walk.h): as table.h has it, but each line is
 * found by a walk. A cell of what isn't there now, or has no sensible place, is empty, and so is a
 * string without a length of its own that has no NUL for PLACE_TEXT_MAX bytes. In .txt such strings
 * have TABLE_OPEN_WIDTH characters; a longer one is cut, and ends in "..." then. Bytes without a
 * length of their own have no column.
 */
#ifndef PEEKFS_VIEW_TABLE_LIVE_H
#define PEEKFS_VIEW_TABLE_LIVE_H

#include "view/place.h"
#include "view/table.h"

struct live_table;

/* Is the table of the array one of these? */
bool table_live_is(const struct type *array);
/* 0 and *out, for table_live_free(); -ENOMEM. array is borrowed. */
int table_live_new(const struct type *array, enum table_form form, struct live_table **out);
void table_live_free(struct live_table *table); /* takes NULL */
/* Bytes of a line in .txt, its newline included. */
size_t table_live_line(const struct live_table *table);
void table_live_header(const struct live_table *table, struct buf *out);
/* Appends the line of the index-th element, at which the spot is. 0; -EFBIG the element, or
 * its line, has more than TABLE_JSON_MAX bytes; -E2BIG; errors of reading. */
int table_live_row(struct live_table *table, struct memory *memory, struct spot *spot,
		   uint64_t index, struct buf *out);

#endif
