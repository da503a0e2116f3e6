/* SPDX-License-Identifier: MIT */
/* The two walks over a type's tree, and numbers in and out of bytes, on random structs. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "layout/layout.h"
#include "structs.h"

static uint64_t random_state;

static uint64_t draw(void)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return random_state >> 16;
}

static struct bound *make_bound(size_t n)
{
	CLEANUP(structs_destroy) struct structs structs;
	struct layout *layout;
	struct bound *bound;
	struct diag diag;

	random_state = (uint64_t)time(NULL);
	print_message("# seed %lu\n", (unsigned long)random_state);
	structs_make(&structs, random_state, n, true);
	for (size_t i = 0; i < n; i++)
		buf_printf(&structs.text, "%s v%zu[%lu] @ %zu;\n", structs.records[i].name, i,
			   (unsigned long)(draw() % 1000), i);
	if (layout_parse(structs.text.data, structs.text.len, &layout, &diag))
		fail_msg("%u:%u: %s", diag.line, diag.column, diag.message);
	if (layout_bind(layout, 1ull << 40, &bound, &diag))
		fail_msg("%u:%u: %s", diag.line, diag.column, diag.message);
	layout_unref(layout);
	return bound;
}

/* What a walk down took, to be compared with what the walk to the ordinal reports. */
struct steps {
	uint64_t ordinals[80], indices[80];
	size_t n;
};

static void note(void *context, const struct place *parent, uint64_t index)
{
	struct steps *steps = context;

	assert_true(steps->n < 80);
	steps->ordinals[steps->n] = parent->ordinal;
	steps->indices[steps->n++] = index;
}

static void name_of(const struct place *parent, uint64_t index, char *name, size_t n)
{
	if (parent->type->kind == TYPE_ARRAY)
		snprintf(name, n, "%lu", (unsigned long)index);
	else
		snprintf(name, n, "%s", parent->type->members[index].name);
}

static void assert_same(const struct place *a, const struct place *b)
{
	assert_ptr_equal(a->type, b->type);
	assert_int_equal(a->offset, b->offset);
	assert_int_equal(a->ordinal, b->ordinal);
}

/* One random way down: each step by index, by name and by ordinal must lead to the same place. */
static void walk_down(const struct place *root)
{
	struct place place = *root, other;
	struct steps taken = {.n = 0}, told;

	while (type_children(place.type)) {
		uint64_t index = draw() % type_children(place.type), found;
		struct place parent = place;
		char name[300];

		note(&taken, &place, index);
		place = type_child(&parent, index);
		assert_true(place.ordinal > parent.ordinal);
		assert_true(place.ordinal + place.type->span <= parent.ordinal + parent.type->span);
		assert_true(place.offset + place.type->size <= parent.offset + parent.type->size);
		name_of(&parent, index, name, sizeof(name));
		assert_int_equal(type_lookup(&parent, name, &other, &found), 0);
		assert_int_equal(found, index);
		assert_same(&place, &other);
		told.n = 0;
		assert_int_equal(type_find(root, place.ordinal, note, &told, &other), 0);
		assert_same(&place, &other);
		assert_int_equal(told.n, taken.n);
		assert_memory_equal(told.indices, taken.indices, taken.n * sizeof(uint64_t));
		assert_memory_equal(told.ordinals, taken.ordinals, taken.n * sizeof(uint64_t));
	}
}

static void walks_agree(void **state)
{
	struct bound *bound = make_bound(200);
	struct place root = bound_root(bound), inner, found;

	(void)state;
	for (int i = 0; i < 20000; i++)
		walk_down(&root);
	inner = type_child(&root, 100);
	inner.ordinal = 1000000; /* a root's own ordinal may be any */
	for (int i = 0; i < 1000; i++)
		walk_down(&inner);
	assert_int_equal(type_find(&inner, 999999, NULL, NULL, &found), -ENOENT);
	assert_int_equal(type_find(&inner, 1000000 + inner.type->span, NULL, NULL, &found),
			 -ENOENT);
	bound_unref(bound);
}

/* Every ordinal of a tree is one node, in preorder: the next is a child or a later sibling. */
static void ordinals_have_no_holes(void **state)
{
	struct bound *bound = make_bound(20);
	struct place root = bound_root(bound), found;

	(void)state;
	for (uint64_t i = 0; i < root.type->span; i++) {
		assert_int_equal(type_find(&root, i, NULL, NULL, &found), 0);
		assert_int_equal(found.ordinal, i);
	}
	assert_int_equal(type_find(&root, root.type->span, NULL, NULL, &found), -ENOENT);
	bound_unref(bound);
}

static void only_names_that_are_there_are_found(void **state)
{
	static const char *const none[] = {"",
					   "00",
					   "01",
					   "-1",
					   "+1",
					   " 1",
					   "1 ",
					   "1000",
					   "0x1",
					   "1a",
					   "18446744073709551616",
					   "18446744073709551615",
					   "340282366920938463463374607431768211457"};
	static const char text[] = "struct S { int b, a, c; int v[1000]; } s @ 0;";
	struct layout *layout;
	struct bound *bound;
	struct place root, s, v;

	(void)state;
	assert_int_equal(layout_parse(text, strlen(text), &layout, NULL), 0);
	assert_int_equal(layout_bind(layout, 8192, &bound, NULL), 0);
	root = bound_root(bound);
	assert_int_equal(type_lookup(&root, "s", &s, NULL), 0);
	assert_int_equal(type_lookup(&s, "v", &v, NULL), 0);
	assert_int_equal(type_lookup(&s, "d", NULL, NULL), -ENOENT);
	assert_int_equal(type_lookup(&s, "", NULL, NULL), -ENOENT);
	assert_int_equal(type_lookup(&v, "999", NULL, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		assert_int_equal(type_lookup(&v, none[i], NULL, NULL), -ENOENT);
	assert_int_equal(type_lookup(&v, "0", &v, NULL), 0);
	assert_int_equal(type_lookup(&v, "0", NULL, NULL), -ENOENT);
	bound_unref(bound);
	layout_unref(layout);
}

/* Bits are where the walk over single bits says, and a store touches no other. */
static void numbers_go_in_and_out(void **state)
{
	(void)state;
	random_state = (uint64_t)time(NULL);
	for (int i = 0; i < 200000; i++) {
		struct type type = {.kind = TYPE_INTEGER};
		uint8_t bytes[9], before[9];
		uint64_t value = draw() << 32 ^ draw(), expected = 0, got;
		unsigned width;

		type.size = 1 + draw() % 9;
		width = (unsigned)(1 + draw() % (type.size == 9 ? 64 : type.size * 8));
		type.bits = (uint8_t)width;
		type.first_bit = (uint8_t)(draw() % (type.size * 8 - width + 1));
		type.is_signed = draw() % 2;
		type.big_endian = draw() % 4 == 0;
		for (size_t j = 0; j < sizeof(bytes); j++)
			before[j] = bytes[j] = (uint8_t)draw();
		type_encode(&type, value, bytes);
		for (unsigned j = 0; j < type.size * 8; j++) {
			unsigned at = type.big_endian ? (unsigned)type.size - 1 - j / 8 : j / 8;
			unsigned bit = bytes[at] >> j % 8 & 1;

			if (j < type.first_bit || j >= type.first_bit + width)
				assert_int_equal(bit, before[at] >> j % 8 & 1);
			else
				expected |= (uint64_t)bit << (j - type.first_bit);
		}
		if (width < 64)
			value &= (UINT64_C(1) << width) - 1;
		assert_int_equal(expected, value);
		got = type_decode(&type, bytes);
		if (type.is_signed && width < 64 && value >> (width - 1))
			value |= ~UINT64_C(0) << width;
		assert_int_equal(got, value);
	}
}

static void enums_have_names(void **state)
{
	static const char text[] = "enum e { A = 3, B = -1, C = 3 } x @ 0;";
	struct layout *layout;
	struct bound *bound;
	struct place root, x;
	uint64_t value = 0;

	(void)state;
	assert_int_equal(layout_parse(text, strlen(text), &layout, NULL), 0);
	assert_int_equal(layout_bind(layout, 4, &bound, NULL), 0);
	root = bound_root(bound);
	x = type_child(&root, 0);
	assert_string_equal(type_enum_name(x.type, 3), "A");
	assert_string_equal(type_enum_name(x.type, UINT64_MAX), "B");
	assert_null(type_enum_name(x.type, 4));
	assert_int_equal(type_enum_value(x.type, "B!", 1, &value), 0);
	assert_int_equal(value, UINT64_MAX);
	assert_int_equal(type_enum_value(x.type, "B\0!", 3, &value), -ENOENT);
	assert_int_equal(type_enum_value(x.type, "", 0, &value), -ENOENT);
	bound_unref(bound);
	layout_unref(layout);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walks_agree),
		cmocka_unit_test(ordinals_have_no_holes),
		cmocka_unit_test(only_names_that_are_there_are_found),
		cmocka_unit_test(numbers_go_in_and_out),
		cmocka_unit_test(enums_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
