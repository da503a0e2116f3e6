/* SPDX-License-Identifier: MIT */
/*
 * Who may not open mappings can only look at an unattached segment by attaching it himself. It
 * is attached for each read and detached after it, so that no program that counts attaches finds
 * ours for longer. Touching a hole would fill it: mincore() tells which pages are there (only to
 * the segment's creator, so only he is served), and a page that isn't, while nothing at all is
 * swapped out, is a hole for sure.
 */
#include "region/segment.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "region/guard.h"
#include "region/resident.h"
#include "region/ways.h"

/* Bytes within one page. */
static int copy_page(char *to, const char *from, size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char there;

	if (mincore((void *)((uintptr_t)from / page * page), page, &there) < 0)
		return -EIO;
	if (there & 1)
		return guard_copy(to, from, n) < 0 ? -EIO : 0;
	if (resident_swapping())
		return -EIO;
	memset(to, 0, n);
	return 0;
}

static ssize_t copy(char *to, const char *segment, size_t n, uint64_t offset)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t done = 0;

	while (done < n) {
		uint64_t at = offset + done;
		size_t some = page - (size_t)(at % page);
		int r;

		if (some > n - done)
			some = n - done;
		r = copy_page(to + done, segment + at, some);
		if (r < 0)
			return done > 0 ? (ssize_t)done : r;
		done += some;
	}
	return (ssize_t)done;
}

/* To others than the owner of the segment's file mincore() calls every page resident. */
static bool is_creator(const struct shmid_ds *segment)
{
	return geteuid() == 0 || segment->shm_perm.cuid == geteuid();
}

ssize_t segment_read(const struct region *region, const char *proc, void *to, size_t n,
		     uint64_t offset)
{
	int id = (int)region->id.inode;
	struct shmid_ds segment;
	struct live live;
	void *map;
	ssize_t r;

	if (!way_own_ipcns(region, proc))
		return -EACCES;
	if (shmctl(id, IPC_STAT, &segment) < 0)
		return errno == EACCES ? -EACCES : -EIO;
	if (!is_creator(&segment))
		return -EACCES;
	if (offset >= segment.shm_segsz)
		return 0;
	if (n > segment.shm_segsz - offset)
		n = segment.shm_segsz - (size_t)offset;
	map = shmat(id, NULL, SHM_RDONLY);
	if (map == (void *)-1)
		return errno == EACCES ? -EACCES : -EIO;
	/* Of huge pages, on another device, mincore() knows only what we have touched ourselves. */
	r = live_at(proc, region, getpid(), (uintptr_t)map, &live);
	r = r < 0 ? -EIO : copy(to, map, n, offset);
	shmdt(map);
	return r;
}
