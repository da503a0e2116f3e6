/* SPDX-License-Identifier: MIT */
/* How much of an object is in memory. Internal to memory_about.c. */
#ifndef PEEKFS_REGION_RESIDENT_H
#define PEEKFS_REGION_RESIDENT_H

#include "region/reach.h"

/* Whether any memory is swapped out: if not, what shared memory has allocated is resident. */
bool resident_swapping(void);
/* Of an open object: 0 and bytes; -ENODATA where the kernel doesn't tell. */
int resident_of(const struct reach *reach, uint64_t *bytes);
/* Of a System V segment of our own ipc namespace, without attaching it: 0; -ENODATA. */
int resident_sysv(const char *proc, int shmid, uint64_t *bytes);

#endif
