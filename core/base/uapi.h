/* SPDX-License-Identifier: MIT */
/*
 * Kernel interfaces that are newer than the headers peekfs must build with (Linux 6.1). Names have
 * the prefix UAPI_, so that newer headers don't clash. Whoever uses one tries it, and has a
 * fallback for ENOSYS, ENOTTY or EINVAL.
 */
#ifndef PEEKFS_BASE_UAPI_H
#define PEEKFS_BASE_UAPI_H

#include <stdint.h>
#include <sys/ioctl.h>

/* Linux 6.11, include/uapi/linux/fs.h: ioctl on an open /proc/PID/maps, one mapping at a time. */
struct uapi_procmap_query {
	uint64_t size; /* of this struct */
	uint64_t query_flags;
	uint64_t query_addr;
	uint64_t vma_start;
	uint64_t vma_end;
	uint64_t vma_flags;
	uint64_t vma_page_size;
	uint64_t vma_offset; /* bytes */
	uint64_t inode;
	uint32_t dev_major;
	uint32_t dev_minor;
	uint32_t vma_name_size; /* in: room; out: length with the NUL, 0 if none */
	uint32_t build_id_size;
	uint64_t vma_name_addr;
	uint64_t build_id_addr;
};
#define UAPI_PROCMAP_QUERY _IOWR('f', 17, struct uapi_procmap_query)
/* vma_flags, and as query_flags: only mappings that have them all */
#define UAPI_PROCMAP_READABLE	0x01
#define UAPI_PROCMAP_WRITABLE	0x02
#define UAPI_PROCMAP_EXECUTABLE 0x04
#define UAPI_PROCMAP_SHARED	0x08
/* query_flags: the mapping at query_addr or else the next one; only those of files */
#define UAPI_PROCMAP_OR_NEXT 0x10
#define UAPI_PROCMAP_FILE    0x20

/* Linux 6.5, include/uapi/linux/mman.h: what of a file is in the page cache. */
#ifndef SYS_cachestat
#define UAPI_SYS_CACHESTAT 451 /* on every architecture */
#else
#define UAPI_SYS_CACHESTAT SYS_cachestat
#endif
struct uapi_cachestat_range {
	uint64_t offset;
	uint64_t length; /* 0: to the end */
};
struct uapi_cachestat { /* pages */
	uint64_t cached;
	uint64_t dirty;
	uint64_t writeback;
	uint64_t evicted;
	uint64_t recently_evicted;
};

/* Linux 6.13, include/uapi/linux/pidfd.h (its first version): who the process of a pidfd is. */
struct uapi_pidfd_info {
	uint64_t mask; /* in: what is wanted; out: what was found */
	uint64_t cgroupid;
	uint32_t pid;
	uint32_t tgid;
	uint32_t ppid;
	uint32_t ruid;
	uint32_t rgid;
	uint32_t euid;
	uint32_t egid;
	uint32_t suid;
	uint32_t sgid;
	uint32_t fsuid;
	uint32_t fsgid;
	uint32_t spare;
};
#define UAPI_PIDFD_GET_INFO   _IOWR(0xff, 11, struct uapi_pidfd_info)
#define UAPI_PIDFD_INFO_CREDS 0x02
/* Linux 6.9, include/uapi/linux/magic.h: f_type of a pidfd whose inode is unique to its process. */
#define UAPI_PIDFS_MAGIC 0x50494446

/* Linux 6.13, include/uapi/linux/xattr.h. */
#define UAPI_SYS_GETXATTRAT 464 /* on every architecture */
struct uapi_xattr_args {
	uint64_t value; /* address */
	uint32_t size;
	uint32_t flags;
};

/* Linux 6.9, include/uapi/linux/fuse.h: ioctls on /dev/fuse for passthrough. OPEN: a backing id. */
struct uapi_fuse_backing_map {
	int32_t fd;
	uint32_t flags;
	uint64_t padding;
};
#define UAPI_FUSE_BACKING_OPEN	_IOW(229, 1, struct uapi_fuse_backing_map)
#define UAPI_FUSE_BACKING_CLOSE _IOW(229, 2, uint32_t)

#endif
