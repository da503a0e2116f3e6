/* SPDX-License-Identifier: MIT */
/*
 * FUSE over io_uring: a queue for each processor, whose thread answers what programs on that
 * processor ask. Where libfuse or the linker can't, uring_none.c stands in.
 */
#ifndef PEEKFS_FS_URING_H
#define PEEKFS_FS_URING_H

#include "base/buf.h"
#include "fs/fuse.h"

/* What libfuse is to be told so that it asks the kernel for it, appended to *mount. */
void uring_options(struct buf *mount);
/* Whether the kernel offers it to this mount; while the mount begins. */
bool uring_offered(const struct fuse_conn_info *conn);

/* Whether the request came by it; then only certain threads may reply (uring.c). */
bool uring_is(fuse_req_t req);
/* Where the kernel wants the answer, if there is room for size bytes there; else NULL. */
char *uring_payload(fuse_req_t req, size_t size);

/* The value of "Transport:" in `status`. */
void uring_status(bool wanted, bool offered, struct buf *out);

#endif
