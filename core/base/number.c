/* SPDX-License-Identifier: MIT */
#include "base/number.h"

#include <string.h>

static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233"
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
		memcpy(to + width, pairs + 2 * (value % 100), 2);
		value /= 100;
	}
	if (width)
		to[0] = (char)('0' + value % 10);
}

unsigned number_u64(char *to, uint64_t value)
{
	unsigned digits = number_digits(value);

	number_padded(to, value, digits);
	return digits;
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
