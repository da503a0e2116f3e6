/* SPDX-License-Identifier: MIT */
/* JSON of what varies: as much as there is, whatever memory says meanwhile. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "typed.h"
#include "view/json.h"

static int format_region(const struct bound *bound, const unsigned char *bytes, bool torn,
			 struct buf *out)
{
	struct spot spot;

	walk_begin(&spot.walk, bound, NULL, NULL, NULL);
	trail_begin(&spot.walk, &spot.trail);
	return json_format_spot(&spot, bytes, torn, out);
}

static void a_region_has_as_many_as_it_counts(void **state)
{
	struct bound *bound = typed_bind("struct { uint32_t n; } h @ 0; int8_t a[h.n][2] @ 4;"
					 " int8_t last @ 15;",
					 16);
	unsigned char bytes[16] = {2, 0, 0, 0, 1, 2, 3, 4, 5, [15] = 9};
	CLEANUP(buf_destroy) struct buf out = BUF_INIT;

	(void)state;
	assert_int_equal(format_region(bound, bytes, false, &out), 0);
	assert_string_equal(buf_cstr(&out),
			    "{\"h\": {\"n\": 2}, \"a\": [[1, 2], [3, 4]], \"last\": 9}");
	bytes[0] = 200;
	buf_reset(&out);
	assert_int_equal(format_region(bound, bytes, true, &out), 0);
	assert_non_null(strstr(buf_cstr(&out), "[0, 9]], \"last\": 9}"));
	bound_unref(bound);
	bound = typed_bind("uint8_t n @ 0; int8_t a[8 / n] @ 4;", 16);
	bytes[0] = 0;
	buf_reset(&out);
	assert_int_equal(format_region(bound, bytes, false, &out), 0);
	assert_string_equal(buf_cstr(&out), "{\"n\": 0, \"a\": null}");
	bound_unref(bound);
}

/* What a condition asks for stands outside of the record, and is another number at every look. */
static int read_changing(void *context, uint64_t offset, void *to, size_t n)
{
	unsigned *looks = context;

	assert_int_equal(offset, 0);
	memset(to, 0, n);
	*(unsigned char *)to = (unsigned char)(++*looks % 2);
	return 0;
}

static unsigned count(const char *text, const char *part)
{
	unsigned n = 0;

	for (const char *at = text; (at = strstr(at, part)); at++)
		n++;
	return n;
}

static void what_comes_and_goes_leaves_no_trace(void **state)
{
	static const char *const broken[] = {": }", ", }", ", ]", ", ,", "[,", "{,"};
	struct bound *bound = typed_bind(
		"uint8_t on @ 0; struct r { int8_t a; [[if(on)]] int8_t b; int8_t c; };\n"
		"struct { struct r r[3]; [[until(self == on)]] int8_t list[3]; int8_t z; } v @ 16;",
		64);
	unsigned char bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 1, 1, 5};
	CLEANUP(buf_destroy) struct buf out = BUF_INIT;
	struct spot spot;

	(void)state;
	for (unsigned looks = 0; looks < 8; looks++) {
		unsigned start = looks;

		walk_begin(&spot.walk, bound, read_changing, &start, NULL);
		trail_begin(&spot.walk, &spot.trail);
		assert_int_equal(walk_down(&spot.walk, &spot.trail, 1), 0);
		buf_reset(&out);
		assert_int_equal(json_format_spot(&spot, bytes, false, &out), 0);
		assert_int_equal(count(buf_cstr(&out), "\"a\": "), 3);
		assert_int_equal(count(buf_cstr(&out), "\"c\": "), 3);
		assert_int_equal(count(buf_cstr(&out), "\"z\": 5}"), 1);
		for (size_t i = 0; i < ARRAY_SIZE(broken); i++)
			assert_int_equal(count(buf_cstr(&out), broken[i]), 0);
	}
	bound_unref(bound);
}

static int read_controls(void *context, uint64_t offset, void *to, size_t n)
{
	(void)context;
	(void)offset;
	memset(to, 1, n);
	return 0;
}

/* Members that lie over each other, of megabytes each: the text of all of them isn't made. */
static void no_text_is_endless(void **state)
{
	CLEANUP(buf_destroy) struct buf text = BUF_INIT, out = BUF_INIT;
	struct bound *bound;
	struct spot spot;

	(void)state;
	buf_puts(&text, "struct { uint8_t at;");
	for (unsigned i = 0; i < 40; i++)
		buf_printf(&text, " char s%u[1 << 20] @ at;", i);
	buf_puts(&text, " } v @ 0;");
	bound = typed_bind(buf_cstr(&text), 2 << 20);
	walk_begin(&spot.walk, bound, read_controls, NULL, NULL);
	trail_begin(&spot.walk, &spot.trail);
	assert_int_equal(walk_down(&spot.walk, &spot.trail, 0), 0);
	assert_int_equal(json_format_spot(&spot, (const unsigned char *)"\1", false, &out), -EFBIG);
	assert_in_range(out.len, 64 << 20, 72 << 20);
	bound_unref(bound);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_region_has_as_many_as_it_counts),
		cmocka_unit_test(what_comes_and_goes_leaves_no_trace),
		cmocka_unit_test(no_text_is_endless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
