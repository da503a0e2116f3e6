/* SPDX-License-Identifier: MIT */
#include "node/renew.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "view/locate.h"

/* Goes from *node, whose reference is used up, to the directory of that name in it. */
static int descend(struct node *node, const char *name)
{
	struct node child = {0};
	int r = node->view->lookup(node, name, &child);

	if (r == 0 && !(child.view->flags & VIEW_DIRECTORY)) {
		binding_unref(child.binding);
		child.binding = NULL;
		r = -ENOTDIR;
	}
	binding_unref(node->binding);
	*node = child;
	return r;
}

int renew_directory(const struct node *old, struct node *now)
{
	CLEANUP(buf_destroy) struct buf path = BUF_INIT;
	struct node node = {.view = &view_record};
	struct spot spot;
	char *rest, *name;
	int r = spot_find(old, &spot);

	if (r < 0)
		return -ESTALE;
	locate_path(&spot.trail, 0, &path);
	if (!buf_cstr(&path))
		return -ENOMEM;
	r = object_fields(old->binding->object, &node.binding);
	for (rest = path.data; r == 0 && (name = strsep(&rest, "/"));)
		r = descend(&node, name);
	if (r < 0)
		return r == -ENOMEM ? r : -ESTALE;
	*now = node;
	return 0;
}
