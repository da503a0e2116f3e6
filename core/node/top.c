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

static int fixed_list(const struct fixed *list, size_t n, const struct node *dir, uint64_t cursor,
		      view_emit_fn *emit, void *context)
{
	for (; cursor < n; cursor++) {
		struct node child = {dir->binding, list[cursor].view, 0};

		if (!emit(context, list[cursor].name, &child, cursor + 1))
			break;
	}
	return 0;
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
	return fixed_list(in_root, ARRAY_SIZE(in_root), dir, cursor, emit, context);
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

/* `fields` is there in any case, so that a loop over all regions needs no test; without a layout,
 * or with one that doesn't fit, it is empty and `info` says why. */
static int fields_node(const struct node *region, struct node *child)
{
	struct binding *fields;
	int r = object_fields(region->binding->object, &fields);

	if (r == 0)
		*child = (struct node){fields, &view_record, 0};
	else if (r == -ENOENT || r == -EINVAL)
		*child = (struct node){binding_ref(region->binding), &view_unlaid, 0};
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
	if (strcmp(name, "fields") == 0)
		return fields_node(dir, child);
	return fixed_lookup(in_region, ARRAY_SIZE(in_region), dir, name, child);
}

static int region_list(const struct node *dir, const struct snapshot *snapshot, uint64_t cursor,
		       view_emit_fn *emit, void *context)
{
	struct node fields;

	(void)snapshot;
	fixed_list(in_region, ARRAY_SIZE(in_region), dir, cursor, emit, context);
	if (cursor <= ARRAY_SIZE(in_region) && fields_node(dir, &fields) == 0) {
		emit(context, "fields", &fields, ARRAY_SIZE(in_region) + 1);
		binding_unref(fields.binding);
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
	.name = "fields",
	.flags = VIEW_DIRECTORY,
};

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
