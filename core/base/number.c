/* SPDX-License-Identifier: MIT */
#include "base/number.h"

#include <string.h>

#define EIGHT 100000000u /* what has so many digits is less */

const char number_pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233"
			    "34353637383940414243444546474849505152535455565758596061626364656667"
			    "6869707172737475767778798081828384858687888990919293949596979899";

unsigned number_digits(uint64_t value)
{
	unsigned digits = 1;

	for (;;) {
		if (value < 10)
			return digits;
		if (value < 100)
			return digits + 1;
		if (value < 1000)
			return digits + 2;
		if (value < 10000)
			return digits + 3;
		value /= 10000;
		digits += 4;
	}
}

void number_padded(char *to, uint64_t value, unsigned width)
{
	while (width >= 2) {
		width -= 2;
		number_pair(to + width, (unsigned)(value % 100));
		value /= 100;
	}
	if (width)
		to[0] = (char)('0' + value % 10);
}

/*
 * The eight digits of a value below 10^8, the first in the lowest byte. It is halved three times,
 * all pieces at once: two numbers of four digits in 32 bits each, four of two in 16 each, eight of
 * one. A quotient is a product with the reciprocal, rounded up: exact, as the pieces are so small.
 * The quotient q of a piece stays and its remainder goes above it: 10000 q + r, for one, becomes
 * q + (r << 32) when all of it is shifted up and q is taken away (10000 << 32) - 1 times.
 */
static inline uint64_t eight_digits(uint32_t value)
{
	uint64_t pieces = value, upper = value / 10000;

	pieces = (pieces << 32) - upper * ((10000ull << 32) - 1);
	upper = pieces * 5243 >> 19 & 0x0000007f0000007f;
	pieces = (pieces << 16) - upper * ((100 << 16) - 1);
	upper = pieces * 103 >> 10 & 0x000f000f000f000f;
	return (pieces << 8) - upper * ((10 << 8) - 1);
}

/* Stores eight digits, the first in the lowest byte. */
static inline char *put_eight(char *to, uint64_t digits)
{
	digits |= 0x3030303030303030;
	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		digits = __builtin_bswap64(digits);
	memcpy(to, &digits, sizeof(digits));
	return to + sizeof(digits);
}

/* A value below 10^8. */
static inline char *put_short(char *to, uint32_t value)
{
	uint64_t digits = eight_digits(value);
	unsigned zeros = (unsigned)__builtin_ctzll(digits | 1ull << 56) / 8;

	return put_eight(to, digits >> 8 * zeros) - zeros;
}

/* Rare, and kept from what is frequent. */
__attribute__((noinline)) static char *put_long(char *to, uint64_t value)
{
	to = number_put_u64(to, value / EIGHT);
	return put_eight(to, eight_digits((uint32_t)(value % EIGHT)));
}

char *number_put_u64(char *to, uint64_t value)
{
	uint32_t upper = (uint32_t)value / EIGHT; /* two digits at most */
	unsigned n = 1 + (upper >= 10);

	if (value > UINT32_MAX)
		return put_long(to, value);
	if (!upper)
		return put_short(to, (uint32_t)value);
	memcpy(to, number_pairs + 2 * upper + 2 - n, 2);
	return put_eight(to + n, eight_digits((uint32_t)value - upper * EIGHT));
}

char *number_put_i64(char *to, int64_t value)
{
	*to = '-';
	if (value < 0)
		return number_put_u64(to + 1, -(uint64_t)value);
	return number_put_u64(to, (uint64_t)value);
}

void number_hex(char *to, uint64_t value, unsigned width)
{
	while (width--) {
		to[width] = "0123456789abcdef"[value & 15];
		value >>= 4;
	}
}
