/* SPDX-License-Identifier: MIT */
/* Values of 16 bytes, and the floating-point numbers that need exact arithmetic. */
#include <errno.h>
#include <string.h>

#include "base/number.h"
#include "view/floating_wide.h"
#include "view/value_inside.h"

#define DIGITS_MAX 40 /* of 2^128, and a sign */

static uint128 load(const struct type *type, const unsigned char *bytes)
{
	uint128 bits = 0;
	unsigned n = value_stored(type);

	for (unsigned i = 0; i < n; i++)
		bits = bits << 8 | bytes[type->big_endian ? i : n - 1 - i];
	return bits;
}

static void store(const struct type *type, uint128 bits, unsigned char *bytes)
{
	unsigned n = value_stored(type);

	for (unsigned i = 0; i < n; i++, bits >>= 8)
		bytes[type->big_endian ? n - 1 - i : i] = (unsigned char)bits;
}

static unsigned put_decimal(char *to, uint128 bits, bool is_signed)
{
	const uint64_t part = UINT64_C(1000000000000000000);
	char *at = to;

	if (is_signed && bits >> 127) {
		*at++ = '-';
		bits = -bits;
	}
	if (bits / part / part) {
		at += number_u64(at, (uint64_t)(bits / part / part));
		number_padded(at, (uint64_t)(bits / part % part), 18);
		number_padded(at + 18, (uint64_t)(bits % part), 18);
		return (unsigned)(at + 36 - to);
	}
	if (bits / part) {
		at += number_u64(at, (uint64_t)(bits / part));
		number_padded(at, (uint64_t)(bits % part), 18);
		return (unsigned)(at + 18 - to);
	}
	return (unsigned)(at - to) + number_u64(at, (uint64_t)bits);
}

static void wide_put(const struct type *type, const unsigned char *bytes, struct buf *out)
{
	uint128 bits = load(type, bytes);
	char *to = buf_reserve(out, DIGITS_MAX + NUMBER_MAX);

	if (!to)
		return;
	if (type_form(type) == FORM_HEX) {
		memcpy(to, "0x", 2);
		number_hex(to + 2, (uint64_t)(bits >> 64), 16);
		number_hex(to + 18, (uint64_t)bits, 16);
		out->len += 34;
	} else {
		out->len += put_decimal(to, bits, type->is_signed);
	}
}

/* Whether it is a number of C; *huge: of more than 128 bits. */
static bool read_magnitude(struct text text, uint128 *out, bool *decimal, bool *huge)
{
	unsigned base = 10;

	*out = 0;
	*huge = false;
	if (text.n > 1 && text.at[0] == '0') {
		char c = text.at[1] | 0x20;

		base = c == 'x' ? 16 : c == 'b' ? 2 : 8;
		text.at += base == 8 ? 1 : 2;
		text.n -= base == 8 ? 1 : 2;
	}
	if (!text.n)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		unsigned digit = number_digit(text.at[i]);

		if (digit >= base)
			return false;
		*huge |= __builtin_mul_overflow(*out, base, out);
		*huge |= __builtin_add_overflow(*out, digit, out);
	}
	*decimal = base == 10;
	return true;
}

static int wide_parse(const struct type *type, struct text text, unsigned char *bytes,
		      struct diag *diag)
{
	bool negative = text.n && text.at[0] == '-', decimal = true, huge;
	struct text digits = text;
	uint128 value, most = type->is_signed ? ~(uint128)0 >> 1 : ~(uint128)0;

	if (text.n && (text.at[0] == '-' || text.at[0] == '+')) {
		digits.at++;
		digits.n--;
	}
	if (!read_magnitude(digits, &value, &decimal, &huge))
		return diag_set(diag, -EINVAL, 0, 0,
				"'%s' is not a number: decimal, 0x hexadecimal, 0 octal or 0b "
				"binary",
				text_show(text).text);
	if (negative)
		most = type->is_signed ? most + 1 : 0;
	else if (type_form(type) == FORM_HEX && !decimal)
		most = ~(uint128)0;
	if (huge || value > most)
		return diag_set(diag, -ERANGE, 0, 0, "'%s' is out of range: %s has 128 bits",
				text_show(text).text, type->name);
	store(type, negative ? -value : value, bytes);
	return 0;
}

static unsigned wide_width(const struct type *type)
{
	if (type_form(type) == FORM_HEX)
		return 34;
	return type->is_signed ? 40 : 39;
}

const struct form form_wide = {wide_put, wide_parse, wide_width};

static enum floating_kind kind_of(const struct type *type)
{
	return type->size == 2 ? FLOATING_16 : type->bits == 80 ? FLOATING_X87 : FLOATING_128;
}

static void floating_put(const struct type *type, const unsigned char *bytes, struct buf *out)
{
	char *to = buf_reserve(out, FLOATING_WIDE_MAX);

	if (to)
		out->len += floating_wide_format(to, load(type, bytes), kind_of(type));
}

static int floating_read(const struct type *type, struct text text, unsigned char *bytes,
			 struct diag *diag)
{
	uint128 bits;
	int r = floating_wide_parse(text.at, text.n, kind_of(type), &bits);

	if (r < 0)
		return value_no_float(type, text, r, diag);
	store(type, bits, bytes);
	return 0;
}

/* Longest: -9.9999e-05; 21 and 36 digits with a sign, a point and an exponent such as e-4932. */
static unsigned floating_width(const struct type *type)
{
	return type->size == 2 ? 11 : type->bits == 80 ? 29 : 44;
}

const struct form form_floating = {floating_put, floating_read, floating_width};
