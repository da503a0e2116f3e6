/* SPDX-License-Identifier: MIT */
/* What a node is to the kernel: its attributes, how long they hold, what asking for it costs. */
#include <errno.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "node/top.h"
#include "node/tree.h"

#define FOREVER 86400.0	    /* seconds; for what can't change as long as its parent is there */
#define LONG	(64u << 10) /* bytes */

/* Type, owner and mode, as the view's flags and the region's facts say. */
static int default_attr(const struct node *node, struct attr *attr)
{
	unsigned flags = node->view->flags;
	struct region *region = NULL;

	*attr = (struct attr){.uid = geteuid(), .gid = getegid()};
	attr->mode = flags & VIEW_LINK	      ? S_IFLNK | 0777
		     : flags & VIEW_DIRECTORY ? S_IFDIR | 0555
					      : S_IFREG | 0444;
	if (!node->binding->object)
		return 0;
	region = object_region(node->binding->object);
	if (!region)
		return -EIO;
	if (!(flags & VIEW_PUBLIC)) {
		mode_t bits = region->mode & 0444;

		attr->uid = region->uid;
		attr->gid = region->gid;
		if (flags & VIEW_DIRECTORY)
			bits |= bits >> 2;
		else if (flags & VIEW_EDITABLE)
			bits |= region->mode & 0222;
		attr->mode = (attr->mode & S_IFMT) | bits;
	}
	region_unref(region);
	return 0;
}

/* Whether its text is made of bytes that nobody may read unasked. A stat isn't asking: such a file
 * is of size 0 until it is opened, as those of procfs are, and is read in full all the same. */
static bool stays_unread(const struct node *node)
{
	return node->binding->object && !(node->view->flags & (VIEW_PUBLIC | VIEW_BESIDE)) &&
	       memory_attaches(node_memory(node));
}

int node_stat(const struct node *node, const struct caller *caller, struct attr *out)
{
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	struct attr attr;
	int r;

	r = default_attr(node, &attr);
	if (r < 0)
		return r;
	if (node->view->stat)
		r = node->view->stat(node, caller, &attr);
	else if (node->view->render && !stays_unread(node))
		r = node->view->render(node, caller, &text);
	/* Too long to be had at one moment: a reader is told so, but it can be listed. */
	if (r == -EFBIG)
		buf_reset(&text);
	else if (r < 0)
		return r;
	attr.size += text.len;
	*out = attr;
	return 0;
}

int node_truncate(const struct node *node, uint64_t size)
{
	const struct caller nobody = {(uid_t)-1, (gid_t)-1, 0};
	struct attr attr;
	int r;

	if (!(node->view->flags & VIEW_EDITABLE))
		return -EACCES;
	if (node->view->clear && size == 0)
		return node->view->clear(node);
	if (node->view->store && size == 0)
		return 0;
	r = node_stat(node, &nobody, &attr);
	if (r < 0)
		return r;
	return attr.size == size ? 0 : -EPERM;
}

double node_name_ttl(const struct node *node)
{
	const struct view_ops *view = node->view;

	if (view->flags & VIEW_MOMENT)
		return 0;
	/* Names that are always there: in the root, and in a region's own directory. */
	if (!node->binding->object && view != &view_pid)
		return FOREVER;
	if (node->binding->object && !node->binding->bound && view != &view_region &&
	    !(view->flags & VIEW_LINK))
		return FOREVER;
	return (double)node->binding->env->ttl / CLOCK_SECOND;
}

double node_attr_ttl(const struct node *node)
{
	if (!(node->view->flags & (VIEW_DIRECTORY | VIEW_LINK)) || node->view->flags & VIEW_MOMENT)
		return 0;
	return (double)node->binding->env->ttl / CLOCK_SECOND;
}

/* Whether the newest scan is too old to be asked. */
static bool needs_scan(struct env *env)
{
	CLEANUP(snapshot_unrefp) struct snapshot *newest = registry_peek(env->registry);

	return !newest || clock_ns() - newest->scanned_at > env->ttl;
}

/* Whether its text is made of so many bytes, all at once, that others would notice. */
static bool is_long(const struct node *node)
{
	struct place root, place;

	if (!node->binding->bound || !node->view->render || node->view->read)
		return false;
	root = bound_root(node->binding->bound);
	return type_find(&root, node->ordinal, NULL, NULL, &place) == 0 && place.type->size > LONG;
}

bool node_waits(const struct node *node, uint64_t *lane)
{
	struct object *object = node->binding->object;
	struct region *region = object ? object_region(object) : NULL;
	bool scans = node->view->flags & VIEW_SCANS;
	/* Looking for a layout reads what may be hundreds of megabytes, and so does setting one. */
	bool waits = (region && !region->approachable) ||
		     (scans && !(node->view->flags & VIEW_DIRECTORY)) ||
		     node->view == &view_layout || is_long(node) ||
		     (node->view == &view_laid && object_would_look(object));

	region_unref(region);
	*lane = waits ? node->binding->slot : 0;
	return waits || (scans && needs_scan(node->binding->env));
}
