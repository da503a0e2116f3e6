/* SPDX-License-Identifier: MIT */
/*
 * Requests that are in a lane, and who replies to them.
 *
 * A program that asks for something stuck must not be stuck for ever itself. The kernel keeps it
 * until we reply, killed or not, so the reply is given over the head of the thread that is stuck:
 * when the program is being killed (only by /dev/fuse: through io_uring libfuse hears of no
 * interrupts), or after a time. Whatever the thread finds out later is dropped.
 */
#ifndef PEEKFS_FS_WAITING_H
#define PEEKFS_FS_WAITING_H

#include <stdbool.h>
#include <time.h>

#include "fs/fuse.h"

/* Part of a request. */
struct waiter {
	struct waiter *next;
	struct waiter *previous;
	fuse_req_t req;
	struct timespec until;
};

/* seconds: how long anybody waits; 0: for ever. 0; -EAGAIN. */
int waiting_start(double seconds);
/* From now on the reply may be given at any time. */
void waiting_enter(struct waiter *waiter, fuse_req_t req);
/* Whether somebody has replied already. */
bool waiting_is_over(const struct waiter *waiter);
/* True: the caller replies, nobody else will. False: somebody has; req is gone. */
bool waiting_leave(struct waiter *waiter);
/* No reply is given any more. */
void waiting_stop(void);

#endif
