/* SPDX-License-Identifier: MIT */
#include "peekctl/opened.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "peekctl/message.h"

/* A read-only descriptor of the object, or why not. */
static int open_object(const struct target *target)
{
	bool quiet;
	int fd;
	int r = memory_backing(object_memory(target->object), &fd, &quiet);

	return r < 0 ? r : fd;
}

/* The kernel opens the same object once more, if it lets us write. */
static int reopen(int fd)
{
	char path[64];
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return -errno;
	if (fs.f_type == OVERLAYFS_SUPER_MAGIC)
		return -EXDEV;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int opened_fd(const struct target *target, int *out)
{
	const char *name = target->region->name;
	CLEANUP(close_fd) int fd = -1;
	int writer;

	if (target->region->kind == REGION_SYSV)
		return failed(
			"%s: System V memory keeps the size it was made with, and has no disk",
			name);
	fd = open_object(target);
	if (fd < 0)
		return failed("%s: %s", name, why(fd));
	writer = reopen(fd);
	if (writer == -EXDEV)
		return failed("%s is a file of an overlay: opening it for writing could make a "
			      "copy of it; do it in the layer below",
			      name);
	if (writer < 0)
		return failed("%s can't be opened for writing: %s", name, why(writer));
	*out = writer;
	return STATUS_OK;
}

int opened_map(const struct target *target, int fd, struct created **out)
{
	struct create_options options = {.prot = PROT_READ | PROT_WRITE};
	struct diag diag = {0};
	int r = create_adopt(fd, &options, out, &diag);

	return r < 0 ? failed("%s: %s", target->region->name, diag.message) : STATUS_OK;
}

int opened_at_path(const struct target *target, const char *what)
{
	const struct region *region = target->region;
	CLEANUP(close_fd) int fd = -1;
	struct stat object, there;

	if (region->deleted || region->path[0] != '/')
		return failed("%s has no name that could be %s; its memory goes with its last user",
			      region->name, what);
	fd = open_object(target);
	if (fd < 0)
		return failed("%s: %s", region->name, why(fd));
	if (fstat(fd, &object) < 0 || lstat(region->path, &there) < 0)
		return failed("%s: %s: %s", region->name, region->path, strerror(errno));
	if (object.st_dev != there.st_dev || object.st_ino != there.st_ino)
		return failed("%s: %s leads to another object here; nothing is %s", region->name,
			      region->path, what);
	return STATUS_OK;
}
