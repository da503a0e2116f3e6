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
 * The kernel clones only mounts of the caller's own mount namespace. The object of a container is
 * in another; a thread goes there, makes the clone and ends. (It is a thread because a namespace
 * is a thread's, and a new one because there is no way back for one that shares its root and
 * working directory with others.)
 *
 * memfd, anonymous and System V memory live on a mount inside the kernel that belongs to no mount
 * namespace: it can't be cloned, and there is no other way either.
 */
#include "region/quiet.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/cleanup.h"

/* A detached clone of fd's mount, or -EINVAL: it isn't in our namespace. */
static int clone_mount(int fd)
{
	int tree = open_tree(fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	return tree < 0 ? -errno : tree;
}

struct errand {
	int namespace;
	int fd;
	int result;
};

static void *go(void *context)
{
	struct errand *errand = context;

	if (unshare(CLONE_FS) < 0 || setns(errand->namespace, CLONE_NEWNS) < 0)
		errand->result = -errno;
	else
		errand->result = clone_mount(errand->fd);
	return NULL;
}

static int clone_over_there(const char *proc, pid_t pid, int fd)
{
	CLEANUP(close_fd) int namespace = -1;
	struct errand errand = {.fd = fd, .result = -EINVAL};
	char path[PATH_MAX];
	pthread_t thread;
	int r;

	snprintf(path, sizeof(path), "%s/%d/ns/mnt", proc, pid);
	namespace = open(path, O_RDONLY | O_CLOEXEC);
	if (namespace < 0)
		return -errno;
	errand.namespace = namespace;
	r = pthread_create(&thread, NULL, go, &errand);
	if (r != 0)
		return -r;
	pthread_join(thread, NULL);
	return errand.result;
}

int quiet_open(const char *proc, int fd, pid_t pid, int *out)
{
	struct mount_attr noatime = {
		.attr_set = MOUNT_ATTR_NOATIME,
		.attr_clr = MOUNT_ATTR__ATIME,
	};
	CLEANUP(close_fd) int tree = clone_mount(fd);
	char path[PATH_MAX];
	int opened;

	if (tree == -EINVAL && pid)
		tree = clone_over_there(proc, pid, fd);
	if (tree < 0)
		return tree;
	if (mount_setattr(tree, "", AT_EMPTY_PATH, &noatime, sizeof(noatime)) < 0)
		return -errno;
	snprintf(path, sizeof(path), "%s/self/fd/%d", proc, tree);
	opened = open(path, O_RDONLY | O_NOATIME | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (opened < 0)
		return -errno;
	*out = opened;
	return 0;
}
