/* SPDX-License-Identifier: MIT */
/* Objects that somebody else made and gave us a descriptor of. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/proc.h"
#include "region/own.h"

static bool below(const char *path, const char *folder)
{
	return strncmp(path, folder, strlen(folder)) == 0;
}

/* The name of a memfd, in the text of its link; NULL: it is none. No path leads to one. */
static char *memfd_name(char *text, size_t n)
{
	static const char before[] = "/memfd:";
	size_t bare = proc_path_length(text, n);

	if (!below(text, before) || bare == n)
		return NULL;
	text[bare] = '\0';
	return text + strlen(before);
}

/* Kind and names, by the text of the link in /proc/self/fd; unknown without procfs. */
static int identify(struct created *created)
{
	char link[32], path[PATH_MAX];
	const char *name;
	ssize_t n;

	created->kind = REGION_FILE;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", created->fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return 0;
	path[n] = '\0';
	if (!own_is_at(created->fd, path)) { /* it has no path, or none any more */
		name = memfd_name(path, (size_t)n);
		if (!name)
			return 0;
		created->kind = REGION_MEMFD;
		created->name = strdup(name);
		return created->name ? 0 : -ENOMEM;
	}
	created->kind = below(path, OWN_SHM_FOLDER) ? REGION_SHM : REGION_FILE;
	created->path = strdup(path);
	created->name =
		strdup(path + (created->kind == REGION_SHM ? strlen(OWN_SHM_FOLDER) - 1 : 0));
	return created->path && created->name ? 0 : -ENOMEM;
}

static bool is_dev_zero(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 5);
}

int own_adopt(struct created *created, int fd, struct diag *diag)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return diag_set(diag, -EBADF, 0, 0,
				"descriptor %d isn't open in this process: was it closed, or never "
				"received?",
				fd);
	if (flags & O_PATH)
		return diag_set(
			diag, -EBADF, 0, 0,
			"descriptor %d was opened with O_PATH, which names a file and doesn't "
			"reach its bytes: open it O_RDONLY or O_RDWR",
			fd);
	if (is_dev_zero(fd))
		return diag_set(diag, -EINVAL, 0, 0,
				"descriptor %d is /dev/zero, which is new memory each time it is "
				"mapped: create_new() with kind anon",
				fd);
	created->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (created->fd < 0)
		return diag_set(diag, -errno, 0, 0, "descriptor %d can't be duplicated: %s", fd,
				strerror(errno));
	created->opened = true;
	if (identify(created) != 0)
		return diag_no_memory(diag);
	return own_inspect(created, diag);
}
