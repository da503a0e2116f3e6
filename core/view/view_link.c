/* SPDX-License-Identifier: MIT */
/* A pointer or an offset that leads to a record of the same region, as a link to that. */
#include <errno.h>

#include "base/cleanup.h"
#include "view/lead.h"
#include "view/locate.h"
#include "view/view.h"

/* What is no link any more is another file by now: the kernel walks the path once more. */
static int link_link(const struct node *node, struct buf *out)
{
	struct spot spot;
	struct trail target;
	int r = spot_find(node, &spot);

	if (r == 0)
		r = lead_find(node, &spot, &target);
	if (r < 0)
		return r == -ENOENT ? -ESTALE : r;
	locate_link(&spot.trail, &target, out);
	return buf_status(out);
}

static int link_stat(const struct node *node, const struct caller *caller, struct attr *attr)
{
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	int r = link_link(node, &text);

	(void)caller;
	attr->mode |= 0777;
	attr->size = text.len;
	return r;
}

const struct view_ops view_link = {
	.name = "field",
	.flags = VIEW_LINK | VIEW_MOMENT,
	.stat = link_stat,
	.link = link_link,
};
