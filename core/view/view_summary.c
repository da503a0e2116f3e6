/* SPDX-License-Identifier: MIT */
/* The big picture: a line for each region, the largest resident one first. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "view/columns.h"
#include "view/facts.h"
#include "view/view.h"

struct row {
	const struct region *region;
	uint64_t resident;
	bool known; /* resident is */
	const char *layout;
};

/* Nothing is asked that may wait for one region: all the others are to be shown too. */
static int look(struct env *env, struct region *region, struct row *row)
{
	struct layout_state state;
	struct object *object;
	int r;

	*row = (struct row){.region = region, .layout = "-"};
	if (!region->approachable)
		return 0;
	r = env->object(env, region, &object);
	if (r < 0)
		return r;
	row->known = memory_resident(object_memory(object), &row->resident) == 0;
	r = object_layout_state(object, &state);
	object_unref(object);
	if (r < 0)
		return r;
	row->layout = layout_origin_name(state.origin);
	layout_state_destroy(&state);
	return 0;
}

static int by_resident(const void *a, const void *b)
{
	const struct row *left = a, *right = b;

	if (left->known != right->known)
		return left->known ? -1 : 1;
	if (left->resident != right->resident)
		return left->resident > right->resident ? -1 : 1;
	if (left->region->size != right->region->size)
		return left->region->size > right->region->size ? -1 : 1;
	return strcmp(left->region->name, right->region->name);
}

/* A name in the tree is safe but for blanks, which would be two columns. */
static void put_name(struct columns *columns, const char *name)
{
	for (; *name; name++) {
		if (*name == ' ')
			buf_puts(&columns->text, "\\x20");
		else
			buf_putc(&columns->text, *name);
	}
	columns_next(columns);
}

static void put_row(struct columns *columns, const struct row *row)
{
	put_name(columns, row->region->name);
	columns_text(columns, region_kind_name(row->region->kind));
	columns_number(columns, row->region->size);
	if (row->known)
		columns_number(columns, row->resident);
	else
		columns_text(columns, "-");
	columns_number(columns, row->region->n_mappers);
	columns_text(columns, row->layout);
	facts_programs(row->region, &columns->text);
	columns_next(columns);
}

/* The rows of the regions that are shown; rows has room for all. */
static int look_at_all(struct env *env, const struct snapshot *snapshot, struct row *rows,
		       size_t *n_rows)
{
	size_t n = 0;

	for (size_t i = 0; i < snapshot->n_regions; i++) {
		int r;

		if (snapshot->regions[i]->noise && !env->all)
			continue;
		r = look(env, snapshot->regions[i], &rows[n++]);
		if (r < 0)
			return r;
	}
	qsort(rows, n, sizeof(*rows), by_resident);
	*n_rows = n;
	return 0;
}

static int print(const struct row *rows, size_t n, struct buf *out)
{
	CLEANUP(columns_destroy) struct columns columns;

	columns_init(&columns, "NAME KIND >SIZE >RESIDENT >MAPPERS LAYOUT PROGRAMS");
	for (size_t i = 0; i < n; i++)
		put_row(&columns, &rows[i]);
	return columns_print(&columns, out);
}

static int summary_render(const struct node *node, const struct caller *caller, struct buf *out)
{
	CLEANUP(snapshot_unrefp) struct snapshot *snapshot = NULL;
	struct env *env = node->binding->env;
	struct row *rows;
	size_t n = 0;
	int r;

	(void)caller;
	r = registry_get(env->registry, env->ttl, &snapshot);
	if (r < 0)
		return r;
	rows = calloc(snapshot->n_regions + 1, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	r = look_at_all(env, snapshot, rows, &n);
	if (r == 0)
		r = print(rows, n, out);
	free(rows);
	return r;
}

const struct view_ops view_summary = {
	.name = "summary",
	.flags = VIEW_PUBLIC | VIEW_SCANS | VIEW_LIVE,
	.render = summary_render,
};
