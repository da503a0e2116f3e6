/* SPDX-License-Identifier: MIT */
#include "region/path_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/uapi.h"

#define DEPTH_MAX 128

struct level {
	int fd;
	size_t end; /* of its name in path; the root's is 0 */
	bool open;  /* everybody may pass it and all above it */
};

struct path_walk {
	const struct mounts *mounts;
	char path[PATH_MAX]; /* of the deepest level, and behind it the last object's name */
	size_t depth;
	struct level levels[DEPTH_MAX];
	const char *last; /* name in path of what path_walk_to() went to */
};

/* Whether a directory's entry, or "." itself, has an ACL. */
static bool has_acl(int dir, const char *name)
{
	static const char acl[] = "system.posix_acl_access";
	struct uapi_xattr_args none = {0};
	char path[NAME_MAX + 32];
	long r;

	r = syscall(UAPI_SYS_GETXATTRAT, dir, name, AT_SYMLINK_NOFOLLOW, acl, &none, sizeof(none));
	if (r < 0 && errno == ENOSYS) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dir, name);
		r = lgetxattr(path, acl, NULL, 0);
	}
	return r >= 0 || (errno != ENODATA && errno != EOPNOTSUPP);
}

static bool stat_at(int dir, const char *name, struct statx *stx)
{
	int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC;

	return statx(dir, name, *name ? flags : flags | AT_EMPTY_PATH,
		     STATX_BASIC_STATS | STATX_MNT_ID, stx) == 0 &&
	       (stx->stx_mask & STATX_MNT_ID);
}

/* Takes over fd, of the directory whose name ends at end. */
static bool push(struct path_walk *walk, int fd, size_t end)
{
	bool above = walk->depth == 0 || walk->levels[walk->depth - 1].open;
	struct statx stx;

	if (fd < 0)
		return false;
	if (walk->depth == DEPTH_MAX || !stat_at(fd, "", &stx) || !S_ISDIR(stx.stx_mode) ||
	    !mount_is_safe(mounts_of_id(walk->mounts, stx.stx_mnt_id))) {
		close(fd);
		return false;
	}
	walk->levels[walk->depth++] = (struct level){
		.fd = fd,
		.end = end,
		.open = above && (stx.stx_mode & 0111) == 0111 && !has_acl(fd, "."),
	};
	return true;
}

int path_walk_new(const struct mounts *mounts, struct path_walk **out)
{
	struct path_walk *walk = malloc(sizeof(*walk));

	if (!walk)
		return -ENOMEM;
	walk->mounts = mounts;
	walk->depth = 0;
	walk->last = NULL;
	push(walk, open("/", O_PATH | O_CLOEXEC), 0);
	*out = walk;
	return 0;
}

void path_walk_free(struct path_walk *walk)
{
	if (!walk)
		return;
	while (walk->depth)
		close(walk->levels[--walk->depth].fd);
	free(walk);
}

/* Keeps the levels that dir (n bytes) begins with. */
static void pop_to(struct path_walk *walk, const char *dir, size_t n)
{
	size_t same = 0;

	while (walk->depth > 1 && same < n && same < walk->levels[walk->depth - 1].end &&
	       dir[same] == walk->path[same])
		same++;
	while (walk->depth > 1) {
		size_t end = walk->levels[walk->depth - 1].end;

		if (end <= same && (end == n || dir[end] == '/'))
			return;
		close(walk->levels[--walk->depth].fd);
	}
}

bool path_walk_to(struct path_walk *walk, const char *path, size_t n, struct statx *stx,
		  enum mount_class *mount, bool *open)
{
	const char *slash = memrchr(path, '/', n);
	size_t dir = slash ? (size_t)(slash - path) : 0, end;
	struct statx found;

	walk->last = NULL;
	if (n == 0 || *path != '/' || n >= sizeof(walk->path) || walk->depth == 0)
		return false;
	pop_to(walk, path, dir);
	memcpy(walk->path, path, n);
	walk->path[n] = '\0';
	while ((end = walk->levels[walk->depth - 1].end) < dir) {
		char *name = walk->path + end + 1, *next = strchrnul(name, '/');
		char behind = *next;
		int fd;

		*next = '\0';
		/* O_DIRECTORY would mount what autofs offers here. */
		fd = strcmp(name, "..") == 0 ? -1
					     : openat(walk->levels[walk->depth - 1].fd, name,
						      O_PATH | O_NOFOLLOW | O_CLOEXEC);
		*next = behind;
		if (!push(walk, fd, (size_t)(next - walk->path)))
			return false;
	}
	if (!stat_at(walk->levels[walk->depth - 1].fd, walk->path + dir + 1, &found))
		return false;
	*stx = found;
	*mount = mounts_of_id(walk->mounts, found.stx_mnt_id);
	*open = walk->levels[walk->depth - 1].open;
	walk->last = walk->path + dir + 1;
	return true;
}

bool path_walk_has_acl(struct path_walk *walk)
{
	return !walk->last || has_acl(walk->levels[walk->depth - 1].fd, walk->last);
}
