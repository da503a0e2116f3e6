/* SPDX-License-Identifier: MIT */
#include "view/record.h"

#include <errno.h>
#include <string.h>

#include "view/place.h"

static int read_bytes(struct memory *memory, const struct place *place, unsigned char *bytes)
{
	ssize_t got = memory_read(memory, bytes, place->type->size, place->offset);

	if (got < 0)
		return (int)got;
	return (uint64_t)got == place->type->size ? 0 : -EIO;
}

/* Each scalar by itself, over what stands in bytes already. */
static int read_scalars(struct memory *memory, const struct place *place, unsigned char *bytes)
{
	uint64_t n = type_children(place->type);

	if (!type_is_directory(place->type))
		return place_read(memory, place->offset, bytes, place->type->size);
	for (uint64_t i = 0; i < n; i++) {
		struct place child = type_child(place, i);
		int r = read_scalars(memory, &child, bytes + (child.offset - place->offset));

		if (r < 0)
			return r;
	}
	return 0;
}

int record_read(struct memory *memory, const struct place *place, unsigned char *bytes,
		unsigned char *again, bool *torn)
{
	unsigned char *first = bytes, *second = again;
	int r = read_bytes(memory, place, first);

	for (int i = 0; i < RECORD_TRIES && r == 0; i++) {
		unsigned char *swap = first;

		r = read_bytes(memory, place, second);
		if (r == 0 && memcmp(first, second, place->type->size) == 0) {
			if (first != bytes)
				memcpy(bytes, first, place->type->size);
			*torn = false;
			return 0;
		}
		first = second;
		second = swap;
	}
	if (r < 0)
		return r;
	r = read_scalars(memory, place, bytes);
	if (r == 0)
		*torn = true;
	return r;
}
