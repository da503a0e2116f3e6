/* SPDX-License-Identifier: MIT */
/* What stands behind the public structs, for core/region alone: reference counts, and what a scan
 * wants to know of the scan before. */
#ifndef PEEKFS_REGION_OBJECT_H
#define PEEKFS_REGION_OBJECT_H

#include "region/region.h"

/* One malloc(): the mappers, the name and the path stand behind it. */
struct region_object {
	unsigned refs;
	bool has_acl;	  /* true as long as the object's ctime is */
	uint64_t changed; /* this, in ns since 1970 */
	struct region region;
	struct mapper mappers[];
};

static inline struct region_object *region_object(const struct region *region)
{
	return (struct region_object *)((char *)region - offsetof(struct region_object, region));
}

struct process_ids {
	uid_t uid[4]; /* real, effective, saved, file system */
	gid_t gid[4];
	uid_t owner; /* of its /proc/PID/maps: root's when the kernel protects it from its user */
};

struct process_object {
	unsigned refs;
	uint64_t key; /* no two processes have the same: inode on pidfs, or start time */
	struct process_ids ids;
	struct process process;
};

static inline struct process_object *process_object(const struct process *process)
{
	return (struct process_object *)((char *)process -
					 offsetof(struct process_object, process));
}

const struct process *process_ref(const struct process *process);
void process_unref(const struct process *process); /* takes NULL */

#endif
