/* SPDX-License-Identifier: MIT */
/* Whatever bytes there are: what is shown of them reads back to them. */
#include <errno.h>
#include <float.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "typed.h"
#include "view/floating.h"
#include "view/isotime.h"
#include "view/value.h"

/* Bytes as live memory has them, also one small number and zeros. */
static void fill(unsigned char *bytes, size_t n)
{
	unsigned kind = (unsigned)(typed_random() % TYPED_KINDS);

	for (size_t i = 0; i < n; i++)
		bytes[i] = typed_byte(kind);
	if (kind == 5)
		memset(bytes + 1, 0, n - 1);
}

static const struct hints hex = {.form = FORM_HEX},
			  since_1970 = {.form = FORM_TIME, .per_second = 1};
static const struct hints *const notations[] = {NULL, &hex, &since_1970};

static const struct enumerator colours[] = {
	{"RED", 0},
	{"GREEN", 1},
	{"BLUE", 5},
	{"NONE", (uint64_t)-1},
};

static struct type make(enum type_kind kind, uint64_t size, bool is_signed)
{
	struct type type = {
		.kind = kind,
		.size = size,
		.is_signed = is_signed,
		.span = 1,
		.align = 1,
		.name = "the type",
	};

	if (kind == TYPE_ENUM) {
		type.enumerators = colours;
		type.n_enumerators = ARRAY_SIZE(colours);
	}
	return type;
}

/* All that says which bytes: through a text and back, over other bytes that must stay. */
static void comes_back(const struct type *type, const unsigned char *bytes)
{
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	unsigned char back[64], mask[64], all[64];
	struct diag diag;

	value_format(type, bytes, &text);
	assert_int_equal(buf_status(&text), 0);
	assert_null(memchr(text.len ? text.data : "", '\n', text.len));
	for (int newline = 0; newline < 2; newline++) {
		if (newline)
			buf_putc(&text, '\n');
		memset(back, 0x5a, sizeof(back));
		assert_int_equal(value_parse(type, text.data, text.len, back, mask, &diag), 0);
		for (uint64_t i = 0; i < type->size; i++) {
			assert_int_equal(back[i] & mask[i], bytes[i] & mask[i]);
			all[i] = 0xff;
		}
		assert_int_equal(back[type->size], 0x5a);
		if (!type->bits && type->kind != TYPE_STRING)
			assert_memory_equal(mask, all, type->size);
		if (type->kind == TYPE_FLOAT && type->bits) {
			assert_memory_equal(mask, all, 10);
			assert_int_equal(mask[10], 0);
		}
	}
}

static void try_type(struct type type)
{
	for (int i = 0; i < 3000; i++) {
		unsigned char bytes[64];

		fill(bytes, sizeof(bytes));
		type.hints = notations[i % (type.kind == TYPE_INTEGER ? 3 : 2)];
		type.big_endian = i / 3 % 2;
		comes_back(&type, bytes);
	}
}

static void numbers_come_back(void **state)
{
	static const enum type_kind kinds[] = {TYPE_INTEGER, TYPE_ENUM};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
		for (uint64_t size = 1; size <= 8; size *= 2)
			for (int is_signed = 0; is_signed < 2; is_signed++)
				try_type(make(kinds[k], size, is_signed));
	for (int is_signed = 0; is_signed < 2; is_signed++)
		try_type(make(TYPE_CHAR, 1, is_signed));
	try_type(make(TYPE_BOOL, 1, false));
	try_type(make(TYPE_POINTER, 8, false));
	try_type(make(TYPE_POINTER, 4, false));
	try_type(make(TYPE_FLOAT, 4, false));
	try_type(make(TYPE_FLOAT, 8, false));
}

/* x87's number of 80 bits; where a long double is another, this is none. */
static struct type extended(void)
{
	struct type type = make(TYPE_FLOAT, 16, false);

	type.bits = 80;
	return type;
}

static void try_wide(struct type type)
{
	for (int i = 0; i < 600; i++) {
		unsigned char bytes[64];

		fill(bytes, sizeof(bytes));
		if (i % 3 == 0) /* not so far from 1 */
			bytes[type.bits == 80 ? 9 : 15] = 0x3f;
		if (i % 3 == 0 && type.bits == 80)
			bytes[7] |= 0x80;
		if (i % 5 == 0)
			memset(bytes, typed_random() & 1 ? 0 : 0xff, typed_random() % 16);
		type.hints = type.kind == TYPE_WIDE && i & 1 ? &hex : NULL;
		type.big_endian = !type.bits && i / 2 % 2;
		comes_back(&type, bytes);
	}
}

static void wide_numbers_come_back(void **state)
{
	struct type half = make(TYPE_FLOAT, 2, false);

	(void)state;
	try_wide(make(TYPE_WIDE, 16, true));
	try_wide(make(TYPE_WIDE, 16, false));
	try_wide(make(TYPE_FLOAT, 16, false));
	try_wide(extended());
	for (unsigned i = 0; i < 65536; i++)
		comes_back(&half, (unsigned char *)&(uint16_t){(uint16_t)i});
}

/* The digits that the C library needs to come back: no fewer, and the same. */
static void wide_numbers_are_shortest(void **state)
{
	struct type type = LDBL_MANT_DIG == 64 ? extended() : make(TYPE_FLOAT, 16, false);

	(void)state;
	for (int i = 0; i < 500; i++) {
		CLEANUP(buf_destroy) struct buf text = BUF_INIT;
		char theirs[64], ours[64];
		long double value = (long double)typed_random() / (long double)(typed_random() | 1),
			    back = 0;
		unsigned char bytes[16] = {0};
		int digits = 0;

		for (int j = (int)(typed_random() % 4000); j > 2000; j--)
			value *= 7;
		memcpy(bytes, &value, LDBL_MANT_DIG == 64 ? 10 : 16);
		value_format(&type, bytes, &text);
		while (back != value) {
			snprintf(theirs, sizeof(theirs), "%.*Le", digits++, value);
			back = strtold(theirs, NULL);
		}
		back = strtold(buf_cstr(&text), NULL);
		assert_true(back == value);
		snprintf(ours, sizeof(ours), "%.*Le", digits - 1, back);
		assert_string_equal(ours, theirs);
		assert_true(strcspn(buf_cstr(&text), "e") <= (size_t)digits + 22);
	}
}

static void bit_fields_come_back(void **state)
{
	(void)state;
	for (int i = 0; i < 200000; i++) {
		struct type type = make(i & 1 ? TYPE_INTEGER : TYPE_ENUM,
					1ull << typed_random() % 4, typed_random() & 1);
		unsigned char bytes[64];
		unsigned bits = (unsigned)(8 * type.size);

		type.bits = (uint8_t)(1 + typed_random() % bits);
		type.first_bit = (uint8_t)(typed_random() % (bits - type.bits + 1));
		type.big_endian = typed_random() & 1;
		type.hints = typed_random() % 2 ? &hex : NULL;
		fill(bytes, sizeof(bytes));
		comes_back(&type, bytes);
	}
}

static void runs_come_back(void **state)
{
	(void)state;
	for (uint64_t size = 1; size <= 40; size++) {
		try_type(make(TYPE_STRING, size, false));
		try_type(make(TYPE_BYTES, size, false));
	}
}

static void every_byte_of_a_char_comes_back(void **state)
{
	struct type type = make(TYPE_CHAR, 1, true);

	(void)state;
	for (int i = 0; i < 256; i++)
		comes_back(&type, &(unsigned char){(unsigned char)i});
}

/* What is shown, exactly. */
static void shows(struct type type, const void *bytes, const char *wanted)
{
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;

	value_format(&type, bytes, &text);
	assert_string_equal(buf_cstr(&text), wanted);
}

static void forms_are_those_of_the_manual(void **state)
{
	struct type i32 = make(TYPE_INTEGER, 4, true), u8 = make(TYPE_INTEGER, 1, false);
	struct type u64 = make(TYPE_INTEGER, 8, false), enumeration = make(TYPE_ENUM, 4, true);
	struct type string = make(TYPE_STRING, 8, false), pointer = make(TYPE_POINTER, 8, false);

	(void)state;
	shows(i32, &(int){-42}, "-42");
	shows(u8, &(uint8_t){200}, "200");
	shows(u64, &(uint64_t){UINT64_MAX}, "18446744073709551615");
	shows(make(TYPE_CHAR, 1, true), "m", "m");
	shows(make(TYPE_CHAR, 1, true), "\n", "\\n");
	shows(make(TYPE_CHAR, 1, true), "\x1b", "\\x1b");
	shows(make(TYPE_BOOL, 1, false), "\1", "true");
	shows(make(TYPE_BOOL, 1, false), "\0", "false");
	shows(make(TYPE_BOOL, 1, false), "\7", "7");
	shows(enumeration, &(int){5}, "BLUE");
	shows(enumeration, &(int){-1}, "NONE");
	shows(enumeration, &(int){3}, "3");
	shows(string, "abc\0rest", "abc");
	shows(string, "12345678", "12345678");
	shows(string, "gr\xc3\xbcn\xff\0", "gr\xc3\xbcn\\xff");
	shows(make(TYPE_BYTES, 4, false), "\xde\xad\0\1", "dead0001");
	shows(pointer, &(uint64_t){0x7ffd1234}, "0x7ffd1234");
	shows(pointer, &(uint64_t){0}, "0x0");
	shows(make(TYPE_FLOAT, 8, false), &(double){0.1}, "0.1");
	shows(make(TYPE_FLOAT, 8, false), &(double){0.1 + 0.2}, "0.30000000000000004");
	shows(make(TYPE_FLOAT, 8, false), &(double){1e300}, "1e+300");
	shows(make(TYPE_FLOAT, 8, false), &(double){100}, "100");
	shows(make(TYPE_FLOAT, 4, false), &(float){16777216}, "16777216");
	shows(make(TYPE_FLOAT, 4, false), &(float){36.6f}, "36.6");
	shows(make(TYPE_FLOAT, 4, false), &(float){-0.0f}, "-0");
	shows(make(TYPE_FLOAT, 2, false), &(uint16_t){0x2e66}, "0.1");
	shows(make(TYPE_FLOAT, 2, false), &(uint16_t){0xfc00}, "-inf");
	shows(make(TYPE_FLOAT, 2, false), &(uint16_t){1}, "6e-08");
	shows(make(TYPE_FLOAT, 16, false), "\0\0\0\0\0\0\0\0\0\0\0\0\0\x80\xff\x3f", "1.5");
	shows(extended(), "\xcd\xcc\xcc\xcc\xcc\xcc\xcc\xcc\xfb\x3f......", "0.1");
	shows(extended(), "\xff\xff\xff\xff\xff\xff\xff\xff\xfe\x7f......",
	      "1.189731495357231765e+4932");
	shows(extended(), "\1\0\0\0\0\0\0\0\0\0......", "4e-4951");
	shows(extended(), "\1\0\0\0\0\0\0\0\xff\x3f......", "x87(0x3fff0000000000000001)");
	shows(make(TYPE_WIDE, 16, true), &(int128){-1}, "-1");
	shows(make(TYPE_WIDE, 16, false), &(int128){-1}, "340282366920938463463374607431768211455");
	shows(make(TYPE_WIDE, 16, true), &(int128){(int128)1 << 64}, "18446744073709551616");
	i32.hints = &hex;
	shows(i32, &(int){-1}, "0xffffffff");
	shows(i32, &(int){255}, "0x000000ff");
	i32.big_endian = true;
	shows(i32, "\1\2\3\4", "0x01020304");
	i32.hints = &since_1970;
	i32.big_endian = false;
	shows(i32, &(int){1714566896}, "2024-05-01T12:34:56Z");
	shows(i32, &(int){-1}, "1969-12-31T23:59:59Z");
	u8.bits = 3;
	u8.first_bit = 2;
	shows(u8, "\x17", "5");
}

static int parse(struct type type, const char *text, uint64_t *value, struct diag *diag)
{
	unsigned char bytes[64], mask[64];
	unsigned char untouched[64];
	int r;

	memset(bytes, 0xa5, sizeof(bytes));
	memset(untouched, 0xa5, sizeof(untouched));
	r = value_parse(&type, text, strlen(text), bytes, mask, diag);
	if (r < 0)
		assert_memory_equal(bytes, untouched, sizeof(bytes));
	else if (value)
		*value = type_decode(&type, bytes);
	return r;
}

static void takes(struct type type, const char *text, uint64_t wanted)
{
	struct diag diag = {0};
	uint64_t value = 0;
	int r = parse(type, text, &value, &diag);

	if (r < 0)
		print_error("'%s': %s\n", text, diag.message);
	assert_int_equal(r, 0);
	assert_int_equal(value, wanted);
}

static void refuses(struct type type, const char *text, int err, const char *because)
{
	struct diag diag = {0};

	assert_int_equal(parse(type, text, NULL, &diag), err);
	if (!strstr(diag.message, because))
		fail_msg("'%s' isn't in '%s'", because, diag.message);
}

static void numbers_are_those_of_c(void **state)
{
	struct type i32 = make(TYPE_INTEGER, 4, true), u8 = make(TYPE_INTEGER, 1, false);
	struct type i8 = make(TYPE_INTEGER, 1, true), u64 = make(TYPE_INTEGER, 8, false);

	(void)state;
	takes(i32, "1000\n", 1000);
	takes(i32, "  +7 \n", 7);
	takes(i32, "-0", 0);
	takes(i32, "0x7fffffff", INT32_MAX);
	takes(i32, "-0x80000000", (uint64_t)INT32_MIN);
	takes(i32, "010", 8);
	takes(i32, "0b101", 5);
	takes(u64, "18446744073709551615", UINT64_MAX);
	takes(u8, "255", 255);
	takes(i8, "-128", (uint64_t)-128);
	refuses(u8, "256", -ERANGE, "0 to 255");
	refuses(u8, "-1", -ERANGE, "0 to 255");
	refuses(i8, "128", -ERANGE, "-128 to 127");
	refuses(i8, "-129", -ERANGE, "-128 to 127");
	refuses(u64, "18446744073709551616", -ERANGE, "0 to 18446744073709551615");
	refuses(u64, "99999999999999999999999999999999999999", -ERANGE, "");
	refuses(i32, "0xffffffff", -ERANGE, "2147483647");
	refuses(i32, "08", -EINVAL, "octal");
	i32.hints = &hex;
	takes(i32, "0xffffffff", UINT64_MAX);
	takes(i32, "-1", UINT64_MAX);
	refuses(i32, "4294967295", -ERANGE, "2147483647");
	refuses(i32, "0x100000000", -ERANGE, "");
	u8.bits = 3;
	takes(u8, "7", 7);
	refuses(u8, "8", -ERANGE, "3 bits");
}

static void other_values(void **state)
{
	struct type flag = make(TYPE_BOOL, 1, false), colour = make(TYPE_ENUM, 4, true);
	struct type character = make(TYPE_CHAR, 1, true), time = make(TYPE_INTEGER, 4, true);
	struct type real = make(TYPE_FLOAT, 4, false);

	(void)state;
	takes(flag, "true\n", 1);
	takes(flag, "0", 0);
	refuses(flag, "yes", -EINVAL, "true nor false");
	takes(colour, "BLUE\n", 5);
	takes(colour, "7", 7);
	refuses(colour, "PINK", -EINVAL, "RED, GREEN, BLUE, NONE, or a number");
	refuses(colour, "4294967296", -ERANGE, "");
	takes(character, " \n", ' ');
	takes(character, "5\n", '5');
	takes(character, "\\n", '\n');
	takes(character, "\\x41", 'A');
	refuses(character, "\n", -EINVAL, "one byte");
	refuses(character, "ab", -EINVAL, "one byte");
	refuses(character, "\xc3\xbc", -EINVAL, "one byte");
	refuses(character, "\\", -EINVAL, "escape");
	time.hints = &since_1970;
	takes(time, "2024-05-01T12:34:56Z\n", 1714566896);
	takes(time, "2024-05-01T14:34:56+02:00", 1714566896);
	takes(time, "1714566896", 1714566896);
	refuses(time, "2024-05-01T12:34:56", -EINVAL, "2024-05-01T12:34:56Z");
	refuses(time, "2023-02-29T00:00:00Z", -EINVAL, "time");
	refuses(time, "2050-01-01T00:00:00Z", -ERANGE, "");
	refuses(real, "1e39", -ERANGE, "");
	refuses(extended(), "1e4933", -ERANGE, "as large or small");
	refuses(extended(), "1e-5000", -ERANGE, "as large or small");
	refuses(extended(), "1e", -EINVAL, "not a number");
	refuses(extended(), "nan(0x8000000000000000)", -EINVAL, "not a number");
	refuses(make(TYPE_FLOAT, 2, false), "65520", -ERANGE, "");
	refuses(make(TYPE_WIDE, 16, false), "-1", -ERANGE, "128 bits");
	refuses(make(TYPE_WIDE, 16, false), "340282366920938463463374607431768211456", -ERANGE, "");
	refuses(make(TYPE_WIDE, 16, true), "0x80000000000000000000000000000000", -ERANGE, "");
	refuses(make(TYPE_WIDE, 16, true), "1x", -EINVAL, "not a number");
	refuses(real, "1e-60", -ERANGE, "");
	refuses(real, "1,5", -EINVAL, "");
	refuses(real, "", -EINVAL, "");
	takes(real, "1e-45", 1);
	takes(real, "-0", 0x80000000);
	takes(real, "0x1p-1", 0x3f000000);
}

static void strings_leave_what_is_behind_them(void **state)
{
	struct type string = make(TYPE_STRING, 8, false);
	unsigned char bytes[8], mask[8];

	(void)state;
	assert_int_equal(value_parse(&string, "abc\n", 4, bytes, mask, NULL), 0);
	assert_memory_equal(bytes, "abc", 4);
	assert_memory_equal(mask, "\xff\xff\xff\xff\0\0\0", 8);
	assert_int_equal(value_parse(&string, "", 0, bytes, mask, NULL), 0);
	assert_memory_equal(mask, "\xff\0\0\0\0\0\0", 8);
	assert_int_equal(value_parse(&string, "12345678\n", 9, bytes, mask, NULL), 0);
	assert_memory_equal(bytes, "12345678", 8);
	assert_memory_equal(mask, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
	refuses(string, "123456789", -ERANGE, "9 bytes are too long");
	refuses(string, "a\nb\n", -EINVAL, "\\n");
	refuses(string, "a\\q", -EINVAL, "escape");
	assert_int_equal(value_parse(&string, "a\0b", 3, bytes, mask, NULL), -EINVAL);
	string.kind = TYPE_BYTES;
	refuses(string, "00112233445566", -EINVAL, "16 of them");
	refuses(string, "001122334455667", -EINVAL, "");
	refuses(string, "001122334455667788", -ERANGE, "");
	refuses(string, "0011223344556x77", -EINVAL, "hexadecimal");
	assert_int_equal(value_parse(&string, "de AD be ef\n0011 2233\n", 22, bytes, mask, NULL),
			 0);
	assert_memory_equal(bytes, "\xde\xad\xbe\xef\0\x11\x22\x33", 8);
}

static void hostile_text_is_refused_or_stays_inside(void **state)
{
	static const char letters[] = "0123456789abcdefx+-.eEnif()\\ \n\tZT:tru\xff\x00";
	static const enum type_kind kinds[] = {TYPE_INTEGER, TYPE_CHAR, TYPE_BOOL,   TYPE_FLOAT,
					       TYPE_POINTER, TYPE_ENUM, TYPE_STRING, TYPE_BYTES};

	(void)state;
	for (int i = 0; i < 500000; i++) {
		enum type_kind kind = kinds[typed_random() % ARRAY_SIZE(kinds)];
		struct type type = make(kind, 8, kind == TYPE_INTEGER && typed_random() & 1);
		unsigned char bytes[16], mask[16];
		char text[40];
		size_t n = typed_random() % sizeof(text);
		int r;

		if (type.kind == TYPE_CHAR || type.kind == TYPE_BOOL)
			type.size = 1;
		type.hints = kind == TYPE_INTEGER && typed_random() % 3 == 0 ? &since_1970 : NULL;
		for (size_t k = 0; k < n; k++)
			text[k] = letters[typed_random() % (sizeof(letters) - 1)];
		memset(bytes, 0x77, sizeof(bytes));
		memset(mask, 0x77, sizeof(mask));
		r = value_parse(&type, text, n, bytes, mask, NULL);
		assert_true(r == 0 || r == -EINVAL || r == -ERANGE);
		for (size_t k = r ? 0 : type.size; k < sizeof(bytes); k++)
			assert_true(bytes[k] == 0x77 && mask[k] == 0x77);
		if (r == 0 && type.kind != TYPE_STRING)
			comes_back(&type, bytes);
	}
}

/* No text that reads back is shorter; and it is what printf() would have found by trying. */
static void floats_are_the_shortest(void **state)
{
	(void)state;
	for (int i = 0; i < 200000; i++) {
		char ours[FLOATING_MAX + 1], theirs[FLOATING_MAX + 8];
		uint64_t bits = typed_random();
		double value;
		unsigned n;

		if (i % 3 == 1)
			bits &= ~((1ull << 52) - 1);
		value = (double)(typed_random() % 1000000) / 1000;
		if (i % 3 == 2)
			memcpy(&bits, &value, sizeof(bits));
		memcpy(&value, &bits, sizeof(value));
		if (value != value)
			continue;
		n = floating_format(ours, bits, 8);
		ours[n] = '\0';
		for (int precision = 15; precision <= 17; precision++) {
			snprintf(theirs, sizeof(theirs), "%.*g", precision, value);
			if (strtod(theirs, NULL) == value)
				break;
		}
		assert_true(n <= strlen(theirs));
		if (n == strlen(theirs))
			assert_string_equal(ours, theirs);
	}
}

static void times_equal_those_of_the_c_library(void **state)
{
	(void)state;
	for (int i = 0; i < 200000; i++) {
		int64_t seconds = (int64_t)typed_random() >> typed_random() % 40;
		char ours[ISOTIME_MAX + 1], theirs[64];
		struct isotime time = {.seconds = seconds}, back;
		struct tm tm;

		ours[isotime_format(ours, &time)] = '\0';
		assert_int_equal(isotime_parse(ours, strlen(ours), &back), 0);
		assert_true(back.seconds == seconds && !back.digits);
		if (!gmtime_r(&seconds, &tm))
			continue;
		snprintf(theirs, sizeof(theirs), "%s%04lld-%02d-%02dT%02d:%02d:%02dZ",
			 tm.tm_year + 1900LL > 9999 ? "+"
			 : tm.tm_year + 1900LL < 0  ? "-"
						    : "",
			 llabs(tm.tm_year + 1900LL), tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
			 tm.tm_min, tm.tm_sec);
		assert_string_equal(ours, theirs);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_come_back),
		cmocka_unit_test(wide_numbers_come_back),
		cmocka_unit_test(wide_numbers_are_shortest),
		cmocka_unit_test(bit_fields_come_back),
		cmocka_unit_test(runs_come_back),
		cmocka_unit_test(every_byte_of_a_char_comes_back),
		cmocka_unit_test(forms_are_those_of_the_manual),
		cmocka_unit_test(numbers_are_those_of_c),
		cmocka_unit_test(other_values),
		cmocka_unit_test(strings_leave_what_is_behind_them),
		cmocka_unit_test(hostile_text_is_refused_or_stays_inside),
		cmocka_unit_test(floats_are_the_shortest),
		cmocka_unit_test(times_equal_those_of_the_c_library),
	};

	return cmocka_run_group_tests_name("value", tests, NULL, NULL);
}
