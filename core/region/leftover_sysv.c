/* SPDX-License-Identifier: MIT */
/* System V segments that nobody has attached. They are read off a table: shmat(2), even for a
 * moment, would move their times and their attach count. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "region/scan.h"

/* 0 or -ENOMEM; a line that isn't a segment's is skipped. proc(5), /proc/sysvipc/shm. */
static int add_line(struct scan *scan, const char *line, dev_t device)
{
	struct region_id id = {major(device), minor(device), 0, scan->own_ipcns};
	uint64_t size, shmid, attached;
	unsigned mode, uid, gid;
	int key, creator, last;
	char path[32];
	struct draft *draft;
	bool added;

	/* key shmid perms size cpid lpid nattch uid gid cuid cgid ... */
	if (sscanf(line, "%d %" SCNu64 " %o %" SCNu64 " %d %d %" SCNu64 " %u %u", &key, &shmid,
		   &mode, &size, &creator, &last, &attached, &uid, &gid) != 9)
		return 0;
	/* Attached by someone we may not look at; or by us, who look into it. */
	if (attached && last != scan->options->self)
		return 0;
	id.inode = shmid;
	draft = scan_draft(scan, &id, &added);
	if (!draft)
		return -ENOMEM;
	if (!added)
		return 0;
	snprintf(path, sizeof(path), "/SYSV%08x", (unsigned)key);
	draft->facts.path = scan_keep(scan, path, strlen(path));
	draft->facts.kind = REGION_SYSV;
	draft->facts.deleted = true;
	draft->facts.leftover = true;
	draft->facts.approachable = true;
	draft->facts.size = size;
	draft->facts.creator = creator;
	draft->facts.uid = uid;
	draft->facts.gid = gid;
	/* Two users may own it, and the other bits would hold in other namespaces too. */
	draft->facts.mode = mode & 0400;
	draft->settled = true;
	return draft->facts.path ? 0 : -ENOMEM;
}

static int scan_sysv(struct scan *scan)
{
	FILE *file;
	int fd = openat(scan->way->proc, "sysvipc/shm", O_RDONLY | O_CLOEXEC), r = 0;
	char line[512];
	dev_t device;

	if (fd < 0 || !mounts_shmem_device(scan->mounts, &device)) {
		close_fd(&fd);
		return 0;
	}
	file = fdopen(fd, "re");
	if (!file) {
		close(fd);
		return -ENOMEM;
	}
	while (r == 0 && fgets(line, sizeof(line), file))
		r = add_line(scan, line, device);
	fclose(file);
	return r;
}

const struct source_ops source_sysv = {.name = "sysv", .scan = scan_sysv};
