/* SPDX-License-Identifier: MIT */
/*
 * A person's text as the bytes of a value: by its form where it has one, a number by
 * value_number.c, characters, strings and bytes here.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/text.h"
#include "view/decimal.h"
#include "view/value_inside.h"

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
