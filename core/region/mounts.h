/* SPDX-License-Identifier: MIT */
/*
 * Which file system a device number belongs to, told without touching it: a stat() or open() on
 * a stopped FUSE or network server never returns, reading mountinfo does.
 */
#ifndef PEEKFS_REGION_MOUNTS_H
#define PEEKFS_REGION_MOUNTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum mount_class {
	MOUNT_UNKNOWN, /* in nobody's mountinfo */
	MOUNT_SHMEM,   /* the kernel's own tmpfs: memfd, anonymous and System V memory */
	MOUNT_HUGEMEM, /* the kernel's own hugetlbfs: the same, of huge pages */
	MOUNT_HUGETLB, /* a mounted hugetlbfs */
	MOUNT_LOCAL,   /* answers without anybody's help */
	MOUNT_TMPFS,   /* the same, and it is tmpfs */
	MOUNT_STACKED, /* the same, but stat() tells other devices than maps: btrfs, overlay */
	MOUNT_FOREIGN, /* FUSE, a network, or a type we don't know: may hang */
	MOUNT_PSEUDO,  /* proc, sysfs ...: no files but views of the kernel */
	MOUNT_PEEKFS,  /* a mount of ours */
};

/* May be asked for a stat() or an open(). */
static inline bool mount_is_safe(enum mount_class class)
{
	return class >= MOUNT_SHMEM && class <= MOUNT_STACKED;
}

struct mounts;

/* 0 and *out for mounts_free(); -ENOMEM. Not thread-safe. proc: borrowed. */
int mounts_new(int proc, struct mounts **out);
void mounts_free(struct mounts *mounts); /* takes NULL */

/* Before each scan: forgets what may have changed. 0 or -ENOMEM. */
int mounts_refresh(struct mounts *mounts);

/* The class of the file system on a device. When our own mountinfo doesn't know it, pid's is read,
 * at most once a scan for each mount namespace. pid 0: nobody's. */
enum mount_class mounts_of_device(struct mounts *mounts, dev_t device, pid_t pid);
/* The class of a mount of our own namespace, or of the kernel's own, by statx's stx_mnt_id. */
enum mount_class mounts_of_id(const struct mounts *mounts, uint64_t mount_id);

/* The device of memfds, anonymous and System V memory. False: not found out. */
bool mounts_shmem_device(const struct mounts *mounts, dev_t *device);
/* Whether the path is below a hugetlbfs. */
bool mounts_hold_memory(const struct mounts *mounts, const char *path);

#endif
