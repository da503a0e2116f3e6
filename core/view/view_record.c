/* SPDX-License-Identifier: MIT */
/*
 * A directory below `fields`: a struct's members, an array's elements by index. A struct has hidden
 * files too, which stand before its members.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "view/place.h"
#include "view/view.h"

static const struct {
	const char *name;
	const struct view_ops *view;
} hidden[] = {
	{".json", &view_json},
	{".raw", &view_bytes},
};

static uint64_t n_hidden(const struct place *place)
{
	return place->type->kind == TYPE_ARRAY ? 0 : ARRAY_SIZE(hidden);
}

/* Those of `fields` itself would be the whole region again: they are there, but who walks the tree
 * isn't led to them. */
static uint64_t n_listed(const struct place *place)
{
	return place->ordinal == 0 ? 0 : n_hidden(place);
}

static int count_children(const struct node *dir, const struct place *place, uint64_t *count)
{
	return bound_count(dir->binding->bound, place, place_read,
			   object_memory(dir->binding->object), count, NULL);
}

static int record_lookup(const struct node *dir, const char *name, struct node *child)
{
	struct place place, found;
	uint64_t index, count = 0;
	int r = place_find(dir, &place);

	if (r < 0)
		return r;
	for (uint64_t i = 0; i < n_hidden(&place); i++) {
		if (strcmp(name, hidden[i].name) != 0)
			continue;
		*child = (struct node){binding_ref(dir->binding), hidden[i].view, dir->ordinal};
		return 0;
	}
	r = type_lookup(&place, name, &found, &index);
	if (r == 0)
		r = count_children(dir, &place, &count);
	if (r < 0)
		return r;
	if (index >= count)
		return -ENOENT;
	*child = (struct node){binding_ref(dir->binding), view_of_type(found.type), found.ordinal};
	return 0;
}

static bool emit_child(const struct node *dir, const struct place *place, uint64_t index,
		       view_emit_fn *emit, void *context, uint64_t cursor)
{
	struct place at = type_child(place, index);
	struct node child = {dir->binding, view_of_type(at.type), at.ordinal};
	char number[NUMBER_MAX + 1];

	if (place->type->kind != TYPE_ARRAY)
		return emit(context, place->type->members[index].name, &child, cursor);
	number[number_u64(number, index)] = '\0';
	return emit(context, number, &child, cursor);
}

static int record_list(const struct node *dir, const struct snapshot *snapshot, uint64_t cursor,
		       view_emit_fn *emit, void *context)
{
	struct place place;
	uint64_t first, count = 0;
	int r = place_find(dir, &place);

	(void)snapshot;
	if (r == 0)
		r = count_children(dir, &place, &count);
	if (r < 0)
		return r;
	first = n_listed(&place);
	for (; cursor < first; cursor++) {
		struct node child = {dir->binding, hidden[cursor].view, dir->ordinal};

		if (!emit(context, hidden[cursor].name, &child, cursor + 1))
			return 0;
	}
	for (; cursor - first < count; cursor++)
		if (!emit_child(dir, &place, cursor - first, emit, context, cursor + 1))
			return 0;
	return 0;
}

const struct view_ops view_record = {
	.name = "fields",
	.flags = VIEW_DIRECTORY,
	.lookup = record_lookup,
	.list = record_list,
};
