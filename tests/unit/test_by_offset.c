/* SPDX-License-Identifier: MIT */
/* Records that nothing places: which types there are, where they can stand, and that all numbers
 * and names of them lead back to them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "layout/by_offset.h"
#include "layout/walk.h"
#include "page.h"
#include "typed.h"

static const char lists[] =
	"struct node { struct node *next; struct item *item; };\n"
	"struct [[size(n)]] item { uint16_t n; uint16_t id; union box *boxes[2]; char text[]; };\n"
	"typedef struct { [[offset_from(0)]] struct deep *down; int v; } outer;\n"
	"struct deep { int a; }; union box { int i; struct deep d; };\n"
	"struct lone { int never; }; struct gone; struct { int n; } *unnamed @ 8;\n"
	"struct header { struct { outer *o; } in[2]; struct gone *g; void *any; } hdr @ 16;\n"
	"struct node *head @ 0;\n";

static struct walk walk;
static struct trail trail;
static struct diag diag;

static void begin(const struct bound *bound)
{
	walk_begin(&walk, bound, read_memory, NULL, &diag);
	trail_begin(&walk, &trail);
}

/* Down by these names: the error, or 0. */
static int down(const char *const *names, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		uint64_t index;

		r = walk_lookup(&walk, &trail, names[i], NULL, &index);
		if (r == 0)
			r = walk_down(&walk, &trail, index);
	}
	return r;
}

static int find(const struct bound *bound, const char *type, const char *offset)
{
	const char *const names[] = {BY_OFFSET_NAME, type, offset};

	begin(bound);
	return down(names, ARRAY_SIZE(names));
}

/* What stands there by name has a number, which leads back to it and is its own. */
static void stands(const struct bound *bound, const char *type, const char *name, uint64_t offset,
		   uint64_t size)
{
	const struct type *root = bound_root(bound).type;
	struct place place;
	struct buf called = BUF_INIT;

	assert_int_equal(find(bound, type, name), 0);
	place = *trail_end(&trail);
	assert_int_equal(place.offset, offset);
	assert_int_equal(place.size, size);
	assert_int_equal(by_offset_ordinal(root, place.type, offset), place.ordinal);
	assert_true(place.ordinal + place.type->span <= root->span);
	begin(bound);
	assert_int_equal(walk_find(&walk, place.ordinal, &trail), 0);
	assert_int_equal(trail_end(&trail)->offset, offset);
	assert_ptr_equal(trail_end(&trail)->type, place.type);
	type_child_name(trail.at[2].type,
			type_child_holding(trail.at[2].type, place.ordinal - trail.at[2].ordinal),
			&called);
	assert_string_equal(buf_cstr(&called), name);
	buf_destroy(&called);
}

static void types_that_pointers_lead_to(void **state)
{
	static const char *const there[] = {"node", "item", "box", "outer", "deep"};
	static const char *const not_there[] = {"lone", "gone", "header", "struct", ""};
	OWNED_BOUND bound = typed_bind(lists, SIZE);

	(void)state;
	memory.shorts[0] = 24;
	for (size_t i = 0; i < ARRAY_SIZE(there); i++)
		assert_int_equal(find(bound, there[i], "0"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(not_there); i++)
		assert_int_equal(find(bound, not_there[i], "0"), -ENOENT);
	begin(bound);
	assert_int_equal(down((const char *const[]){BY_OFFSET_NAME}, 1), 0);
	assert_int_equal(trail_end(&trail)->type->n_members, ARRAY_SIZE(there));
}

static void places_where_they_can_stand(void **state)
{
	OWNED_BOUND bound = typed_bind(lists, SIZE);
	uint64_t n = 7;

	(void)state;
	stands(bound, "node", "0", 0, 16);
	stands(bound, "node", "8", 8, 16);
	stands(bound, "node", "4080", SIZE - 16, 16);
	stands(bound, "deep", "4092", SIZE - 4, 4);
	memory.shorts[32] = 40; /* it says so itself */
	stands(bound, "item", "64", 64, 40);
	assert_int_equal(find(bound, "node", "4088"), -ENOENT);
	assert_int_equal(find(bound, "node", "4"), -ENOENT);
	assert_int_equal(find(bound, "node", "08"), -ENOENT);
	assert_int_equal(find(bound, "node", "18446744073709551608"), -ENOENT);
	memory.shorts[36] = 3;
	assert_int_equal(find(bound, "item", "72"), -ERANGE);
	begin(bound);
	assert_int_equal(down((const char *const[]){BY_OFFSET_NAME, "node"}, 2), 0);
	assert_int_equal(walk_count(&walk, &trail, &n), 0);
	assert_int_equal(n, 0);
}

/* Nothing that is placed has another number, and what has no room for numbers isn't there. */
static void numbers(void **state)
{
	OWNED_BOUND with = typed_bind("struct n { struct n *next; int v; } a[2] @ 0;", SIZE);
	OWNED_BOUND without = typed_bind("struct n { struct m *next; int v; } a[2] @ 0;", SIZE);
	OWNED_BOUND large = typed_bind("struct n { struct n *next; struct { char c; } *c; } a[2] "
				       "@ 0; struct small { int i; } *s @ 64;",
				       UINT64_C(1) << 39);
	struct place root = bound_root(with);

	(void)state;
	assert_int_equal(type_child(&root, 0).ordinal, 1);
	assert_int_equal(bound_root(without).type->span, 1 + 1 + 2 * 3);
	assert_int_equal(bound_root(with).type->span,
			 bound_root(without).type->span + 1 + 1 + ((SIZE - 16) / 8 + 1) * 3);
	assert_true(bound_root(large).type->span <= LAYOUT_SPAN_MAX);
	assert_int_equal(find(large, "small", "0"), -ENOENT);
	assert_int_equal(find(large, "n", "0"), 0);
}

/* A hint that is laid over a record's field makes a directory of a file, also where the record is
 * placed nowhere: its files have numbers of their own. */
static void hints_are_counted(void **state)
{
	static const char *const names[] = {BY_OFFSET_NAME, "node", "64", "data", "7"};
	OWNED_BOUND bound = typed_bind("struct in { struct in *up; uint8_t data[8]; };\n"
				       "struct node { struct in *in; struct node *next;\n"
				       "  uint8_t data[8]; };\n"
				       "struct node *head @ 0; [[dec]] node.data; [[dec]] in.data;",
				       SIZE);
	struct place place;

	(void)state;
	begin(bound);
	assert_int_equal(down(names, ARRAY_SIZE(names)), 0);
	place = *trail_end(&trail);
	assert_int_equal(trail.at[3].type->span, 1 + 2 + 9);
	assert_int_equal(place.ordinal, trail.at[3].ordinal + 3 + 8);
	assert_int_equal(place.offset, 64 + 16 + 7);
	begin(bound);
	assert_int_equal(walk_find(&walk, place.ordinal, &trail), 0);
	assert_int_equal(trail_end(&trail)->offset, place.offset);
	stands(bound, "node", "72", 72, 24);
	stands(bound, "in", "80", 80, 16);
	assert_int_equal(trail_end(&trail)->type->span, 1 + 1 + 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_that_pointers_lead_to),
		cmocka_unit_test(places_where_they_can_stand),
		cmocka_unit_test(numbers),
		cmocka_unit_test(hints_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
