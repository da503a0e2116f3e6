/* SPDX-License-Identifier: MIT */
/*
 * Shortest digits by exact arithmetic: Burger and Dybvig, "Printing Floating-Point Numbers Quickly
 * and Accurately" (1996), in outline:
 *
 * A number v and the midpoints to its neighbours are fractions r/s, (r - m)/s and (r + m)/s of
 * large integers. Digits are taken off r/s, the largest first, until what is written lies between
 * the midpoints; then no shorter text would. Reading is one division of large integers, whose rest
 * tells how to round.
 *
 * A value of such a type is rare and read by a person: a table of the powers of ten, as floating.c
 * has one, would cost more than it gives.
 */
#include "view/floating_wide.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"
#include "view/big.h"
#include "view/floating.h"

#define TEXT_MAX 2000 /* characters that are read */

struct format {
	unsigned fraction; /* bits of the significand, without the first */
	unsigned exponent; /* bits */
	bool explicit_one; /* the first bit is stored */
	int precision;	   /* of "%g" to begin with */
};

static const struct format formats[] = {
	[FLOATING_16] = {10, 5, false, 3},
	[FLOATING_X87] = {63, 15, true, 18},
	[FLOATING_128] = {112, 15, false, 33},
};

static uint128 ones(unsigned n)
{
	return ((uint128)1 << n) - 1;
}

/* The exponent of the significand's last bit, where the number is smallest. */
static int least_exponent(const struct format *format)
{
	return 2 - (1 << (format->exponent - 1)) - (int)format->fraction;
}

/* The digits of c 2^q (not zero); *point is the exponent of ten of the first, plus one. */
static int shortest(uint128 c, int q, bool uneven, char *digits, int *point)
{
	struct big r, s, below, above;
	bool even = !(c & 1);
	int k = 0, n = 0;

	big_set(&r, c);
	big_set(&s, 1);
	big_set(&below, 1);
	if (q > 0) {
		big_shift_left(&r, (unsigned)q);
		big_shift_left(&below, (unsigned)q);
	} else {
		big_shift_left(&s, (unsigned)-q);
	}
	/* in halves of the distance to a neighbour; in quarters where the one below is nearer */
	big_shift_left(&r, 1 + uneven);
	big_shift_left(&s, 1 + uneven);
	big_copy(&above, &below);
	big_shift_left(&above, uneven);
	k = (int)(((int64_t)(big_bits(&r) - big_bits(&s)) * 1262611) >> 22);
	if (k > 0) {
		big_times_pow10(&s, (unsigned)k);
	} else {
		big_times_pow10(&r, (unsigned)-k);
		big_times_pow10(&below, (unsigned)-k);
		big_times_pow10(&above, (unsigned)-k);
	}
	while (big_compare_sum(&r, &above, &s) >= !even) {
		big_times(&s, 10, 0);
		k++;
	}
	*point = k;
	for (;;) {
		char digit = '0';
		bool low, high;

		big_times(&r, 10, 0);
		big_times(&below, 10, 0);
		big_times(&above, 10, 0);
		for (; big_compare(&r, &s) >= 0; digit++)
			big_subtract(&r, &s);
		low = big_compare(&r, &below) < even;
		high = big_compare_sum(&r, &above, &s) >= !even;
		if (low && high)
			high = big_compare_sum(&r, &r, &s) >= 0;
		else if (!low && !high) {
			digits[n++] = digit;
			continue;
		}
		digits[n++] = (char)(digit + high);
		return n;
	}
}

static unsigned put_hex(char *to, uint128 value, unsigned digits)
{
	if (digits > 16) {
		number_hex(to, (uint64_t)(value >> 64), digits - 16);
		to += digits - 16;
	}
	number_hex(to, (uint64_t)value, digits > 16 ? 16 : digits);
	return digits;
}

static unsigned put_special(char *to, uint128 fraction, const struct format *format)
{
	unsigned n;

	if (!fraction) {
		memcpy(to, "inf", 3);
		return 3;
	}
	memcpy(to, "nan(0x", 6);
	if (fraction == (uint128)1 << (format->fraction - 1))
		return 3;
	n = 6 + put_hex(to + 6, fraction, (format->fraction + 3) / 4);
	to[n] = ')';
	return n + 1;
}

unsigned floating_wide_format(char *to, uint128 bits, enum floating_kind kind)
{
	const struct format *format = &formats[kind];
	unsigned stored = format->fraction + format->explicit_one, sign, n;
	int biased = (int)(bits >> stored) & (int)ones(format->exponent), q, point;
	uint128 fraction = bits & ones(format->fraction);
	uint128 one = (uint128)1 << format->fraction, c = biased ? fraction | one : fraction;
	char digits[FLOATING_WIDE_MAX];

	if (format->explicit_one && !biased != !(bits & one)) {
		memcpy(to, "x87(0x", 6);
		put_hex(to + 6, bits, 20);
		to[26] = ')';
		return 27;
	}
	sign = (unsigned)(bits >> (stored + format->exponent)) & 1;
	if (sign)
		*to++ = '-';
	if (biased == (int)ones(format->exponent))
		return sign + put_special(to, fraction, format);
	if (!c) {
		*to = '0';
		return sign + 1;
	}
	q = least_exponent(format) + (biased ? biased - 1 : 0);
	n = (unsigned)shortest(c, q, !fraction && biased > 1, digits, &point);
	return sign + floating_digits(to, digits, (int)n, point - 1, format->precision);
}

/* A significand and an exponent to bits, rounded already. */
static uint128 encode(uint128 c, int q, const struct format *format)
{
	uint128 one = (uint128)1 << format->fraction;
	uint128 biased = c & one ? (uint128)(q - least_exponent(format) + 1) : 0;

	return format->explicit_one ? c | biased << (format->fraction + 1)
				    : (c & (one - 1)) | biased << format->fraction;
}

/* num / den to the nearest number. */
static int round_fraction(const struct big *num, const struct big *den, const struct format *format,
			  uint128 *bits)
{
	int precision = (int)format->fraction + 1, least = least_exponent(format);
	int q = big_bits(num) - big_bits(den) - precision + 1, order;
	struct big rest, part;
	uint128 c;

	for (;; q--) {
		if (q < least)
			q = least;
		if (q > 1 << format->exponent)
			return -ERANGE;
		big_copy(&rest, num);
		big_copy(&part, den);
		if (q < 0)
			big_shift_left(&rest, (unsigned)-q);
		else
			big_shift_left(&part, (unsigned)q);
		big_shift_left(&part, (unsigned)precision);
		c = 0;
		for (int i = 0; i <= precision; i++) {
			c <<= 1;
			if (big_compare(&rest, &part) >= 0) {
				big_subtract(&rest, &part);
				c |= 1;
			}
			if (i < precision)
				big_halve(&part);
		}
		if (q == least || c >> format->fraction)
			break;
	}
	order = big_compare_sum(&rest, &rest, &part);
	if (order > 0 || (order == 0 && c & 1))
		c++;
	if (c >> precision) {
		c >>= 1;
		q++;
	}
	if (!c || q - least + 1 >= (1 << format->exponent) - 1)
		return -ERANGE;
	*bits = encode(c, q, format);
	return 0;
}

/* "nan", "nan(0x1)", "inf", "x87(0x...)"; without the sign. */
static int parse_special(const char *text, enum floating_kind kind, uint128 *bits)
{
	const struct format *format = &formats[kind];
	uint128 top = ones(format->exponent) << (format->fraction + format->explicit_one);
	uint128 value = 0;
	bool nan = strncasecmp(text, "nan", 3) == 0, raw = strncasecmp(text, "x87", 3) == 0;
	size_t n;

	if (format->explicit_one)
		top |= (uint128)1 << format->fraction;
	if (strcasecmp(text, "inf") == 0 || strcasecmp(text, "infinity") == 0) {
		*bits = top;
		return 0;
	}
	if (nan && !text[3]) {
		*bits = top | (uint128)1 << (format->fraction - 1);
		return 0;
	}
	if ((!nan && !(raw && kind == FLOATING_X87)) || strncasecmp(text + 3, "(0x", 3) != 0)
		return -EINVAL;
	n = strspn(text + 6, "0123456789abcdefABCDEF");
	if (!n || n > 28 || strcmp(text + 6 + n, ")") != 0)
		return -EINVAL;
	for (const char *at = text + 6; *at != ')'; at++)
		value = value << 4 | number_digit(*at);
	if (value >> (raw ? 80 : format->fraction) || (nan && !value))
		return -EINVAL;
	*bits = raw ? value : top | value;
	return 0;
}

/* The digits before an exponent, without the point; *scale: how many stood behind the point. */
static const char *read_digits(const char *at, unsigned base, struct big *value, int *scale)
{
	bool point = false, any = false;

	for (big_set(value, 0), *scale = 0;; at++) {
		unsigned digit = number_digit(*at);

		if (*at == '.' && !point) {
			point = true;
			continue;
		}
		if (digit >= base)
			return any ? at : NULL;
		any = true;
		big_times(value, base, digit);
		*scale += point;
	}
}

/* "e-17" to *exponent; 0 or -EINVAL. What is beyond all numbers is as good as 20000. */
static int read_exponent(const char *at, char mark, int *exponent)
{
	bool negative;

	*exponent = 0;
	if (!*at)
		return 0;
	if ((*at++ | 0x20) != mark)
		return -EINVAL;
	negative = *at == '-';
	at += *at == '-' || *at == '+';
	if (!*at)
		return -EINVAL;
	for (; *at >= '0' && *at <= '9'; at++) {
		if (*exponent < 30000)
			*exponent = *exponent * 10 + (*at - '0');
	}
	if (negative)
		*exponent = -*exponent;
	return *at ? -EINVAL : 0;
}

static int parse_number(const char *at, const struct format *format, uint128 *bits)
{
	struct big num, den;
	bool hex = at[0] == '0' && (at[1] | 0x20) == 'x';
	int scale, exponent, magnitude;

	at = read_digits(hex ? at + 2 : at, hex ? 16 : 10, &num, &scale);
	if (!at || read_exponent(at, hex ? 'p' : 'e', &exponent) < 0)
		return -EINVAL;
	*bits = 0;
	if (!num.n)
		return 0;
	exponent -= hex ? 4 * scale : scale;
	/* as a power of two, with room for what the digits themselves add */
	magnitude = big_bits(&num) + (hex ? exponent : (int)((int64_t)exponent * 3322 / 1000));
	if (magnitude > 17000 || magnitude < -17000)
		return -ERANGE;
	big_set(&den, 1);
	if (hex)
		big_shift_left(exponent < 0 ? &den : &num,
			       (unsigned)(exponent < 0 ? -exponent : exponent));
	else
		big_times_pow10(exponent < 0 ? &den : &num,
				(unsigned)(exponent < 0 ? -exponent : exponent));
	return round_fraction(&num, &den, format, bits);
}

int floating_wide_parse(const char *text, size_t n, enum floating_kind kind, uint128 *bits)
{
	const struct format *format = &formats[kind];
	char copy[TEXT_MAX];
	bool negative;
	uint128 value;
	int r;

	if (n == 0 || n >= sizeof(copy) || memchr(text, 0, n))
		return -EINVAL;
	memcpy(copy, text, n);
	copy[n] = 0;
	negative = *copy == '-';
	text = copy + (*copy == '-' || *copy == '+');
	r = parse_special(text, kind, &value);
	if (r < 0)
		r = parse_number(text, format, &value);
	if (r < 0)
		return r;
	if (strncasecmp(text, "x87", 3) != 0)
		value |= (uint128)negative
			 << (format->fraction + format->explicit_one + format->exponent);
	else if (negative)
		return -EINVAL;
	*bits = value;
	return 0;
}
