/* SPDX-License-Identifier: MIT */
/* The layout that an object carries: the extended attribute user.peekfs.layout. Internal to
 * memory.c, which documents the errors. */
#ifndef PEEKFS_REGION_ATTRIBUTE_H
#define PEEKFS_REGION_ATTRIBUTE_H

#include "base/buf.h"

int attribute_get(int fd, struct buf *text);
int attribute_set(int fd, const char *text, size_t n);

#endif
