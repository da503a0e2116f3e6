/* SPDX-License-Identifier: MIT */
/* .raw of a struct directory: the struct's bytes, and no others. */
#include <errno.h>
#include <unistd.h>

#include "view/place.h"
#include "view/view.h"

static int bytes_stat(const struct node *node, const struct caller *caller, struct attr *attr)
{
	struct place place;
	int r = place_find(node, &place);

	(void)caller;
	if (r < 0)
		return r;
	attr->size = place.size;
	attr->blocks = (attr->size + 511) / 512;
	return 0;
}

static ssize_t bytes_read(const struct node *node, void *to, size_t n, uint64_t offset)
{
	struct place place;
	ssize_t got = place_find(node, &place);

	if (got < 0)
		return got;
	if (offset >= place.size)
		return 0;
	if (n > place.size - offset)
		n = (size_t)(place.size - offset);
	got = memory_read(node_memory(node), to, n, place.offset + offset);
	return got == 0 && n ? -EIO : got;
}

static ssize_t bytes_write(const struct node *node, const void *from, size_t n, uint64_t offset)
{
	struct place place;
	int r = place_find(node, &place);

	if (r < 0)
		return r;
	if (offset >= place.size)
		return n ? -ENOSPC : 0;
	if (n > place.size - offset)
		n = (size_t)(place.size - offset);
	r = place_write_run(node_memory(node), place.offset + offset, from, n);
	return r < 0 ? r : (ssize_t)n;
}

static int bytes_seek(const struct node *node, uint64_t offset, int whence, uint64_t *out)
{
	struct place place;
	uint64_t found = 0;
	int r = place_find(node, &place);

	if (r < 0)
		return r;
	if (offset >= place.size)
		return -ENXIO;
	r = memory_seek(node_memory(node), place.offset + offset, whence, &found);
	if (r < 0 && r != -ENXIO)
		return r;
	if (r == 0 && found - place.offset < place.size)
		*out = found - place.offset;
	else if (whence == SEEK_HOLE)
		*out = place.size;
	else
		return -ENXIO;
	return 0;
}

const struct view_ops view_bytes = {
	.name = ".raw",
	.flags = VIEW_EDITABLE,
	.stat = bytes_stat,
	.read = bytes_read,
	.write = bytes_write,
	.seek = bytes_seek,
};
