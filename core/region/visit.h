/* SPDX-License-Identifier: MIT */
/* Going to every process, with as many threads as there are processors: what it shares, who it is
 * and what shared memory only its descriptors hold. */
#ifndef PEEKFS_REGION_VISIT_H
#define PEEKFS_REGION_VISIT_H

#include "region/mapping.h"
#include "region/scan.h"

/* A descriptor of memory that perhaps nobody maps. */
struct held {
	struct region_id id;
	uint64_t size;
	pid_t pid;
	pid_t task;
	int fd;
	size_t path; /* in harvest.mappings.text, terminated */
	size_t path_len;
};

struct harvest {
	struct mappings mappings;
	struct held *held;
	size_t n_held;
	size_t cap_held;
	bool parsed; /* the text of some maps had to be read */
};

struct visit {
	pid_t pid;
	const struct process *process; /* NULL: it shares nothing, or has gone */
	const struct harvest *harvest;
	size_t first; /* its mappings in harvest */
	size_t n;
	bool unreadable;
};

struct visits {
	struct visit *all;
	size_t n;
	struct harvest *harvests;
	size_t n_harvests;
};

/* 0 and *out for visits_free(); -ENOMEM, or why procfs can't be listed. */
int visits_make(const struct scan *scan, struct visits **out);
void visits_free(struct visits *visits); /* takes NULL */

/* Notes the descriptors of task that hold memory objects. 0 or -ENOMEM. */
int held_note(const struct scan *scan, pid_t pid, pid_t task, struct harvest *harvest);

#endif
