/* SPDX-License-Identifier: MIT */
/*
 * Any text as a layout, over regions of several sizes, with a memory that answers anything. What
 * must hold: no crash, no hang, no leak; nothing is read outside of the region; a node is found by
 * its number and by its name where it was found by its index; what a value shows, it takes back.
 *
 * One input is one look, with the limits that a look of the daemon has: so the time of one input is
 * how long a layout can make somebody wait, under sanitizers.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "layout/layout.h"
#include "layout/walk.h"
#include "view/value.h"

#define NODES 300 /* that one walk looks at */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct memory {
	uint64_t size;
	uint64_t seed;
};

static uint64_t mix(uint64_t z)
{
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Mostly small numbers: they are what counts and offsets can be. */
static void answer(const struct memory *memory, uint64_t offset, unsigned char *to, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t word = mix(memory->seed + (offset + i) / 8);
		unsigned at = (unsigned)((offset + i) % 8);

		to[i] = word % 4 == 0 ? (unsigned char)(word >> 8 * at)
			: at % 4      ? 0
				      : (unsigned char)(word >> 8) % 24;
	}
}

static int read_memory(void *context, uint64_t offset, void *to, size_t n)
{
	const struct memory *memory = context;

	if (offset > memory->size || n > memory->size - offset)
		abort();
	answer(memory, offset, to, n);
	return 0;
}

/* Shown and taken back, to the same bits where it says anything. */
static void try_value(const struct memory *memory, const struct place *place)
{
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	unsigned char bytes[64], back[64], mask[64];
	const struct type *type = place->type;
	struct diag diag;

	if (type->size > sizeof(bytes) || type_is_directory(type))
		return;
	answer(memory, place->offset, bytes, type->size);
	value_format(type, bytes, &text);
	if (text.failed || value_parse(type, text.data, text.len, back, mask, &diag))
		abort();
	for (size_t i = 0; i < type->size; i++) {
		if ((bytes[i] ^ back[i]) & mask[i])
			abort();
	}
	if (type->kind == TYPE_STRING || type->kind == TYPE_CHAR)
		return; /* an escape is longer than its byte */
	buf_reset(&text);
	value_format_bare(type, bytes, &text);
	if (text.failed || text.len > value_longest(type))
		abort();
}

static void walk_below(struct walk *walk, struct trail *trail, unsigned *left)
{
	const struct memory *memory = walk->context;
	struct place place = *trail_end(trail);
	uint64_t n = 0, child;

	if (!*left || !--*left)
		return;
	if (place.offset > memory->size || place.type->size > memory->size - place.offset)
		abort();
	if (!type_is_directory(place.type)) {
		try_value(memory, &place);
		return;
	}
	if (walk_count(walk, trail, &n))
		return;
	if (place.type->kind == TYPE_ARRAY && place.type->stride)
		n = place.type->length;
	for (uint64_t i = 0; i < n && *left; i++) {
		struct trail found;

		child = i < 4 ? i : i + mix(i + memory->seed) % (n - i);
		if (child >= n || walk_has(walk, trail, child) || walk_down(walk, trail, child))
			continue;
		if (walk_find(walk, trail_end(trail)->ordinal, &found) == 0 &&
		    (trail_end(&found)->offset != trail_end(trail)->offset ||
		     trail_end(&found)->type != trail_end(trail)->type))
			abort();
		walk_below(walk, trail, left);
		walk_up(trail);
	}
}

static void try_walk(const struct bound *bound, uint64_t seed)
{
	struct memory memory = {.size = bound_size(bound), .seed = seed};
	struct trail trail;
	struct diag diag;
	struct walk walk;
	unsigned left = NODES;

	walk_begin(&walk, bound, read_memory, &memory, &diag);
	trail_begin(&walk, &trail);
	walk_below(&walk, &trail, &left);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint64_t sizes[] = {0, 1, 60, 4096, 1 << 20, UINT64_C(1) << 40};
	struct layout *layout = NULL;
	struct diag diag = {.message = ""};

	if (layout_parse((const char *)data, size, &layout, &diag)) {
		if (!*diag.message)
			abort(); /* a refusal always says why */
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct bound *bound = NULL;

		if (layout_bind(layout, sizes[i], &bound, &diag) == 0 &&
		    i == size % ARRAY_SIZE(sizes))
			try_walk(bound, size);
		bound_unref(bound);
	}
	layout_unref(layout);
	return 0;
}
