/* SPDX-License-Identifier: MIT */
#include "view/hexdump.h"

#include <stdbool.h>
#include <string.h>

#include "base/number.h"

#define MIN_DIGITS 8
#define MAX_DIGITS 16

/* "  " and after it 16 times "xx ", with one blank more in the middle, and " |". */
#define AFTER_OFFSET 2
#define MIDDLE	     (AFTER_OFFSET + 8 * 3 + 1)
#define TEXT	     (MIDDLE + 8 * 3 + 2)

/* The first line whose offset has that many digits. */
static uint64_t first_of_width(unsigned digits)
{
	return (uint64_t)1 << (4 * (digits - 2));
}

static unsigned width_of(uint64_t offset)
{
	unsigned bits = 64 - (unsigned)__builtin_clzll(offset | 1);

	return bits <= 4 * MIN_DIGITS ? MIN_DIGITS : (bits + 3) / 4;
}

uint64_t hexdump_start(uint64_t line)
{
	uint64_t start = line * HEXDUMP_LINE_MIN;

	for (unsigned digits = MIN_DIGITS + 1; digits <= MAX_DIGITS; digits++) {
		if (line <= first_of_width(digits))
			break;
		start += line - first_of_width(digits);
	}
	return start;
}

uint64_t hexdump_line(uint64_t position)
{
	uint64_t line = 0, start = 0, length = HEXDUMP_LINE_MIN;

	for (unsigned digits = MIN_DIGITS + 1; digits <= MAX_DIGITS; digits++, length++) {
		uint64_t next = first_of_width(digits);
		uint64_t span;

		if (__builtin_mul_overflow(next - line, length, &span) || position - start < span)
			break;
		line = next;
		start += span;
	}
	return line + (position - start) / length;
}

uint64_t hexdump_size(uint64_t size)
{
	uint64_t lines = size / HEXDUMP_BYTES;
	unsigned rest = size % HEXDUMP_BYTES;
	uint64_t length;

	if (size == 0)
		return 0;
	if (lines > INT64_MAX / HEXDUMP_LINE_MAX)
		return INT64_MAX;
	length = hexdump_start(lines) + width_of(size) + 1;
	if (rest)
		length += width_of(lines * HEXDUMP_BYTES) + TEXT + rest + 2;
	return length;
}

/* "xx  " for each byte. */
#define NIBBLE(n) ((n) < 10 ? '0' + (n) : 'a' + (n)-10)
#define PAIR(b)                                                                                    \
	{                                                                                          \
		NIBBLE((b) >> 4), NIBBLE((b)&15), ' ', ' '                                         \
	}
#define PAIRS4(b)  PAIR(b), PAIR((b) + 1), PAIR((b) + 2), PAIR((b) + 3)
#define PAIRS16(b) PAIRS4(b), PAIRS4((b) + 4), PAIRS4((b) + 8), PAIRS4((b) + 12)
#define PAIRS64(b) PAIRS16(b), PAIRS16((b) + 16), PAIRS16((b) + 32), PAIRS16((b) + 48)
static const char pairs[256][4] = {PAIRS64(0), PAIRS64(64), PAIRS64(128), PAIRS64(192)};

static char printable(unsigned char byte)
{
	return byte >= 0x20 && byte < 0x7f ? (char)byte : '.';
}

/* What stands behind the offset of a line of 16 bytes. Each pair is stored as four characters, of
 * which the next one overwrites what is too many. */
static char *put_line(char *to, const unsigned char *bytes)
{
	to[0] = to[1] = ' ';
	for (size_t i = 0; i < 8; i++)
		memcpy(to + AFTER_OFFSET + 3 * i, pairs[bytes[i]], 4);
	for (size_t i = 0; i < 8; i++)
		memcpy(to + MIDDLE + 3 * i, pairs[bytes[8 + i]], 4);
	to[TEXT - 1] = '|';
	for (unsigned i = 0; i < HEXDUMP_BYTES; i++)
		to[TEXT + i] = printable(bytes[i]);
	to[TEXT + HEXDUMP_BYTES] = '|';
	to[TEXT + HEXDUMP_BYTES + 1] = '\n';
	return to + TEXT + HEXDUMP_BYTES + 2;
}

static char *put_short_line(char *to, const unsigned char *bytes, size_t n)
{
	memset(to, ' ', TEXT);
	for (size_t i = 0; i < n; i++) {
		memcpy(to + (i < 8 ? AFTER_OFFSET : MIDDLE - 8 * 3) + 3 * i, pairs[bytes[i]], 2);
		to[TEXT + i] = printable(bytes[i]);
	}
	to[TEXT - 1] = '|';
	to[TEXT + n] = '|';
	to[TEXT + n + 1] = '\n';
	return to + TEXT + n + 2;
}

static char *put_offset(char *to, uint64_t offset)
{
	unsigned width = width_of(offset);

	number_hex(to, offset, width);
	return to + width;
}

char *hexdump_lines(char *to, const void *bytes, size_t n, uint64_t offset)
{
	const unsigned char *from = bytes;

	for (; n >= HEXDUMP_BYTES; n -= HEXDUMP_BYTES) {
		to = put_line(put_offset(to, offset), from);
		from += HEXDUMP_BYTES;
		offset += HEXDUMP_BYTES;
	}
	return n ? put_short_line(put_offset(to, offset), from, n) : to;
}

char *hexdump_zeros(char *to, size_t n, uint64_t offset)
{
	static const unsigned char zeros[HEXDUMP_BYTES];
	char line[HEXDUMP_LINE_MAX];
	size_t length = (size_t)(put_line(line, zeros) - line);

	for (; n >= HEXDUMP_BYTES; n -= HEXDUMP_BYTES) {
		to = put_offset(to, offset);
		memcpy(to, line, length);
		to += length;
		offset += HEXDUMP_BYTES;
	}
	return n ? put_short_line(put_offset(to, offset), zeros, n) : to;
}

char *hexdump_end(char *to, uint64_t size)
{
	to = put_offset(to, size);
	*to++ = '\n';
	return to;
}
