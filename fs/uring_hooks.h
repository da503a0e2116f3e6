/* SPDX-License-Identifier: MIT */
/* What libfuse is to call in place of liburing; see uring.c for why. */
#ifndef PEEKFS_FS_URING_HOOKS_H
#define PEEKFS_FS_URING_HOOKS_H

#include <liburing.h>

/* As io_uring_submit_and_wait(). */
int uring_submit_and_wait(struct io_uring *ring, unsigned wait);

#endif
