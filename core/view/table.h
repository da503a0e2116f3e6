/* SPDX-License-Identifier: MIT */
/*
 * An array as a table: a line for each element, a column for each scalar in it.
 *
 * Columns. A member of a member is `in.a`. An inner array of at most TABLE_ARRAY_MAX elements is a
 * column for each (`v.0`, `v.1`), a longer one is left to `.json` and .jsonl, and so are strings
 * and bytes of over TABLE_RUN_MAX bytes and what comes after TABLE_COLUMNS_MAX columns. An array of
 * scalars has the one column `value`, one of arrays `value.0` and so on. First comes `_index`,
 * which counts from 0 and has zeros in front, as many digits as the length of the array has, but at
 * least 7: then its header begins with a blank, which sorts before any digit, and look(1) finds a
 * line.
 *
 * .txt: every line is of the same length, the header too, which is the first: row i stands at (i +
 * 1) x the length. A column is as wide as its longest value can be, numbers stand to its right, all
 * else to its left, one blank between columns. Text isn't escaped: a byte that isn't printable
 * ASCII is a dot. .csv (RFC 4180, but lines end as in all Unix files): values are as in `fields`,
 * quoted if they have a comma or a quote in them. .jsonl: each line is what `.json` of the element
 * says, nested and whole, behind a first member
 * `_index`; an element that is no struct is its member `value`. A torn one (record.h) says so.
 */
#ifndef PEEKFS_VIEW_TABLE_H
#define PEEKFS_VIEW_TABLE_H

#include "base/buf.h"
#include "layout/type.h"

#define TABLE_ARRAY_MAX	  16
#define TABLE_RUN_MAX	  4096 /* bytes */
#define TABLE_COLUMNS_MAX 4096
#define TABLE_JSON_MAX	  (32u << 20) /* bytes of an element; more would be one huge line */

enum table_form {
	TABLE_TEXT,
	TABLE_CSV,
	TABLE_JSON,
};

/* How the lines of one array are made, found out beforehand; belongs to one thread at a time. */
struct table;

/* 0 and *out, for table_free(); -EFBIG elements too large for JSON; -ENOMEM. array is borrowed. */
int table_new(const struct type *array, enum table_form form, struct table **out);
void table_free(struct table *table); /* takes NULL */

/* The part of an element that its line is made of: what must be read. */
void table_part(const struct table *table, uint64_t *offset, uint64_t *size);
/* Bytes of the longest line, its newline included; in .txt all are as long. SIZE_MAX: there is no
 * telling, and room is made by table_row(). */
size_t table_line(const struct table *table);
/* Appends the header; .jsonl has none. */
void table_header(const struct table *table, struct buf *out);
/* Appends the lines of n elements from the index-th on, whose parts are at bytes, `step` from one
 * to the next; torn has n flags. No memory shows in out. */
void table_rows(struct table *table, uint64_t index, size_t n, const unsigned char *bytes,
		size_t step, const bool *torn, struct buf *out);

/* Appends the line of .jsonl of an element that is `object` in JSON. */
void table_put_json(const struct type *element, uint64_t index, const struct buf *object, bool torn,
		    struct buf *out);

#endif
