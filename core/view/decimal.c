/* SPDX-License-Identifier: MIT */
#include "view/decimal.h"

#include <string.h>

#define EXPONENT_MAX 100000 /* beyond that of any float */
#define PLAIN_MAX    21	    /* digits before the point without an exponent */

static bool is_digit(const char *at, const char *end)
{
	return at < end && *at >= '0' && *at <= '9';
}

/* The exponent, if there is one, up to the end. */
static bool read_exponent(const char *at, const char *end, int *out)
{
	bool negative;
	int value = 0;

	*out = 0;
	if (at == end)
		return true;
	if ((*at | 0x20) != 'e' || ++at == end)
		return false;
	negative = *at == '-';
	at += negative || *at == '+';
	if (at == end)
		return false;
	for (; is_digit(at, end); at++)
		value = value < EXPONENT_MAX ? value * 10 + (*at - '0') : EXPONENT_MAX;
	*out = negative ? -value : value;
	return at == end;
}

bool decimal_read(const char *text, size_t n, struct decimal *out)
{
	struct decimal read = {.negative = false};
	const char *at = text, *end = text + n;
	bool point = false, any = false;
	int exponent, zeros = 0;

	if (at < end && (*at == '-' || *at == '+'))
		read.negative = *at++ == '-';
	for (; is_digit(at, end) || (at < end && *at == '.' && !point); at++) {
		if (*at == '.') {
			point = true;
			continue;
		}
		any = true;
		read.point += !point && (read.n || *at != '0');
		read.point -= point && !read.n && *at == '0';
		if (*at == '0') {
			zeros += read.n > 0;
			continue;
		}
		if (read.n + (unsigned)zeros >= DECIMAL_MAX)
			return false;
		memset(read.digits + read.n, '0', (size_t)zeros);
		read.n += (unsigned)zeros;
		read.digits[read.n++] = *at;
		zeros = 0;
	}
	if (!any || !read_exponent(at, end, &exponent))
		return false;
	read.point = read.n ? read.point + exponent : 0;
	*out = read;
	return true;
}

/* The digits from the first-th on, then zeros: n in all. */
static void put_digits(const struct decimal *decimal, unsigned first, unsigned n, struct buf *out)
{
	unsigned there = first < decimal->n ? decimal->n - first : 0;

	there = there < n ? there : n;
	buf_put(out, decimal->digits + first, there);
	buf_fill(out, '0', n - there);
}

void decimal_write(const struct decimal *decimal, struct buf *out)
{
	int point = decimal->n ? decimal->point : 0; /* zero a hundred times is zero */
	bool far = point < -5 || point > PLAIN_MAX;
	int before = far ? 1 : point;

	if (decimal->negative)
		buf_putc(out, '-');
	if (before > 0)
		put_digits(decimal, 0, (unsigned)before, out);
	else
		buf_putc(out, '0');
	if ((int)decimal->n > before && decimal->n) {
		buf_putc(out, '.');
		buf_fill(out, '0', before < 0 ? (size_t)-before : 0);
		put_digits(decimal, before > 0 ? (unsigned)before : 0,
			   decimal->n - (before > 0 ? (unsigned)before : 0), out);
	}
	if (far)
		buf_printf(out, "e%+03d", point - 1);
}
