/* SPDX-License-Identifier: MIT */
#include "view/cell.h"

#include <string.h>

#include "base/number.h"
#include "view/floating.h"
#include "view/json.h"
#include "view/value.h"

static enum cell_sort sort_of(const struct type *type)
{
	bool odd = type->bits || (type->big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)) ||
		   (type_form(type) != FORM_PLAIN && type_form(type) != FORM_DEC &&
		    type_form(type) != FORM_PERCENT);
	unsigned log2 = (unsigned)__builtin_ctzll(type->size | 8);

	switch (type->kind) {
	case TYPE_STRING:
		return CELL_STRING;
	case TYPE_CHAR:
		return type->bits ? CELL_OTHER : CELL_CHAR;
	case TYPE_FLOAT:
		return odd || value_is_odd(type) ? CELL_OTHER : CELL_FLOAT;
	case TYPE_INTEGER:
		if (odd || type->size != 1u << log2)
			return CELL_OTHER;
		return (type->is_signed ? CELL_I8 : CELL_U8) + log2;
	default:
		return CELL_OTHER;
	}
}

struct cell cell_of(const struct type *type, uint64_t offset)
{
	return (struct cell){.type = type,
			     .offset = offset,
			     .sort = sort_of(type),
			     .width = value_longest(type)};
}

bool cell_is_left(const struct cell *cell)
{
	enum type_kind kind = cell->type->kind;

	return type_is_run(cell->type) || kind == TYPE_CHAR || kind == TYPE_BOOL ||
	       kind == TYPE_ENUM;
}

/* A byte of text is \u00ff at most, and in CSV \xff, or a quote that is doubled. */
size_t cell_longest(const struct cell *cell)
{
	bool text = cell->sort == CELL_STRING || cell->sort == CELL_CHAR;
	unsigned longest = value_longest(cell->type);

	return 2 +
	       (text ? 6 * cell->type->size : (longest > FLOATING_MAX ? longest : FLOATING_MAX));
}

#define LOAD(ctype, bytes)                                                                         \
	({                                                                                         \
		ctype value_;                                                                      \
                                                                                                   \
		memcpy(&value_, bytes, sizeof(value_));                                            \
		value_;                                                                            \
	})

/* The number at bytes; `to` stays when the cell is none of the sorts that are made here. */
static inline char *put_number(const struct cell *cell, const unsigned char *bytes, char *to)
{
	switch (cell->sort) {
	case CELL_I8:
		return to + number_i64(to, LOAD(int8_t, bytes));
	case CELL_I16:
		return to + number_i64(to, LOAD(int16_t, bytes));
	case CELL_I32:
		return to + number_i64(to, LOAD(int32_t, bytes));
	case CELL_I64:
		return to + number_i64(to, LOAD(int64_t, bytes));
	case CELL_U8:
		return to + number_u64(to, LOAD(uint8_t, bytes));
	case CELL_U16:
		return to + number_u64(to, LOAD(uint16_t, bytes));
	case CELL_U32:
		return to + number_u64(to, LOAD(uint32_t, bytes));
	case CELL_U64:
		return to + number_u64(to, LOAD(uint64_t, bytes));
	default:
		return to;
	}
}

static char *put_float(const struct cell *cell, const unsigned char *bytes, char *to)
{
	if (cell->type->size == 4)
		return to + floating_format(to, LOAD(uint32_t, bytes), 4);
	return to + floating_format(to, LOAD(uint64_t, bytes), 8);
}

static bool is_printable(unsigned char c)
{
	return c >= ' ' && c < 0x7f;
}

static char *put_buf(char *to, const struct buf *from)
{
	if (!to || from->failed || !from->len)
		return to;
	memcpy(to, from->data, from->len);
	return to + from->len;
}

/* Text of a fixed width. */

static void put_dots(char *to, const unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = is_printable(bytes[i]) ? (char)bytes[i] : '.';
}

static void put_other_text(const struct cell *cell, const unsigned char *bytes, char *to,
			   struct buf *scratch)
{
	size_t n;

	buf_reset(scratch);
	value_format_bare(cell->type, bytes, scratch);
	n = scratch->len < cell->width ? scratch->len : cell->width;
	if (n && !scratch->failed)
		memcpy(cell_is_left(cell) ? to : to + cell->width - n, scratch->data, n);
}

char *cells_text(const struct cell *cells, size_t n, const unsigned char *bytes, char *to,
		 struct buf *scratch)
{
	for (const struct cell *cell = cells; cell < cells + n; cell++) {
		const unsigned char *from = bytes + cell->offset;
		char number[FLOATING_MAX], *end = number;

		for (unsigned i = 0; i <= cell->width; i += CELL_SLACK)
			memset(to + i, ' ', CELL_SLACK);
		to++;
		switch (cell->sort) {
		case CELL_CHAR:
			put_dots(to, from, 1);
			break;
		case CELL_STRING:
			put_dots(to, from, strnlen((const char *)from, cell->type->size));
			break;
		case CELL_OTHER:
			put_other_text(cell, from, to, scratch);
			break;
		case CELL_FLOAT:
			end = put_float(cell, from, number);
			break;
		default:
			end = put_number(cell, from, number);
		}
		to += cell->width;
		memcpy(to - (end - number), number, (size_t)(end - number));
	}
	return to;
}

/* CSV. */

/* What is in scratch, quoted if it must be. */
static char *put_quoted(char *to, const struct buf *text)
{
	if (text->failed || !text->len)
		return to;
	if (!memchr(text->data, ',', text->len) && !memchr(text->data, '"', text->len))
		return put_buf(to, text);
	*to++ = '"';
	for (size_t i = 0; i < text->len; i++) {
		if (text->data[i] == '"')
			*to++ = '"';
		*to++ = text->data[i];
	}
	*to++ = '"';
	return to;
}

static char *put_other_csv(const struct cell *cell, const unsigned char *bytes, char *to,
			   struct buf *scratch)
{
	buf_reset(scratch);
	value_format_bare(cell->type, bytes, scratch);
	return put_quoted(to, scratch);
}

/* Signed, so that what is no ASCII is below ' ', too. */
typedef signed char sixteen __attribute__((vector_size(16)));

/* Which bytes aren't plain: no printable ASCII, a backslash, a quote, or that other one (0: none).
 * The first of them, or 16. */
static inline unsigned first_odd(sixteen bytes, signed char other)
{
	typedef uint64_t halves __attribute__((vector_size(16)));
	halves odd = (halves)((bytes < ' ') | (bytes == '"') | (bytes == '\\') | (bytes == 0x7f) |
			      (bytes == other));

	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		return odd[0] ? (unsigned)__builtin_clzll(odd[0]) / 8
			      : 8 + (odd[1] ? (unsigned)__builtin_clzll(odd[1]) / 8 : 8);
	return odd[0] ? (unsigned)__builtin_ctzll(odd[0]) / 8
		      : 8 + (odd[1] ? (unsigned)__builtin_ctzll(odd[1]) / 8 : 8);
}

static inline bool is_plain(unsigned char c, int other)
{
	return is_printable(c) && c != '"' && c != '\\' && c != other;
}

/* Copies text up to its NUL or its n-th byte; NULL: a byte isn't plain. */
static inline char *put_plain(char *to, const unsigned char *from, size_t n, signed char other)
{
	size_t i = 0;

	for (; i + sizeof(sixteen) <= n; i += sizeof(sixteen)) {
		sixteen bytes = LOAD(sixteen, from + i);
		unsigned odd = first_odd(bytes, other);

		memcpy(to + i, &bytes, sizeof(bytes));
		if (odd < sizeof(sixteen))
			return from[i + odd] ? NULL : to + i + odd;
	}
	for (; i < n; i++) {
		if (!is_plain(from[i], other))
			return from[i] ? NULL : to + i;
		to[i] = (char)from[i];
	}
	return to + n;
}

char *cells_csv(const struct cell *cells, size_t n, const unsigned char *bytes, char *to,
		struct buf *scratch)
{
	for (const struct cell *cell = cells; cell < cells + n; cell++) {
		const unsigned char *from = bytes + cell->offset;
		char *end = NULL;

		*to++ = ',';
		switch (cell->sort) {
		case CELL_CHAR:
			*to = (char)*from;
			end = is_plain(*from, ',') ? to + 1 : NULL;
			break;
		case CELL_STRING:
			end = put_plain(to, from, cell->type->size, ',');
			break;
		case CELL_OTHER:
			break;
		case CELL_FLOAT:
			end = put_float(cell, from, to);
			break;
		default:
			end = put_number(cell, from, to);
		}
		to = end ? end : put_other_csv(cell, from, to, scratch);
	}
	return to;
}

/* JSON. */

static char *put_other_json(const struct cell *cell, const unsigned char *bytes, char *to,
			    struct buf *scratch)
{
	buf_reset(scratch);
	json_scalar(cell->type, bytes, scratch);
	return put_buf(to, scratch);
}

static inline char *put_string(char *to, const unsigned char *from, size_t n)
{
	char *end = put_plain(to + 1, from, n, 0);

	if (!end)
		return NULL;
	*to = '"';
	*end = '"';
	return end + 1;
}

char *cells_json(const struct cell *cells, size_t n, const unsigned char *bytes, char *to,
		 struct buf *scratch)
{
	for (const struct cell *cell = cells; cell < cells + n; cell++) {
		const unsigned char *from = bytes + cell->offset;
		char *end = NULL;

		to = cell_literal(to, cell->before, cell->n_before);
		switch (cell->sort) {
		case CELL_CHAR:
			memcpy(to, (char[]){'"', (char)*from, '"'}, 3);
			end = is_plain(*from, 0) ? to + 3 : NULL;
			break;
		case CELL_STRING:
			end = put_string(to, from, cell->type->size);
			break;
		case CELL_FLOAT: /* what isn't finite is a string */
		case CELL_OTHER:
			break;
		default:
			end = put_number(cell, from, to);
		}
		to = end ? end : put_other_json(cell, from, to, scratch);
	}
	return to;
}
