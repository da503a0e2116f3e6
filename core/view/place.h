/* SPDX-License-Identifier: MIT */
/* Typed places in live memory: what the views below `fields` have in common. */
#ifndef PEEKFS_VIEW_PLACE_H
#define PEEKFS_VIEW_PLACE_H

#include "view/view.h"

/* The typed place that a node of a layout stands for: 0, or -ENOENT. */
int place_find(const struct node *node, struct place *out);

/*
 * Reads all n bytes at offset; n = 1, 2, 4 or 8 at a multiple of n in one load. 0; -EIO when there
 * are fewer; errors of memory_read(). A layout_read_fn, whose context is the struct memory.
 */
int place_read(void *memory, uint64_t offset, void *to, size_t n);

/*
 * Writes the bits of n (at most 16) bytes at offset that are set in mask; aligned as above in one
 * store, or else the bytes from the first to the last that mask touches. 0; -EIO when they are
 * behind the end by now; errors of memory_write().
 */
int place_write(struct memory *memory, uint64_t offset, const void *bytes, const void *mask,
		size_t n);
/* All n bytes as they are. */
int place_write_run(struct memory *memory, uint64_t offset, const void *bytes, size_t n);

#endif
