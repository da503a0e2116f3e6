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
 * the same bits. The forms are those of peekfs-layout(5), "Hints" and "Values".
 */
void value_format(const struct type *type, const void *bytes, struct buf *out);

/* The same without units and percent, for rows and JSON, where numbers are counted with. */
void value_format_bare(const struct type *type, const void *bytes, struct buf *out);

/* Characters of the longest such text; of a string that has no byte to be escaped. */
unsigned value_longest(const struct type *type);

/* Is that text a number as it stands, or true or false? Else it is a word, a time ... */
bool value_is_literal(const struct type *type, const char *text, size_t n);

/* The 2 n digits of n bytes. */
void value_digits(char *to, const unsigned char *bytes, size_t n);

/*
 * Parses text (a final newline is ignored) into type->size bytes at bytes; mask gets 0xff in every
 * byte, or every bit, that the value says something about: a string shorter than its array says
 * nothing of the bytes behind its NUL, a bit-field nothing of its neighbours.
 * 0; -EINVAL not a value of the type; -ERANGE a number outside its range, a string longer than its
 * array; both with *diag; -ENOMEM. Nothing is written to bytes or mask on failure.
 */
int value_parse(const struct type *type, const char *text, size_t n, void *bytes, void *mask,
		struct diag *diag);

/* How many bits a scalar has that isn't a run. */
static inline unsigned value_width(const struct type *type)
{
	return type->bits ? type->bits : (unsigned)(8 * type->size);
}

/* That many ones. */
static inline uint64_t value_ones(const struct type *type)
{
	return UINT64_MAX >> (64 - value_width(type));
}

/* A floating-point number that is neither float nor double. */
static inline bool value_is_odd(const struct type *type)
{
	return type->kind == TYPE_FLOAT && type->size != 4 && type->size != 8;
}

/* How many of a scalar's bytes say something: of x87's 16 there are 10. */
static inline unsigned value_stored(const struct type *type)
{
	return value_is_odd(type) && type->bits == 80 ? 10 : (unsigned)type->size;
}

/*
 * value_parse() of a run without room for all of it: appends the bytes that are to be stored at the
 * start of the array, at most type->size of them, to out. Same errors; on failure nothing is said
 * about what out holds.
 */
int value_parse_run(const struct type *type, const char *text, size_t n, struct buf *out,
		    struct diag *diag);

#endif
