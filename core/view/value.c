/* SPDX-License-Identifier: MIT */
#include "view/value.h"

#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "view/floating.h"
#include "view/isotime.h"

static void put_hex(struct buf *out, uint64_t bits, unsigned digits)
{
	char *to = buf_reserve(out, 2 + digits);

	if (!to)
		return;
	to[0] = '0';
	to[1] = 'x';
	number_hex(to + 2, bits, digits);
	out->len += 2 + digits;
}

static void put_number(struct buf *out, uint64_t bits, bool is_signed)
{
	char *to = buf_reserve(out, NUMBER_MAX);

	if (to)
		out->len += is_signed ? number_i64(to, (int64_t)bits) : number_u64(to, bits);
}

static void put_time(struct buf *out, uint64_t bits, bool is_signed)
{
	char *to = buf_reserve(out, ISOTIME_MAX);

	if (to)
		out->len += isotime_format(to, is_signed ? (int128)(int64_t)bits : (int128)bits);
}

static void put_floating(struct buf *out, uint64_t bits, unsigned size)
{
	char *to = buf_reserve(out, FLOATING_MAX);

	if (to)
		out->len += floating_format(to, bits, size);
}

static void put_integer(const struct type *type, uint64_t bits, struct buf *out)
{
	if (type->hints & HINT_HEX)
		put_hex(out, bits & value_ones(type), (value_width(type) + 3) / 4);
	else if (type->hints & HINT_TIME)
		put_time(out, bits, type->is_signed);
	else
		put_number(out, bits, type->is_signed);
}

static unsigned pointer_digits(const struct type *type, uint64_t bits)
{
	if (type->hints & HINT_HEX)
		return (value_width(type) + 3) / 4;
	return (67 - (unsigned)__builtin_clzll(bits | 1)) / 4;
}

static void put_enum(const struct type *type, uint64_t bits, struct buf *out)
{
	const char *name = type_enum_name(type, bits);

	if (name)
		buf_puts(out, name);
	else if (type->hints & HINT_HEX)
		put_integer(type, bits, out);
	else
		put_number(out, bits, type->is_signed);
}

void value_digits(char *to, const unsigned char *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		to[2 * i] = digits[bytes[i] >> 4];
		to[2 * i + 1] = digits[bytes[i] & 15];
	}
}

static void put_run(const struct type *type, const unsigned char *bytes, struct buf *out)
{
	char *to;

	if (type->kind == TYPE_STRING) {
		text_escape(out, (const char *)bytes, strnlen((const char *)bytes, type->size));
		return;
	}
	to = buf_reserve(out, 2 * type->size);
	if (!to)
		return;
	value_digits(to, bytes, type->size);
	out->len += 2 * type->size;
}

void value_format(const struct type *type, const void *bytes, struct buf *out)
{
	uint64_t bits;

	if (value_is_run(type)) {
		put_run(type, bytes, out);
		return;
	}
	bits = type_decode(type, bytes);
	switch (value_kind(type)) {
	case TYPE_CHAR:
		text_escape(out, &(char){(char)bits}, 1);
		break;
	case TYPE_BOOL:
		if (bits > 1)
			put_number(out, bits, false);
		else
			buf_puts(out, bits ? "true" : "false");
		break;
	case TYPE_FLOAT:
		put_floating(out, bits, (unsigned)type->size);
		break;
	case TYPE_POINTER:
		put_hex(out, bits, pointer_digits(type, bits));
		break;
	case TYPE_ENUM:
		put_enum(type, bits, out);
		break;
	default:
		put_integer(type, bits, out);
	}
}
