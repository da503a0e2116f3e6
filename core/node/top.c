/* SPDX-License-Identifier: MIT */
#include "node/top.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

/* What stands in a directory by name, always, with ordinal 0. */
struct fixed {
	const char *name;
	const struct view_ops *view;
};

static int fixed_lookup(const struct fixed *list, size_t n, const struct node *dir,
			const char *name, struct node *child)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i].name, name) != 0)
			continue;
		*child = (struct node){binding_ref(dir->binding), list[i].view, 0};
		return 0;
	}
	return -ENOENT;
}

/* False: there was no room for all. */
static bool fixed_list(const struct fixed *list, size_t n, const struct node *dir, uint64_t cursor,
		       view_emit_fn *emit, void *context)
{
	for (; cursor < n; cursor++) {
		struct node child = {dir->binding, list[cursor].view, 0};

		if (!emit(context, list[cursor].name, &child, cursor + 1))
			return false;
	}
	return true;
}

static const struct fixed in_root[] = {
	{"README", &view_readme},   {"summary", &view_summary}, {"status", &view_status},
	{"regions", &view_regions}, {"by-pid", &view_pids},	{"by-id", &view_ids},
};

static int root_lookup(const struct node *dir, const char *name, struct node *child)
{
	return fixed_lookup(in_root, ARRAY_SIZE(in_root), dir, name, child);
}

static int root_list(const struct node *dir, const struct snapshot *snapshot, uint64_t cursor,
		     view_emit_fn *emit, void *context)
{
	(void)snapshot;
	fixed_list(in_root, ARRAY_SIZE(in_root), dir, cursor, emit, context);
	return 0;
}

const struct view_ops view_root = {
	.name = "root",
	.flags = VIEW_DIRECTORY | VIEW_PUBLIC,
	.lookup = root_lookup,
	.list = root_list,
};

static const struct fixed in_region[] = {
	{"info", &view_info}, {"mappers", &view_mappers}, {"layout", &view_layout},
	{"raw", &view_raw},   {"hex", &view_hex},
};

/*
 * What a layout makes is there in any case, so that a loop over all regions needs no test; without
 * a layout, or with one that doesn't fit, it is an empty directory and `info` says why.
 */
static const struct {
	const char *name;
	const struct view_ops *view;
} of_layout[] = {
	{"fields", &view_record},
	{"tables", &view_tables},
};

/* The i-th of these, of the layout that is known. */
static int of_layout_node(const struct node *region, size_t i, struct node *child)
{
	struct binding *fields;
	int r = object_fields(region->binding->object, &fields);

	if (r == 0)
		*child = (struct node){fields, of_layout[i].view, 0};
	else if (r == -ENOENT || r == -EINVAL)
		*child = (struct node){binding_ref(region->binding), &view_unlaid, i};
	else
		return r;
	return 0;
}

static int region_lookup(const struct node *dir, const char *name, struct node *child)
{
	struct region *region = object_region(dir->binding->object);

	if (!region)
		return -ENOENT;
	region_unref(region);
	for (size_t i = 0; i < ARRAY_SIZE(of_layout); i++)
		if (strcmp(name, of_layout[i].name) == 0) {
			object_infer(dir->binding->object);
			return of_layout_node(dir, i, child);
		}
	return fixed_lookup(in_region, ARRAY_SIZE(in_region), dir, name, child);
}

static int region_list(const struct node *dir, const struct snapshot *snapshot, uint64_t cursor,
		       view_emit_fn *emit, void *context)
{
	const size_t n = ARRAY_SIZE(in_region);

	(void)snapshot;
	if (cursor < n && !fixed_list(in_region, n, dir, cursor, emit, context))
		return 0;
	for (size_t i = cursor < n ? 0 : cursor - n; i < ARRAY_SIZE(of_layout); i++) {
		struct node child;
		bool taken;

		if (of_layout_node(dir, i, &child) < 0)
			continue;
		taken = emit(context, of_layout[i].name, &child, n + i + 1);
		binding_unref(child.binding);
		if (!taken)
			break;
	}
	return 0;
}

const struct view_ops view_region = {
	.name = "region",
	.flags = VIEW_DIRECTORY | VIEW_PUBLIC,
	.lookup = region_lookup,
	.list = region_list,
};

const struct view_ops view_unlaid = {
	.name = "fields, tables",
	.flags = VIEW_DIRECTORY,
};

bool top_is_over(const struct node *node)
{
	struct binding *fields;

	if (node->view != &view_unlaid)
		return !object_is_current(node->binding);
	if (object_fields(node->binding->object, &fields) < 0)
		return false;
	binding_unref(fields);
	return true;
}

int top_region(struct env *env, struct region *region, const struct view_ops *view,
	       uint64_t ordinal, struct node *child)
{
	struct object *object;
	int r = env->object(env, region, &object);

	if (r < 0)
		return r;
	*child = (struct node){object_plain(object), view, ordinal};
	return 0;
}

static int regions_lookup(const struct node *dir, const char *name, struct node *child)
{
	CLEANUP(snapshot_unrefp) struct snapshot *snapshot = NULL;
	struct env *env = dir->binding->env;
	struct region *region;
	int r;

	r = registry_get(env->registry, env->ttl, &snapshot);
	if (r < 0)
		return r;
	region = snapshot_by_name(snapshot, name);
	return region ? top_region(env, region, &view_region, 0, child) : -ENOENT;
}

/*
 * A listing needs no object: a child that nobody has looked up has no inode number yet, and ls asks
 * for none. So entries are emitted without a node.
 */
static int regions_list(const struct node *dir, const struct snapshot *snapshot, uint64_t cursor,
			view_emit_fn *emit, void *context)
{
	for (; cursor < snapshot->n_regions; cursor++) {
		const struct region *region = snapshot->regions[cursor];
		struct node child = {NULL, &view_region, 0};

		if (region->noise && !dir->binding->env->all)
			continue;
		if (!emit(context, region->name, &child, cursor + 1))
			break;
	}
	return 0;
}

const struct view_ops view_regions = {
	.name = "regions",
	.flags = VIEW_DIRECTORY | VIEW_PUBLIC | VIEW_SCANS,
	.lookup = regions_lookup,
	.list = regions_list,
};
