/* SPDX-License-Identifier: MIT */
/*
 * The shortest digits that read back to the same number, by the algorithm of Raffaello Giulietti,
 * "The Schubfach way to render doubles" (2020), in outline:
 *
 * A number v = c 2^q owns the reals between the midpoints to its neighbours; any decimal in there
 * reads back to v. Choose k so that 10^k is the largest power of ten that is no longer than this
 * interval: then one or two multiples of 10^k lie in it, and at most one of 10^(k+1), which is
 * shorter and therefore tried first. Whether a multiple lies inside is decided exactly although
 * 10^-k is only known to 128 bits: the products are rounded "to odd", which keeps on which side of
 * a quarter unit they lie.
 *
 * The powers of ten are computed once, by multiplying and dividing a 256-bit number by ten, which
 * leaves more right bits than the 128 that are kept.
 */
#include "view/floating.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

__extension__ typedef unsigned __int128 uint128;

struct format {
	unsigned fraction; /* bits of the significand that are stored */
	unsigned exponent; /* bits */
	int precision;	   /* of "%g" to begin with */
};

static const struct format binary32 = {23, 8, 6};
static const struct format binary64 = {52, 11, 15};

#define POWER_MIN (-293)
#define POWER_MAX 325

static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint128 powers[POWER_MAX - POWER_MIN + 1]; /* 10^k scaled to 2^127..2^128, rounded up */
static locale_t c_locale;

/* floor(log10(2^e)), floor(log10(3/4 2^e)) and floor(log2(10^e)), for all exponents there are. */
static int log10_pow2(int e)
{
	return (int)((e * (int64_t)1262611) >> 22);
}

static int log10_three_quarters_pow2(int e)
{
	return (int)((e * (int64_t)1262611 - 524031) >> 22);
}

static int log2_pow10(int e)
{
	return (int)((e * (int64_t)1741647) >> 19);
}

/* A number of 256 bits, least significant word first, the highest bit set. */
struct wide {
	uint64_t word[4];
};

static void wide_shift_left(struct wide *w, unsigned bits)
{
	for (unsigned i = 3; i && bits; i--)
		w->word[i] = w->word[i] << bits | w->word[i - 1] >> (64 - bits);
	w->word[0] <<= bits;
}

static void wide_times_ten(struct wide *w)
{
	uint64_t carry = 0;
	unsigned bits;

	for (unsigned i = 0; i < 4; i++) {
		uint128 product = (uint128)w->word[i] * 10 + carry;

		w->word[i] = (uint64_t)product;
		carry = (uint64_t)(product >> 64);
	}
	bits = 64 - (unsigned)__builtin_clzll(carry);
	for (unsigned i = 0; i < 4; i++) {
		uint64_t above = i < 3 ? w->word[i + 1] : carry;

		w->word[i] = w->word[i] >> bits | above << (64 - bits);
	}
}

/* The dividend has four bits more below, so that none is lost when the quotient is shifted up. */
static void wide_by_ten(struct wide *w)
{
	uint64_t rest = 0, low;

	for (unsigned i = 4; i--;) {
		uint128 part = (uint128)rest << 64 | w->word[i];

		w->word[i] = (uint64_t)(part / 10);
		rest = (uint64_t)(part % 10);
	}
	low = (rest << 4) / 10;
	while (!(w->word[3] >> 63)) {
		wide_shift_left(w, 1);
		low <<= 1;
		w->word[0] |= low >> 4 & 1;
	}
}

static uint128 wide_top(const struct wide *w)
{
	uint128 top = (uint128)w->word[3] << 64 | w->word[2];

	return top + (w->word[1] || w->word[0]);
}

static void prepare(void)
{
	struct wide up = {{0, 0, 0, (uint64_t)1 << 63}}, down = up;

	for (int k = 0; k <= POWER_MAX; k++, wide_times_ten(&up))
		powers[k - POWER_MIN] = wide_top(&up);
	for (int k = -1; k >= POWER_MIN; k--) {
		wide_by_ten(&down);
		powers[k - POWER_MIN] = wide_top(&down);
	}
	c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/* power * n / 2^128, rounded to odd. */
static uint64_t scale(uint128 power, uint64_t n)
{
	uint128 low = (uint128)(uint64_t)power * n;
	uint128 high = (uint128)(uint64_t)(power >> 64) * n + (low >> 64);

	return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

/* The digits of c 2^q (not zero) as an integer, and the power of ten that it is to be times.
 * uneven: the neighbour below is only half as far away as the one above. */
static uint64_t shortest(uint64_t c, int q, bool uneven, int *exponent)
{
	unsigned out = c & 1; /* the midpoints themselves round to the even neighbour */
	int k = uneven ? log10_three_quarters_pow2(q) : log10_pow2(q);
	unsigned h = (unsigned)(q + log2_pow10(-k) + 1);
	uint128 power = powers[-k - POWER_MIN];
	uint64_t low = scale(power, (4 * c - 2 + uneven) << h);
	uint64_t value = scale(power, 4 * c << h);
	uint64_t high = scale(power, (4 * c + 2) << h);
	uint64_t s = value / 4;
	bool down, up;

	if (s >= 10) {
		uint64_t tens = s / 10;

		down = low + out <= 40 * tens;
		up = 40 * tens + 40 + out <= high;
		if (down != up) {
			*exponent = k + 1;
			return tens + up;
		}
	}
	*exponent = k;
	down = low + out <= 4 * s;
	up = 4 * s + 4 + out <= high;
	if (down != up)
		return s + up;
	return s + (value > 4 * s + 2 || (value == 4 * s + 2 && (s & 1)));
}

static unsigned put_word(char *to, const char *word)
{
	unsigned n = 0;

	for (; word[n]; n++)
		to[n] = word[n];
	return n;
}

unsigned floating_digits(char *to, const char *digits, int n, int exponent, int precision)
{
	char *p = to;

	if (n > precision)
		precision = n;
	if (exponent < -4 || exponent >= precision) {
		unsigned magnitude = (unsigned)(exponent < 0 ? -exponent : exponent);
		unsigned width = magnitude < 100 ? 2 : number_digits(magnitude);

		*p++ = digits[0];
		if (n > 1) {
			*p++ = '.';
			memcpy(p, digits + 1, (size_t)n - 1);
			p += n - 1;
		}
		*p++ = 'e';
		*p++ = exponent < 0 ? '-' : '+';
		number_padded(p, magnitude, width);
		return (unsigned)(p + width - to);
	}
	if (exponent < 0) {
		put_word(p, "0.0000");
		p += 1 - exponent;
		memcpy(p, digits, (size_t)n);
		return (unsigned)(p + n - to);
	}
	for (int i = 0; i < n || i <= exponent; i++) {
		if (i == exponent + 1)
			*p++ = '.';
		*p++ = i < n ? digits[i] : '0';
	}
	return (unsigned)(p - to);
}

static const struct format *format_of(unsigned size)
{
	return size == 4 ? &binary32 : &binary64;
}

static unsigned put_special(char *to, uint64_t fraction, const struct format *format)
{
	unsigned width = (format->fraction + 3) / 4;
	unsigned n;

	if (fraction == 0)
		return put_word(to, "inf");
	if (fraction == (uint64_t)1 << (format->fraction - 1))
		return put_word(to, "nan");
	n = put_word(to, "nan(0x");
	number_hex(to + n, fraction, width);
	to[n + width] = ')';
	return n + width + 1;
}

unsigned floating_format(char *to, uint64_t bits, unsigned size)
{
	const struct format *format = format_of(size);
	int top = (1 << format->exponent) - 1;
	int bias = top / 2 + (int)format->fraction;
	uint64_t hidden = (uint64_t)1 << format->fraction;
	uint64_t fraction = bits & (hidden - 1);
	int biased = (int)(bits >> format->fraction) & top;
	char digits[NUMBER_MAX];
	unsigned sign = bits >> (format->fraction + format->exponent) & 1;
	uint64_t value;
	int exponent, n;

	if (sign)
		*to = '-';
	if (biased == top)
		return sign + put_special(to + sign, fraction, format);
	if (biased == 0 && fraction == 0) {
		to[sign] = '0';
		return sign + 1;
	}
	pthread_once(&once, prepare);
	if (biased == 0)
		value = shortest(fraction, 1 - bias, false, &exponent);
	else
		value = shortest(fraction | hidden, biased - bias, fraction == 0 && biased > 1,
				 &exponent);
	n = (int)number_u64(digits, value);
	exponent += n - 1;
	while (n > 1 && digits[n - 1] == '0')
		n--;
	return sign + floating_digits(to + sign, digits, n, exponent, format->precision);
}

/* "nan", "-nan(0x1)": with the fraction's very bits, which strtod() doesn't promise. */
static int parse_nan(const char *text, const struct format *format, uint64_t *bits)
{
	unsigned sign = *text == '-';
	uint64_t fraction = (uint64_t)1 << (format->fraction - 1);
	uint64_t exponent = ((uint64_t)1 << format->exponent) - 1;
	char *end;

	text += *text == '-' || *text == '+';
	if (strncasecmp(text, "nan", 3) != 0)
		return -EINVAL;
	text += 3;
	if (*text) {
		if (strncasecmp(text, "(0x", 3) != 0 || text[3] == ')' || strlen(text) > 20)
			return -EINVAL;
		fraction = strtoull(text + 1, &end, 16);
		if (strcmp(end, ")") != 0 || fraction == 0 || fraction >> format->fraction)
			return -EINVAL;
	}
	*bits = fraction | exponent << format->fraction |
		(uint64_t)sign << (format->fraction + format->exponent);
	return 0;
}

int floating_parse(const char *text, size_t n, unsigned size, uint64_t *bits)
{
	char copy[2048]; /* more than the digits of any midpoint between two numbers */
	bool too_far;
	char *end;
	union {
		double d;
		float f;
		uint64_t bits;
	} value = {.bits = 0};

	if (n == 0 || n >= sizeof(copy) || strchr(" \t\n\v\f\r", text[0]))
		return -EINVAL;
	memcpy(copy, text, n);
	copy[n] = '\0';
	if (parse_nan(copy, format_of(size), bits) == 0)
		return 0;
	if (memchr(copy, '(', n))
		return -EINVAL;
	pthread_once(&once, prepare);
	errno = 0;
	if (size == 4)
		value.f = strtof_l(copy, &end, c_locale);
	else
		value.d = strtod_l(copy, &end, c_locale);
	if (end != copy + n)
		return -EINVAL;
	too_far = size == 4 ? value.f == 0 || isinf(value.f) : value.d == 0 || isinf(value.d);
	if (errno == ERANGE && too_far)
		return -ERANGE;
	*bits = value.bits;
	return 0;
}
