/* SPDX-License-Identifier: MIT */
/* What each hint shows and takes; that its text comes back bit by bit; what it isn't for. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "typed.h"
#include "view/json.h"

#define ENUMS                                                                                      \
	"enum mode { R = 1, W = 2, RW = 3, X = 4, TOP = 0x80000000 };\n"                           \
	"enum mood { CALM, CROSS = 7, WILD = -3, HUGE_ONE = 300 };\n"

/* One field, its bytes, and its text in a file of its own; then what tables and JSON say, where
 * that is another one. */
static const struct {
	const char *field;
	const char *bytes;
	const char *text;
	const char *json; /* NULL: the text in quotes */
} shown[] = {
	{"[[hex]] int16_t", "\xff\x00", "0x00ff", NULL},
	{"[[hex]] char", "A", "0x41", NULL},
	{"[[oct]] uint32_t", "\xff\x01\0\0", "000000000777", NULL},
	{"[[oct]] uint16_t", "\xed\x81", "0100755", NULL},
	{"[[dec]] signed char", "\xff", "-1", "-1"},
	{"[[dec]] enum mood", "\7\0\0\0", "7", "7"},
	{"[[char]] uint8_t", "A", "A", NULL},
	{"[[char]] uint8_t", "\n", "\\n", "\"\\n\""},
	{"[[string]] int8_t v[4]", "abc\0", "abc", NULL},
	{"[[bytes]] char v[4]", "abc\0", "61626300", NULL},
	{"[[bytes]] struct { short a, b; }", "\1\2\3\4", "01020304", NULL},
	{"[[uuid]] uint8_t v[16]",
	 "\x12\x3e\x45\x67\xe8\x9b\x12\xd3\xa4\x56\x42\x66\x14\x17\x40\x00",
	 "123e4567-e89b-12d3-a456-426614174000", NULL},
	{"[[uuid, le]] uint8_t v[16]",
	 "\x28\x73\x2a\xc1\x1f\xf8\xd2\x11\xba\x4b\x00\xa0\xc9\x3e\xc9\x3b",
	 "c12a7328-f81f-11d2-ba4b-00a0c93ec93b", NULL}, /* an EFI system partition's */
	{"[[uuid]] struct { uint32_t a; uint16_t b, c; uint8_t d[8]; }",
	 "\x12\x3e\x45\x67\xe8\x9b\x12\xd3\xa4\x56\x42\x66\x14\x17\x40\x00",
	 "123e4567-e89b-12d3-a456-426614174000", NULL},
	{"[[ip4]] uint32_t", "\xc0\0\2\1", "192.0.2.1", NULL},
	{"[[ip4, le]] uint32_t", "\1\2\0\xc0", "192.0.2.1", NULL},
	{"[[ip4]] int", "\xff\xff\xff\xff", "255.255.255.255", NULL},
	{"[[ip4]] uint8_t v[4]", "\xc0\0\2\1", "192.0.2.1", NULL},
	{"[[ip4]] struct { uint32_t s_addr; }", "\xc0\0\2\1", "192.0.2.1", NULL},
	{"[[ip6]] uint8_t v[16]", "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", "2001:db8::1", NULL},
	{"[[ip6]] uint32_t v[4]", "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1", "::ffff:192.0.2.1",
	 NULL},
	{"[[mac]] uint8_t v[6]", "\2\0\x5e\x10\0\xff", "02:00:5e:10:00:ff", NULL},
	{"[[time]] int32_t", "\xb0\x37\x32\x66", "2024-05-01T12:38:08Z", NULL},
	{"[[time(ms)]] int64_t", "\xff\xff\xff\xff\xff\xff\xff\xff", "1969-12-31T23:59:59.999Z",
	 NULL},
	{"[[time(us)]] uint64_t", "\1\0\0\0\0\0\0\0", "1970-01-01T00:00:00.000001Z", NULL},
	{"[[time(ns)]] int64_t", "\0\xca\x9a\x3b\0\0\0\0", "1970-01-01T00:00:01.000000000Z", NULL},
	{"[[time]] struct { int64_t tv_sec, tv_nsec; }", "\2\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0",
	 "1970-01-01T00:00:02.000000003Z", NULL},
	{"[[time]] struct { int32_t tv_sec, tv_usec; }", "\xff\xff\xff\xff\3\0\0\0",
	 "1969-12-31T23:59:59.000003Z", NULL},
	{"[[time]] struct { int32_t tv_sec, tv_usec; }", "\5\0\0\0\xff\xff\xff\xff", "5 -1", NULL},
	{"[[time]] struct { uint32_t tv_sec, tv_usec; }", "\xff\xff\xff\xff\3\0\0\0",
	 "2106-02-07T06:28:15.000003Z", NULL},
	{"[[time]] struct { uint32_t tv_sec, tv_usec; }", "\5\0\0\0\xff\xff\xff\xff",
	 "5 4294967295", NULL},
	{"[[time]] double", "\0\0\0\0\0\0\xf8\x3f", "1970-01-01T00:00:01.5Z", NULL},
	{"[[time]] double", "\0\0\0\0\0\0\xd0\xbf", "1969-12-31T23:59:59.75Z", NULL},
	{"[[time]] double", "\0\0\0\0\0\0\0\x80", "-0", NULL},
	{"[[time(ms)]] float", "\0\x40\x9c\x44", "1970-01-01T00:00:01.25Z", NULL},
	{"[[enum(mood)]] int8_t", "\xfd", "WILD", NULL},
	{"[[enum(mood)]] uint8_t", "\xfd", "WILD", NULL},
	{"[[enum(mood)]] uint8_t", "\x2c", "44", "44"}, /* not the 300 that has the same byte */
	{"[[enum(mood), hex]] int16_t", "\4\0", "0x0004", NULL},
	{"[[flags(mode)]] uint32_t", "\5\0\0\0", "R|X", NULL},
	{"[[flags(mode)]] uint8_t", "\x17", "R|W|X|0x10", NULL},
	{"[[flags(mode)]] int", "\0\0\0\x80", "TOP", NULL},
	{"[[flags(mode)]] int", "\0\0\0\0", "0", NULL},
	{"[[flags(mode)]] enum mode", "\3\0\0\0", "R|W", NULL},
	{"[[percent]] uint8_t", "\x2a", "42%", "42"},
	{"[[percent]] double", "\0\0\0\0\0\0\xc0\x3f", "12.5%", "0.125"},
	{"[[percent]] double", "\x9a\x99\x99\x99\x99\x99\xb9\x3f", "10%", "0.1"},
	{"[[percent]] float", "\0\0\x80\x7f", "inf%", "\"inf\""},
	{"[[percent]] double", "\0\0\0\0\0\0\0\0", "0%", "0"},
	{"[[percent]] float", "\0\0\0\x80", "-0%", "-0.0"},
	{"[[units(\"ms\")]] int", "\xdc\5\0\0", "1500 ms", "1500"},
	{"[[units(\"\\xc2\\xb5s\"), hex]] uint8_t", "\x0f", "0x0f \xc2\xb5s", "\"0x0f\""},
	{"[[units(\"%\")]] int", "\5\0\0\0", "5%", "5"},
	{"[[be, units(\"B\")]] uint16_t", "\1\0", "256 B", "256"},
};

/* The only field of a struct at 0, of 64 bytes. */
static struct bound *bind_field(const char *field, struct place *place)
{
	char text[512];
	const char *name = strchr(field, ']') && strstr(field, " v[") ? "" : " v";
	struct bound *bound;

	snprintf(text, sizeof(text), ENUMS "struct s { %s%s; } x @ 0;", field, name);
	bound = typed_bind(text, 64);
	*place = typed_place(bound, "x.v");
	return bound;
}

static void each_shows_and_takes_its_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
		CLEANUP(buf_destroy) struct buf text = BUF_INIT;
		unsigned char bytes[64] = {0}, mask[64] = {0};
		struct diag diag = {0};
		struct place place;
		struct bound *bound = bind_field(shown[i].field, &place);
		const char *json = shown[i].json;
		char quoted[80];

		if (place.type->kind == TYPE_INTEGER)
			assert_null(place.type->target);
		value_format(place.type, shown[i].bytes, &text);
		assert_string_equal(buf_cstr(&text), shown[i].text);
		if (value_parse(place.type, text.data, text.len, bytes, mask, &diag) < 0)
			fail_msg("%s: %s", shown[i].field, diag.message);
		assert_memory_equal(bytes, shown[i].bytes, place.type->size);
		buf_reset(&text);
		json_scalar(place.type, (const unsigned char *)shown[i].bytes, &text);
		snprintf(quoted, sizeof(quoted), "\"%s\"", shown[i].text);
		assert_string_equal(buf_cstr(&text), json ? json : quoted);
		bound_unref(bound);
	}
}

/* Other ways to write a value, and what is refused. */
static const struct {
	const char *field;
	const char *text;
	int err;
	const char *then; /* what it shows after, or what the message says */
} taken[] = {
	{"[[oct]] uint8_t", "0x10", 0, "0020"},
	{"[[oct]] int8_t", "0377", 0, "0377"},
	{"[[oct]] int8_t", "0400", -ERANGE, "-128 to 127"},
	{"[[char]] uint8_t", "ab", -EINVAL, "one byte"},
	{"[[uuid]] uint8_t v[16]", "{123E4567-E89B-12D3-A456-426614174000}", 0,
	 "123e4567-e89b-12d3-a456-426614174000"},
	{"[[uuid]] uint8_t v[16]", "123e4567e89b12d3a456426614174000", 0,
	 "123e4567-e89b-12d3-a456-426614174000"},
	{"[[uuid]] uint8_t v[16]", "123e4567-e89b-12d3-a456-42661417400", -EINVAL, "UUID"},
	{"[[uuid]] uint8_t v[16]", "123e4567-e89b-12d3-a456-4266141740000", -EINVAL, "UUID"},
	{"[[uuid]] uint8_t v[16]", "", -EINVAL, "UUID"},
	{"[[ip4]] uint32_t", "0x7f000001", 0, "127.0.0.1"},
	{"[[ip4]] uint32_t", "256.0.0.1", -EINVAL, "192.0.2.1"},
	{"[[ip4]] uint32_t", "1.2.3", -EINVAL, "192.0.2.1"},
	{"[[ip4]] uint32_t", "4294967296", -ERANGE, "4294967295"},
	{"[[ip6]] uint8_t v[16]", "::", 0, "::"},
	{"[[ip6]] uint8_t v[16]", "fe80::1%lo", -EINVAL, "2001:db8::1"},
	{"[[ip6]] uint8_t v[16]", "1:2:3:4:5:6:7:8:9", -EINVAL, ""},
	{"[[mac]] uint8_t v[6]", "02-00-5E-10-00-FF", 0, "02:00:5e:10:00:ff"},
	{"[[mac]] uint8_t v[6]", "0200.5e10.00ff", 0, "02:00:5e:10:00:ff"},
	{"[[mac]] uint8_t v[6]", "02-00:5e-10:00:ff", -EINVAL, ""},
	{"[[mac]] uint8_t v[6]", "2:0:5e:10:0:ff", -EINVAL, ""},
	{"[[time]] int32_t", "2024-05-01T12:38:08.000Z", 0, "2024-05-01T12:38:08Z"},
	{"[[time]] int32_t", "2024-05-01T12:38:08.5Z", -EINVAL, "too fine"},
	{"[[time]] int32_t", "2040-05-01T12:38:08Z", -ERANGE, "2147483647"},
	{"[[time(ms)]] int64_t", "2024-05-01T14:38:08,5+02:00", 0, "2024-05-01T12:38:08.500Z"},
	{"[[time(ms)]] int64_t", "2024-05-01T12:38:08.0001Z", -EINVAL, "1/1000"},
	{"[[time(ms)]] uint64_t", "1969-12-31T23:59:59.999Z", -ERANGE, ""},
	{"[[time(ns)]] int64_t", "2400-01-01T00:00:00Z", -ERANGE, ""},
	{"[[time(ms)]] int64_t", "1500", 0, "1970-01-01T00:00:01.500Z"},
	{"[[time]] struct { int64_t tv_sec, tv_nsec; }", "7 1000000000", 0, "7 1000000000"},
	{"[[time]] struct { int64_t tv_sec, tv_nsec; }", "7 0", 0,
	 "1970-01-01T00:00:07.000000000Z"},
	{"[[time]] struct { int64_t tv_sec, tv_nsec; }", "7", -EINVAL, "two numbers"},
	{"[[time]] struct { uint32_t tv_sec, tv_usec; }", "2100-01-01T00:00:00Z", 0,
	 "2100-01-01T00:00:00.000000Z"},
	{"[[time]] struct { uint32_t tv_sec, tv_usec; }", "1969-12-31T23:59:59Z", -ERANGE, ""},
	{"[[time]] struct { int32_t tv_sec, tv_usec; }", "2100-01-01T00:00:00Z", -ERANGE, ""},
	{"[[time]] double", "1969-12-31T23:59:59.000Z", 0, "1969-12-31T23:59:59Z"},
	{"[[time]] double", "1e300", 0, "1e+300"},
	{"[[time]] double", "soon", -EINVAL, "with a fraction"},
	{"[[time]] double", "+999999999999-01-01T00:00:00Z", -ERANGE, ""},
	{"[[enum(mood)]] uint8_t", "HUGE_ONE", -EINVAL, "CALM, CROSS, WILD"},
	{"[[enum(mood)]] uint8_t", "8", 0, "8"},
	{"[[flags(mode)]] uint8_t", "X | RW|0x40", 0, "R|W|X|0x40"},
	{"[[flags(mode)]] uint8_t", "0", 0, "0"},
	{"[[flags(mode)]] uint8_t", "R|", -EINVAL, "R, W, RW, X"},
	{"[[flags(mode)]] uint8_t", "", -EINVAL, ""},
	{"[[flags(mode)]] uint8_t", "R|0x100", -ERANGE, "255"},
	{"[[percent]] uint8_t", "42", 0, "42%"},
	{"[[percent]] uint8_t", "42 %", 0, "42%"},
	{"[[percent]] uint8_t", "256%", -ERANGE, ""},
	{"[[percent]] uint8_t", "1.5%", -EINVAL, ""},
	{"[[percent]] double", "0.5", 0, "50%"},
	{"[[percent]] double", "1e-3%", 0, "0.001%"},
	{"[[percent]] double", "%", -EINVAL, ""},
	{"[[units(\"ms\")]] int", "15ms", 0, "15 ms"},
	{"[[units(\"ms\")]] int", "15 s", -EINVAL, "not a number"},
	{"[[percent]] long double", "12.5%", 0, "12.5%"},
	{"[[units(\"V\")]] _Float16", "1.5 V", 0, "1.5 V"},
	{"[[units(\"B\")]] unsigned __int128", "7 B", 0, "7 B"},
	{"[[units(\"f\"), hex]] uint8_t", "0xff", 0, "0xff f"},
	{"[[units(\"f\"), hex]] uint8_t", "0x0f f", 0, "0x0f f"},
};

static void other_text_is_taken_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
		CLEANUP(buf_destroy) struct buf text = BUF_INIT;
		unsigned char bytes[64], mask[64], before[64];
		struct diag diag = {0};
		struct place place;
		struct bound *bound = bind_field(taken[i].field, &place);
		int r;

		memset(bytes, 0xa5, sizeof(bytes));
		memset(before, 0xa5, sizeof(before));
		r = value_parse(place.type, taken[i].text, strlen(taken[i].text), bytes, mask,
				&diag);
		if (r != taken[i].err)
			fail_msg("%s = '%s': %d, %s", taken[i].field, taken[i].text, r,
				 diag.message);
		if (r == 0)
			value_format(place.type, bytes, &text);
		else
			assert_memory_equal(bytes, before, sizeof(bytes));
		if (r == 0)
			assert_string_equal(buf_cstr(&text), taken[i].then);
		else if (!strstr(diag.message, taken[i].then))
			fail_msg("'%s' isn't in '%s'", taken[i].then, diag.message);
		bound_unref(bound);
	}
}

static const char *const fields[] = {
	"[[hex]] uint64_t",
	"[[oct]] int64_t",
	"[[oct]] uint8_t",
	"[[dec]] char",
	"[[char]] int8_t",
	"[[bytes]] char v[8]",
	"[[uuid]] char v[16]",
	"[[uuid, le]] char v[16]",
	"[[ip4]] uint32_t",
	"[[ip4, le]] uint32_t",
	"[[ip6]] uint8_t v[16]",
	"[[mac]] uint8_t v[6]",
	"[[time]] uint64_t",
	"[[time(ms)]] int64_t",
	"[[time(us), be]] int64_t",
	"[[time(ns)]] uint64_t",
	"[[time(ns)]] int32_t",
	"[[time]] struct { int64_t tv_sec, tv_nsec; }",
	"[[time]] struct { int32_t tv_sec, tv_usec; }",
	"[[time]] struct { uint64_t tv_sec, tv_usec; }",
	"[[time]] struct { [[be]] uint32_t tv_sec, tv_msec; }",
	"[[time]] double",
	"[[time(ns)]] double",
	"[[time]] float",
	"[[enum(mood)]] uint8_t",
	"[[enum(mood), hex]] int32_t",
	"[[flags(mode)]] uint8_t",
	"[[flags(mode)]] int64_t",
	"[[percent]] int",
	"[[percent]] float",
	"[[percent]] double",
	"[[units(\"e5\")]] double",
	"[[units(\"0x\"), hex]] uint32_t",
};

/* Floats as they are in practice: fractions, times, and anything. */
static void fill(const struct type *type, unsigned char *bytes)
{
	double moment = (double)(int64_t)typed_random() / (double)(1 << typed_random() % 31) / 1e6;

	typed_fill(bytes, 16);
	if (type->kind != TYPE_FLOAT || typed_random() % 3 == 0)
		return;
	if (type->size == 4)
		memcpy(bytes, &(float){(float)moment}, 4);
	else
		memcpy(bytes, &moment, 8);
}

static void whatever_is_there_comes_back(void **state)
{
	(void)state;
	for (size_t f = 0; f < ARRAY_SIZE(fields); f++) {
		struct place place;
		struct bound *bound = bind_field(fields[f], &place);
		unsigned longest = value_longest(place.type);

		for (int i = 0; i < 5000; i++) {
			CLEANUP(buf_destroy) struct buf text = BUF_INIT;
			unsigned char bytes[64], back[64] = {0}, mask[64];
			struct diag diag = {0};

			fill(place.type, bytes);
			value_format_bare(place.type, bytes, &text);
			if (place.type->kind != TYPE_CHAR)
				assert_in_range(text.len, 1, longest);
			buf_reset(&text);
			value_format(place.type, bytes, &text);
			buf_putc(&text, '\n');
			if (value_parse(place.type, text.data, text.len, back, mask, &diag) < 0)
				fail_msg("%s '%s': %s", fields[f], buf_cstr(&text), diag.message);
			if (memcmp(back, bytes, place.type->size) != 0)
				fail_msg("%s '%s'", fields[f], buf_cstr(&text));
		}
		bound_unref(bound);
	}
}

static void hostile_text_stays_inside(void **state)
{
	static const char letters[] = "0123456789abcdefxRWX|:.-+TZ% ems,{}\n\t\xff";

	(void)state;
	for (size_t f = 0; f < ARRAY_SIZE(fields); f++) {
		struct place place;
		struct bound *bound = bind_field(fields[f], &place);

		for (int i = 0; i < 5000; i++) {
			char text[80];
			size_t n = typed_random() % sizeof(text);
			unsigned char bytes[64], mask[64];
			int r;

			for (size_t k = 0; k < n; k++)
				text[k] = letters[typed_random() % (sizeof(letters) - 1)];
			memset(bytes, 0x77, sizeof(bytes));
			memset(mask, 0x77, sizeof(mask));
			r = value_parse(place.type, text, n, bytes, mask, NULL);
			assert_true(r == 0 || r == -EINVAL || r == -ERANGE);
			for (size_t k = r ? 0 : place.type->size; k < sizeof(bytes); k++)
				assert_true(bytes[k] == 0x77 && mask[k] == 0x77);
		}
		bound_unref(bound);
	}
}

static void times_are_those_of_the_c_library(void **state)
{
	static const struct {
		const char *field;
		int64_t per_second;
		int digits;
	} units[] = {{"[[time(ms)]] int64_t", 1000, 3},
		     {"[[time(us)]] int64_t", 1000000, 6},
		     {"[[time(ns)]] int64_t", 1000000000, 9}};

	(void)state;
	for (int i = 0; i < 10000; i++) {
		size_t u = typed_random() % ARRAY_SIZE(units);
		CLEANUP(buf_destroy) struct buf text = BUF_INIT;
		int64_t count = (int64_t)typed_random() >> 12;
		int64_t left =
			(count % units[u].per_second + units[u].per_second) % units[u].per_second;
		time_t seconds = (count - left) / units[u].per_second;
		char date[80], whole[128];
		struct place place;
		struct bound *bound = bind_field(units[u].field, &place);
		struct tm tm;

		assert_non_null(gmtime_r(&seconds, &tm));
		strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
		snprintf(whole, sizeof(whole), "%s.%0*lldZ", date, units[u].digits,
			 (long long)left);
		value_format(place.type, &count, &text);
		if (tm.tm_year >= -900 && tm.tm_year < 8100)
			assert_string_equal(buf_cstr(&text), whole);
		bound_unref(bound);
	}
}

static void what_they_are_not_for_is_told(void **state)
{
	(void)state;
	typed_refuse("struct s { [[ip4]] long a; };", 1, 14,
		     "'ip4' is for 4 bytes; 'long' is none");
	typed_refuse("struct s { [[uuid]] uint8_t a[15]; };", 1, 14,
		     "16 bytes; 'uint8_t[15]' is none");
	typed_refuse("struct s { [[mac]] struct { int a; } a; };", 1, 14, "6 bytes");
	typed_refuse("struct s { [[time]] struct { long a, b; } a; };", 1, 14, "struct timespec");
	typed_refuse("struct s { [[time]] struct { [[be]] int tv_sec; int tv_nsec; } a; };", 1, 14,
		     "struct timespec");
	typed_refuse("struct s { [[time(h)]] int a; };", 1, 19, "s, ms, us or ns");
	typed_refuse("struct s { [[time(ms]] int a; };", 1, 21, "')'");
	typed_refuse("struct s { [[enum(no)]] int a; };", 1, 19, "'no' is none");
	typed_refuse("enum coulor { A }; struct s { [[flags(colour)]] int a; };", 1, 39,
		     "did you mean 'coulor'?");
	typed_refuse("struct t { int a; }; struct s { [[flags(t)]] int a; };", 1, 41,
		     "'t' is none");
	typed_refuse("enum e { A }; struct s { [[flags]] int a; };", 1, 33, "'('");
	typed_refuse("struct s { [[units(ms)]] int a; };", 1, 20, "a string");
	typed_refuse("struct s { [[units(\"\")]] int a; };", 1, 14, "a word");
	typed_refuse("struct s { [[units(\"a\\nb\")]] int a; };", 1, 14, "a word");
	typed_refuse("struct s { [[units(\"a\")]] char a[3]; };", 1, 14, "numbers");
	typed_refuse("struct s { [[hex, oct]] int a; };", 1, 19,
		     "'hex' and 'oct' don't go together");
	typed_refuse("struct s { [[be]] [[le]] int a; };", 1, 21, "don't go together");
	typed_refuse("struct s { [[time, percent]] int a; };", 1, 20, "don't go together");
	typed_refuse("struct s { [[ip4]] uint32_t a : 5; };", 1, 29, "no bit-field");
	typed_refuse("struct [[hex]] s { int a; };", 1, 10, "belongs to a field");
	typed_refuse("struct s { [[char]] uint16_t a; };", 1, 14, "numbers of one byte");
}

/* A hint is of the elements, if it can be; and bytes are elements too. */
static void arrays_have_hinted_elements(void **state)
{
	struct bound *bound = typed_bind(
		ENUMS "struct timespec_ { long tv_sec, tv_nsec; };\n"
		      "typedef [[units(\"s\")]] uint8_t seconds;\n"
		      "struct s { [[time]] struct timespec_ when[3]; [[dec]] uint8_t rgb[3];\n"
		      "[[flags(mode)]] uint8_t modes[2][2]; [[ip4]] uint32_t ips[4];\n"
		      "seconds each[2]; [[uuid]] uint8_t ids[2][16]; int last; } x @ 0;",
		256);
	struct place place;

	(void)state;
	assert_int_equal(typed_place(bound, "x.when").type->span, 4);
	place = typed_place(bound, "x.when.1");
	assert_int_equal(place.type->kind, TYPE_BYTES);
	assert_int_equal(place.offset, 16);
	assert_int_equal(typed_place(bound, "x.rgb.2").type->kind, TYPE_INTEGER);
	assert_int_equal(type_form(typed_place(bound, "x.modes.1.1").type), FORM_FLAGS);
	assert_int_equal(type_form(typed_place(bound, "x.ips.3").type), FORM_IP4);
	assert_string_equal(typed_place(bound, "x.each.1").type->hints->units, "s");
	assert_int_equal(type_form(typed_place(bound, "x.ids.1").type), FORM_UUID);
	place = typed_place(bound, "x.last");
	assert_int_equal(place.offset, 48 + 3 + 4 + 1 + 16 + 2 + 32 + 2);
	assert_int_equal(place.ordinal, 2 + 4 + 4 + 7 + 5 + 3 + 3);
	bound_unref(bound);
}

static void hidden_ones_are_left_out(void **state)
{
	struct bound *bound =
		typed_bind("struct in { int a; [[hidden]] int b; };\n"
			   "struct s { [[hidden]] int a; struct in in;\n"
			   "[[hidden, doc(\"why \" \"not\")]] struct in out; } x @ 0;",
			   64);
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	static const unsigned char bytes[64] = {1};
	struct json_changes changes;
	struct place place = typed_place(bound, "x");

	(void)state;
	json_format(place.type, bytes, false, &text);
	assert_string_equal(buf_cstr(&text), "{\"in\": {\"a\": 0}}");
	assert_int_equal(json_parse(NULL, place.type, "{\"a\": 5}", 8, true, &changes, NULL), 0);
	assert_int_equal(changes.n, 1);
	json_changes_destroy(&changes);
	place = typed_place(bound, "x.out");
	assert_string_equal(place.type->hints->doc, "why not");
	assert_int_equal(typed_place(bound, "x.out.b").offset, 16);
	bound_unref(bound);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_shows_and_takes_its_text),
		cmocka_unit_test(other_text_is_taken_or_refused),
		cmocka_unit_test(whatever_is_there_comes_back),
		cmocka_unit_test(hostile_text_stays_inside),
		cmocka_unit_test(times_are_those_of_the_c_library),
		cmocka_unit_test(what_they_are_not_for_is_told),
		cmocka_unit_test(arrays_have_hinted_elements),
		cmocka_unit_test(hidden_ones_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
