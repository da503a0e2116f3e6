/* SPDX-License-Identifier: MIT */
/* From an offset of a region to the fields that are there. */
#ifndef PEEKFS_VIEW_LOCATE_H
#define PEEKFS_VIEW_LOCATE_H

#include "view/place.h"

/* Called for a place that the byte belongs to, those around it before those in it. True: enough. */
typedef bool locate_fn(void *context, struct spot *spot);

/*
 * Goes from the spot's place down to all that is there now and holds the byte at offset: of a
 * union, of variables that lie over each other, there are several. What memory can't place isn't
 * searched. 0, or 1 when found() said enough: then the spot is what it was called for; -E2BIG;
 * errors of reading.
 */
int locate(struct spot *spot, uint64_t offset, locate_fn *found, void *context);

/* Appends the names from the first-th place of a trail (0: the region) on to its end. */
void locate_path(const struct trail *trail, unsigned first, struct buf *out);

/* Appends the path from the directory that holds the end of `from` to the end of `to`. */
void locate_link(const struct trail *from, const struct trail *to, struct buf *out);

#endif
