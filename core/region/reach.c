/* SPDX-License-Identifier: MIT */
#include "region/reach.h"

#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/proc.h"
#include "region/mounts.h"
#include "region/ways.h"

unsigned reach_ways = REACH_LINK | REACH_PATH | REACH_FD | REACH_SYSV | REACH_PROCESS;

static struct attempt attempt_of(const struct region *region, const char *proc)
{
	return (struct attempt){
		.region = region,
		.proc = proc,
		.links = reach_ways & REACH_LINK,
		.fd = -1,
	};
}

/* Whether an object of this region is kept by its name alone: a leftover, or about to be one. */
static bool kept_by_name(const struct region *region)
{
	return !region->deleted && (region->kind == REGION_SHM || region->kind == REGION_HUGETLB);
}

/* Whether an object of this region can be kept by descriptors alone. */
static bool kept_by_fd(const struct region *region)
{
	return region->holder || region->kind == REGION_MEMFD || region->kind == REGION_HUGETLB;
}

/* 0 and attempt->fd; 0 and attempt->fd < 0: through the process only; or why not. */
static int open_object(struct attempt *attempt)
{
	const struct region *region = attempt->region;
	int result = live_each(attempt->proc, region, way_link, attempt);
	int r;

	if (result == 0)
		return 0;
	if (result != -EIO) /* who may not look can't tell that nobody does */
		attempt->alive = true;
	if ((reach_ways & REACH_PATH) && (attempt->alive || kept_by_name(region))) {
		r = way_path(attempt);
		if (r == 0 || (r == -EACCES && !attempt->alive))
			return r;
	}
	if ((reach_ways & REACH_FD) && (attempt->alive || kept_by_fd(region)) &&
	    way_fd(attempt) == 0)
		return 0;
	if ((reach_ways & REACH_SYSV) && region->kind == REGION_SYSV && !attempt->alive)
		result = way_sysv(attempt);
	if (attempt->segment)
		return 0;
	if ((reach_ways & REACH_PROCESS) && attempt->touchable)
		return 0;
	return result == -EPERM ? -EACCES : result;
}

/* Whether touching a hole through a process would fill it. Only a file system without a device of
 * its own may be tmpfs. */
static bool process_fills(const struct region *region, const char *proc)
{
	CLEANUP(close_fd) int fd = -1;
	enum mount_class class = MOUNT_UNKNOWN;
	struct mounts *mounts;
	pid_t pid;

	if (region->kind != REGION_FILE || region->id.major != 0)
		return region->kind != REGION_FILE;
	fd = proc_open(proc);
	if (fd < 0 || mounts_new(fd, &mounts) < 0)
		return true;
	pid = region->n_mappers > 0 ? region->mappers[0].process->pid : 0;
	if (mounts_refresh(mounts) == 0)
		class = mounts_of_device(mounts, region_id_dev(&region->id), pid);
	mounts_free(mounts);
	return class != MOUNT_STACKED && class != MOUNT_LOCAL;
}

static void describe(struct reach *reach, const struct region *region, const char *proc)
{
	struct statfs fs;

	reach->page = (size_t)sysconf(_SC_PAGESIZE);
	if (reach->fd < 0) {
		reach->access = MEMORY_PROCESS;
		if (reach->segment) {
			reach->why = "opening a mapping takes CAP_SYS_ADMIN or "
				     "CAP_CHECKPOINT_RESTORE: it is attached for each read";
			return;
		}
		reach->fills = process_fills(region, proc);
		reach->why = "opening a mapping takes CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE, and "
			     "neither a path nor a descriptor of its processes leads to it";
		return;
	}
	reach->access = MEMORY_DESCRIPTOR;
	reach->why =
		reach->quiet ? "" : "not the file's owner: reading it may move its access time";
	if (fstatfs(reach->fd, &fs) < 0)
		return;
	reach->fills = fs.f_type == TMPFS_MAGIC;
	reach->huge = fs.f_type == HUGETLBFS_MAGIC;
	reach->overlay = fs.f_type == OVERLAYFS_SUPER_MAGIC;
	if (reach->huge)
		reach->page = (size_t)fs.f_bsize;
}

int reach_open(const struct region *region, const char *proc, struct reach *out, const char **why)
{
	struct attempt attempt = attempt_of(region, proc);
	struct reach reach = {0};
	int r;

	if (!region->approachable) {
		*why = "not a regular file, or on a file system that may not answer: listed only";
		return -ENXIO;
	}
	r = open_object(&attempt);
	if (r < 0) {
		*why = r == -EIO ? "nobody maps it any more" : strerrordesc_np(-r);
		return r;
	}
	reach.fd = attempt.fd;
	reach.quiet = attempt.quiet;
	reach.segment = attempt.segment;
	describe(&reach, region, proc);
	*out = reach;
	return 0;
}

void reach_close(struct reach *reach)
{
	close_fd(&reach->fd);
	reach->fd = -1;
}

static int accept_any(void *context, const struct live *live)
{
	(void)context;
	(void)live;
	return 0;
}

static bool has_segment(const struct region *region, const char *proc)
{
	struct shmid_ds segment;

	if (!way_own_ipcns(region, proc))
		return false;
	return shmctl((int)region->id.inode, IPC_STAT, &segment) == 0 || errno == EACCES;
}

bool reach_is_mapped(const struct region *region, const char *proc)
{
	return region->n_mappers > 0 && live_each(proc, region, accept_any, NULL) != -EIO;
}

bool reach_alive(const struct reach *reach, const struct region *region, const char *proc)
{
	struct attempt attempt = attempt_of(region, proc);
	struct stat st;

	if (reach_is_mapped(region, proc))
		return true;
	if (kept_by_name(region))
		return reach->fd >= 0 && fstat(reach->fd, &st) == 0 && st.st_nlink > 0;
	if (region->kind == REGION_SYSV)
		return has_segment(region, proc);
	if (!kept_by_fd(region) || way_fd(&attempt) < 0)
		return false;
	close(attempt.fd);
	return true;
}

struct stat_attempt {
	struct attempt *attempt;
	struct stat *out;
};

static int stat_link(void *context, const struct live *live)
{
	const struct stat_attempt *want = context;

	return want->attempt->links ? way_stat(want->attempt, live, want->out) : -EPERM;
}

int reach_stat(const struct region *region, const char *proc, struct stat *out)
{
	struct attempt attempt = attempt_of(region, proc);
	struct stat_attempt want = {&attempt, out};
	int r;

	if (!region->approachable)
		return -ENXIO;
	if (live_each(proc, region, stat_link, &want) == 0)
		return 0;
	if (region->kind == REGION_SYSV && !reach_is_mapped(region, proc))
		return -ENODATA;
	r = open_object(&attempt);
	if (r < 0)
		return r;
	if (attempt.fd < 0)
		return -ENODATA;
	r = fstat(attempt.fd, out) < 0 ? -errno : 0;
	close(attempt.fd);
	return r;
}
