/* SPDX-License-Identifier: MIT */
/* Values and their text: one scalar type, its bytes, and how a person reads and writes it. */
#ifndef PEEKFS_VIEW_VALUE_H
#define PEEKFS_VIEW_VALUE_H

#include "base/buf.h"
#include "base/diag.h"
#include "layout/type.h"

/*
 * Appends the text of the value of a scalar type whose type->size bytes are at bytes (of a
 * bit-field: the storage unit's), without a newline. What it writes, value_parse() reads back to
 * the same bits. The forms are those of the design's "Values".
 */
void value_format(const struct type *type, const void *bytes, struct buf *out);

/*
 * Parses text (a final newline is ignored) into type->size bytes at bytes; mask gets 0xff in every
 * byte, or every bit, that the value says something about: a string shorter than its array says
 * nothing of the bytes behind its NUL, a bit-field nothing of its neighbours.
 * 0; -EINVAL not a value of the type; -ERANGE a number outside its range, a string longer than its
 * array; both with *diag. Nothing is written to bytes or mask on failure.
 */
int value_parse(const struct type *type, const char *text, size_t n, void *bytes, void *mask,
		struct diag *diag);

#endif
