/* SPDX-License-Identifier: MIT */
#include "view/place.h"

#include <errno.h>
#include <string.h>

#define PART_MAX 16

/* Reads ahead from an offset on; false: it can't. */
static bool read_ahead(struct lookahead *ahead, uint64_t offset)
{
	uint64_t start = offset - offset % sizeof(uint64_t), left = ahead->size - start;
	size_t n = left < sizeof(ahead->bytes) ? (size_t)left : sizeof(ahead->bytes);

	ahead->n = 0;
	if (memory_still(ahead->memory, ahead->bytes, n, start, 0, 1) < 0)
		return false;
	ahead->offset = start;
	ahead->n = n;
	return true;
}

static bool is_ahead(const struct lookahead *ahead, uint64_t offset, size_t n)
{
	return offset >= ahead->offset && offset - ahead->offset <= ahead->n &&
	       n <= ahead->n - (offset - ahead->offset);
}

int lookahead_read(void *context, uint64_t offset, void *to, size_t n)
{
	struct lookahead *ahead = context;
	uint64_t last = ahead->last;

	if (n > PART_MAX || offset >= ahead->size)
		return place_read(ahead->memory, offset, to, n);
	ahead->last = offset;
	if (!is_ahead(ahead, offset, n) &&
	    (offset <= last || offset - last > LOOKAHEAD_BYTES || !read_ahead(ahead, offset) ||
	     !is_ahead(ahead, offset, n)))
		return place_read(ahead->memory, offset, to, n);
	memcpy(to, ahead->bytes + (offset - ahead->offset), n);
	return 0;
}

int spot_find(const struct node *node, struct spot *out)
{
	struct memory *memory = node_memory(node);

	out->diag = (struct diag){0};
	out->ahead.memory = memory;
	out->ahead.size = bound_size(node->binding->bound);
	out->ahead.last = UINT64_MAX;
	out->ahead.n = 0;
	out->ahead.offset = 0;
	walk_begin(&out->walk, node->binding->bound, lookahead_read, &out->ahead, &out->diag);
	out->walk.remembers = true;
	return walk_find(&out->walk, node->ordinal, &out->trail);
}

int place_find(const struct node *node, struct place *out)
{
	struct spot spot;
	int r = spot_find(node, &spot);

	if (r == 0)
		*out = *spot_place(&spot);
	return r;
}

struct type place_type(const struct place *place)
{
	struct type type = *place->type;

	type.size = place->size;
	return type;
}

int place_text_size(layout_read_fn *read, void *context, const struct place *place, uint64_t *size)
{
	uint64_t most = place->size < PLACE_TEXT_MAX ? place->size : PLACE_TEXT_MAX;
	char bytes[256];

	for (uint64_t at = 0; at < most;) {
		size_t n = most - at < sizeof(bytes) ? (size_t)(most - at) : sizeof(bytes);
		const char *nul;
		int r = read(context, place->offset + at, bytes, n);

		if (r < 0)
			return r;
		nul = memchr(bytes, '\0', n);
		if (nul) {
			*size = at + (uint64_t)(nul - bytes);
			return 0;
		}
		at += n;
	}
	if (most < place->size)
		return -EFBIG;
	*size = most;
	return 0;
}

static bool is_one_access(uint64_t offset, size_t n)
{
	return (n == 1 || n == 2 || n == 4 || n == 8) && offset % n == 0;
}

/* Between n bytes as they stand in memory and the number that a machine load makes of them. */
static void put_bytes(void *to, uint64_t value, size_t n)
{
	size_t skip = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? sizeof(value) - n : 0;

	memcpy(to, (char *)&value + skip, n);
}

static uint64_t get_bytes(const void *from, size_t n)
{
	size_t skip = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? sizeof(uint64_t) - n : 0;
	uint64_t value = 0;

	memcpy((char *)&value + skip, from, n);
	return value;
}

int place_read(void *memory, uint64_t offset, void *to, size_t n)
{
	uint64_t value;
	ssize_t got;
	int r;

	if (is_one_access(offset, n)) {
		r = memory_load(memory, offset, (unsigned)n, &value);
		if (r == 0)
			put_bytes(to, value, n);
		return r;
	}
	got = memory_read(memory, to, n, offset);
	if (got < 0)
		return (int)got;
	return (size_t)got == n ? 0 : -EIO;
}

int place_write_run(struct memory *memory, uint64_t offset, const void *bytes, size_t n)
{
	ssize_t put = memory_write(memory, bytes, n, offset);

	if (put == -ENOSPC || (put >= 0 && (size_t)put != n))
		return -EIO;
	return put < 0 ? (int)put : 0;
}

/* A place that no single store can write: what lies between the bits is read and written back. */
static int merge(struct memory *memory, uint64_t offset, const unsigned char *bytes,
		 const unsigned char *mask, size_t n)
{
	unsigned char part[PART_MAX] = {0};
	size_t first = 0, last = n;
	int r;

	while (first < n && mask[first] == 0)
		first++;
	while (last > first && mask[last - 1] == 0)
		last--;
	if (first == last)
		return 0;
	r = place_read(memory, offset + first, part, last - first);
	if (r < 0)
		return r;
	for (size_t i = first; i < last; i++)
		part[i - first] =
			(unsigned char)((part[i - first] & ~mask[i]) | (bytes[i] & mask[i]));
	return place_write_run(memory, offset + first, part, last - first);
}

int place_write(struct memory *memory, uint64_t offset, const void *bytes, const void *mask,
		size_t n)
{
	int r;

	if (n > PART_MAX)
		return -EINVAL;
	if (!is_one_access(offset, n))
		return merge(memory, offset, bytes, mask, n);
	r = memory_store(memory, offset, (unsigned)n, get_bytes(bytes, n), get_bytes(mask, n));
	return r == -ENOSPC ? -EIO : r;
}
