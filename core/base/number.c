/* SPDX-License-Identifier: MIT */
#include "base/number.h"

#include <string.h>

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
 */
static inline uint64_t eight_digits(uint32_t value)
{
	uint64_t fours = value / 10000 | (uint64_t)(value % 10000) << 32;
	uint64_t upper = fours * 5243 >> 19 & 0x0000007f0000007f;
	uint64_t twos = upper | (fours - 100 * upper) << 16;

	upper = twos * 103 >> 10 & 0x000f000f000f000f;
	return upper | (twos - 10 * upper) << 8;
}

/* Stores eight digits, the first in the lowest byte. */
static void put_eight(char *to, uint64_t digits)
{
	digits |= 0x3030303030303030;
	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		digits = __builtin_bswap64(digits);
	memcpy(to, &digits, sizeof(digits));
}

/* A value below 10^8. */
static inline unsigned put_short(char *to, uint32_t value)
{
	uint64_t digits = eight_digits(value);
	unsigned zeros = (unsigned)__builtin_ctzll(digits | 1ull << 56) / 8;

	put_eight(to, digits >> 8 * zeros);
	return 8 - zeros;
}

static unsigned put_long(char *to, uint64_t value)
{
	const uint64_t limit = 100000000;
	unsigned n;

	if (value < limit)
		return put_short(to, (uint32_t)value);
	n = put_long(to, value / limit);
	put_eight(to + n, eight_digits((uint32_t)(value % limit)));
	return n + 8;
}

unsigned number_u64(char *to, uint64_t value)
{
	return put_long(to, value);
}

unsigned number_i64(char *to, int64_t value)
{
	if (value >= 0)
		return number_u64(to, (uint64_t)value);
	*to = '-';
	return 1 + number_u64(to + 1, -(uint64_t)value);
}

void number_hex(char *to, uint64_t value, unsigned width)
{
	while (width--) {
		to[width] = "0123456789abcdef"[value & 15];
		value >>= 4;
	}
}
