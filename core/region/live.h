/* SPDX-License-Identifier: MIT */
/*
 * What is mapped now. A struct region is what one scan saw; since then processes may have died,
 * executed another program, split or moved the mapping, and pids may have been reused. Everything
 * that goes through a process asks here first. Nothing here touches the object.
 */
#ifndef PEEKFS_REGION_LIVE_H
#define PEEKFS_REGION_LIVE_H

#include "region/region.h"

/* A mapping that was there a moment ago. */
struct live {
	pid_t task; /* a living thread of the process */
	uint64_t start;
	uint64_t end;
	uint64_t offset; /* of start, into the region */
	uint8_t prot;
	bool ours; /* through a passthrough `raw`: not to be opened, that would ask ourselves */
};

/*
 * The mapping of region that covers address in the process of thread task: 0 and *out; -ENOENT
 * when that address isn't (any more) of this region, or the process is gone; -EACCES.
 */
int live_at(const char *proc, const struct region *region, pid_t task, uint64_t address,
	    struct live *out);

/* The same for what the scan saw: 0 and *out if the mapper still covers offset into the region. */
int live_mapper(const char *proc, const struct region *region, const struct mapper *mapper,
		uint64_t offset, struct live *out);

/* Whether it is still there, unchanged. */
bool live_still(const char *proc, const struct region *region, const struct live *live);

/*
 * Calls try for live mappings of the region until one returns 0: first those that the region
 * knows, then, if none of them is as it was, whatever of the region its processes map now.
 * Returns 0; else what try returned last (-ENOENT and -ESRCH count for nothing); -EACCES when no
 * process lets us look; -EIO when nobody maps it any more.
 */
int live_each(const char *proc, const struct region *region,
	      int (*try)(void *context, const struct live *live), void *context);

#endif
