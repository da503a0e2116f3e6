/* SPDX-License-Identifier: MIT */
/*
 * O_NOATIME is a flag of one open file. When the kernel serves a FUSE file by passthrough, it opens
 * the object again with the flags of whoever opened the FUSE file, and each read moves the
 * object's access time. But the reopened file keeps the mount of the descriptor it was given, and
 * a mount can say noatime for all files opened through it. So the object is opened through a
 * private, detached clone of its mount that says so: open_tree() makes the clone with the
 * object itself as its root (which works when its name is gone), mount_setattr() sets noatime, and
 * /proc/self/fd opens it. The clone is attached nowhere, nobody sees it, and it is gone with the
 * last file opened through it.
 *
 * memfd, anonymous and System V memory live on a mount inside the kernel that belongs to no mount
 * namespace: it can't be cloned, and there is no other way either.
 */
#include "region/quiet.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/cleanup.h"

int quiet_open(const char *proc, int fd, int *out)
{
	struct mount_attr noatime = {
		.attr_set = MOUNT_ATTR_NOATIME,
		.attr_clr = MOUNT_ATTR__ATIME,
	};
	CLEANUP(close_fd) int tree = -1;
	char path[PATH_MAX];
	int opened;

	tree = open_tree(fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0)
		return -errno;
	if (mount_setattr(tree, "", AT_EMPTY_PATH, &noatime, sizeof(noatime)) < 0)
		return -errno;
	snprintf(path, sizeof(path), "%s/self/fd/%d", proc, tree);
	opened = open(path, O_RDONLY | O_NOATIME | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (opened < 0)
		return -errno;
	*out = opened;
	return 0;
}
