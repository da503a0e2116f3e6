/* SPDX-License-Identifier: MIT */
/* Who else uses a region of ours. One thread at a time for one struct created. */
#ifndef PEEKFS_REGION_TRACK_H
#define PEEKFS_REGION_TRACK_H

#include "region/created.h"
#include "region/registry.h"

/* Another process that maps it. */
struct track_user {
	struct process process; /* a copy */
	int prot;		/* of all its mappings of the region together */
	unsigned mappings;	/* how many */
	/*
	 * Since when, CLOCK_REALTIME in ns. The kernel doesn't keep that, so it is what looking
	 * tells: not yet at after (an earlier look, or the start of the process), already at since.
	 */
	uint64_t after;
	uint64_t since;
};

struct track {
	struct track_user *users; /* by pid; our own process isn't among them */
	size_t n_users;
	size_t n_unseen;     /* processes that we may not look at: some of them could map it too */
	uint64_t looked_at;  /* CLOCK_REALTIME, ns */
	uint64_t size;	     /* of the object, bytes */
	uint64_t resident;   /* bytes of it in memory */
	bool resident_known; /* the kernel tells */
};

/*
 * Looks who maps the region, at a scan no older than max_age (ns; 0: a new one): 0 and *out, for
 * track_destroy(). Call it now and then, and since gets narrow. Root finds all, others only
 * processes of their own. registry: one that reads this program's own /proc. -ENOMEM; -ENOENT when
 * procfs doesn't tell what our own mapping is; what else kept it from being read.
 */
int created_track(struct created *created, struct registry *registry, uint64_t max_age,
		  struct track *out);
void track_destroy(struct track *track); /* takes a zeroed one */

#endif
