/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/text.h"
#include "view/decimal.h"
#include "view/floating.h"
#include "view/value_inside.h"

void value_put_hex(struct buf *out, uint64_t bits, unsigned digits)
{
	char *to = buf_reserve(out, 2 + digits);

	if (!to)
		return;
	to[0] = '0';
	to[1] = 'x';
	number_hex(to + 2, bits, digits);
	out->len += 2 + digits;
}

/* 0 and so many octal digits. */
static void put_oct(struct buf *out, uint64_t bits, unsigned digits)
{
	char *to = buf_reserve(out, 1 + digits);

	if (!to)
		return;
	to[0] = '0';
	for (unsigned i = digits; i; i--, bits >>= 3)
		to[i] = (char)('0' + (bits & 7));
	out->len += 1 + digits;
}

static void put_number(struct buf *out, uint64_t bits, bool is_signed)
{
	char *to = buf_reserve(out, NUMBER_MAX);

	if (to)
		out->len += is_signed ? number_i64(to, (int64_t)bits) : number_u64(to, bits);
}

static void put_floating(struct buf *out, uint64_t bits, unsigned size)
{
	char *to = buf_reserve(out, FLOATING_MAX);

	if (to)
		out->len += floating_format(to, bits, size);
}

static void put_integer(const struct type *type, uint64_t bits, struct buf *out)
{
	if (type_form(type) == FORM_HEX)
		value_put_hex(out, bits & value_ones(type), (value_width(type) + 3) / 4);
	else if (type_form(type) == FORM_OCT)
		put_oct(out, bits & value_ones(type), (value_width(type) + 2) / 3);
	else
		put_number(out, bits, type->is_signed);
}

static unsigned pointer_digits(const struct type *type, uint64_t bits)
{
	if (type_form(type) == FORM_HEX)
		return (value_width(type) + 3) / 4;
	return (67 - (unsigned)__builtin_clzll(bits | 1)) / 4;
}

static void put_enum(const struct type *type, uint64_t bits, struct buf *out)
{
	const char *name = type_enum_name(type, bits);

	if (name)
		buf_puts(out, name);
	else
		put_integer(type, bits, out);
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

const struct form *value_form(const struct type *type)
{
	static const struct form *const forms[] = {
		[FORM_TIME] = &form_time, [FORM_FLAGS] = &form_flags, [FORM_IP4] = &form_ip4,
		[FORM_IP6] = &form_ip6,	  [FORM_MAC] = &form_mac,     [FORM_UUID] = &form_uuid,
	};
	enum type_form form = type_form(type);

	if (type->kind == TYPE_WIDE)
		return &form_wide;
	if (value_is_odd(type))
		return &form_floating;
	return form < ARRAY_SIZE(forms) ? forms[form] : NULL;
}

void value_put_number(const struct type *type, uint64_t bits, struct buf *out)
{
	switch (type->kind) {
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
		value_put_hex(out, bits, pointer_digits(type, bits));
		break;
	case TYPE_ENUM:
		put_enum(type, bits, out);
		break;
	default:
		put_integer(type, bits, out);
	}
}

void value_format_bare(const struct type *type, const void *bytes, struct buf *out)
{
	const struct form *form = value_form(type);

	if (form)
		form->put(type, bytes, out);
	else if (type_is_run(type))
		put_run(type, bytes, out);
	else
		value_put_number(type, type_decode(type, bytes), out);
}

/* The number from start on, times a hundred. */
static void put_hundredfold(struct buf *out, size_t start)
{
	struct decimal decimal;

	if (out->failed || !decimal_read(out->data + start, out->len - start, &decimal))
		return;
	out->len = start;
	decimal.point += 2;
	decimal_write(&decimal, out);
}

void value_format(const struct type *type, const void *bytes, struct buf *out)
{
	size_t start = out->len;

	value_format_bare(type, bytes, out);
	if (!type->hints || !type->hints->units)
		return;
	if (type->hints->form == FORM_PERCENT)
		put_hundredfold(out, start);
	if (strcmp(type->hints->units, "%") != 0)
		buf_putc(out, ' ');
	buf_puts(out, type->hints->units);
}

static unsigned larger(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

static unsigned integer_longest(const struct type *type)
{
	uint64_t ones = value_ones(type);

	if (type_form(type) == FORM_HEX)
		return 2 + (value_width(type) + 3) / 4;
	if (type_form(type) == FORM_OCT)
		return 1 + (value_width(type) + 2) / 3;
	return type->is_signed ? 1 + number_digits(ones / 2 + 1) : number_digits(ones);
}

static unsigned enum_longest(const struct type *type)
{
	unsigned longest = integer_longest(type);

	for (size_t i = 0; i < type->n_enumerators; i++)
		longest = larger(longest, (unsigned)strlen(type->enumerators[i].name));
	return longest;
}

unsigned value_longest(const struct type *type)
{
	const struct form *form = value_form(type);

	if (form)
		return form->width(type);
	switch (type->kind) {
	case TYPE_STRING:
		return (unsigned)type->size;
	case TYPE_BYTES:
		return 2 * (unsigned)type->size;
	case TYPE_CHAR:
		return 1;
	case TYPE_BOOL:
		return larger(5, number_digits(value_ones(type)));
	case TYPE_FLOAT: /* -1.17549435e-38, -1.7976931348623157e+308 */
		return type->size == 4 ? 15 : 24;
	case TYPE_POINTER:
		return 2 + (value_width(type) + 3) / 4;
	case TYPE_ENUM:
		return enum_longest(type);
	default:
		return integer_longest(type);
	}
}

bool value_is_literal(const struct type *type, const char *text, size_t n)
{
	enum type_form form = type_form(type);

	if (form == FORM_HEX || form == FORM_OCT ||
	    (value_form(type) && type->kind != TYPE_WIDE && !value_is_odd(type)))
		return false;
	switch (type->kind) {
	case TYPE_BOOL:
	case TYPE_INTEGER:
	case TYPE_WIDE:
		return true;
	case TYPE_ENUM:
		return text[0] == '-' || (text[0] >= '0' && text[0] <= '9');
	case TYPE_FLOAT:
		return text[n - 1] >= '0' && text[n - 1] <= '9' && !memchr(text, 'n', n);
	default:
		return false;
	}
}
