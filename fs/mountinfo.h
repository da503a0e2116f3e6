/* SPDX-License-Identifier: MIT */
/* The device of a mount, from the kernel's list: stat() would ask the daemon that serves it. */
#ifndef PEEKFS_FS_MOUNTINFO_H
#define PEEKFS_FS_MOUNTINFO_H

#include <stdint.h>

/* The topmost mount at that place (absolute, without links). list: NULL for this process's own
 * mountinfo. 0; -ENOENT, or why the list can't be read. */
int mountinfo_device(const char *list, const char *mountpoint, uint32_t *major, uint32_t *minor);

#endif
