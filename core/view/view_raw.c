/* SPDX-License-Identifier: MIT */
/* The bytes of a region, as they are. */
#include <errno.h>

#include "view/facts.h"
#include "view/view.h"

static int raw_stat(const struct node *node, const struct caller *caller, struct attr *attr)
{
	int r = facts_size(node->binding->object, &attr->size);

	(void)caller;
	if (r < 0)
		return r;
	if (memory_blocks(node_memory(node), &attr->blocks) < 0)
		attr->blocks = attr->size / 512;
	return 0;
}

static ssize_t raw_read(const struct node *node, void *to, size_t n, uint64_t offset)
{
	return memory_read(node_memory(node), to, n, offset);
}

static ssize_t raw_write(const struct node *node, const void *from, size_t n, uint64_t offset)
{
	uint64_t size;
	int r = memory_size(node_memory(node), &size);

	if (r < 0)
		return r;
	if (n == 0)
		return 0;
	if (offset >= size)
		return -ENOSPC;
	if (n > size - offset)
		n = (size_t)(size - offset);
	return memory_write(node_memory(node), from, n, offset);
}

static int raw_seek(const struct node *node, uint64_t offset, int whence, uint64_t *out)
{
	return memory_seek(node_memory(node), offset, whence, out);
}

const struct view_ops view_raw = {
	.name = "raw",
	.flags = VIEW_EDITABLE | VIEW_PASSES,
	.stat = raw_stat,
	.read = raw_read,
	.write = raw_write,
	.seek = raw_seek,
};
