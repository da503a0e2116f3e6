/* SPDX-License-Identifier: MIT */
/* Hints that are laid over types, and types that another one knows: a reader. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "layout/reader.h"
#include "typed.h"

#define MODES "enum mode { R = 1, W = 2, RW = 3, X = 4, TOP = 0x80000000 };\n"

static void hints_are_laid_over_types(void **state)
{
	struct bound *bound = typed_bind(
		MODES "struct in { int a; struct { long tv_sec, tv_nsec; } when; int b : 3, c; };\n"
		      "typedef struct { struct in in[2]; int z; } outer;\n"
		      "[[hex]] in.a; [[time]] struct in.when; [[flags(mode)]] in.b;\n"
		      "[[units(\"ms\"), doc(\"text\")]] outer.z; [[oct]] outer.in.c;\n"
		      "outer x @ 0; struct in y @ 128;",
		256);

	(void)state;
	assert_int_equal(type_form(typed_place(bound, "y.a").type), FORM_HEX);
	assert_int_equal(typed_place(bound, "y.when").type->kind, TYPE_BYTES);
	assert_int_equal(type_form(typed_place(bound, "y.b").type), FORM_FLAGS);
	assert_int_equal(typed_place(bound, "y.b").type->bits, 3);
	assert_int_equal(type_form(typed_place(bound, "x.in.1.c").type), FORM_OCT);
	assert_string_equal(typed_place(bound, "x.z").type->hints->units, "ms");
	assert_int_equal(typed_place(bound, "x.in.1").ordinal, 3 + 5);
	assert_int_equal(typed_place(bound, "y.c").ordinal, 1 + 13 + 4);
	assert_int_equal(bound_root(bound).type->span, 1 + 13 + 5);
	bound_unref(bound);
	typed_refuse("struct s { int a; };\n[[hex]] s.b;", 2, 11, "'struct s' has no 'b'");
	typed_refuse("struct s { int a; };\n[[hex]] s.a.b;", 2, 13, "'int' has no 'b'");
	typed_refuse("struct s { int a; };\n[[ip6]] s.a;", 2, 3, "16 bytes");
	typed_refuse("struct s { int a; };\ns.a;", 2, 2, "a hint");
	typed_refuse("struct s { int a : 4; };\n[[be]] s.a;", 2, 3, "numbers");
	typed_refuse("struct s;\n[[hex]] s.a;", 2, 11, "isn't defined");
	typed_refuse("[[hex]] s.a;", 1, 9, "'s'");
}

static void release(void *bound)
{
	bound_unref(bound);
}

/* What another program would know: struct STU and enum mode. */
static int find(void *context, const struct reader_name *name, struct reader_found *out,
		struct diag *diag)
{
	static const char text[] =
		MODES "struct in { int a, mode; };\n"
		      "struct STU { unsigned flags; struct in in[2];\n"
		      "struct { long tv_sec, tv_nsec; } when; enum mode e; } x @ 0;";
	const char *path = name->word == READER_STRUCT && name->length == 3 ? "x"
			   : name->word == READER_ENUM			    ? "x.e"
									    : NULL;
	struct bound *bound;

	(void)context;
	(void)diag;
	if (!path)
		return -ENOENT;
	bound = typed_bind(text, 64);
	*out = (struct reader_found){typed_place(bound, path).type, bound, release};
	return 0;
}

/* The text laid over 256 bytes, with what find() knows; for bound_unref(). */
static struct bound *bind_with(const char *text, const struct reader_ops *ops)
{
	const struct reader reader = {ops, NULL};
	struct layout *layout;
	struct bound *bound;
	struct diag diag = {0};

	if (layout_parse_with(text, strlen(text), &reader, &layout, &diag) < 0)
		fail_msg("%u:%u: %s", diag.line, diag.column, diag.message);
	assert_int_equal(layout_bind(layout, 256, &bound, &diag), 0);
	layout_unref(layout);
	return bound;
}

static void hints_are_laid_over_types_that_are_found(void **state)
{
	static const char text[] = "[[hex]] STU.flags; [[flags(mode)]] struct STU.in.mode;\n"
				   "[[time]] STU.when; struct STU s[2] @ 0;";
	static const struct reader_ops ops = {find};
	struct bound *bound = bind_with(text, &ops);

	(void)state;
	assert_int_equal(type_form(typed_place(bound, "s.1.flags").type), FORM_HEX);
	assert_int_equal(type_form(typed_place(bound, "s.1.in.1.mode").type), FORM_FLAGS);
	assert_int_equal(type_form(typed_place(bound, "s.0.when").type), FORM_TIME);
	assert_int_equal(typed_place(bound, "s.1").ordinal, 2 + 1 + 1 + 7 + 1 + 1);
	bound_unref(bound);
}

/* A struct whose members nobody can tell: what is known of it is its size. */
static int find_bytes(void *context, const struct reader_name *name, struct reader_found *out,
		      struct diag *diag)
{
	struct bound *bound;

	(void)context;
	(void)diag;
	if (name->word != READER_STRUCT)
		return -ENOENT;
	bound = typed_bind("struct odd { int a, b; }; [[bytes]] struct odd x @ 0;", 64);
	*out = (struct reader_found){typed_place(bound, "x").type, bound, release};
	return 0;
}

static void what_is_found_as_bytes_is_named_as_often_as_others(void **state)
{
	static const char *const texts[] = {
		"debuginfo struct odd;\nstruct odd a @ 0; struct odd b[2] @ 8;",
		"struct odd a @ 0; struct odd b[2] @ 8;",
	};
	static const struct reader_ops ops = {find_bytes};
	const struct reader reader = {&ops, NULL};
	struct layout *layout;
	struct diag diag = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct bound *bound = bind_with(texts[i], &ops);

		assert_int_equal(typed_place(bound, "a").type->kind, TYPE_BYTES);
		assert_int_equal(typed_place(bound, "b.1").offset, 16);
		bound_unref(bound);
	}
	assert_int_equal(layout_parse_with("struct odd a @ 0; union odd b @ 8;", 34, &reader,
					   &layout, &diag),
			 -EINVAL);
	assert_string_equal(diag.message, "'odd' is a struct, not a union");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hints_are_laid_over_types),
		cmocka_unit_test(hints_are_laid_over_types_that_are_found),
		cmocka_unit_test(what_is_found_as_bytes_is_named_as_often_as_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
