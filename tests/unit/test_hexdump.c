/* SPDX-License-Identifier: MIT */
/* The truth is hexdump itself, run over sparse files; and arithmetic done the slow way. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "by_hexdump.h"
#include "view/hexdump.h"

static const uint64_t edges[] = {0x10000000000u, 0x100000000u, 0x1000000u, 0x10000u};

static void equals_hexdump(void **state)
{
	unsigned char bytes[600];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)i;
	for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
		for (size_t n = 1; n < sizeof(bytes); n += n < 34 ? 1 : 37) {
			uint64_t offset = edges[i] - 256;
			char ours[sizeof(bytes) / 16 * 88 + 200], *end;
			int fd = memfd_create("bytes", MFD_CLOEXEC);
			char *theirs;

			assert_int_equal(pwrite(fd, bytes, n, (off_t)offset), n);
			theirs = by_hexdump(fd, offset);
			close(fd);
			end = hexdump_lines(ours, bytes, n, offset);
			*hexdump_end(end, offset + n) = '\0';
			assert_string_equal(ours, theirs);
			free(theirs);
		}
	}
}

static void zeros_equal_lines_of_zeros(void **state)
{
	static const unsigned char zeros[200];

	(void)state;
	for (size_t n = 0; n <= sizeof(zeros); n++) {
		char a[1200], b[1200];
		char *end = hexdump_lines(a, zeros, n, 0xffffffa0);

		assert_ptr_equal(b + (end - a), hexdump_zeros(b, n, 0xffffffa0));
		assert_memory_equal(a, b, (size_t)(end - a));
	}
}

/* A line's start and the text's size, from the lengths of the lines themselves. */
static void check_line(uint64_t line, uint64_t start)
{
	char text[2 * HEXDUMP_LINE_MAX];
	static const unsigned char bytes[HEXDUMP_BYTES];
	uint64_t length = (uint64_t)(hexdump_lines(text, bytes, 16, line * 16) - text);

	assert_int_equal(hexdump_start(line), start);
	assert_int_equal(hexdump_start(line + 1), start + length);
	assert_int_equal(hexdump_line(start), line);
	assert_int_equal(hexdump_line(start + length - 1), line);
	assert_int_equal(hexdump_line(start + length), line + 1);
	for (unsigned rest = 0; rest < 16; rest++) {
		uint64_t size = line * 16 + rest;
		char *end = hexdump_end(hexdump_lines(text, bytes, rest, line * 16), size);

		if (size)
			assert_int_equal(hexdump_size(size), start + (uint64_t)(end - text));
	}
}

static void positions_follow_from_lines(void **state)
{
	(void)state;
	assert_int_equal(hexdump_size(0), 0);
	for (uint64_t i = 0; i < 100; i++)
		check_line(i, i * 79);
	for (uint64_t i = 0; i < 100; i++) {
		uint64_t first = 1u << 28;

		check_line(first - 50 + i, (first - 50 + i) * 79 + (i > 50 ? i - 50 : 0));
	}
	for (unsigned bit = 20; bit < 57; bit++) {
		for (uint64_t i = 0; i < 64; i++) {
			uint64_t line = (1ull << bit) - 32 + i;

			check_line(line, hexdump_start(line));
		}
	}
}

static void no_size_is_beyond_what_a_file_has(void **state)
{
	(void)state;
	assert_int_equal(hexdump_size(INT64_MAX), INT64_MAX);
	assert_int_equal(hexdump_size(UINT64_MAX), INT64_MAX);
	for (uint64_t position = INT64_MAX - 500; position < INT64_MAX; position++) {
		uint64_t line = hexdump_line(position);

		assert_true(hexdump_start(line) <= position);
		assert_true(hexdump_start(line + 1) > position);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equals_hexdump),
		cmocka_unit_test(zeros_equal_lines_of_zeros),
		cmocka_unit_test(positions_follow_from_lines),
		cmocka_unit_test(no_size_is_beyond_what_a_file_has),
	};

	return cmocka_run_group_tests_name("hexdump", tests, NULL, NULL);
}
