/* SPDX-License-Identifier: MIT */
#include "region/reach.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/proc.h"
#include "region/live.h"
#include "region/mounts.h"

#define OPEN_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

unsigned reach_ways = REACH_LINK | REACH_PATH | REACH_FD | REACH_SYSV | REACH_PROCESS;

struct attempt {
	const struct region *region;
	const char *proc;
	int fd;
	bool quiet;
};

/* What the kernel calls the object of fd in maps, asked by mapping it: on btrfs and overlayfs that
 * isn't what fstat() says. */
static bool maps_as(const struct attempt *attempt, int fd)
{
	struct live live;
	void *p = mmap(NULL, 1, PROT_NONE, MAP_SHARED, fd, 0);
	bool same;

	if (p == MAP_FAILED)
		return false;
	same = live_at(attempt->proc, attempt->region, getpid(), (uintptr_t)p, &live) == 0;
	munmap(p, 1);
	return same;
}

static bool stats_as(const struct region *region, const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_ino == region->id.inode &&
	       st->st_dev == makedev(region->id.major, region->id.minor);
}

/* Opens path, which must lead to the region's object: 0 and attempt->fd, or why not. -ENOENT: it
 * leads elsewhere. */
static int open_link(struct attempt *attempt, const char *path)
{
	CLEANUP(close_fd) int fd = open(path, OPEN_FLAGS | O_NOATIME);
	bool quiet = true;
	struct stat st;

	if (fd < 0 && errno == EPERM) { /* not ours: O_NOATIME is for owners */
		fd = open(path, OPEN_FLAGS);
		quiet = false;
	}
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENXIO;
	if (!stats_as(attempt->region, &st) && !maps_as(attempt, fd))
		return -ENOENT;
	attempt->fd = take_fd(&fd);
	attempt->quiet = quiet;
	return 0;
}

static void map_file(const struct attempt *attempt, const struct live *live, char *path)
{
	snprintf(path, PATH_MAX, "%s/%d/map_files/%" PRIx64 "-%" PRIx64, attempt->proc, live->task,
		 live->start, live->end);
}

static int try_link(void *context, const struct live *live)
{
	struct attempt *attempt = context;
	char path[PATH_MAX];

	if (live->ours)
		return -ENOENT;
	map_file(attempt, live, path);
	return open_link(attempt, path);
}

/*
 * What path leads to, without opening it and without ever waiting: of an object that is mapped or
 * in memory all directories on its way are in the kernel's cache, so a walk that would have to ask
 * a file system (which may never answer) leads elsewhere.
 */
static int walk_path(const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_CACHED,
	};
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	if (fd < 0 && (errno == ENOSYS || errno == EINVAL)) /* before Linux 5.12 */
		fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* On btrfs and overlayfs stat() says another device than maps. */
static bool may_differ(const struct attempt *attempt, uint64_t mount_id)
{
	CLEANUP(close_fd) int proc = proc_open(attempt->proc);
	struct mounts *mounts;
	bool stacked;

	if (attempt->region->id.major != 0 || proc < 0 || mounts_new(proc, &mounts) < 0)
		return false;
	stacked = mounts_refresh(mounts) == 0 && mounts_of_id(mounts, mount_id) == MOUNT_STACKED;
	mounts_free(mounts);
	return stacked;
}

static int try_path(struct attempt *attempt)
{
	const struct region_id *id = &attempt->region->id;
	CLEANUP(close_fd) int fd = -1;
	char path[PATH_MAX];
	struct statx stx;

	if (attempt->region->deleted || attempt->region->path[0] != '/')
		return -ENOENT;
	fd = walk_path(attempt->region->path);
	if (fd < 0)
		return fd;
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_BASIC_STATS | STATX_MNT_ID,
		  &stx) < 0)
		return -errno;
	if (!S_ISREG(stx.stx_mode))
		return -ENOENT;
	if ((stx.stx_ino != id->inode || stx.stx_dev_major != id->major ||
	     stx.stx_dev_minor != id->minor) &&
	    !may_differ(attempt, stx.stx_mnt_id))
		return -ENOENT;
	snprintf(path, sizeof(path), "%s/self/fd/%d", attempt->proc, fd);
	return open_link(attempt, path);
}

/* The text of a descriptor's link is compared first: stat() of a descriptor of something else
 * could hang. */
static int try_fd(struct attempt *attempt, pid_t pid, const char *fd)
{
	const char *path = attempt->region->path;
	size_t length = strlen(path);
	char link[PATH_MAX];
	char text[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "%s/%d/fd/%s", attempt->proc, pid, fd);
	n = readlink(link, text, sizeof(text));
	if (n < 0)
		return -errno;
	if ((size_t)n < length || memcmp(text, path, length) != 0)
		return -ENOENT;
	if ((size_t)n != length &&
	    ((size_t)n != length + 10 || memcmp(text + length, " (deleted)", 10) != 0))
		return -ENOENT;
	return open_link(attempt, link);
}

static int try_fds_of(struct attempt *attempt, pid_t pid)
{
	char path[PATH_MAX];
	struct dirent *entry;
	int result = -ENOENT;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%d/fd", attempt->proc, pid);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while (result != 0 && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			result = try_fd(attempt, pid, entry->d_name);
	closedir(dir);
	return result;
}

static int try_fds(struct attempt *attempt)
{
	const struct region *region = attempt->region;
	int result = -ENOENT;

	if (region->holder) {
		char fd[16];

		snprintf(fd, sizeof(fd), "%d", region->holder_fd);
		result = try_fd(attempt, region->holder, fd);
	}
	for (size_t i = 0; i < region->n_mappers && result != 0; i++)
		if (i == 0 || region->mappers[i].process != region->mappers[i - 1].process)
			result = try_fds_of(attempt, region->mappers[i].process->pid);
	return result;
}

/*
 * A segment that nobody has attached can only be reached by attaching it, which counts an attach
 * and a detach and moves their times: there is no other way in. It is detached as soon as it is
 * open, so nobody who looks at the count is misled for longer than that.
 */
static int try_sysv(struct attempt *attempt)
{
	const struct region *region = attempt->region;
	void *p = shmat((int)region->id.inode, NULL, SHM_RDONLY);
	struct live live;
	int r;

	if (p == (void *)-1)
		return errno == EINVAL || errno == EIDRM ? -EIO : -errno;
	r = live_at(attempt->proc, region, getpid(), (uintptr_t)p, &live);
	if (r == 0)
		r = try_link(attempt, &live);
	shmdt(p);
	return r;
}

static int try_any(void *context, const struct live *live)
{
	(void)context;
	return live->prot & (PROT_READ | PROT_WRITE) ? 0 : -EACCES;
}

/* Whether an object of this region is kept by its name alone: a leftover, or about to be one. */
static bool kept_by_name(const struct region *region)
{
	return !region->deleted && (region->kind == REGION_SHM || region->kind == REGION_HUGETLB);
}

static int open_object(struct attempt *attempt, enum reach_way *way)
{
	const struct region *region = attempt->region;
	bool mapped = region->n_mappers > 0;
	int result = -EIO;
	int r;

	if (mapped && (reach_ways & REACH_LINK)) {
		*way = REACH_LINK;
		result = live_each(attempt->proc, region, try_link, attempt);
		if (result == 0)
			return 0;
	}
	if (mapped && result == -EIO)
		mapped = live_each(attempt->proc, region, try_any, NULL) != -EIO;
	*way = REACH_PATH;
	if ((reach_ways & REACH_PATH) && (mapped || kept_by_name(region))) {
		r = try_path(attempt);
		if (r == 0)
			return 0;
		if (r == -EACCES || r == -EPERM)
			result = r;
	}
	*way = REACH_FD;
	if ((reach_ways & REACH_FD) && try_fds(attempt) == 0)
		return 0;
	*way = REACH_SYSV;
	if ((reach_ways & REACH_SYSV) && region->kind == REGION_SYSV && !mapped) {
		result = try_sysv(attempt);
		if (result == 0)
			return 0;
	}
	*way = REACH_PROCESS;
	if ((reach_ways & REACH_PROCESS) && mapped) {
		r = live_each(attempt->proc, region, try_any, NULL);
		return r == 0 ? 0 : r;
	}
	return result == -EPERM ? -EACCES : result;
}

static void describe(struct reach *reach)
{
	struct statfs fs;

	reach->page = (size_t)sysconf(_SC_PAGESIZE);
	if (reach->fd < 0 || fstatfs(reach->fd, &fs) < 0)
		return;
	reach->shared = fs.f_type == TMPFS_MAGIC;
	reach->huge = fs.f_type == HUGETLBFS_MAGIC;
	reach->overlay = fs.f_type == OVERLAYFS_SUPER_MAGIC;
	if (reach->huge)
		reach->page = (size_t)fs.f_bsize;
}

int reach_open(const struct region *region, const char *proc, struct reach *out, const char **why)
{
	struct attempt attempt = {.region = region, .proc = proc, .fd = -1};
	struct reach reach = {.fd = -1, .why = ""};
	int r;

	if (!region->approachable) {
		*why = "not a regular file, or on a file system that may not answer: listed only";
		return -ENXIO;
	}
	r = open_object(&attempt, &reach.way);
	if (r < 0) {
		*why = r == -EIO ? "nobody maps it any more" : strerrordesc_np(-r);
		return r;
	}
	reach.fd = attempt.fd;
	reach.quiet = attempt.quiet;
	reach.access = reach.fd >= 0 ? MEMORY_DESCRIPTOR : MEMORY_PROCESS;
	if (reach.fd < 0)
		reach.why = "opening a mapping takes CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE, and "
			    "neither a path nor a descriptor of its processes leads to it";
	else if (!reach.quiet)
		reach.why = "not the file's owner: reading it may move its access time";
	describe(&reach);
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

bool reach_alive(const struct reach *reach, const struct region *region, const char *proc)
{
	struct attempt attempt = {.region = region, .proc = proc, .fd = -1};
	struct shmid_ds segment;
	struct stat st;

	if (region->n_mappers > 0 && live_each(proc, region, accept_any, NULL) != -EIO)
		return true;
	if (kept_by_name(region))
		return reach->fd >= 0 && fstat(reach->fd, &st) == 0 && st.st_nlink > 0;
	if (region->kind == REGION_SYSV)
		return shmctl((int)region->id.inode, IPC_STAT, &segment) == 0 || errno == EACCES;
	if (region->kind != REGION_MEMFD && region->kind != REGION_HUGETLB)
		return false;
	if (try_fds(&attempt) < 0)
		return false;
	close(attempt.fd);
	return true;
}

struct stat_attempt {
	const struct attempt *attempt;
	struct stat *out;
};

static int stat_link(void *context, const struct live *live)
{
	const struct stat_attempt *want = context;
	const struct region *region = want->attempt->region;
	char path[PATH_MAX];
	struct stat st;

	if (live->ours)
		return -ENOENT;
	map_file(want->attempt, live, path);
	if (fstatat(AT_FDCWD, path, &st, AT_STATX_DONT_SYNC) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENXIO;
	if (!stats_as(region, &st) && region->kind != REGION_FILE)
		return -ENOENT;
	*want->out = st;
	return 0;
}

int reach_stat(const struct region *region, const char *proc, struct stat *out)
{
	struct attempt attempt = {.region = region, .proc = proc, .fd = -1};
	struct stat_attempt want = {&attempt, out};
	enum reach_way way;
	int r;

	if (!region->approachable)
		return -ENXIO;
	if (region->n_mappers > 0 && (reach_ways & REACH_LINK)) {
		r = live_each(proc, region, stat_link, &want);
		if (r == 0)
			return 0;
	}
	if (region->kind == REGION_SYSV && region->n_mappers == 0)
		return -ENODATA;
	r = open_object(&attempt, &way);
	if (r < 0)
		return r;
	if (attempt.fd < 0)
		return -ENODATA;
	r = fstat(attempt.fd, out) < 0 ? -errno : 0;
	close(attempt.fd);
	return r;
}
