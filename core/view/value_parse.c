/* SPDX-License-Identifier: MIT */
/* Each parser takes text that has been trimmed to *bits: 0, or an error with *diag. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/text.h"
#include "view/decimal.h"
#include "view/floating.h"
#include "view/value_inside.h"

struct text value_trim(struct text text)
{
	text.n = text_trim(&text.at, text.n);
	return text;
}

static bool text_is(struct text text, const char *word)
{
	return text.n == strlen(word) && memcmp(text.at, word, text.n) == 0;
}

#define NAMES_SHOWN 120 /* bytes */

struct shown text_show(struct text text)
{
	struct shown shown = {.text = ""};
	struct buf escaped = BUF_INIT;
	size_t n;

	text_escape(&escaped, text.at, text.n < SHOWN ? text.n : SHOWN);
	n = escaped.len < SHOWN ? escaped.len : SHOWN;
	if (n)
		memcpy(shown.text, escaped.data, n);
	if (n < escaped.len || text.n > SHOWN)
		memcpy(shown.text + n, "...", 3);
	buf_destroy(&escaped);
	return shown;
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

static int unescape(struct text text, struct buf *out, struct diag *diag)
{
	if (memchr(text.at, '\n', text.n))
		return diag_set(diag, -EINVAL, 0, 0, "more than one line: write a newline as \\n");
	if (memchr(text.at, '\0', text.n))
		return diag_set(diag, -EINVAL, 0, 0, "a NUL byte in the text: write it as \\0");
	if (text_unescape(out, text.at, text.n) == 0)
		return 0;
	if (buf_status(out) < 0)
		return -ENOMEM;
	return diag_set(diag, -EINVAL, 0, 0,
			"'%s' has a bad escape: those of C are known; a "
			"backslash itself is \\\\",
			text_show(text).text);
}

static int parse_char(struct text text, uint64_t *bits, struct diag *diag)
{
	struct buf bytes = BUF_INIT;
	int r = unescape(text, &bytes, diag);

	if (r == 0 && bytes.len != 1)
		r = diag_set(diag, -EINVAL, 0, 0,
			     "'%s' is not a char: one byte, or an escape such as \\n or \\x1b",
			     text_show(text).text);
	if (r == 0 && bytes.data)
		*bits = (unsigned char)bytes.data[0];
	buf_destroy(&bytes);
	return r;
}

static struct text without_newline(struct text text)
{
	if (text.n && text.at[text.n - 1] == '\n')
		text.n--;
	return text;
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

static int parse_string(const struct type *type, struct text text, struct buf *out,
			struct diag *diag)
{
	size_t before = out->len;
	int r = unescape(text, out, diag);

	if (r < 0)
		return r;
	if (out->len - before > type->size)
		return diag_set(diag, -ERANGE, 0, 0, "%zu bytes are too long: %s holds %llu",
				out->len - before, type->name, (unsigned long long)type->size);
	if (out->len - before < type->size)
		buf_putc(out, '\0');
	return buf_status(out);
}

static int wrong_digits(const struct type *type, int err, size_t digits, struct diag *diag)
{
	return diag_set(diag, err, 0, 0, "%zu hexadecimal digits%s: %s is %llu of them", digits,
			err == -ERANGE ? " and more" : "", type->name,
			2 * (unsigned long long)type->size);
}

/* Hexadecimal digits in pairs; blanks may stand between bytes, as xxd and hexdump print them. */
static int parse_bytes(const struct type *type, struct text text, struct buf *out,
		       struct diag *diag)
{
	uint64_t n = 0;

	for (size_t i = 0; i < text.n;) {
		unsigned high, low;

		if (text_is_blank(text.at[i])) {
			i++;
			continue;
		}
		high = number_digit(text.at[i]);
		low = i + 1 < text.n ? number_digit(text.at[i + 1]) : 0;
		if (high > 15 || low > 15)
			return diag_set(diag, -EINVAL, 0, 0, "'%s' is not hexadecimal digits",
					text_show((struct text){text.at + i, text.n - i}).text);
		if (n == type->size)
			return wrong_digits(type, -ERANGE, 2 * n + 1, diag);
		if (i + 1 == text.n)
			return wrong_digits(type, -EINVAL, 2 * n + 1, diag);
		buf_putc(out, (char)(high << 4 | low));
		n++;
		i += 2;
	}
	if (n < type->size)
		return wrong_digits(type, -EINVAL, 2 * n, diag);
	return buf_status(out);
}

int value_parse_run(const struct type *type, const char *text, size_t n, struct buf *out,
		    struct diag *diag)
{
	struct text all = without_newline((struct text){n ? text : "", n});
	unsigned char bytes[VALUE_FORM_MAX] = {0};
	const struct form *form = value_form(type);
	int r;

	if (!form)
		return type->kind == TYPE_STRING ? parse_string(type, all, out, diag)
						 : parse_bytes(type, all, out, diag);
	r = form->parse(type, value_trim(all), bytes, diag);
	if (r < 0)
		return r;
	buf_put(out, bytes, type->size);
	return buf_status(out);
}

/* A value without units, to type->size zeroed bytes. */
static int parse_bare(const struct type *type, struct text text, unsigned char *bytes,
		      struct diag *diag)
{
	const struct form *form = value_form(type);
	uint64_t bits;
	int r;

	if (form)
		return form->parse(type, value_trim(text), bytes, diag);
	r = type->kind == TYPE_CHAR ? parse_char(without_newline(text), &bits, diag)
				    : value_parse_number(type, value_trim(text), &bits, diag);
	if (r == 0)
		type_encode(type, bits, bytes);
	return r;
}

/* What stands before the units; false where they don't end it. */
static bool take_units(const struct type *type, struct text *text)
{
	const char *units = type->hints ? type->hints->units : NULL;
	size_t n = units ? strlen(units) : 0;
	struct text all = value_trim(*text);

	if (n == 0 || all.n <= n || memcmp(all.at + all.n - n, units, n) != 0)
		return false;
	*text = value_trim((struct text){all.at, all.n - n});
	return true;
}

/* The same of what isn't a run, with its units or without. */
static int parse_scalar(const struct type *type, struct text text, unsigned char *bytes,
			struct diag *diag)
{
	CLEANUP(buf_destroy) struct buf hundredth = BUF_INIT;
	struct decimal decimal;
	int r = parse_bare(type, text, bytes, diag);

	if (r != -EINVAL || !take_units(type, &text))
		return r;
	if (type_form(type) == FORM_PERCENT && decimal_read(text.at, text.n, &decimal)) {
		decimal.point -= 2;
		decimal_write(&decimal, &hundredth);
		if (buf_status(&hundredth) < 0)
			return -ENOMEM;
		text = (struct text){hundredth.data, hundredth.len};
	}
	return parse_bare(type, text, bytes, diag);
}

int value_parse(const struct type *type, const char *text, size_t n, void *bytes, void *mask,
		struct diag *diag)
{
	unsigned char scalar[VALUE_FORM_MAX] = {0};
	int r;

	if (type_is_run(type)) {
		struct buf run = BUF_INIT;

		r = value_parse_run(type, text, n, &run, diag);
		if (r == 0) {
			memset(mask, 0, type->size);
			memset(mask, 0xff, run.len);
			if (run.len)
				memcpy(bytes, run.data, run.len);
		}
		buf_destroy(&run);
		return r;
	}
	r = parse_scalar(type, (struct text){n ? text : "", n}, scalar, diag);
	if (r < 0)
		return r;
	memcpy(bytes, scalar, type->size);
	memset(mask, 0, type->size);
	if (type->kind == TYPE_WIDE || value_is_odd(type))
		memset(mask, 0xff, value_stored(type));
	else
		type_encode(type, UINT64_MAX, mask);
	return 0;
}
