/* SPDX-License-Identifier: MIT */
/* A descriptor that moves no access time, whoever reopens it. Internal to memory.c. */
#ifndef PEEKFS_REGION_QUIET_H
#define PEEKFS_REGION_QUIET_H

/*
 * A read-only descriptor of the object that fd is, for the caller to close: 0, or -EINVAL, -EPERM
 * and the like where there is no way.
 */
int quiet_open(const char *proc, int fd, int *out);

#endif
