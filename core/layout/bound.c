/* SPDX-License-Identifier: MIT */
/* A layout on a region of some size: what is open takes the room that there is. */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "layout/by_offset.h"
#include "layout/layout_inside.h"
#include "layout/marks.h"
#include "layout/walk.h"

struct bound {
	atomic_uint refs;
	struct layout *layout;
	uint64_t size;
	struct arena arena;
	struct type root;
	struct marks *marks;
};

struct bound *bound_ref(struct bound *bound)
{
	atomic_fetch_add_explicit(&bound->refs, 1, memory_order_relaxed);
	return bound;
}

void bound_unref(struct bound *bound)
{
	if (!bound || atomic_fetch_sub_explicit(&bound->refs, 1, memory_order_acq_rel) != 1)
		return;
	layout_unref(bound->layout);
	arena_destroy(&bound->arena);
	marks_free(bound->marks);
	free(bound);
}

static void unref_bound(struct bound **bound)
{
	bound_unref(*bound);
}

struct layout *bound_layout(const struct bound *bound)
{
	return bound->layout;
}

struct place bound_root(const struct bound *bound)
{
	return (struct place){.type = &bound->root, .size = bound->size};
}

struct marks *bound_marks(const struct bound *bound)
{
	return bound->marks;
}

uint64_t bound_size(const struct bound *bound)
{
	return bound->size;
}

/* Does live memory say where it stands? */
static bool is_moving(const struct placed *placed)
{
	return placed->rule && placed->rule->at;
}

/* Does it take what room there is? */
static bool takes_room(const struct ctype *type)
{
	return type->open || type->counted ||
	       (type->type.kind == TYPE_ARRAY && walk_is_walked(&type->type));
}

/* The array whose bound is open or comes from memory, with as many elements as fit, wherever it
 * stands. */
static int fill(struct bound *bound, const struct placed *placed, const struct ctype *element,
		uint64_t room, const struct type **out, struct diag *diag)
{
	struct type *type = arena_alloc(&bound->arena, sizeof(*type));
	uint64_t least = type_least(&element->type), span;
	char bracket[32];

	if (!type)
		return diag_no_memory(diag);
	*type = placed->type->type;
	type->open = is_moving(placed) || walk_is_walked(type);
	if (!element->type.size)
		return diag_set(
			diag, -EINVAL, placed->line, placed->column,
			"'%s' has no bytes (members placed by @ don't count), so any number "
			"of it fits: write [1], or no brackets",
			element->type.name);
	if (placed->type->open || placed->type->counted || type->length > room / least)
		type->length = room / least;
	type->size = type->open ? 0 : type->length * element->type.size;
	if (__builtin_mul_overflow(type->length, element->type.span, &span) ||
	    span >= LAYOUT_SPAN_MAX)
		return diag_set(diag, -E2BIG, placed->line, placed->column,
				"%lu times '%s' fit: more files than the %llu of a layout",
				(unsigned long)type->length, element->type.name, LAYOUT_SPAN_MAX);
	type->span = span + 1;
	snprintf(bracket, sizeof(bracket), "[%lu]", (unsigned long)type->length);
	type->name = ctype_derive_name(&bound->arena, element, bracket);
	if (!type->name)
		return diag_no_memory(diag);
	*out = type;
	return 0;
}

/* Open text: all bytes that are left. */
static int fill_text(struct bound *bound, const struct placed *placed, uint64_t room,
		     const struct type **out, struct diag *diag)
{
	struct type *type = arena_alloc(&bound->arena, sizeof(*type));

	if (!type)
		return diag_no_memory(diag);
	*type = placed->type->type;
	type->open = is_moving(placed) || type->live;
	type->size = type->open ? 0 : room;
	*out = type;
	return 0;
}

static int bind_variable(struct bound *bound, const struct placed *placed, struct member *member,
			 struct diag *diag)
{
	const struct type *type = &placed->type->type;
	uint64_t room = bound->size - placed->offset;
	int err = 0;

	if (placed->offset > bound->size)
		return diag_set(diag, -EINVAL, placed->line, placed->column,
				"'%s' is placed at %lu, but the region has only %lu bytes",
				placed->name, (unsigned long)placed->offset,
				(unsigned long)bound->size);
	if (type->kind == TYPE_ARRAY && takes_room(placed->type))
		err = fill(bound, placed, ctype_of(type->element), room, &type, diag);
	else if (placed->type->open)
		err = fill_text(bound, placed, room, &type, diag);
	else if (type_least(type) > room)
		err = diag_set(diag, -EINVAL, placed->line, placed->column,
			       "'%s' needs %lu bytes at %lu, but the region has only %lu",
			       placed->name, (unsigned long)type_least(type),
			       (unsigned long)placed->offset, (unsigned long)bound->size);
	if (err)
		return err;
	*member = (struct member){
		.name = placed->name, .type = type, .offset = placed->offset, .rule = placed->rule};
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct member *x = *(const struct member *const *)a;
	const struct member *y = *(const struct member *const *)b;

	return strcmp(x->name, y->name);
}

static int make_root(struct bound *bound, const struct placed *placed, struct diag *diag)
{
	struct type *root = &bound->root;
	struct member *members;
	const struct member **sorted;
	const struct type *anywhere;
	size_t n = 0;

	for (const struct placed *at = placed; at; at = at->next)
		n++;
	members = arena_alloc(&bound->arena, (n + 1) * sizeof(*members));
	sorted = arena_alloc(&bound->arena, (n + 1) * sizeof(struct member *));
	if (!members || !sorted)
		return diag_no_memory(diag);
	*root = (struct type){.kind = TYPE_STRUCT, .align = 1, .span = 1, .name = "region"};
	root->size = bound->size;
	root->members = members;
	root->by_name = sorted;
	for (; placed; placed = placed->next) {
		struct member *member = &members[root->n_members];
		int err = bind_variable(bound, placed, member, diag);

		if (err)
			return err;
		member->ordinal = root->span;
		root->span += member->type->span;
		root->varies |= member->type->varies || member->rule;
		if (root->span > LAYOUT_SPAN_MAX)
			return diag_set(diag, -E2BIG, placed->line, placed->column,
					"with '%s' the layout has more files than its %llu",
					placed->name, LAYOUT_SPAN_MAX);
		sorted[root->n_members++] = member;
	}
	if (by_offset_make(&bound->arena, root, LAYOUT_SPAN_MAX - root->span, &anywhere) < 0)
		return diag_no_memory(diag);
	if (anywhere) {
		sorted[n] = &members[n];
		members[n] = (struct member){BY_OFFSET_NAME, anywhere, 0, root->span, NULL};
		root->span += anywhere->span;
		root->n_members++;
	}
	qsort(sorted, root->n_members, sizeof(struct member *), by_name);
	return 0;
}

int layout_bind(struct layout *layout, uint64_t size, struct bound **out, struct diag *diag)
{
	CLEANUP(unref_bound) struct bound *bound = calloc(1, sizeof(*bound));
	struct ctype records = {.open = true, .type = {.kind = TYPE_ARRAY}};
	const struct placed everywhere = {.name = "records", .type = &records};
	const struct ctype *record;
	const struct placed *placed = layout_placed(layout, &record);
	int err;

	if (!bound)
		return diag_no_memory(diag);
	bound->refs = 1;
	bound->layout = layout_ref(layout);
	bound->size = size;
	bound->arena = ARENA_INIT(LAYOUT_ARENA_MAX);
	bound->marks = marks_new();
	if (!bound->marks)
		return diag_no_memory(diag);
	if (!placed) {
		records.type.element = &record->type;
		records.type.align = record->type.align;
		records.type.varies = record->type.varies;
		placed = &everywhere;
	}
	err = make_root(bound, placed, diag);
	if (err)
		return err;
	*out = TAKE(bound);
	return 0;
}

int bound_count(const struct bound *bound, const struct place *place, layout_read_fn *read,
		void *context, uint64_t *count, struct diag *diag)
{
	struct trail trail;
	struct walk walk;

	walk_begin(&walk, bound, read, context, diag);
	trail_begin(&walk, &trail);
	if (place->ordinal)
		trail.at[trail.n++] = *place;
	return walk_count(&walk, &trail, count);
}
