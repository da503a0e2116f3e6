/* SPDX-License-Identifier: MIT */
/* Bits by the names of an enum. Each bit is told once, by the first name whose bits are all set. */
#include <errno.h>
#include <string.h>

#include "base/number.h"
#include "view/value_inside.h"

static uint64_t mask_of(const struct type *type, size_t i)
{
	return type->enumerators[i].value & value_ones(type);
}

static void flags_put(const struct type *type, const unsigned char *bytes, struct buf *out)
{
	uint64_t left = type_decode(type, bytes) & value_ones(type);
	const char *before = "";

	if (!left)
		buf_putc(out, '0');
	for (size_t i = 0; i < type->n_enumerators && left; i++) {
		uint64_t mask = mask_of(type, i);

		if (!mask || (left & mask) != mask)
			continue;
		buf_puts(out, before);
		buf_puts(out, type->enumerators[i].name);
		before = "|";
		left &= ~mask;
	}
	if (!left)
		return;
	buf_puts(out, before);
	value_put_hex(out, left, (67 - (unsigned)__builtin_clzll(left)) / 4);
}

/* One of the names, or a number. */
static int parse_one(const struct type *type, struct text text, uint64_t *bits, struct diag *diag)
{
	int r = value_parse_number(type, text, bits, diag);

	if (r == 0)
		*bits &= value_ones(type);
	return r;
}

static int flags_parse(const struct type *type, struct text text, unsigned char *bytes,
		       struct diag *diag)
{
	uint64_t all = 0;

	for (bool more = true; more;) {
		const char *bar = text.n ? memchr(text.at, '|', text.n) : NULL;
		struct text one = {text.at, bar ? (size_t)(bar - text.at) : text.n};
		uint64_t bits;
		int r = parse_one(type, value_trim(one), &bits, diag);

		if (r < 0)
			return r;
		all |= bits;
		more = bar;
		if (more)
			text = (struct text){bar + 1, text.n - one.n - 1};
	}
	type_encode(type, all, bytes);
	return 0;
}

/* Each name takes a bit at least, so there are no more of them at once. */
static unsigned flags_width(const struct type *type)
{
	unsigned width = 2 + (value_width(type) + 3) / 4, longest = 0;
	uint64_t single = 0, sum = 0;

	for (size_t i = 0; i < type->n_enumerators; i++) {
		uint64_t mask = mask_of(type, i);
		unsigned n = 1 + (unsigned)strlen(type->enumerators[i].name);

		if (!(mask & ~single)) /* their bits are taken already */
			continue;
		if (!(mask & (mask - 1)))
			single |= mask;
		sum += n;
		longest = n > longest ? n : longest;
	}
	if (sum > (uint64_t)longest * value_width(type))
		sum = (uint64_t)longest * value_width(type);
	if (single == value_ones(type) && sum >= width) /* nothing is ever left */
		return (unsigned)sum - 1;
	return width + (unsigned)sum;
}

const struct form form_flags = {flags_put, flags_parse, flags_width};
