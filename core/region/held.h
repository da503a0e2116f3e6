/* SPDX-License-Identifier: MIT */
/* What memory the descriptors of processes hold, whether somebody maps it or not. */
#ifndef PEEKFS_REGION_HELD_H
#define PEEKFS_REGION_HELD_H

#include "base/buf.h"
#include "region/mounts.h"
#include "region/region.h"

/* A descriptor of memory. */
struct held {
	struct region_id id;
	pid_t pid;
	pid_t task;
	int fd;
	bool told; /* in this very scan, how large it is and how many links it has */
	uint32_t links;
	uint64_t size;
	size_t path; /* in the helds' text, terminated there */
	size_t path_len;
};

struct helds {
	struct held *all;
	size_t n;
	size_t cap;
	struct buf text;
};

void helds_destroy(struct helds *helds);
/* Appends one, with another path: 0 or -ENOMEM. */
int helds_add(struct helds *helds, const struct held *held, const char *path);

/* A process whose descriptors were looked at. */
struct holder {
	pid_t pid;
	uint64_t inode;	    /* of its directory in procfs: not the same for two processes */
	uint64_t n_fds;	    /* how many it had; 0: the kernel doesn't tell */
	uint64_t ran;	    /* its processor time before that look, ns; 0: the same */
	uint64_t looked_at; /* CLOCK_MONOTONIC, ns */
	size_t first;	    /* in helds */
	size_t n;
};

/* What the last scan knows of all processes, by pid. */
struct holders {
	struct holder *all;
	size_t n;
	struct helds helds;
};

void holders_destroy(struct holders *holders);

struct held_search {
	int proc;
	bool own_pids; /* pids there are those that system calls take */
	const char *shm;
	const struct mounts *mounts;
	const struct holders *before;
	uint64_t now;
};

/*
 * Appends what memory the descriptors of holder->pid hold, read under /proc/TASK, and fills in the
 * rest of *holder, of which pid and inode are set. 0 or -ENOMEM; where it may not look, or nothing
 * is there any more, there is nothing. Thread-safe, for different helds.
 */
int held_look(const struct held_search *search, pid_t task, struct holder *holder,
	      struct helds *to);
/* Whether it still holds the object, and how large that is. */
bool held_is_still(int proc, const struct held *held, uint64_t *size);

#endif
