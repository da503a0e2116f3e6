/* SPDX-License-Identifier: MIT */
/* The text of a number, a truth or an enum's name as the bits that it stands for. Each parser takes
 * text that has been trimmed to *bits: 0, or an error with *diag. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "view/floating.h"
#include "view/value_inside.h"

#define NAMES_SHOWN 120 /* bytes */

static bool text_is(struct text text, const char *word)
{
	return text.n == strlen(word) && memcmp(text.at, word, text.n) == 0;
}

/* A number as C writes it. */
struct number {
	uint64_t magnitude;
	bool negative;
	bool decimal;
	bool huge; /* beyond 64 bits */
};

static bool read_number(struct text text, struct number *out)
{
	struct number number = {0};
	unsigned base = 10;
	size_t i = 0;

	if (i < text.n && (text.at[i] == '-' || text.at[i] == '+'))
		number.negative = text.at[i++] == '-';
	if (text.n - i > 1 && text.at[i] == '0') {
		char c = text.at[i + 1] | 0x20;

		base = c == 'x' ? 16 : c == 'b' ? 2 : 8;
		i += base == 8 ? 1 : 2;
	}
	if (i == text.n)
		return false;
	for (; i < text.n; i++) {
		unsigned digit = number_digit(text.at[i]);

		if (digit >= base)
			return false;
		number.huge |= __builtin_mul_overflow(number.magnitude, base, &number.magnitude);
		number.huge |= __builtin_add_overflow(number.magnitude, digit, &number.magnitude);
	}
	number.decimal = base == 10;
	*out = number;
	return true;
}

bool value_is_number(struct text text)
{
	struct number number;

	return read_number(text, &number);
}

struct range {
	uint64_t lowest; /* the magnitude of the least number */
	uint64_t highest;
};

static struct range range_of(const struct type *type)
{
	uint64_t ones = value_ones(type);

	if (!type->is_signed)
		return (struct range){0, ones};
	return (struct range){ones / 2 + 1, ones / 2};
}

static const char *describe_range(const struct type *type, char text[2 * NUMBER_MAX + 8])
{
	struct range range = range_of(type);
	char *p = text;

	*p = '-';
	p += type->is_signed;
	p += number_u64(p, range.lowest);
	memcpy(p, " to ", 4);
	p += 4;
	p += number_u64(p, range.highest);
	*p = '\0';
	return text;
}

int value_out_of_range(const struct type *type, struct text text, struct diag *diag)
{
	char range[2 * NUMBER_MAX + 8];

	if (type->bits)
		return diag_set(diag, -ERANGE, 0, 0, "'%s' is out of range: %u bits of %s hold %s",
				text_show(text).text, type->bits, type->name,
				describe_range(type, range));
	return diag_set(diag, -ERANGE, 0, 0, "'%s' is out of range: %s holds %s",
			text_show(text).text, type->name, describe_range(type, range));
}

static bool is_pattern(const struct type *type)
{
	return type_form(type) == FORM_HEX || type_form(type) == FORM_OCT ||
	       type_form(type) == FORM_FLAGS;
}

static int number_to_bits(const struct type *type, struct text text, const struct number *number,
			  uint64_t *bits, struct diag *diag)
{
	struct range range = range_of(type);

	/* What is shown as a pattern of bits is read as one, although 0xffffffff is no int. */
	if (is_pattern(type) && !number->decimal && !number->negative)
		range.highest = value_ones(type);
	if (number->huge || number->magnitude > (number->negative ? range.lowest : range.highest))
		return value_out_of_range(type, text, diag);
	*bits = number->negative ? -number->magnitude : number->magnitude;
	return 0;
}

static int parse_integer(const struct type *type, struct text text, uint64_t *bits,
			 struct diag *diag)
{
	char range[2 * NUMBER_MAX + 8];
	struct number number;

	if (!read_number(text, &number))
		return diag_set(diag, -EINVAL, 0, 0,
				"'%s' is not a number: %s is %s, in decimal, 0x hexadecimal, "
				"0 octal or 0b binary",
				text_show(text).text, type->name, describe_range(type, range));
	return number_to_bits(type, text, &number, bits, diag);
}

static int parse_bool(const struct type *type, struct text text, uint64_t *bits, struct diag *diag)
{
	struct number number;

	if (text_is(text, "true") || text_is(text, "false")) {
		*bits = text_is(text, "true");
		return 0;
	}
	if (!read_number(text, &number))
		return diag_set(diag, -EINVAL, 0, 0, "'%s' is neither true nor false",
				text_show(text).text);
	return number_to_bits(type, text, &number, bits, diag);
}

int value_no_float(const struct type *type, struct text text, int err, struct diag *diag)
{
	if (err == -ERANGE)
		return diag_set(diag, err, 0, 0, "'%s' is out of range: no %s is as large or small",
				text_show(text).text, type->name);
	return diag_set(diag, err, 0, 0, "'%s' is not a number such as -1.5, 6e-7 or inf",
			text_show(text).text);
}

static int parse_floating(const struct type *type, struct text text, uint64_t *bits,
			  struct diag *diag)
{
	int r = floating_parse(text.at, text.n, (unsigned)type->size, bits);

	return r < 0 ? value_no_float(type, text, r, diag) : 0;
}

/* The names of an enum, as many as a message has room for. */
static int unknown_name(const struct type *type, struct text text, struct diag *diag)
{
	CLEANUP(buf_destroy) struct buf names = BUF_INIT;

	for (size_t i = 0; i < type->n_enumerators; i++) {
		if (names.len + strlen(type->enumerators[i].name) > NAMES_SHOWN) {
			buf_puts(&names, "..., ");
			break;
		}
		buf_puts(&names, type->enumerators[i].name);
		buf_puts(&names, ", ");
	}
	return diag_set(diag, -EINVAL, 0, 0, "'%s' is not in %s: %sor a number",
			text_show(text).text, type->name, names.len ? buf_cstr(&names) : "");
}

static int parse_enum(const struct type *type, struct text text, uint64_t *bits, struct diag *diag)
{
	struct number number;

	if (type_enum_value(type, text.at, text.n, bits) == 0) {
		uint64_t spare = 64 - value_width(type);

		if ((*bits & value_ones(type)) == *bits ||
		    (uint64_t)((int64_t)(*bits << spare) >> spare) == *bits)
			return 0;
		return value_out_of_range(type, text, diag);
	}
	if (!read_number(text, &number))
		return unknown_name(type, text, diag);
	return number_to_bits(type, text, &number, bits, diag);
}

int value_parse_number(const struct type *type, struct text text, uint64_t *bits, struct diag *diag)
{
	switch (type->kind) {
	case TYPE_BOOL:
		return parse_bool(type, text, bits, diag);
	case TYPE_FLOAT:
		return parse_floating(type, text, bits, diag);
	case TYPE_ENUM:
		return parse_enum(type, text, bits, diag);
	default:
		return parse_integer(type, text, bits, diag);
	}
}
