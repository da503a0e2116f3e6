/* SPDX-License-Identifier: MIT */
/* msync(2) of a whole region. */
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "peekctl/message.h"
#include "peekctl/opened.h"

static bool has_no_disk(enum region_kind kind)
{
	return kind == REGION_SHM || kind == REGION_MEMFD || kind == REGION_SYSV ||
	       kind == REGION_ANON || kind == REGION_HUGETLB;
}

static int sync_region(struct session *session, const struct target *target, void *context)
{
	int flags = *(const int *)context;
	CLEANUP(created_freep) struct created *created = NULL;
	CLEANUP(close_fd) int fd = -1;
	struct diag diag = {0};
	struct stat st;
	int status;

	(void)session;
	if (has_no_disk(target->region->kind))
		return STATUS_OK;
	status = opened_fd(target, &fd);
	if (status != STATUS_OK || (fstat(fd, &st) == 0 && st.st_size == 0))
		return status;
	status = opened_map(target, fd, &created);
	if (status == STATUS_OK && created_sync(created, 0, 0, flags, &diag) < 0)
		status = failed("%s: %s", target->region->name, diag.message);
	return status;
}

static int sync_all(const struct wishes *wishes, int n, char **args)
{
	CLEANUP(session_close) struct session session = {0};
	int flags = wishes->asynchronous ? MS_ASYNC : MS_SYNC;
	int status = session_open(&session, false);

	if (wishes->invalidate)
		flags |= MS_INVALIDATE;
	return status == STATUS_OK ? session_each(&session, n, args, sync_region, &flags) : status;
}

const struct verb verb_sync = {
	.name = "sync",
	.arguments = "NAME...",
	.summary = "Brings a region safely to its disk",
	.options = "AI",
	.details =
		"It returns when all that programs wrote is on the disk. What has no disk (shared "
		"memory)\nis in sync at once. With --async nothing is waited for: Linux writes by "
		"itself.",
	.least = 1,
	.most = -1,
	.run = sync_all,
};
