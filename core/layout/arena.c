/* SPDX-License-Identifier: MIT */
#include "layout/arena.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CHUNK   1024u
#define LARGEST_CHUNK (256u << 10)

struct arena_chunk {
	struct arena_chunk *next;
	size_t size;
	_Alignas(max_align_t) char bytes[];
};

/* Chunks double, so that a small text costs little and a large one few calls. */
static int grow(struct arena *arena, size_t n)
{
	size_t size = arena->total < FIRST_CHUNK ? FIRST_CHUNK : arena->total;
	struct arena_chunk *chunk;

	if (size > LARGEST_CHUNK)
		size = LARGEST_CHUNK;
	if (size < n)
		size = n;
	if (size > arena->max - arena->total)
		return -E2BIG;
	chunk = calloc(1, sizeof(*chunk) + size);
	if (!chunk)
		return -ENOMEM;
	chunk->size = size;
	chunk->next = arena->chunks;
	arena->chunks = chunk;
	arena->left = size;
	arena->total += size;
	return 0;
}

void *arena_alloc(struct arena *arena, size_t n)
{
	size_t unit = _Alignof(max_align_t);
	char *at;

	if (arena->err)
		return NULL;
	if (n > arena->max) {
		arena->err = -E2BIG;
		return NULL;
	}
	n = n ? (n + unit - 1) / unit * unit : unit;
	if (n > arena->left) {
		arena->err = grow(arena, n);
		if (arena->err)
			return NULL;
	}
	at = arena->chunks->bytes + (arena->chunks->size - arena->left);
	arena->left -= n;
	return at;
}

char *arena_copy(struct arena *arena, const char *bytes, size_t n)
{
	char *copy = arena_alloc(arena, n + 1);

	if (copy)
		memcpy(copy, bytes, n);
	return copy;
}

bool arena_owns(const struct arena *arena, const void *p)
{
	const uintptr_t at = (uintptr_t)p;

	for (const struct arena_chunk *chunk = arena->chunks; chunk; chunk = chunk->next) {
		if (at - (uintptr_t)chunk->bytes < chunk->size)
			return true;
	}
	return false;
}

void arena_destroy(struct arena *arena)
{
	while (arena->chunks) {
		struct arena_chunk *chunk = arena->chunks;

		arena->chunks = chunk->next;
		free(chunk);
	}
	*arena = ARENA_INIT(arena->max);
}
