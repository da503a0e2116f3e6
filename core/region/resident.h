/* SPDX-License-Identifier: MIT */
/* How much of an object is in memory. Internal to memory.c. */
#ifndef PEEKFS_REGION_RESIDENT_H
#define PEEKFS_REGION_RESIDENT_H

#include "region/reach.h"

/* Of an open object: 0 and bytes; -ENODATA where the kernel doesn't tell. */
int resident_of(const struct reach *reach, uint64_t *bytes);
/* Of a System V segment, without attaching it: 0; -ENODATA. */
int resident_sysv(const char *proc, int shmid, uint64_t *bytes);

#endif
