/* SPDX-License-Identifier: MIT */
/* Who a process is: asked anew at each scan, remembered as long as the answer is the same. */
#ifndef PEEKFS_REGION_PROCESS_H
#define PEEKFS_REGION_PROCESS_H

#include "region/object.h"

/* How a procfs's processes are told apart and looked at; found out once. */
struct process_way {
	int proc;	 /* descriptor of the procfs root; borrowed */
	bool pidfd_info; /* PIDFD_GET_INFO works, and pids are ours */
	bool pidfd_key;	 /* a pidfd's inode number is unique */
	uint64_t pidns;	 /* our pid namespace, if pids are ours; else 0 */
};

void process_probe(int proc, struct process_way *out);

/*
 * The process pid, whose open /proc/TASK/maps is maps: before itself (a new reference) if nothing
 * that one may have seen of it has changed, or a new object; to be unref'd. before may be NULL or
 * another process. 0; -ENOENT or -ESRCH when it has gone; -ENOMEM.
 */
int process_see(const struct process_way *way, pid_t pid, pid_t task, int maps,
		const struct process *before, const struct process **out);

/* Whether there is one user who may look into the process, and who. */
bool process_user(const struct process_way *way, pid_t pid, pid_t task, uid_t *uid);

#endif
