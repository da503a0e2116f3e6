/* SPDX-License-Identifier: MIT */
#include "view/cell.h"

#include <string.h>

#include "base/number.h"
#include "view/floating.h"
#include "view/json.h"
#include "view/value.h"

#define LOAD(ctype, bytes)                                                                         \
	({                                                                                         \
		ctype value_;                                                                      \
                                                                                                   \
		memcpy(&value_, bytes, sizeof(value_));                                            \
		value_;                                                                            \
	})

/* Not to be made part of a function that seldom calls it, which would save registers for it. */
#define APART __attribute__((noinline))

/* Numbers, as they stand in CSV and JSON. */

#define NUMBER(name, ctype, format)                                                                \
	static char *name(const struct cell *cell, const unsigned char *bytes, char *to,           \
			  struct buf *scratch)                                                     \
	{                                                                                          \
		(void)cell;                                                                        \
		(void)scratch;                                                                     \
		return format(to, LOAD(ctype, bytes));                                             \
	}

NUMBER(put_i8, int8_t, number_put_i64)
NUMBER(put_i16, int16_t, number_put_i64)
NUMBER(put_i32, int32_t, number_put_i64)
NUMBER(put_i64, int64_t, number_put_i64)
NUMBER(put_u8, uint8_t, number_put_u64)
NUMBER(put_u16, uint16_t, number_put_u64)
NUMBER(put_u32, uint32_t, number_put_u64)
NUMBER(put_u64, uint64_t, number_put_u64)

static char *put_float(const struct cell *cell, const unsigned char *bytes, char *to,
		       struct buf *scratch)
{
	(void)scratch;
	if (cell->type->size == 4)
		return to + floating_format(to, LOAD(uint32_t, bytes), 4);
	return to + floating_format(to, LOAD(uint64_t, bytes), 8);
}

/* Text, sixteen bytes at once. */

/* Signed, so that what is no ASCII is below ' ', too. */
typedef signed char sixteen __attribute__((vector_size(16)));

/* In each byte all bits are set, or none: the first where they are, or 16. */
static inline unsigned first_set(sixteen bytes)
{
	typedef uint64_t halves __attribute__((vector_size(16)));
	halves set = (halves)bytes;

	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		return set[0] ? (unsigned)__builtin_clzll(set[0]) / 8
			      : 8 + (set[1] ? (unsigned)__builtin_clzll(set[1]) / 8 : 8);
	return set[0] ? (unsigned)__builtin_ctzll(set[0]) / 8
		      : 8 + (set[1] ? (unsigned)__builtin_ctzll(set[1]) / 8 : 8);
}

static inline bool is_printable(unsigned char c)
{
	return c >= ' ' && c < 0x7f;
}

static inline sixteen unprintable(sixteen bytes)
{
	return (bytes < ' ') | (bytes == 0x7f);
}

/* Whether CSV and JSON have it as it is; other is one more byte that they haven't. */
static inline bool is_plain(unsigned char c, unsigned char other)
{
	return is_printable(c) && c != '"' && c != '\\' && c != other;
}

static inline sixteen odd_ones(sixteen bytes, signed char other)
{
	return unprintable(bytes) | (bytes == '"') | (bytes == '\\') | (bytes == other);
}

#define DOTS 0 /* for `other`: a dot for what isn't printable, and all else is plain */

/* Copies text of at least 16 bytes up to its NUL or its n-th byte; NULL: a byte isn't plain. The
 * last step goes back to where 16 are left. */
static inline char *put_long(char *to, const unsigned char *from, size_t n, signed char other)
{
	const size_t last = n - sizeof(sixteen);

	for (size_t i = 0;; i = i + sizeof(sixteen) < last ? i + sizeof(sixteen) : last) {
		sixteen bytes = LOAD(sixteen, from + i), no = unprintable(bytes);
		sixteen shown = other == DOTS ? (bytes & ~no) | (no & '.') : bytes;
		unsigned end = first_set(other == DOTS ? bytes == 0 : odd_ones(bytes, other));

		memcpy(to + i, &shown, sizeof(shown));
		if (end < sizeof(bytes))
			return from[i + end] ? NULL : to + i + end;
		if (i == last)
			return to + n;
	}
}

/* The same of fewer: NULs follow. */
APART static char *put_few(char *to, const unsigned char *from, size_t n, signed char other)
{
	unsigned char text[sizeof(sixteen)] = {0};

	memcpy(text, from, n);
	return put_long(to, text, sizeof(text), other);
}

static inline char *put_text(char *to, const unsigned char *from, size_t n, signed char other)
{
	return n < sizeof(sixteen) ? put_few(to, from, n, other) : put_long(to, from, n, other);
}

static char *put_buf(char *to, const struct buf *from)
{
	if (from->failed || !from->len)
		return to;
	memcpy(to, from->data, from->len);
	return to + from->len;
}

/* Text of a fixed width. */

static void put_blanks(char *to, unsigned n)
{
	for (unsigned i = 0; i < n; i += CELL_SLACK)
		memset(to + i, ' ', CELL_SLACK);
}

static char *text_number(const struct cell *cell, const unsigned char *bytes, char *to,
			 struct buf *scratch)
{
	char number[CELL_SLACK];
	size_t n = (size_t)(cell->number(cell, bytes, number, scratch) - number);

	put_blanks(to, cell->width);
	memcpy(to + cell->width - n, number, sizeof(number));
	return to + cell->width;
}

static char *text_char(const struct cell *cell, const unsigned char *bytes, char *to,
		       struct buf *scratch)
{
	(void)scratch;
	put_blanks(to, cell->width);
	*to = is_printable(*bytes) ? (char)*bytes : '.';
	return to + cell->width;
}

static char *text_string(const struct cell *cell, const unsigned char *bytes, char *to,
			 struct buf *scratch)
{
	char *end = put_text(to, bytes, cell->type->size, DOTS);

	(void)scratch;
	put_blanks(end, cell->width - (unsigned)(end - to));
	return to + cell->width;
}

static char *text_other(const struct cell *cell, const unsigned char *bytes, char *to,
			struct buf *scratch)
{
	size_t n;

	buf_reset(scratch);
	value_format_bare(cell->type, bytes, scratch);
	n = scratch->len < cell->width ? scratch->len : cell->width;
	put_blanks(to, cell->width);
	if (n && !scratch->failed)
		memcpy(cell_is_left(cell->type) ? to : to + cell->width - n, scratch->data, n);
	return to + cell->width;
}

/* CSV. */

/* Quoted if it must be. */
APART static char *csv_other(const struct cell *cell, const unsigned char *bytes, char *to,
			     struct buf *scratch)
{
	buf_reset(scratch);
	value_format_bare(cell->type, bytes, scratch);
	if (scratch->failed || !scratch->len)
		return to;
	if (!memchr(scratch->data, ',', scratch->len) && !memchr(scratch->data, '"', scratch->len))
		return put_buf(to, scratch);
	*to++ = '"';
	for (size_t i = 0; i < scratch->len; i++) {
		if (scratch->data[i] == '"')
			*to++ = '"';
		*to++ = scratch->data[i];
	}
	*to++ = '"';
	return to;
}

static char *csv_char(const struct cell *cell, const unsigned char *bytes, char *to,
		      struct buf *scratch)
{
	if (!is_plain(*bytes, ','))
		return csv_other(cell, bytes, to, scratch);
	*to = (char)*bytes;
	return to + 1;
}

static char *csv_string(const struct cell *cell, const unsigned char *bytes, char *to,
			struct buf *scratch)
{
	char *end = put_text(to, bytes, cell->type->size, ',');

	return end ? end : csv_other(cell, bytes, to, scratch);
}

/* JSON. */

APART static char *json_other(const struct cell *cell, const unsigned char *bytes, char *to,
			      struct buf *scratch)
{
	buf_reset(scratch);
	json_scalar(cell->type, bytes, scratch);
	return put_buf(to, scratch);
}

/* What isn't finite is a string. */
static char *json_float(const struct cell *cell, const unsigned char *bytes, char *to,
			struct buf *scratch)
{
	char *end = put_float(cell, bytes, to, scratch);
	size_t n = (size_t)(end - to);

	return value_is_literal(cell->type, to, n) && !json_drops_sign(cell->type, to, n)
		       ? end
		       : json_other(cell, bytes, to, scratch);
}

static char *json_char(const struct cell *cell, const unsigned char *bytes, char *to,
		       struct buf *scratch)
{
	if (!is_plain(*bytes, '"'))
		return json_other(cell, bytes, to, scratch);
	memcpy(to, (char[]){'"', (char)*bytes, '"'}, 3);
	return to + 3;
}

static char *json_text(const struct cell *cell, const unsigned char *bytes, char *to,
		       struct buf *scratch)
{
	char *end = put_text(to + 1, bytes, cell->type->size, '"');

	if (!end)
		return json_other(cell, bytes, to, scratch);
	*to = '"';
	*end = '"';
	return end + 1;
}

/* Which of them a cell takes. */

static const char before[][CELL_SLACK] = {[TABLE_TEXT] = " ", [TABLE_CSV] = ",", [TABLE_JSON] = ""};

static cell_put *const numbers[2][4] = {{put_u8, put_u16, put_u32, put_u64},
					{put_i8, put_i16, put_i32, put_i64}};

/* How a number is put in CSV and JSON; NULL: otherwise. */
static cell_put *number_of(const struct type *type)
{
	bool odd = type->bits || (type->big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)) ||
		   (type_form(type) != FORM_PLAIN && type_form(type) != FORM_DEC &&
		    type_form(type) != FORM_PERCENT);
	unsigned log2 = (unsigned)__builtin_ctzll(type->size | 8);

	if (odd || (type->kind == TYPE_FLOAT && value_is_odd(type)))
		return NULL;
	if (type->kind == TYPE_FLOAT)
		return put_float;
	return type->kind == TYPE_INTEGER && type->size == 1u << log2
		       ? numbers[type->is_signed][log2]
		       : NULL;
}

static cell_put *put_of(const struct cell *cell, enum table_form form)
{
	static cell_put *const strings[] = {text_string, csv_string, json_text};
	static cell_put *const chars[] = {text_char, csv_char, json_char};
	static cell_put *const others[] = {text_other, csv_other, json_other};
	bool is_float = cell->number == put_float;

	if (cell->number)
		return form == TABLE_TEXT		? text_number
		       : form == TABLE_JSON && is_float ? json_float
							: cell->number;
	if (cell->type->kind == TYPE_STRING)
		return strings[form];
	if (cell->type->kind == TYPE_CHAR && !cell->type->bits)
		return chars[form];
	return others[form];
}

struct cell cell_of(const struct type *type, uint64_t offset, enum table_form form)
{
	struct cell cell = {.type = type,
			    .offset = offset,
			    .number = number_of(type),
			    .width = value_longest(type),
			    .before = before[form],
			    .n_before = strlen(before[form])};

	cell.put = put_of(&cell, form);
	return cell;
}

bool cell_is_left(const struct type *type)
{
	enum type_kind kind = type->kind;

	return type_is_run(type) || kind == TYPE_CHAR || kind == TYPE_BOOL || kind == TYPE_ENUM;
}

/* A byte of text is \u00ff at most, and in CSV \xff, or a quote that is doubled. */
size_t cell_longest(const struct cell *cell)
{
	bool text = cell->type->kind == TYPE_STRING || cell->type->kind == TYPE_CHAR;
	unsigned longest = value_longest(cell->type);

	return 2 +
	       (text ? 6 * cell->type->size : (longest > FLOATING_MAX ? longest : FLOATING_MAX));
}
