/* SPDX-License-Identifier: MIT */
/* What differs between two types of one name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "found.h"

/* Two programs that declare the same name, each its own way. */
static void write_programs(const char *name, const char *one, const char *two)
{
	const char *const declared[] = {one, two};
	const char *const files[] = {"one.c", "two.c"};

	for (size_t i = 0; i < 2; i++) {
		CLEANUP(buf_destroy) struct buf text = BUF_INIT;

		buf_printf(&text, "%s { %s } s; int main(void) { return 0; }\n", name, declared[i]);
		compiled_write(files[i], buf_cstr(&text));
	}
	assert_true(compiled_run("gcc -g -o one one.c && gcc -g -o two two.c"));
}

/* The one's type and the other's differ in what is said; NULL: in nothing. */
static void differ(const char *name, const char *one, const char *two, const char *says)
{
	const struct type *ours, *theirs;
	struct debug *here, *there;
	struct diag diag;
	char text[500] = "";

	write_programs(name, one, two);
	assert_int_equal(debug_new(&here), 0);
	assert_int_equal(debug_new(&there), 0);
	assert_int_equal(found_in(here, "one", name, &ours, &diag), 0);
	assert_int_equal(found_in(there, "two", name, &theirs, &diag), 0);
	assert_int_equal(debug_differ(ours, theirs, text, sizeof(text)), says != NULL);
	if (says)
		assert_string_equal(text, says);
	debug_unref(here);
	debug_unref(there);
}

static void structs_differ(void **state)
{
	static const struct {
		const char *one, *two, *says;
	} cases[] = {
		{"int a; char b[4];", "int a; char b[4];", NULL},
		{"int a; char b[4];", "int a; char b[8];", "b: 4 bytes at 4 here, 8 at 4 there"},
		{"int a; int b;", "int b; int a;", "a: 4 bytes at 0 here, 4 at 4 there"},
		{"int a;", "int a; int b;", "b: none here, at 4 there"},
		{"int a; int b;", "int a;", "b: at 4 here, none there"},
		{"int a;", "float a;", "a: int here, float there"},
		{"int a:3;", "int a:4;", "a: 3 bits at bit 0 here, 4 at bit 0 there"},
		{"struct { struct { int x; } in[2]; } o;", "struct { struct { int y; } in[2]; } o;",
		 "o.in.x: at 0 here, none there"},
		{"enum { A, B } e;", "enum { A, C } e;", "e: B is 1 here, C is 1 there"},
		{"struct same *next; int *p;", "struct same *next; long *p;", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		differ("struct same", cases[i].one, cases[i].two, cases[i].says);
}

/* What differs of an enum has no member's name before it. */
static void enums_differ(void **state)
{
	(void)state;
	differ("enum same", "A, B", "A, C", "B is 1 here, C is 1 there");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(structs_differ),
		cmocka_unit_test(enums_differ),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
