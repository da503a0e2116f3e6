/* SPDX-License-Identifier: MIT */
#include "node/path.h"

#include "view/locate.h"

/* Files of a struct's directory have names of their own; a scalar's is its place's. */
static bool is_in_its_place(const struct view_ops *view)
{
	return view->name[0] == '.';
}

static void put_fields(const struct node *node, struct buf *out)
{
	struct spot spot;
	size_t start;

	buf_puts(out, "fields/");
	start = out->len;
	if (spot_find(node, &spot) == 0)
		locate_path(&spot.trail, 0, out);
	else
		buf_putc(out, '?');
	if (!is_in_its_place(node->view))
		return;
	if (out->len > start)
		buf_putc(out, '/');
	buf_puts(out, node->view->name);
}

void node_path(const struct node *node, struct buf *out)
{
	struct object *object = node->binding->object;
	struct region *region = object ? object_region(object) : NULL;

	if (object) {
		buf_puts(out, region ? region->name : "?");
		buf_putc(out, '/');
	}
	if (node->binding->bound)
		put_fields(node, out);
	else
		buf_puts(out, node->view->name);
	region_unref(region);
}
