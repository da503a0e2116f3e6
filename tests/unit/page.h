/* SPDX-License-Identifier: MIT */
/* A region of 4096 bytes for walks, which fail the test when they read outside of it. */
#ifndef PEEKFS_TESTS_PAGE_H
#define PEEKFS_TESTS_PAGE_H

#include <stdint.h>
#include <string.h>

#define SIZE 4096

static union {
	unsigned char bytes[SIZE];
	uint16_t shorts[SIZE / 2];
	uint32_t words[SIZE / 4];
	uint64_t longs[SIZE / 8];
} memory;

static unsigned reads;

/* A layout_read_fn, which counts. */
static inline int read_memory(void *context, uint64_t offset, void *to, size_t n)
{
	(void)context;
	reads++;
	if (offset > SIZE || n > SIZE - offset)
		fail_msg("%zu bytes are read at %lu", n, (unsigned long)offset);
	memcpy(to, memory.bytes + offset, n);
	return 0;
}

#endif
