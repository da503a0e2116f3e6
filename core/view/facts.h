/* SPDX-License-Identifier: MIT */
/* What several views say of regions and processes, each in one way. */
#ifndef PEEKFS_VIEW_FACTS_H
#define PEEKFS_VIEW_FACTS_H

#include "view/view.h"

/* The region's size now; where its object can't be asked, what the last scan found. 0, -EIO. */
int facts_size(struct object *object, uint64_t *size);

/* The region's facts, as of a scan that env->ttl allows: a reference for region_unref(); NULL when
 * the region is gone. */
struct region *facts_newest(struct object *object, const struct env *env);

/* Whether caller may learn what the kernel tells about a process's address space: its own user,
 * if it has no other, and root. */
bool facts_may_see(const struct caller *caller, const struct process *process);

/*
 * The stable name of a region, as in by-id. A shmid is unique in its ipc namespace only: the
 * daemon's own goes without saying, others are named.
 */
void facts_id(const struct env *env, const struct region_id *id, struct buf *out);

/* The distinct programs that map the region, in the order of their pids, with commas between them;
 * "LEFT" when nobody does, "-" when that can't be told. */
void facts_programs(const struct region *region, struct buf *out);

/* How many processes map the region. */
size_t facts_processes(const struct region *region);

/*
 * The command line of a process as one line, blanks between its arguments; "-" when it has none,
 * or isn't the process it was any more. proc: a descriptor of procfs.
 */
void facts_command_line(int proc, const struct process *process, struct buf *out);

#endif
