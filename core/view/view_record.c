/* SPDX-License-Identifier: MIT */
/*
 * A directory below `fields`: a struct's members, an array's elements by index. A struct has hidden
 * files too, which stand before its members.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "view/lead.h"
#include "view/place.h"
#include "view/view.h"

static const struct dot_file {
	const char *name;
	const struct view_ops *view;
} dot_files[] = {
	{".json", &view_json},
	{".raw", &view_bytes},
	{".doc", &view_doc},
};

static bool has(const struct place *place, const struct dot_file *file)
{
	return place->type->kind != TYPE_ARRAY &&
	       (file->view != &view_doc || type_has_doc(place->type));
}

/* .json and .raw of `fields` itself would be the whole region again: they are there, but who walks
 * the tree isn't led to them. */
static bool lists(const struct place *place, const struct dot_file *file)
{
	return has(place, file) && (place->ordinal != 0 || file->view == &view_doc);
}

/* The node of the index-th child; a pointer is a link while it leads somewhere and may be looked
 * at unasked. Its binding is borrowed. */
static struct node child_node(const struct node *dir, struct spot *spot, uint64_t index)
{
	struct place place = type_child(spot_place(spot), index);
	struct node node = {dir->binding, view_of_type(place.type), place.ordinal};
	struct trail target;

	if (node.view != &view_pointer || memory_attaches(node_memory(dir)) ||
	    walk_down(&spot->walk, &spot->trail, index) < 0)
		return node;
	if (lead_find(&node, spot, &target) == 0)
		node.view = &view_link;
	walk_up(&spot->trail);
	return node;
}

static int record_lookup(const struct node *dir, const char *name, struct node *child)
{
	struct place found;
	struct spot spot;
	uint64_t index;
	int r = spot_find(dir, &spot);

	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(dot_files); i++) {
		if (strcmp(name, dot_files[i].name) != 0 || !has(spot_place(&spot), &dot_files[i]))
			continue;
		*child = (struct node){binding_ref(dir->binding), dot_files[i].view, dir->ordinal};
		return 0;
	}
	r = walk_lookup(&spot.walk, &spot.trail, name, &found, &index);
	if (r < 0)
		return r;
	*child = child_node(dir, &spot, index);
	binding_ref(child->binding);
	return 0;
}

static bool emit_child(const struct node *dir, struct spot *spot, uint64_t index,
		       view_emit_fn *emit, void *context, uint64_t cursor)
{
	const struct place *place = spot_place(spot);
	struct node child = child_node(dir, spot, index);
	char number[NUMBER_MAX + 1];

	if (place->type->kind != TYPE_ARRAY)
		return emit(context, place->type->members[index].name, &child, cursor);
	number[number_u64(number, index)] = '\0';
	return emit(context, number, &child, cursor);
}

/* A member is listed also when it can't be told whether it is there: who looks learns why. */
static int list_children(const struct node *dir, struct spot *spot, uint64_t first, uint64_t cursor,
			 view_emit_fn *emit, void *context)
{
	const struct type *type = spot_place(spot)->type;
	bool ask = type->varies && (type->kind != TYPE_ARRAY || walk_is_walked(type));
	uint64_t count = type_children(type);
	int r = 0;

	if (type->varies && !ask)
		r = walk_count(&spot->walk, &spot->trail, &count);
	for (; r == 0 && cursor - first < count; cursor++) {
		int there;

		if (type_hides(type, cursor - first))
			continue;
		there = ask ? walk_has(&spot->walk, &spot->trail, cursor - first) : 0;

		if (there < 0 && type->kind == TYPE_ARRAY)
			return there == -ENOENT ? 0 : there;
		if (there != -ENOENT &&
		    !emit_child(dir, spot, cursor - first, emit, context, cursor + 1))
			return 0;
	}
	return r;
}

static int record_list(const struct node *dir, const struct snapshot *snapshot, uint64_t cursor,
		       view_emit_fn *emit, void *context)
{
	const uint64_t first = ARRAY_SIZE(dot_files);
	struct spot spot;
	int r = spot_find(dir, &spot);

	(void)snapshot;
	if (r < 0)
		return r;
	for (; cursor < first; cursor++) {
		const struct dot_file *file = &dot_files[cursor];
		struct node child = {dir->binding, file->view, dir->ordinal};

		if (lists(spot_place(&spot), file) &&
		    !emit(context, file->name, &child, cursor + 1))
			return 0;
	}
	return list_children(dir, &spot, first, cursor, emit, context);
}

const struct view_ops view_record = {
	.name = "fields",
	.flags = VIEW_DIRECTORY,
	.lookup = record_lookup,
	.list = record_list,
};
