/* SPDX-License-Identifier: MIT */
/*
 * The ways to the object behind a region, best first. Internal to memory.c and its tests.
 *
 * A descriptor of the object is the best there is. The kernel gives it to the privileged through
 * the mapping itself (/proc/PID/map_files), whatever its path leads to by now. Others may find it
 * by its path, or in the descriptor table of a process that maps it; both are believed only after
 * comparing identities. What can't be opened is read through a process that maps it (remote.h).
 */
#ifndef PEEKFS_REGION_REACH_H
#define PEEKFS_REGION_REACH_H

#include <sys/stat.h>

#include "region/memory.h"

enum reach_way {
	REACH_LINK = 1 << 0,	/* /proc/PID/map_files/START-END */
	REACH_PATH = 1 << 1,	/* the path, if it leads to the object */
	REACH_FD = 1 << 2,	/* /proc/PID/fd/N of a mapper or of a leftover's holder */
	REACH_SYSV = 1 << 3,	/* attach an unattached System V segment, just to open it */
	REACH_PROCESS = 1 << 4, /* no descriptor */
};
/* Which of them are tried. All; a test takes some away. */
extern unsigned reach_ways;

struct reach {
	enum memory_access access;
	int fd;		 /* read-only; -1 when access isn't MEMORY_DESCRIPTOR */
	bool quiet;	 /* reading fd moves no access time */
	bool fills;	 /* shared memory: touching a hole in a mapping of it fills it */
	bool huge;	 /* hugetlbfs: no write(2), mapped by huge pages only */
	bool segment;	 /* not even a process: a segment to attach for each read */
	bool overlay;	 /* on overlayfs: a change of the file could copy it up */
	size_t page;	 /* bytes: what a mapping of it starts at a multiple of */
	const char *why; /* static: why not a better way, or "" */
};

/*
 * Opens the object: 0 and *out, for reach_close(). -EIO nobody maps it any more and nothing else
 * keeps it; -EACCES nobody lets us; -ENXIO may not be opened.
 * *why (a static string) is set on failure.
 */
int reach_open(const struct region *region, const char *proc, struct reach *out, const char **why);
void reach_close(struct reach *reach);

/* Whether one of those who mapped it at the last scan still does. */
bool reach_is_mapped(const struct region *region, const char *proc);

/* Whether the region is still one: mapped by somebody, or a leftover. Opens nothing for long. */
bool reach_alive(const struct reach *reach, const struct region *region, const char *proc);

/* stat() of the object without opening it where there is a way: 0, -ENODATA if there is none,
 * -EIO, -ENXIO. */
int reach_stat(const struct region *region, const char *proc, struct stat *out);

#endif
