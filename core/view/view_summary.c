/* SPDX-License-Identifier: MIT */
/* The big picture: a line for each region, the largest resident one first. */
#include <errno.h>

#include "base/cleanup.h"
#include "view/columns.h"
#include "view/facts.h"
#include "view/overview.h"
#include "view/view.h"

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

static void put_row(struct columns *columns, const struct overview_row *row)
{
	put_name(columns, row->region->name);
	columns_text(columns, region_kind_name(row->region->kind));
	columns_number(columns, row->region->size);
	if (row->known)
		columns_number(columns, row->resident);
	else
		columns_text(columns, "-");
	columns_number(columns, row->region->n_mappers);
	columns_text(columns, row->layout ? row->layout : "-");
	facts_programs(row->region, &columns->text);
	columns_next(columns);
}

static int print(const struct overview_row *rows, size_t n, struct buf *out)
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
	struct overview_row *rows;
	size_t n = 0;
	int r;

	(void)caller;
	r = registry_get(env->registry, env->ttl, &snapshot);
	if (r < 0)
		return r;
	rows = calloc(snapshot->n_regions + 1, sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	r = overview_all(env, snapshot, env->all, rows, &n);
	if (r == 0)
		r = print(rows, n, out);
	free(rows);
	return r;
}

const struct view_ops view_summary = {
	.name = "summary",
	.flags = VIEW_PUBLIC | VIEW_SCANS,
	.render = summary_render,
};
