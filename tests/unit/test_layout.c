/* SPDX-License-Identifier: MIT */
/* C text to types and placed variables: what is accepted, and what a refusal says and where. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "layout/layout.h"

static void unref_layout(struct layout **layout)
{
	layout_unref(*layout);
}

static void unref_bound(struct bound **bound)
{
	bound_unref(*bound);
}

#define OWNED_LAYOUT CLEANUP(unref_layout) struct layout *
#define OWNED_BOUND  CLEANUP(unref_bound) struct bound *

static int try_parse(const char *text, struct layout **out, struct diag *diag)
{
	return layout_parse(text, strlen(text), out, diag);
}

static struct layout *parse(const char *text)
{
	struct layout *layout = NULL;
	struct diag diag = {0};

	if (try_parse(text, &layout, &diag))
		fail_msg("%s\n%u:%u: %s", text, diag.line, diag.column, diag.message);
	return layout;
}

static struct bound *bind(const char *text, uint64_t size)
{
	OWNED_LAYOUT layout = parse(text);
	struct bound *bound = NULL;
	struct diag diag = {0};

	if (layout_bind(layout, size, &bound, &diag))
		fail_msg("%s\n%u:%u: %s", text, diag.line, diag.column, diag.message);
	return bound;
}

/* The place at a path of names, '/' between them. */
static struct place at(const struct bound *bound, const char *path)
{
	struct place place = bound_root(bound);
	char name[256];

	while (*path) {
		size_t n = strcspn(path, "/");

		snprintf(name, sizeof(name), "%.*s", (int)n, path);
		if (type_lookup(&place, name, &place, NULL))
			fail_msg("no '%s' in '%s'", name, place.type->name);
		path += n + (path[n] == '/');
	}
	return place;
}

static void check(const struct bound *bound, const char *path, const char *type, uint64_t offset,
		  uint64_t size)
{
	struct place place = at(bound, path);

	if (strcmp(place.type->name, type) != 0)
		fail_msg("%s is '%s', not '%s'", path, place.type->name, type);
	if (place.offset != offset || place.type->size != size)
		fail_msg("%s: at %lu, %lu bytes; not at %lu, %lu", path,
			 (unsigned long)place.offset, (unsigned long)place.type->size,
			 (unsigned long)offset, (unsigned long)size);
}

static const char *const students = "struct header { uint32_t magic; uint32_t count; };\n"
				    "struct STU { int id; char name[20]; char sex; };\n"
				    "\n"
				    "struct header hdr           @ 0;\n"
				    "struct STU    students[hdr.count] @ 64;\n";

static void variables_are_placed(void **state)
{
	OWNED_BOUND bound = bind(students, 4096);

	(void)state;
	check(bound, "hdr", "struct header", 0, 8);
	check(bound, "hdr/count", "uint32_t", 4, 4);
	check(bound, "students", "struct STU[144]", 64, 4032);
	check(bound, "students/0/name", "char[20]", 68, 20);
	check(bound, "students/143/sex", "char", 64 + 143 * 28 + 24, 1);
	assert_int_equal(at(bound, "students/0/name").type->kind, TYPE_STRING);
	assert_int_equal(bound_size(bound), 4096);
	assert_string_equal(layout_text(bound_layout(bound), NULL), students);
}

static int read_bytes(void *context, uint64_t offset, void *to, size_t n)
{
	memcpy(to, (const char *)context + offset, n);
	return 0;
}

static int read_fails(void *context, uint64_t offset, void *to, size_t n)
{
	(void)context;
	(void)offset;
	(void)to;
	(void)n;
	return -EIO;
}

static void counts_come_from_memory(void **state)
{
	OWNED_BOUND bound = bind(students, 4096);
	struct place place = at(bound, "students");
	uint32_t memory[1024] = {0, 7};
	struct diag diag;
	uint64_t count = 99;

	(void)state;
	assert_int_equal(bound_count(bound, &place, read_bytes, memory, &count, &diag), 0);
	assert_int_equal(count, 7);
	memory[1] = UINT32_MAX;
	assert_int_equal(bound_count(bound, &place, read_bytes, memory, &count, &diag), 0);
	assert_int_equal(count, 144);
	assert_int_equal(bound_count(bound, &place, read_fails, memory, &count, &diag), -EIO);
	assert_int_equal(count, 144);
	place = at(bound, "hdr");
	assert_int_equal(bound_count(bound, &place, read_fails, memory, &count, &diag), 0);
	assert_int_equal(count, 2);
}

static void the_last_struct_fills_the_region(void **state)
{
	OWNED_BOUND bound = bind("struct A { int x; }; struct B { long y; char z; };", 100);
	OWNED_BOUND empty = bind("union A { int x; };", 3);
	struct place place = at(empty, "records");

	(void)state;
	check(bound, "records", "struct B[6]", 0, 96);
	check(bound, "records/5/z", "char", 88, 1);
	assert_int_equal(type_children(place.type), 0);
}

/* The text, the place of the error, and words that its message must have. */
static const struct {
	const char *text;
	unsigned line, column;
	const char *message;
} refused[] = {
	{"", 1, 1, "nothing says"},
	{"struct X { foo a; };", 1, 12, "no type is named 'foo'"},
	{"struct X {\n\tuint33_t a; };", 2, 2, "did you mean 'uint32_t'"},
	{"struct X { int a; };\nX x @ 0;", 2, 1, "did you mean 'struct X'"},
	{"struct X { int a }", 1, 18, "expected ';' after the field before '}'"},
	{"struct X { int a; ", 1, 19, "the text ends here"},
	{"struct X { struct X a; };", 1, 21, "only a pointer"},
	{"struct X { int a[1/0]; };", 1, 18, "division by zero"},
	{"struct X { int a; int b, a; };", 1, 26, "already a field"},
	{"int x;", 1, 5, "'x @ OFFSET'"},
	{"int x @ 0; int x @ 4;", 1, 16, "already the name"},
	{"int x @ -4;", 1, 5, "before the region's start"},
	{"int n @ 0; struct X { int a[n]; };", 1, 27, "must be constant"},
	{"/* no end", 1, 1, "'*/'"},
	{"struct X { unsigned a:33; };", 1, 21, "'unsigned int' has 32"},
	{"struct X { float a:3; };", 1, 18, "only whole numbers"},
	{"struct X { [[hx]] int a; };", 1, 14, "there are: hex be"},
	{"struct X { [[string]] int a; };", 1, 14, "'int' is none"},
	{"struct X { long long long a; };", 1, 12, "don't make a type"},
	{"struct X { int a[]; int b; };", 1, 16, "only the last"},
	{"struct X { int a; };\nstruct X { int b; };", 2, 8, "defined twice"},
	{"#define F(x) x\nint a[F(3)] @ 0;", 2, 7, "takes arguments"},
	{"#if 1\nint a @ 0;", 1, 2, "no #endif"},
	{"#error \"too old\"\n", 1, 2, "too old"},
	{"struct X { int a[-1]; };", 1, 18, "-1"},
	{"struct X { char a[0x7fffffffffffffff][16]; };", 1, 19, "larger than any memory"},
};

static void refusals_say_why_and_where(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		OWNED_LAYOUT layout = NULL;
		struct diag diag = {0};

		assert_int_equal(try_parse(refused[i].text, &layout, &diag), -EINVAL);
		if (diag.line != refused[i].line || diag.column != refused[i].column ||
		    !strstr(diag.message, refused[i].message))
			fail_msg("%s\n%u:%u: %s\nexpected %u:%u: %s", refused[i].text, diag.line,
				 diag.column, diag.message, refused[i].line, refused[i].column,
				 refused[i].message);
	}
}

static void what_does_not_fit_is_refused(void **state)
{
	OWNED_LAYOUT layout = parse("\nlong x @ 4090;");
	struct bound *bound = NULL;
	struct diag diag = {0};

	(void)state;
	assert_int_equal(layout_bind(layout, 4096, &bound, &diag), -EINVAL);
	assert_int_equal(diag.line, 2);
	assert_string_equal(diag.message,
			    "'x' needs 8 bytes at 4090, but the region has only 4096");
	assert_int_equal(layout_bind(layout, 4000, &bound, &diag), -EINVAL);
	assert_null(bound);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variables_are_placed),
		cmocka_unit_test(counts_come_from_memory),
		cmocka_unit_test(the_last_struct_fills_the_region),
		cmocka_unit_test(refusals_say_why_and_where),
		cmocka_unit_test(what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
