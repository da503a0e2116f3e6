/* SPDX-License-Identifier: MIT */
/*
 * Passthrough: the kernel reads, writes and maps an object by itself, at memory speed, through a
 * descriptor of it that we registered under a backing id.
 *
 * The kernel wants an inode to be in one mode: while one file of it is open by passthrough, every
 * other must be, with the same id (else EIO). So the mode is chosen when the first file is opened
 * and kept until the last one is closed.
 */
#ifndef PEEKFS_FS_PASSTHROUGH_H
#define PEEKFS_FS_PASSTHROUGH_H

#include "base/buf.h"
#include "fs/fuse.h"
#include "node/tree.h"

struct passthrough;

/* 0 and *out (maybe NULL: never), for passthrough_free(); -ENOMEM. */
int passthrough_new(bool wanted, struct passthrough **out);
void passthrough_free(struct passthrough *passthrough); /* takes NULL; no file may be left */

/* While the mount begins. */
void passthrough_init(struct passthrough *passthrough, struct fuse_conn_info *conn);

/* One more file of the node is open: the backing id; 0: not by passthrough; -ENOMEM: nothing
 * happened. Opens the object if the file is the first, which can wait. Thread-safe. Takes NULL. */
int passthrough_open(struct passthrough *passthrough, int device, const struct node *node,
		     uint64_t ino);
/* One less; for each passthrough_open() that didn't fail. */
void passthrough_close(struct passthrough *passthrough, int device, uint64_t ino);
/* For the reply to the open. */
void passthrough_reply(struct fuse_file_info *info, int backing);

/* Whether the kernel would take that descriptor of an object. Takes NULL. */
bool passthrough_takes(struct passthrough *passthrough, int device, int fd);
/* The value of "Passthrough:" in `status`. Takes NULL. */
void passthrough_status(struct passthrough *passthrough, int device, struct buf *out);

#endif
