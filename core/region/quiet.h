/* SPDX-License-Identifier: MIT */
/* A descriptor that moves no access time, whoever reopens it. Internal to memory.c. */
#ifndef PEEKFS_REGION_QUIET_H
#define PEEKFS_REGION_QUIET_H

#include <sys/types.h>

/*
 * A read-only descriptor of the object that fd is, for the caller to close: 0, or -EINVAL, -EPERM
 * and the like where there is no way. pid: a process in whose mount namespace it may be, or 0.
 */
int quiet_open(const char *proc, int fd, pid_t pid, int *out);

#endif
