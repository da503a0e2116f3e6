/* SPDX-License-Identifier: MIT */
#include "region/resident.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/uapi.h"

#define STEP (1ull << 30)

/* mincore() on a mapping of ours, piece by piece. Without write permission it would call every page
 * resident, so it is asked only of what the caller owns or may write. */
static int by_mincore(const struct reach *reach, uint64_t size, uint64_t *bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	CLEANUP(free_ptr) unsigned char *pages = malloc(STEP / page);
	uint64_t total = 0;

	if (!pages)
		return -ENOMEM;
	for (uint64_t at = 0; at < size; at += STEP) {
		size_t n = size - at < STEP ? (size_t)(size - at) : (size_t)STEP;
		void *map = mmap(NULL, n, PROT_READ, MAP_SHARED, reach->fd, (off_t)at);
		int r;

		if (map == MAP_FAILED)
			return -ENODATA;
		r = mincore(map, n, pages);
		munmap(map, n);
		if (r < 0)
			return -ENODATA;
		for (size_t i = 0; i < (n + page - 1) / page; i++)
			total += (pages[i] & 1) * page;
	}
	*bytes = total;
	return 0;
}

bool resident_swapping(void)
{
	struct sysinfo info;

	return sysinfo(&info) < 0 || info.freeswap != info.totalswap;
}

int resident_of(const struct reach *reach, uint64_t *bytes)
{
	struct uapi_cachestat_range all = {0, 0};
	struct uapi_cachestat stat;
	struct stat st;

	if (fstat(reach->fd, &st) < 0)
		return -errno;
	if (reach->huge) { /* each allocated page is in memory, there is no other place for it */
		*bytes = (uint64_t)st.st_blocks * 512;
		return 0;
	}
	if (syscall(UAPI_SYS_CACHESTAT, reach->fd, &all, &stat, 0) == 0) {
		*bytes = stat.cached * (uint64_t)sysconf(_SC_PAGESIZE);
		return 0;
	}
	if (errno != ENOSYS || !reach->quiet)
		return -ENODATA;
	return by_mincore(reach, (uint64_t)st.st_size, bytes);
}

int resident_sysv(const char *proc, int shmid, uint64_t *bytes)
{
	CLEANUP(close_stream) FILE *file = NULL;
	CLEANUP(free_ptr) char *line = NULL;
	char path[PATH_MAX];
	size_t room = 0;

	snprintf(path, sizeof(path), "%s/sysvipc/shm", proc);
	file = fopen(path, "re");
	while (file && getline(&line, &room, file) > 0) {
		uint64_t rss;
		int id;

		/* key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime rss */
		if (sscanf(line,
			   "%*s %d"
			   " %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %" SCNu64,
			   &id, &rss) == 2 &&
		    id == shmid) {
			*bytes = rss;
			return 0;
		}
	}
	return -ENODATA;
}
