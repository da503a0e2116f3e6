/* SPDX-License-Identifier: MIT */
/*
 * One struct debug for each program file, shared by all who ask. A file is known by its build-id;
 * where it has none, by device, inode, size and times.
 *
 * What is big (the debug information itself) is closed after DEBUG_CACHE_OPEN of disuse, what is
 * small (the types that were made of it) goes after DEBUG_CACHE_KEPT, or when there are more than
 * DEBUG_CACHE_MAX. A thread sees to that while there is anything, and ends when there isn't.
 */
#ifndef PEEKFS_LAYOUT_DEBUG_CACHE_H
#define PEEKFS_LAYOUT_DEBUG_CACHE_H

#include "layout/debug.h"

#define DEBUG_CACHE_OPEN 5000000000u   /* ns */
#define DEBUG_CACHE_KEPT 600000000000u /* ns */
#define DEBUG_CACHE_MAX	 1024	       /* files */

/* The struct debug of the program file behind fd: 0 and *out, a reference; -EINVAL it is no ELF
 * file; -ENOMEM, -EIO. Thread-safe, and waits for no other file. */
int debug_cache_get(int fd, struct debug **out);
/* Lets everything go that nobody uses. */
void debug_cache_drop(void);

#endif
