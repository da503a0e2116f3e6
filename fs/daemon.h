/* SPDX-License-Identifier: MIT */
/* Going into the background, in two steps: the parent waits until the child is of use. */
#ifndef PEEKFS_FS_DAEMON_H
#define PEEKFS_FS_DAEMON_H

struct daemon {
	int ready; /* the parent waits for a byte here; -1: there is no parent */
};

/*
 * Forks. The child goes on, with stderr as it was; the parent doesn't return: it exits with 0 when
 * the child says that it is ready, with 1 when the child ends before. 0; -EAGAIN and the like.
 */
int daemon_fork(struct daemon *daemon);
/* The parent may go; from now on the child has no terminal and no working directory. Does nothing
 * without a parent. */
void daemon_ready(struct daemon *daemon);

#endif
