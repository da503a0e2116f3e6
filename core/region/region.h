/* SPDX-License-Identifier: MIT */
/*
 * What is known of a memory object that processes share: facts, taken at one scan.
 *
 * A region is the object behind one or more shared mappings, told apart by what the kernel says it
 * is, never by a path. A mapper is one mapping of it in one process. Both are immutable; a scan
 * that finds anything changed makes a new struct region for the same struct region_id. How to get
 * at the bytes is memory.h.
 */
#ifndef PEEKFS_REGION_REGION_H
#define PEEKFS_REGION_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum region_kind {
	REGION_FILE,
	REGION_SHM,
	REGION_MEMFD,
	REGION_SYSV,
	REGION_ANON,
	REGION_HUGETLB,
	REGION_DEVICE,
	REGION_OTHER,
};

/* The kernel's name for the object: device and inode as /proc/PID/maps has them, which on btrfs
 * and overlayfs isn't what stat() says. */
struct region_id {
	uint32_t major;
	uint32_t minor;
	uint64_t inode; /* of SysV memory: the shmid */
	uint64_t ipcns; /* of SysV memory: inode of the ipc namespace; else 0 */
};

/* A process that maps something shared. */
struct process {
	pid_t pid;	     /* as our own pid namespace numbers it */
	pid_t nspid;	     /* as its own innermost one does */
	pid_t task;	     /* a thread of it that lived: read its files under /proc/TASK */
	uint64_t start_time; /* clock ticks since boot: field 22 of /proc/PID/stat, proc(5) */
	uid_t uid;	     /* real */
	bool one_user; /* uid may look at its memory: all its ids agree, nothing protects it */
	char comm[16]; /* TASK_COMM_LEN, terminated; any bytes */
};

struct mapper {
	const struct process *process;
	uint64_t start; /* addresses in that process */
	uint64_t end;
	uint64_t offset; /* of start, into the region, bytes */
	uint8_t prot;	 /* PROT_READ | PROT_WRITE | PROT_EXEC */
	bool ours; /* through a passthrough `raw`: asking its map_files link asks the daemon */
};

struct region {
	struct region_id id;
	enum region_kind kind;
	bool deleted;	   /* no path leads to it any more, or none ever did */
	bool writable;	   /* some mapper maps it PROT_WRITE */
	bool noise;	   /* a device, a cache ...: left out of listings unless asked for */
	bool leftover;	   /* nobody maps it */
	bool approachable; /* a regular file on a file system that can't hang: may be opened */
	char *name;	   /* in the tree: unique in its snapshot, safe as a file name */
	char *path;	   /* exactly what the kernel says, without " (deleted)"; "" if nothing */
	uint64_t size;	   /* bytes; where the object can't be asked: the furthest byte mapped */
	uid_t uid;	   /* who may see its bytes, with gid and mode: facts.c */
	gid_t gid;
	mode_t mode;   /* permission bits of its bytes: 0600, 0644, ... */
	pid_t creator; /* of a leftover, where the kernel tells it, else 0 */
	pid_t holder;  /* of a leftover that only a descriptor holds: that process, else 0 */
	int holder_fd;
	const struct mapper *mappers; /* by pid, then address */
	size_t n_mappers;
};

/* Nobody is seen to map it, but those who may not be looked at could. */
static inline bool region_is_unsure(const struct region *region)
{
	return !region->n_mappers && !region->leftover;
}

struct region *region_ref(struct region *region); /* thread-safe, like region_unref() */
void region_unref(struct region *region);	  /* takes NULL */

/* "file", "shm", ... as info and summary print it. */
const char *region_kind_name(enum region_kind kind);
/* <0, 0, >0: an order of identities. */
int region_id_compare(const struct region_id *a, const struct region_id *b);
/* A device number as fstat() encodes it. */
dev_t region_id_dev(const struct region_id *id);

#endif
