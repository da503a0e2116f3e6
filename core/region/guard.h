/* SPDX-License-Identifier: MIT */
/* Touching mapped memory that may vanish under us: a fault is an error, not a signal. */
#ifndef PEEKFS_REGION_GUARD_H
#define PEEKFS_REGION_GUARD_H

#include <stddef.h>
#include <stdint.h>

/*
 * All: 0, or -EFAULT when a page isn't there (behind the end of a file that was cut, unreadable on
 * its disk, no space to allocate it). Any thread; they nest in nothing and call nobody.
 */

/* One machine load of size (1, 2, 4, 8) bytes at p, which is aligned to it; zero-extended. */
int guard_load(const void *p, unsigned size, uint64_t *value);
/* One machine store of the bits set in mask: plain when that is all of them, else by compare and
 * swap until nobody came between. */
int guard_store(void *p, unsigned size, uint64_t value, uint64_t mask);
/* memcpy(). After -EFAULT some first bytes may have been copied. */
int guard_copy(void *to, const void *from, size_t n);

/* The same, but every 8 bytes that lie at a multiple of 8 are one load. */
int guard_copy_words(void *to, const void *from, size_t n);

/* Installs the handler of SIGBUS in front of the one that is there. Only needed by a program that
 * sets its own after the first guarded access; not thread-safe against that. */
void guard_install(void);

#endif
