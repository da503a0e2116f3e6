/* SPDX-License-Identifier: MIT */
/*
 * What is mapped now. A struct region is what one scan saw; since then processes may have died,
 * executed another program, split or moved the mapping, and pids may have been reused. Everything
 * that goes through a process asks here first.
 */
#ifndef PEEKFS_REGION_LIVE_H
#define PEEKFS_REGION_LIVE_H

#include "region/region.h"

struct live {
	pid_t pid; /* of a living thread, where the leader has exited */
	uint64_t start;
	uint64_t end;
	uint64_t offset; /* of start, into the region */
	uint8_t prot;
};

/*
 * The mapping of region that covers address in process pid: 0 and *out; -ENOENT when that address
 * isn't (any more) of this region, or the process is gone; -EACCES.
 */
int live_at(const char *proc, const struct region *region, pid_t pid, uint64_t address,
	    struct live *out);

/*
 * Calls try for live mappings of the region until one returns 0: first those that the region
 * knows, then, if none of them is as it was, whatever of the region its processes map now.
 * Returns 0; else what try returned last; -EACCES when no process lets us look; -EIO when nobody
 * maps it any more. Doesn't touch the object.
 */
int live_each(const char *proc, const struct region *region,
	      int (*try)(void *context, const struct live *mapping), void *context);

#endif
