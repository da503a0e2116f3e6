/* SPDX-License-Identifier: MIT */
/*
 * tables: three files for each array that isn't inside another, named by its path from `fields`
 * with dots between. A listing walks the structs above such arrays; its cursor is the place and the
 * form where it goes on, so that what is behind is skipped by whole trees.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "view/place.h"
#include "view/view.h"

/* Structs in structs can be as many as a layout likes. After so many members a listing ends; by
 * name every table is there. */
#define VISITS_MAX (1u << 20)

static const struct {
	const char *suffix;
	const struct view_ops *view;
} forms[] = {
	{".txt", &view_table_text},
	{".csv", &view_table_csv},
	{".jsonl", &view_table_json},
};

/* The array whose path is the n characters at name. */
static int find_array(const struct place *root, const char *name, size_t n, struct place *out)
{
	struct place place = *root;
	char member[NAME_MAX + 1];

	while (n) {
		const char *dot = memchr(name, '.', n);
		size_t length = dot ? (size_t)(dot - name) : n;
		size_t taken = dot ? length + 1 : length;

		if (length >= sizeof(member) || place.type->kind == TYPE_ARRAY || taken == n + !dot)
			return -ENOENT;
		memcpy(member, name, length);
		member[length] = '\0';
		if (type_lookup(&place, member, &place, NULL) < 0)
			return -ENOENT;
		name += taken;
		n -= taken;
	}
	if (place.type->kind != TYPE_ARRAY)
		return -ENOENT;
	*out = place;
	return 0;
}

static int tables_lookup(const struct node *dir, const char *name, struct node *child)
{
	struct place root = bound_root(dir->binding->bound), array;
	size_t n = strlen(name);

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		size_t suffix = strlen(forms[i].suffix);

		if (n <= suffix || strcmp(name + n - suffix, forms[i].suffix) != 0)
			continue;
		if (find_array(&root, name, n - suffix, &array) < 0)
			return -ENOENT;
		*child = (struct node){binding_ref(dir->binding), forms[i].view, array.ordinal};
		return 0;
	}
	return -ENOENT;
}

struct listing {
	struct binding *binding;
	view_emit_fn *emit;
	void *context;
	uint64_t cursor;
	unsigned visits;
	bool full;
	struct buf path;
};

static uint64_t cursor_of(uint64_t ordinal, size_t form)
{
	return ordinal * ARRAY_SIZE(forms) + form;
}

static void list_array(struct listing *listing, const struct place *array)
{
	size_t length = listing->path.len;

	for (size_t i = 0; i < ARRAY_SIZE(forms) && !listing->full; i++) {
		struct node child = {listing->binding, forms[i].view, array->ordinal};
		uint64_t at = cursor_of(array->ordinal, i);
		const char *name;

		if (at < listing->cursor)
			continue;
		buf_puts(&listing->path, forms[i].suffix);
		name = buf_cstr(&listing->path);
		if (name && listing->path.len <= NAME_MAX)
			listing->full = !listing->emit(listing->context, name, &child, at + 1);
		listing->path.len = length;
	}
}

static void list_members(struct listing *listing, const struct place *parent)
{
	size_t length = listing->path.len;

	for (uint64_t i = 0; i < parent->type->n_members && !listing->full; i++) {
		struct place child = type_child(parent, i);

		if (!type_is_directory(child.type) || type_hides(parent->type, i) ||
		    cursor_of(child.ordinal + child.type->span, 0) <= listing->cursor)
			continue;
		listing->full = listing->visits++ == VISITS_MAX;
		if (length)
			buf_putc(&listing->path, '.');
		buf_puts(&listing->path, parent->type->members[i].name);
		if (child.type->kind == TYPE_ARRAY)
			list_array(listing, &child);
		else
			list_members(listing, &child);
		listing->path.len = length;
	}
}

static int tables_list(const struct node *dir, const struct snapshot *snapshot, uint64_t cursor,
		       view_emit_fn *emit, void *context)
{
	struct place root = bound_root(dir->binding->bound);
	struct listing listing = {
		.binding = dir->binding, .emit = emit, .context = context, .cursor = cursor};
	int r;

	(void)snapshot;
	list_members(&listing, &root);
	r = buf_status(&listing.path);
	buf_destroy(&listing.path);
	return r;
}

const struct view_ops view_tables = {
	.name = "tables",
	.flags = VIEW_DIRECTORY,
	.lookup = tables_lookup,
	.list = tables_list,
};
