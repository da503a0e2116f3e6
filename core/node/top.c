/* SPDX-License-Identifier: MIT */
#include "node/top.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "node/inode.h"

/* What stands in a directory by name, always. */
struct fixed {
	const char *name;
	const struct view_ops *view;
	uint64_t ordinal;
};

static int fixed_lookup(const struct fixed *list, size_t n, const struct node *dir,
			const char *name, struct node *child)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i].name, name) != 0)
			continue;
		*child = (struct node){binding_ref(dir->binding), list[i].view, list[i].ordinal};
		return 0;
	}
	return -ENOENT;
}

/* False: there was no room for all. */
static bool fixed_list(const struct fixed *list, size_t n, const struct node *dir, uint64_t cursor,
		       view_emit_fn *emit, void *context)
{
	for (; cursor < n; cursor++) {
		struct node child = {dir->binding, list[cursor].view, list[cursor].ordinal};

		if (!emit(context, list[cursor].name, &child, cursor + 1))
			return false;
	}
	return true;
}

static const struct fixed in_root[] = {
	{"README", &view_readme, 0},   {"summary", &view_summary, 0}, {"status", &view_status, 0},
	{"regions", &view_regions, 0}, {"by-pid", &view_pids, 0},     {"by-id", &view_ids, 0},
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

enum { FIELDS, TABLES };

static const struct fixed in_region[] = {
	{"info", &view_info, 0},	{"mappers", &view_mappers, 0},
	{"layout", &view_layout, 0},	{"raw", &view_raw, 0},
	{"hex", &view_hex, 0},		{"fields", &view_laid, FIELDS},
	{"tables", &view_laid, TABLES},
};

static int region_lookup(const struct node *dir, const char *name, struct node *child)
{
	struct region *region = object_region(dir->binding->object);

	if (!region)
		return -ENOENT;
	region_unref(region);
	return fixed_lookup(in_region, ARRAY_SIZE(in_region), dir, name, child);
}

static int region_list(const struct node *dir, const struct snapshot *snapshot, uint64_t cursor,
		       view_emit_fn *emit, void *context)
{
	(void)snapshot;
	fixed_list(in_region, ARRAY_SIZE(in_region), dir, cursor, emit, context);
	return 0;
}

const struct view_ops view_region = {
	.name = "region",
	.flags = VIEW_DIRECTORY | VIEW_PUBLIC,
	.lookup = region_lookup,
	.list = region_list,
};

/*
 * What a layout makes stands in two directories that belong to the region and not to the layout:
 * they are there in any case, so that a loop over all regions needs no test, and who is in one
 * stays in it when another layout is set. Without a layout, or with one that doesn't fit, they are
 * empty and `info` says why. What is in them is of the layout of the moment: -ENOENT there is none.
 */
static int laid_root(const struct node *dir, struct node *root)
{
	struct object *object = dir->binding->object;
	struct binding *binding;
	int r;

	object_infer(object);
	r = object_fields(object, &binding);
	if (r < 0)
		return r == -EINVAL ? -ENOENT : r;
	*root = (struct node){binding, dir->ordinal == FIELDS ? &view_record : &view_tables, 0};
	return 0;
}

static int laid_lookup(const struct node *dir, const char *name, struct node *child)
{
	struct node root;
	int r = laid_root(dir, &root);

	if (r == -ENOENT && object_ask(dir->binding->object))
		r = laid_root(dir, &root);
	if (r < 0)
		return r;
	r = root.view->lookup(&root, name, child);
	binding_unref(root.binding);
	return r;
}

static int laid_list(const struct node *dir, const struct snapshot *snapshot, uint64_t cursor,
		     view_emit_fn *emit, void *context)
{
	struct node root;
	int r = laid_root(dir, &root);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = root.view->list(&root, snapshot, cursor, emit, context);
	binding_unref(root.binding);
	return r;
}

const struct view_ops view_laid = {
	.name = "fields, tables",
	.flags = VIEW_DIRECTORY,
	.lookup = laid_lookup,
	.list = laid_list,
};

uint64_t top_fields(const struct binding *plain)
{
	return inode_pack(plain->slot, &view_laid, FIELDS);
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
