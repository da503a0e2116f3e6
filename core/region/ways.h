/* SPDX-License-Identifier: MIT */
/* Single ways to a descriptor of an object. Internal to reach.c, which orders them. */
#ifndef PEEKFS_REGION_WAYS_H
#define PEEKFS_REGION_WAYS_H

#include <sys/stat.h>

#include "region/live.h"

/* What one tries, and what came of it. */
struct attempt {
	const struct region *region;
	const char *proc;
	bool links;	/* in: map_files links may be tried */
	int fd;		/* out: the object, read-only; else -1 */
	bool quiet;	/* out: reading fd moves no access time */
	bool alive;	/* out of way_link(): somebody maps it */
	bool touchable; /* out of way_link(): and may touch it there himself */
	bool segment;	/* out of way_sysv(): it may be attached, but not opened */
};

/*
 * Each: 0 and attempt->fd, which is the region's object for sure; -ENOENT the way leads elsewhere
 * or nowhere; -EPERM, -EACCES; -ENXIO it isn't a regular file.
 */

/* For live_each(): through a mapping. */
int way_link(void *attempt, const struct live *live);
/* By the region's path. Never waits for a file system. */
int way_path(struct attempt *attempt);
/* By descriptors of the holder and of the mappers' processes. */
int way_fd(struct attempt *attempt);
/* By attaching the segment for a moment. -EIO when there is none; -EACCES. */
int way_sysv(struct attempt *attempt);

/* Whether we may open mappings at all, tried on one of our own. */
bool way_links_open(const char *proc);
/* stat() through a mapping. */
int way_stat(const struct attempt *attempt, const struct live *live, struct stat *out);
/* Whether a System V region is in our own ipc namespace, where its number means the same to us. */
bool way_own_ipcns(const struct region *region, const char *proc);

#endif
