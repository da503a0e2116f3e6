/* SPDX-License-Identifier: MIT */
/* Takes the name of a region away. Its memory goes with the last program that uses it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "peekctl/message.h"
#include "peekctl/opened.h"
#include "view/facts.h"

static int no(const struct region *region, int err)
{
	if (err == EACCES || err == EPERM)
		return failed("%s: only its owner may remove it, or who owns the directory",
			      region->name);
	return failed("%s: %s", region->name, strerror(err));
}

/* How many mappings the kernel counts: those that we may not look at too. */
static unsigned long attached(const struct region *region)
{
	struct shmid_ds about;

	return shmctl((int)region->id.inode, IPC_STAT, &about) < 0 ? 0 : about.shm_nattch;
}

static int remove_segment(const struct session *session, const struct region *region, bool force)
{
	if (region->id.ipcns != session->env->ipcns)
		return failed("%s is in another ipc namespace: run peekctl there (nsenter -i -t "
			      "PID)",
			      region->name);
	if (!force && attached(region))
		return failed("%s is attached %lu times, by processes that you may not look at; "
			      "--force removes it all the same",
			      region->name, attached(region));
	if (shmctl((int)region->id.inode, IPC_RMID, NULL) < 0)
		return no(region, errno);
	printf("%s: removed segment %llu", region->name, (unsigned long long)region->id.inode);
	return STATUS_OK;
}

static int remove_path(const struct target *target)
{
	CLEANUP(buf_destroy) struct buf path = BUF_INIT;
	int status = opened_at_path(target, "removed");

	if (status != STATUS_OK)
		return status;
	if (unlink(target->region->path) < 0)
		return no(target->region, errno);
	text_escape(&path, target->region->path, strlen(target->region->path));
	printf("%s: removed %s", target->region->name, buf_cstr(&path) ? path.data : "it");
	return STATUS_OK;
}

static int remove_region(struct session *session, const struct target *target, void *context)
{
	const struct region *region = target->region;
	bool force = *(const bool *)context;
	bool named = region->kind == REGION_SYSV || !region->deleted;
	size_t n = facts_processes(region);
	int status;

	if (n && named && !force)
		return failed(
			"%s is mapped by %zu process%s (peekctl mappers %s); --force takes its "
			"name away all the same",
			region->name, n, n == 1 ? "" : "es", region->name);
	status = region->kind == REGION_SYSV ? remove_segment(session, region, force)
					     : remove_path(target);
	if (status != STATUS_OK)
		return status;
	if (n)
		printf("; its memory stays until %zu process%s it go", n,
		       n == 1 ? " lets" : "es let");
	putchar('\n');
	return STATUS_OK;
}

static int rm(const struct wishes *wishes, int n, char **args)
{
	CLEANUP(session_close) struct session session = {0};
	bool force = wishes->force;
	int status = session_open(&session, false);

	return status == STATUS_OK ? session_each(&session, n, args, remove_region, &force)
				   : status;
}

const struct verb verb_rm = {
	.name = "rm",
	.arguments = "NAME...",
	.summary = "Removes regions",
	.options = "f",
	.details = "Removes the file, the POSIX shared memory object or the System V segment, and "
		   "says so.\nNothing is asked; what a program maps is refused unless forced, and "
		   "lives on without a\nname until the last of them lets it go.",
	.least = 1,
	.most = -1,
	.run = rm,
};
