/* SPDX-License-Identifier: MIT */
/* Records as JSON: whatever bytes there are come back, whoever reads it in between; and hostile
 * text changes nothing. */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"
#include "typed.h"
#include "view/json.h"

static const char everything[] =
	"enum mood { CALM, CROSS = 7, WILD = -3 };\n"
	"struct all { int8_t i8; uint8_t u8; int16_t i16; uint16_t u16; int32_t i32;\n"
	"	uint32_t u32; int64_t i64; uint64_t u64; float f; double d; char c; bool yes;\n"
	"	char name[20]; char one[1]; uint8_t digest[4]; enum mood mood; void *where;\n"
	"	unsigned low : 3, high : 5; signed int below : 4; uint64_t wide : 63;\n"
	"	_Bool bit : 1; char small : 5; [[hex]] uint32_t mask; [[hex]] char hc;\n"
	"	[[hex]] enum mood hm; [[be]] uint32_t wire; [[be]] double bd; [[be]] int16_t b16;\n"
	"	[[time]] int32_t t32; [[time]] uint64_t tu64; [[be]] [[time]] int64_t bt;\n"
	"	union { uint32_t word; uint8_t bytes[4]; float real; } u;\n"
	"	struct { int x, y; } __attribute__((packed)) p[3];\n"
	"	__int128 huge; unsigned __int128 uhuge; [[hex]] unsigned __int128 hh; _Float16 "
	"half;\n"
	"	long double ld; _Float128 quad; [[be]] __int128 bh; _BitInt(37) odd;\n"
	"	int grid[2][3]; float fs[17]; struct { char t[3]; } deep[2][2]; int none[0]; };\n"
	"struct all v @ 0;\n";

static struct place place_of(const char *layout, struct bound **bound)
{
	*bound = typed_bind(layout, 1 << 20);
	return typed_place(*bound, "v");
}

/* What json_parse() makes of the bytes: the error, or 0 and the changes made. */
static int apply(const struct type *type, const char *text, size_t n, unsigned char *bytes,
		 struct diag *diag)
{
	struct json_changes changes;
	int r = json_parse(NULL, type, text, n, true, &changes, diag);

	if (r < 0)
		return r;
	for (size_t i = 0; i < changes.n; i++) {
		const struct json_change *change = &changes.list[i];
		unsigned char *at = bytes + change->offset;

		assert_true(change->offset + change->size <= type->size);
		for (size_t j = 0; j < change->size; j++) {
			unsigned char mask = 0xff;

			if (!type_is_run(change->type))
				mask = change->bytes[change->size + j];
			at[j] = (unsigned char)((at[j] & ~mask) | (change->bytes[j] & mask));
		}
	}
	json_changes_destroy(&changes);
	return 0;
}

static void becomes(const struct type *type, unsigned char *bytes, const char *text)
{
	struct diag diag = {0};

	if (apply(type, text, strlen(text), bytes, &diag) < 0)
		fail_msg("%s: %s", text, diag.message);
}

/* The text is refused; the message names that. */
static void refused(const char *layout, const char *text, int err, const char *why)
{
	struct bound *bound;
	struct place place = place_of(layout, &bound);
	struct json_changes changes = {.n = 77};
	struct diag diag = {0};

	if (json_parse(NULL, place.type, text, strlen(text), true, &changes, &diag) != err)
		fail_msg("not refused: %s", text);
	assert_int_equal(changes.n, 77);
	if (!strstr(diag.message, why))
		fail_msg("'%s' has no '%s' in it", diag.message, why);
	bound_unref(bound);
}

static void is_shown(const char *layout, const void *bytes, const char *wanted)
{
	struct bound *bound;
	struct place place = place_of(layout, &bound);
	CLEANUP(buf_destroy) struct buf out = BUF_INIT;

	json_format(place.type, bytes, false, &out);
	assert_string_equal(buf_cstr(&out), wanted);
	bound_unref(bound);
}

/* Reading and writing back changes no byte, and over other bytes gives the same text. */
static void all_bytes_come_back(void **state)
{
	struct bound *bound;
	struct place place = place_of(everything, &bound);
	size_t size = place.type->size;
	unsigned char *bytes = malloc(size), *same = malloc(size), *other = malloc(size);

	(void)state;
	for (int round = 0; round < 3000; round++) {
		CLEANUP(buf_destroy) struct buf text = BUF_INIT, again = BUF_INIT;

		typed_fill(bytes, size);
		json_format(place.type, bytes, false, &text);
		memcpy(same, bytes, size);
		becomes(place.type, same, buf_cstr(&text));
		assert_memory_equal(same, bytes, size);
		typed_fill(other, size);
		becomes(place.type, other, text.data);
		json_format(place.type, other, false, &again);
		assert_string_equal(buf_cstr(&again), text.data);
	}
	free(bytes);
	free(same);
	free(other);
	bound_unref(bound);
}

/* Every byte, and every two, in a string; and the text is ASCII or UTF-8, and no control bytes. */
static void strings_come_back(void **state)
{
	struct bound *bound;
	struct place place = place_of("struct { char s[2]; } v @ 0;", &bound);

	(void)state;
	for (unsigned i = 0; i < 65536; i++) {
		CLEANUP(buf_destroy) struct buf text = BUF_INIT;
		unsigned char bytes[2] = {(unsigned char)i, (unsigned char)(i >> 8)}, back[2];

		json_format(place.type, bytes, false, &text);
		for (size_t j = 0; j < text.len; j++) {
			assert_true((unsigned char)text.data[j] >= ' ' && text.data[j] != 0x7f);
			if (!text_utf8(text.data + j, text.len - j))
				assert_int_equal((unsigned char)text.data[j] & 0xc0, 0x80);
		}
		memset(back, 0x55, 2);
		becomes(place.type, back, buf_cstr(&text));
		assert_int_equal(back[0], bytes[0]);
		if (bytes[0])
			assert_int_equal(back[1], bytes[1]);
	}
	bound_unref(bound);
}

static void strings_are_as_documented(void **state)
{
	static const char layout[] = "struct { char s[12]; } v @ 0;";

	(void)state;
	is_shown(layout, "\xe5\xb0\x8f\xe6\x98\x8e\0\0\0\0\0\0",
		 "{\"s\": \"\xe5\xb0\x8f\xe6\x98\x8e\"}");
	is_shown(layout, "a\"b\\c\n\t\1\x7f\0\0\0", "{\"s\": \"a\\\"b\\\\c\\n\\t\\u0001\\u007f\"}");
	is_shown(layout, "\xff\x80x\xc3\xa9\0\0\0\0\0\0\0",
		 "{\"s\": \"\\u00ff\\u0080x\\u00c3\\u00a9\"}");
	is_shown(layout, "\xf0\x9f\x98\x80\xf0\x9f\x98\0\0\0\0\0",
		 "{\"s\": \"\xf0\x9f\x98\x80\\u00f0\\u009f\\u0098\"}");
}

static void numbers_are_exact(void **state)
{
	static const char layout[] = "struct { int64_t i; uint64_t u; double d; float f; } v @ 0;";
	struct {
		int64_t i;
		uint64_t u;
		double d;
		float f;
	} v = {INT64_MIN, UINT64_MAX, 5e-324, FLT_MAX};
	struct bound *bound;
	struct place place = place_of(layout, &bound);
	unsigned char *bytes = (unsigned char *)&v;

	(void)state;
	is_shown(layout, &v,
		 "{\"i\": -9223372036854775808, \"u\": 18446744073709551615, \"d\": 5e-324,"
		 " \"f\": 3.4028235e+38}");
	becomes(place.type, bytes, "{\"i\": 9223372036854775807, \"u\": 9223372036854775809}");
	assert_int_equal(v.i, INT64_MAX);
	assert_true(v.u == 9223372036854775809u);
	becomes(place.type, bytes, "{\"i\": -9007199254740993, \"d\": -0, \"f\": -0}");
	assert_int_equal(v.i, -9007199254740993);
	assert_true(v.d == 0 && signbit(v.d) && signbit(v.f));
	is_shown(
		layout, &v,
		"{\"i\": -9007199254740993, \"u\": 9223372036854775809, \"d\": -0.0, \"f\": -0.0}");
	becomes(place.type, bytes, "{\"d\": 100000000000000000000000, \"f\": 16777217}");
	assert_true(v.d == 1e23 && v.f == 16777216.0f);
	becomes(place.type, bytes, "{\"d\": \"inf\", \"f\": \"-nan(0x000001)\"}");
	assert_true(isinf(v.d));
	is_shown(layout, &v,
		 "{\"i\": -9007199254740993, \"u\": 9223372036854775809, \"d\": \"inf\","
		 " \"f\": \"-nan(0x000001)\"}");
	bound_unref(bound);
}

static void kinds_are_as_documented(void **state)
{
	static const unsigned char bytes[] = {7, 0, 0, 0, 5, 0, 0, 0,  0, 16, 0,    0,
					      0, 0, 0, 0, 1, 2, 0, 65, 1, 2,  0xab, 0xcd};

	(void)state;
	is_shown("enum e { A, B = 7 }; struct { enum e a, b; void *p; bool t, x; char z, c; "
		 "uint8_t by[2] [[bytes]];"
		 " uint8_t raw[2]; } v @ 0;",
		 bytes,
		 "{\"a\": \"B\", \"b\": 5, \"p\": \"0x1000\", \"t\": true, \"x\": 2, \"z\": "
		 "\"\\u0000\","
		 " \"c\": \"A\", \"by\": \"0102\", \"raw\": \"abcd\"}");
}

static void only_what_is_named_changes(void **state)
{
	struct bound *bound;
	struct place place =
		place_of("struct { int a, b; struct { char s[4]; int t[3]; } in; } v @ 0;", &bound);
	struct {
		int a, b;
		char s[4];
		int t[3];
	} v = {1, 2, "abc", {3, 4, 5}};
	unsigned char *bytes = (unsigned char *)&v;

	(void)state;
	becomes(place.type, bytes, "{}");
	becomes(place.type, bytes, " {\"in\": {}}\n ");
	assert_true(v.a == 1 && v.b == 2 && v.t[2] == 5 && strcmp(v.s, "abc") == 0);
	becomes(place.type, bytes, "{\"_torn\": true, \"b\": 9, \"in\": {\"t\": [7, 8]}}");
	assert_true(v.a == 1 && v.b == 9 && v.t[0] == 7 && v.t[1] == 8 && v.t[2] == 5);
	becomes(place.type, bytes, "{\"in\": {\"s\": \"x\"}}");
	assert_memory_equal(v.s, "x\0c", 4);
	bound_unref(bound);
}

static void refusals_name_the_member(void **state)
{
	static const char layout[] =
		"enum mood { CALM }; struct { int8_t a; char s[3]; struct { uint16_t x[2]; } in[2];"
		" enum mood m; bool b; uint8_t raw[2]; unsigned bits : 3; double d; } v @ 0;";

	(void)state;
	refused(layout, "{\"a\": 128}", -ERANGE, "a: ");
	refused(layout, "{\"a\": -129}", -ERANGE, "a: ");
	refused(layout, "{\"a\": 99999999999999999999}", -ERANGE, "a: ");
	refused(layout, "{\"a\": 1.5}", -EINVAL, "a: ");
	refused(layout, "{\"a\": \"x\"}", -EINVAL, "a: ");
	refused(layout, "{\"a\": null}", -EINVAL, "a: null is no value of int8_t");
	refused(layout, "{\"a\": [1]}", -EINVAL, "a: an array is no value of int8_t");
	refused(layout, "{\"a\": {}}", -EINVAL, "a: ");
	refused(layout, "{\"a\": true}", -EINVAL, "a: ");
	refused(layout, "{\"s\": \"abcd\"}", -ERANGE, "s: ");
	refused(layout, "{\"s\": 5}", -EINVAL, "s: a number is no value of char[3]");
	refused(layout, "{\"in\": [{}, {\"x\": [1, 65536]}]}", -ERANGE, "in.1.x.1: ");
	refused(layout, "{\"in\": [{}, {\"x\": [1, 2, 3]}]}", -ERANGE, "in.1.x: ");
	refused(layout, "{\"in\": [{}, {\"y\": 1}]}", -EINVAL, "in.1.y: ");
	refused(layout, "{\"in\": {\"0\": {}}}", -EINVAL, "in: ");
	refused(layout, "{\"m\": \"ANGRY\"}", -EINVAL, "m: ");
	refused(layout, "{\"b\": \"maybe\"}", -EINVAL, "b: ");
	refused(layout, "{\"raw\": \"abc\"}", -EINVAL, "raw: ");
	refused(layout, "{\"raw\": \"abcdef\"}", -ERANGE, "raw: ");
	refused(layout, "{\"bits\": 8}", -ERANGE, "bits: ");
	refused(layout, "{\"d\": 1e999}", -ERANGE, "d: ");
	refused(layout, "{\"a\": 1, \"nowhere\": 2}", -EINVAL, "nowhere: ");
	refused(layout, "{\"\\na\\u001b\": 1}", -EINVAL, "\\x0aa\\x1b: ");
	refused(layout, "[]", -EINVAL, "the record: ");
	refused(layout, "\"x\"", -EINVAL, "the record: ");
	refused(layout, "null", -EINVAL, "");
}

static void bad_text_is_refused(void **state)
{
	static const char layout[] = "struct { int a; char s[9]; } v @ 0;";
	static const char *const bad[] = {
		"",
		" ",
		"{",
		"}",
		"{\"a\": 1,}",
		"{\"a\" 1}",
		"{a: 1}",
		"{'a': 1}",
		"{\"s\": \"\\ud83d\"}",
		"{\"s\": \"\\udcff\"}",
		"{\"s\": \"\\ud83dx\"}",
		"{\"s\": \"\\uD83D\\ud83d\\ude00\"}",
		"{\"s\": \"\\ude00\\ud83d\"}",
		"{\"s\": \"\\ud83d\\u0041\"}",
		"{\"a\\u0000\": 1}",
		"{\"a\\u0000b\" \n: 1}",
		"{\"a\": 01}",
		"{\"a\": +1}",
		"{\"a\": 0x1}",
		"{\"a\": 1} x",
		"{\"a\": 1}{}",

		"{\"a\": --1}",
		"{\"a\": 1e}",
		"{\"a\": 1 2}",
		"{\"a\": .5}",
		"{\"a\": -07}",
		"{\"s\": '12'}",
		"{\"a\": /* */ 1}",
		"{\"s\": \"\\x\"}",
	};
	struct diag diag = {0};
	struct json_changes changes;
	struct bound *bound;
	struct place place = place_of(layout, &bound);
	char *deep = malloc(1 << 20);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		refused(layout, bad[i], -EINVAL, "");
	assert_int_equal(
		json_parse(NULL, place.type, "{\"a\":\n 1234567,\n  ?}", 20, true, &changes, &diag),
		-EINVAL);
	assert_int_equal(diag.line, 3);
	assert_int_equal(diag.column, 3);
	assert_int_equal(json_parse(NULL, place.type, "{\"a\": 1\0}", 9, true, &changes, &diag),
			 -EINVAL);
	memset(deep, '[', 60000);
	assert_int_equal(json_parse(NULL, place.type, deep, 60000, true, &changes, &diag), -EINVAL);
	memset(deep, ' ', 1 << 20);
	assert_int_equal(json_parse(NULL, place.type, deep, 1 << 20, true, &changes, &diag),
			 -EFBIG);
	free(deep);
	bound_unref(bound);
}

/* A text in pieces: until the last one it could go on. */
static void a_beginning_is_told_from_an_error(void **state)
{
	static const char text[] =
		"{\"a\": 12, \"s\": \"x\\u0041\\ud83d\\ude00\", \"t\": [1, 2.5e3]}";
	struct json_changes changes;
	struct diag diag = {0};
	struct bound *bound;
	struct place place = place_of("struct { int a; char s[9]; double t[2]; } v @ 0;", &bound);

	(void)state;
	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		assert_int_equal(json_parse(NULL, place.type, text, n, false, &changes, &diag),
				 -EAGAIN);
		assert_int_equal(json_parse(NULL, place.type, text, n, true, &changes, &diag),
				 -EINVAL);
		assert_non_null(strstr(diag.message, "the text ends within it"));
	}
	assert_int_equal(
		json_parse(NULL, place.type, text, sizeof(text) - 1, false, &changes, &diag), 0);
	json_changes_destroy(&changes);
	assert_int_equal(json_parse(NULL, place.type, "{\"a\": ?", 7, false, &changes, &diag),
			 -EINVAL);
	bound_unref(bound);
}

/* Processor time that so many numbers take, ns. */
static uint64_t time_of_numbers(const struct type *type, unsigned n)
{
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	struct json_changes changes;
	uint64_t before;

	for (unsigned i = 0; i < n; i++)
		buf_puts(&text, i ? ",7" : "[7");
	buf_putc(&text, ']');
	before = clock_ns_on(CLOCK_PROCESS_CPUTIME_ID);
	assert_int_equal(json_parse(NULL, type, text.data, text.len, true, &changes, NULL), 0);
	before = clock_ns_on(CLOCK_PROCESS_CPUTIME_ID) - before;
	assert_int_equal(changes.n, n);
	json_changes_destroy(&changes);
	return before;
}

/* Eight times as many numbers take about eight times as long; when the rest was looked through for
 * each, it was the square of that. */
static void many_numbers_are_read_soon(void **state)
{
	struct bound *bound = typed_bind("int v[400000] @ 0;", 4 << 20);
	const struct type *type = typed_place(bound, "v").type;

	(void)state;
	assert_true(time_of_numbers(type, 400000) < 24 * time_of_numbers(type, 50000));
	bound_unref(bound);
}

/* Nested as deep as types can be. */
static void deep_records(void **state)
{
	CLEANUP(buf_destroy) struct buf layout = BUF_INIT, text = BUF_INIT;
	struct bound *bound;
	struct place place;
	unsigned char bytes[8] = {5};

	(void)state;
	for (int i = 0; i < 31; i++)
		buf_puts(&layout, "struct { ");
	buf_puts(&layout, "int8_t x");
	for (int i = 0; i < 30; i++)
		buf_puts(&layout, "[1]");
	buf_putc(&layout, ';');
	for (int i = 0; i < 30; i++)
		buf_printf(&layout, " } s%d;", i);
	buf_puts(&layout, " } v @ 0;");
	place = place_of(buf_cstr(&layout), &bound);
	json_format(place.type, bytes, false, &text);
	bytes[0] = 0;
	becomes(place.type, bytes, buf_cstr(&text));
	assert_int_equal(bytes[0], 5);
	bound_unref(bound);
}

static void a_torn_record_says_so(void **state)
{
	struct bound *bound;
	struct place place = place_of("struct { int a; } v @ 0;", &bound);
	CLEANUP(buf_destroy) struct buf out = BUF_INIT;

	(void)state;
	json_format(place.type, (const unsigned char *)"\1\0\0", true, &out);
	assert_string_equal(buf_cstr(&out), "{\"_torn\": true, \"a\": 1}");
	bound_unref(bound);
	place = place_of("struct { int _torn; } v @ 0;", &bound);
	refused("struct { int _torn; } v @ 0;", "{\"_torn\": \"x\"}", -EINVAL, "_torn: ");
	bound_unref(bound);
}

/* Text made of pieces of good text: any answer, but an answer. */
static void hostile_text(void **state)
{
	static const char *const pieces[] = {
		"{",
		"}",
		"[",
		"]",
		":",
		",",
		"\"a\"",
		"\"s\"",
		"\"t\"",
		"\"in\"",
		"1",
		"-",
		"0",
		"1e5",
		"\"",
		"\\",
		"\\u00",
		"\\ud800",
		"true",
		"null",
		" ",
		"\n",
		"99999999999999999999",
		"\xff",
		"\xc3\xa9",
		".",
		"e",
		"nan",
		"\"_torn\"",
		"{\"a\": 1",
		"\"in\": {\"x\": [",
	};
	struct bound *bound;
	struct place place = place_of(
		"struct { int a; char s[3]; float t; struct { int x[2]; } in; } v @ 0;", &bound);

	(void)state;
	for (int round = 0; round < 200000; round++) {
		CLEANUP(buf_destroy) struct buf text = BUF_INIT;
		unsigned char bytes[64];
		struct diag diag = {0};
		int r;

		for (uint64_t n = typed_random() % 12; n; n--)
			buf_puts(&text, pieces[typed_random() % ARRAY_SIZE(pieces)]);
		r = apply(place.type, buf_cstr(&text), text.len, bytes, &diag);
		assert_true(r == 0 || r == -EINVAL || r == -ERANGE);
		assert_true(r == 0 || *diag.message);
	}
	bound_unref(bound);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_bytes_come_back),
		cmocka_unit_test(strings_come_back),
		cmocka_unit_test(strings_are_as_documented),
		cmocka_unit_test(numbers_are_exact),
		cmocka_unit_test(kinds_are_as_documented),
		cmocka_unit_test(only_what_is_named_changes),
		cmocka_unit_test(refusals_name_the_member),
		cmocka_unit_test(bad_text_is_refused),
		cmocka_unit_test(a_beginning_is_told_from_an_error),
		cmocka_unit_test(many_numbers_are_read_soon),
		cmocka_unit_test(deep_records),
		cmocka_unit_test(a_torn_record_says_so),
		cmocka_unit_test(hostile_text),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
