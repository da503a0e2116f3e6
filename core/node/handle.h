/* SPDX-License-Identifier: MIT */
/*
 * An open file or directory.
 *
 * Listing: from cursor 0 on it is of one moment, however many calls it takes.
 * Reading: a read at offset 0 renders the text anew, later reads go on with that rendering. A
 * stream is rendered as far as it is read, and from its start again by who goes back. Writing:
 * bytes as they come; of a value see draft.h. What is refused changes nothing.
 */
#ifndef PEEKFS_NODE_HANDLE_H
#define PEEKFS_NODE_HANDLE_H

#include "node/tree.h"

struct handle;

/* flags: open(2)'s. O_TRUNC is remembered, never acted upon by itself; O_APPEND is -EPERM on what
 * is bytes. 0 and *out, for handle_close(); -EISDIR, -EACCES (also for root, where the region isn't
 * Writable), -ENOENT (the region is gone), -ESTALE (the layout was replaced; of a
 * directory: and the one in effect makes no such one), -ETXTBSY and the
 * like. Takes a reference of node. */
int handle_open(const struct node *node, int flags, const struct caller *caller,
		struct handle **out);
const struct node *handle_node(const struct handle *handle);
/* The entries of a directory, "." and ".." first. Cursor 0 is the start. -ENOTDIR. */
int handle_list(struct handle *handle, uint64_t cursor, view_emit_fn *emit, void *context);
/* Up to n bytes at offset: how many. */
ssize_t handle_read(struct handle *handle, void *to, size_t n, uint64_t offset);
/* n, or why not; *diag says more where a person must read it. */
ssize_t handle_write(struct handle *handle, const void *from, size_t n, uint64_t offset,
		     struct diag *diag);
/* What close(2) or fsync(2) of a writer answers. */
int handle_flush(struct handle *handle, struct diag *diag);
int handle_seek(struct handle *handle, uint64_t offset, int whence, uint64_t *out);
/* ftruncate(2): as node_truncate(), but a layout is cleared only if nothing is written after. */
int handle_truncate(struct handle *handle, uint64_t size);
/* The last close. Frees the handle whatever it returns. */
int handle_close(struct handle *handle);

#endif
