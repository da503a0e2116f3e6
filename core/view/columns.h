/* SPDX-License-Identifier: MIT */
/*
 * A small table for people: a header line, columns as wide as their widest cell, two blanks between
 * them, the last one ragged. Cells are kept as text until columns_print(), so that a row costs
 * nothing but its text. Not thread-safe.
 */
#ifndef PEEKFS_VIEW_COLUMNS_H
#define PEEKFS_VIEW_COLUMNS_H

#include <stdint.h>

#include "base/buf.h"

#define COLUMNS_MAX 16

struct columns {
	struct buf text; /* cells, one after the other: append the next one here */
	struct buf ends; /* size_t each: where a cell ends in text */
	size_t width[COLUMNS_MAX];
	unsigned n;
	unsigned right; /* bit i: column i is aligned at its right */
	unsigned at;
};

/* header: the names, with a blank between them, whose number is that of the columns; a name that
 * begins with '>' (not shown) is of a column aligned at its right. */
void columns_init(struct columns *columns, const char *header);
void columns_destroy(struct columns *columns); /* takes a zeroed one */

/* Ends the cell that was appended to columns->text. */
void columns_next(struct columns *columns);
/* A whole cell. */
void columns_text(struct columns *columns, const char *text);
void columns_number(struct columns *columns, uint64_t value);

/* Appends the table to out: 0, -ENOMEM. Rows must be complete. */
int columns_print(const struct columns *columns, struct buf *out);

#endif
