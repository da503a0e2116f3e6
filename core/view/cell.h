/* SPDX-License-Identifier: MIT */
/*
 * The values of one record, in a row: the innermost loop of tables.
 *
 * What a row is made of is found out once: which scalars, where, what stands before each, and the
 * function that makes its text in this form of table. Then a row is one pass over that list, which
 * appends where there is room already. What rows are full of (plain integers, floats, characters,
 * ASCII strings) has functions of its own; all else is made by value_format_bare() and
 * json_scalar() in a buf beside, and copied.
 */
#ifndef PEEKFS_VIEW_CELL_H
#define PEEKFS_VIEW_CELL_H

#include <string.h>

#include "view/table.h"

struct cell;

/* Appends the value at bytes from `to` on, and returns the end. scratch is room for what is made in
 * two steps; if there is no memory it says so, and the row isn't whole. */
typedef char *cell_put(const struct cell *cell, const unsigned char *bytes, char *to,
		       struct buf *scratch);

struct cell {
	const struct type *type; /* a scalar */
	uint64_t offset;	 /* in the bytes that a row is made of */
	cell_put *put;		 /* in the form of this table */
	cell_put *number;	 /* in CSV, of most numbers; else NULL */
	unsigned width;		 /* characters in a row of fixed width, at least value_longest() */
	const char *before; /* what stands before it: a blank or a comma; set otherwise: JSON */
	size_t n_before;
};

/* Bytes behind a row that may be overwritten with anything, and behind a literal that may be read.
 */
#define CELL_SLACK 32

/* Appends n bytes, in steps that need no call: a few, as a rule. */
static inline char *cell_literal(char *to, const char *text, size_t n)
{
	memcpy(to, text, CELL_SLACK);
	for (size_t i = CELL_SLACK; i < n; i += CELL_SLACK)
		memcpy(to + i, text + i, CELL_SLACK);
	return to + n;
}

/* The cell of a scalar of that type at offset; width is value_longest(). */
struct cell cell_of(const struct type *type, uint64_t offset, enum table_form form);
/* Whether a value of that type stands to the left of a wider column. */
bool cell_is_left(const struct type *type);
/* Bytes that a cell takes at most, without what is before it; in CSV, and in JSON. */
size_t cell_longest(const struct cell *cell);

/* Appends n cells of the record at bytes from `to` on, and returns the end. One scratch belongs to
 * one thread. */
static inline char *cells_put(const struct cell *cells, size_t n, const unsigned char *bytes,
			      char *to, struct buf *scratch)
{
	for (const struct cell *cell = cells; cell < cells + n; cell++) {
		to = cell_literal(to, cell->before, cell->n_before);
		to = cell->put(cell, bytes + cell->offset, to, scratch);
	}
	return to;
}

#endif
