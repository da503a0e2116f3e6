/* SPDX-License-Identifier: MIT */
#include "region/ways.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/proc.h"
#include "region/mounts.h"

#define OPEN_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

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
	       st->st_dev == region_id_dev(&region->id);
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

int way_link(void *context, const struct live *live)
{
	struct attempt *attempt = context;
	char path[PATH_MAX];

	attempt->alive = true;
	if (live->prot & (PROT_READ | PROT_WRITE))
		attempt->touchable = true;
	if (live->ours)
		return -ENOENT;
	if (!attempt->links)
		return -EPERM;
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

int way_path(struct attempt *attempt)
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

/* Whether the text of a descriptor's link is the region's path, as it is or with " (deleted)". */
static bool reads_as(const struct region *region, const char *text, size_t n)
{
	size_t length = strlen(region->path);

	return (n == length || proc_path_length(text, n) == length) &&
	       memcmp(text, region->path, length) == 0;
}

/* Whether the descriptor's fdinfo, which asks no file system, tells another inode. Linux 5.14. */
static bool is_other_inode(const struct attempt *attempt, pid_t pid, const char *fd)
{
	CLEANUP(close_stream) FILE *file = NULL;
	char path[PATH_MAX];
	char line[128];
	uint64_t inode;
	bool other = false;

	snprintf(path, sizeof(path), "%s/%d/fdinfo/%s", attempt->proc, pid, fd);
	file = fopen(path, "re");
	while (file && !other && fgets(line, sizeof(line), file))
		other = sscanf(line, "ino: %" SCNu64, &inode) == 1 &&
			inode != attempt->region->id.inode;
	return other;
}

/* What can be told without touching the descriptor is compared first: to open or stat() one of
 * something else could hang. */
static int try_fd(struct attempt *attempt, pid_t pid, const char *fd)
{
	char link[PATH_MAX];
	char text[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "%s/%d/fd/%s", attempt->proc, pid, fd);
	n = readlink(link, text, sizeof(text));
	if (n < 0)
		return -errno;
	if (!reads_as(attempt->region, text, (size_t)n) || is_other_inode(attempt, pid, fd))
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

int way_fd(struct attempt *attempt)
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

bool way_links_open(const char *proc)
{
	size_t n = (size_t)sysconf(_SC_PAGESIZE);
	void *p = mmap(NULL, n, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct attempt attempt = {.proc = proc};
	struct live live = {.task = getpid()};
	CLEANUP(close_fd) int fd = -1;
	char path[PATH_MAX];

	if (p == MAP_FAILED)
		return false;
	live.start = (uintptr_t)p;
	live.end = live.start + n;
	map_file(&attempt, &live, path);
	fd = open(path, OPEN_FLAGS);
	munmap(p, n);
	return fd >= 0;
}

bool way_own_ipcns(const struct region *region, const char *proc)
{
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%s/self/ns/ipc", proc);
	return region->id.ipcns == 0 || (stat(path, &st) == 0 && st.st_ino == region->id.ipcns);
}

/*
 * A segment that nobody has attached can only be reached by attaching it, which counts an attach
 * and a detach and moves their times: there is no other way in. It is detached as soon as it is
 * open, so nobody who looks at the count is misled for longer than that.
 */
int way_sysv(struct attempt *attempt)
{
	const struct region *region = attempt->region;
	struct live live;
	void *p;
	int r;

	if (!way_own_ipcns(region, attempt->proc))
		return -EACCES;
	p = shmat((int)region->id.inode, NULL, SHM_RDONLY);
	if (p == (void *)-1)
		return errno == EINVAL || errno == EIDRM ? -EIO : -errno;
	r = live_at(attempt->proc, region, getpid(), (uintptr_t)p, &live);
	if (r == 0)
		r = way_link(attempt, &live);
	else if (r == -ENOENT) /* of huge pages: on another device */
		r = -ENXIO;
	shmdt(p);
	attempt->segment = r == -EPERM;
	return r;
}

int way_stat(const struct attempt *attempt, const struct live *live, struct stat *out)
{
	const struct region *region = attempt->region;
	char path[PATH_MAX];
	struct stat st;

	if (live->ours)
		return -ENOENT;
	map_file(attempt, live, path);
	if (fstatat(AT_FDCWD, path, &st, AT_STATX_DONT_SYNC) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENXIO;
	if (!stats_as(region, &st) && region->kind != REGION_FILE)
		return -ENOENT;
	*out = st;
	return 0;
}
