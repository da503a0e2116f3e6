/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/number.h"
#include "base/text.h"

static void buf_grows(void **state)
{
	struct buf buf = BUF_INIT;

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_printf(&buf, "%03d", i);
	assert_int_equal(buf_status(&buf), 0);
	assert_int_equal(buf.len, 3000);
	assert_memory_equal(buf.data + 2997, "999", 3);
	buf_destroy(&buf);
}

static void buf_remembers_a_failure(void **state)
{
	struct buf buf = BUF_INIT;

	(void)state;
	assert_null(buf_reserve(&buf, SIZE_MAX));
	buf_puts(&buf, "x");
	assert_int_equal(buf_status(&buf), -ENOMEM);
	assert_int_equal(buf.len, 0);
	buf_destroy(&buf);
}

static void equals_printf(uint64_t value)
{
	char ours[NUMBER_MAX], theirs[32];

	assert_int_equal(number_u64(ours, value), sprintf(theirs, "%lu", value));
	assert_memory_equal(ours, theirs, strlen(theirs));
	assert_int_equal(number_i64(ours, (int64_t)value), sprintf(theirs, "%ld", value));
	assert_memory_equal(ours, theirs, strlen(theirs));
	number_hex(ours, value, 16);
	sprintf(theirs, "%016lx", value);
	assert_memory_equal(ours, theirs, 16);
}

static void numbers_equal_printf(void **state)
{
	uint64_t value = 1;

	(void)state;
	for (int i = 0; i < 200; i++, value = value * 3 + (uint64_t)i)
		equals_printf(value);
	for (value = 1; value < UINT64_MAX / 10; value *= 10)
		for (uint64_t digit = 1; digit < 10; digit++)
			for (uint64_t near = 0; near < 3; near++) {
				equals_printf(digit * value + near - 1);
				equals_printf(-(digit * value + near - 1));
			}
	for (unsigned bit = 0; bit < 64; bit++)
		for (uint64_t near = 0; near < 3; near++)
			equals_printf((1ull << bit) + near - 1);
	{
		char ours[NUMBER_MAX];

		assert_int_equal(number_i64(ours, INT64_MIN), 20);
		assert_memory_equal(ours, "-9223372036854775808", 20);
		assert_int_equal(number_u64(ours, UINT64_MAX), 20);
		assert_memory_equal(ours, "18446744073709551615", 20);
		assert_int_equal(number_u64(ours, 0), 1);
		number_padded(ours, 42, 5);
		assert_memory_equal(ours, "00042", 5);
	}
}

static void names_are_safe(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"plain", "plain"},
		{"-rf", "\\x2drf"},
		{".hidden", "\\x2ehidden"},
		{"a/b\\c", "a\\x2fb\\x5cc"},
		{"nl\n", "nl\\x0a"},
		{"\xff", "\\xff"},
		{"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
		{"a b", "a b"},
		{"\xc2\x9b", "\\xc2\\x9b"},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},
	};
	char bytes[300];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf buf = BUF_INIT;

		text_name(&buf, cases[i].in, strlen(cases[i].in));
		assert_string_equal(buf_cstr(&buf), cases[i].out);
		buf_destroy(&buf);
	}
	{
		struct buf buf = BUF_INIT;

		memset(bytes, '\n', sizeof(bytes));
		bytes[0] = 'a';
		text_name(&buf, bytes, sizeof(bytes));
		assert_int_equal(buf.len, 197);
		buf_destroy(&buf);
	}
}

static void every_byte_comes_back(void **state)
{
	struct buf text = BUF_INIT, back = BUF_INIT;
	char bytes[256];

	(void)state;
	for (int i = 0; i < 256; i++)
		bytes[i] = (char)i;
	text_escape(&text, bytes, sizeof(bytes));
	assert_int_equal(text_unescape(&back, text.data, text.len), 0);
	assert_int_equal(back.len, sizeof(bytes));
	assert_memory_equal(back.data, bytes, sizeof(bytes));
	buf_destroy(&text);
	buf_destroy(&back);
}

static void bad_escapes_are_refused(void **state)
{
	static const char *const bad[] = {"\\", "a\\q", "\\x", "\\xg", "\\8", "\\777"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buf buf = BUF_INIT;

		assert_int_equal(text_unescape(&buf, bad[i], strlen(bad[i])), -EINVAL);
		buf_destroy(&buf);
	}
}

static void ends_are_trimmed(void **state)
{
	static const struct {
		const char *text, *is;
	} cases[] = {
		{"", ""},	   {" \r\n\t", ""}, {"a", "a"},
		{" a b\n", "a b"}, {"\n\ta", "a"},  {"a\v ", "a"},
	};
	const char nothing[] = {' ', 0}, *at = nothing;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *text = cases[i].text;

		assert_int_equal(text_trim(&text, strlen(text)), strlen(cases[i].is));
		assert_memory_equal(text, cases[i].is, strlen(cases[i].is));
	}
	assert_int_equal(text_trim(&at, sizeof(nothing)), 1); /* NUL is no blank */
}

static void beginnings_are_known(void **state)
{
	(void)state;
	assert_true(text_goes_on("{ \n", 4, "[{"));
	assert_true(text_goes_on("\n", 1, ""));
	assert_true(text_goes_on("1\n2", 3, ""));
	assert_false(text_goes_on("1\n", 2, ","));
	assert_false(text_goes_on("{ 1 }\n", 6, "{"));
	assert_false(text_goes_on("1\0", 2, ",")); /* nor is NUL one of those bytes */
}

static void messages_are_one_line(void **state)
{
	struct diag diag;

	(void)state;
	assert_int_equal(diag_set(&diag, -EINVAL, 3, 4, "no '%s' %d",
				  "a\nb\x1b[31m\t\x7f\xff\xc2\x9b\\\xc3\xa9", 5),
			 -EINVAL);
	assert_string_equal(diag.message,
			    "no 'a\\x0ab\\x1b[31m\\x09\\x7f\\xff\\xc2\\x9b\\\xc3\xa9' 5");
	assert_int_equal(diag_set(&diag, -EINVAL, 0, 0, "it: %s", diag.message), -EINVAL);
	assert_memory_equal(diag.message, "it: no 'a\\x0a", 13);
	for (int blanks = 0; blanks < 8; blanks++) {
		diag_set(&diag, 0, 0, 0, "%*s%0200d%070d\n\n\n", blanks, "", 0, 0);
		assert_int_equal(strlen(diag.message), 255);
		diag_set(&diag, 0, 0, 0, "%*s%0240d\n\n\n\n\n", blanks, "", 0);
		assert_in_range(strlen(diag.message), 252, 255);
		assert_memory_equal(strchr(diag.message, '\\') - 1, "0\\x0a", 5);
		assert_int_equal((diag.message + strlen(diag.message))[-1], 'a');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buf_grows),
		cmocka_unit_test(buf_remembers_a_failure),
		cmocka_unit_test(numbers_equal_printf),
		cmocka_unit_test(names_are_safe),
		cmocka_unit_test(every_byte_comes_back),
		cmocka_unit_test(bad_escapes_are_refused),
		cmocka_unit_test(ends_are_trimmed),
		cmocka_unit_test(beginnings_are_known),
		cmocka_unit_test(messages_are_one_line),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
