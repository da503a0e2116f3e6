/* SPDX-License-Identifier: MIT */
/*
 * The values of one record, in a row: the innermost loop of tables.
 *
 * What a row is made of is found out once: which scalars, where, of what sort, what stands before
 * each. Then a row is one pass over that list, which appends where there is room already. The sorts
 * that rows are full of (plain integers, floats, characters, ASCII strings) are made right here;
 * all others by value_format_bare() and json_scalar() in a buf beside, and copied.
 */
#ifndef PEEKFS_VIEW_CELL_H
#define PEEKFS_VIEW_CELL_H

#include <string.h>

#include "base/buf.h"
#include "layout/type.h"

enum cell_sort {
	CELL_I8,
	CELL_I16,
	CELL_I32,
	CELL_I64,
	CELL_U8,
	CELL_U16,
	CELL_U32,
	CELL_U64,
	CELL_FLOAT,
	CELL_CHAR,
	CELL_STRING,
	CELL_OTHER,
};

struct cell {
	const struct type *type; /* a scalar */
	uint64_t offset;	 /* in the bytes that a row is made of */
	enum cell_sort sort;
	unsigned width;	    /* characters in a row of fixed width, at least value_longest() */
	const char *before; /* JSON that stands before it */
	size_t n_before;
};

/* Bytes behind a row that may be overwritten with anything, and behind JSON that may be read. */
#define CELL_SLACK 32

/* Appends n bytes, in steps that need no call: a few, as a rule. */
static inline char *cell_literal(char *to, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i += CELL_SLACK)
		memcpy(to + i, text + i, CELL_SLACK);
	return to + n;
}

/* The cell of a scalar of that type at offset; width is value_longest(). */
struct cell cell_of(const struct type *type, uint64_t offset);
/* Whether it stands to the left of a wider column. */
bool cell_is_left(const struct cell *cell);
/* Bytes that a cell takes at most, without what is before it; in CSV, and in JSON. */
size_t cell_longest(const struct cell *cell);

/*
 * Append n cells of the record at bytes from `to` on, and return the end. In rows of text and CSV a
 * blank or comma stands before each. scratch is room for what is made in two steps; if there is no
 * memory it says so, and the row isn't whole. One scratch belongs to one thread.
 */
char *cells_text(const struct cell *cells, size_t n, const unsigned char *bytes, char *to,
		 struct buf *scratch);
char *cells_csv(const struct cell *cells, size_t n, const unsigned char *bytes, char *to,
		struct buf *scratch);
char *cells_json(const struct cell *cells, size_t n, const unsigned char *bytes, char *to,
		 struct buf *scratch);

#endif
