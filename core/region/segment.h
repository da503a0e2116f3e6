/* SPDX-License-Identifier: MIT */
/* A System V segment that nobody has attached, for callers who can't get a descriptor of it.
 * Internal to memory_bytes.c. */
#ifndef PEEKFS_REGION_SEGMENT_H
#define PEEKFS_REGION_SEGMENT_H

#include <sys/types.h>

#include "region/region.h"

/* Up to n bytes at offset, while it is attached for a moment: how many, 0 behind the end; -EACCES;
 * -EIO it is gone, or memory is swapped out and nobody can tell a hole. */
ssize_t segment_read(const struct region *region, const char *proc, void *to, size_t n,
		     uint64_t offset);

#endif
