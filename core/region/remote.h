/* SPDX-License-Identifier: MIT */
/* A region's bytes through the processes that map it. Internal to memory.c and its tests. */
#ifndef PEEKFS_REGION_REMOTE_H
#define PEEKFS_REGION_REMOTE_H

#include "region/region.h"

/*
 * fills: touching a hole of the object would fill it, so pages that no process has aren't read.
 *
 * Up to n bytes at offset, through whichever mappers cover it; how many, short where nobody maps
 * what follows. -EIO when not even the first byte is reached; -EACCES.
 * The kernel copies bytes: a value that is being written may be half new.
 */
ssize_t remote_read(const struct region *region, const char *proc, bool fills, void *to, size_t n,
		    uint64_t offset);
/* Writes through mappings that the process itself may write through; else the same. */
ssize_t remote_write(const struct region *region, const char *proc, const void *from, size_t n,
		     uint64_t offset);

#endif
