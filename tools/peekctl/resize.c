/* SPDX-License-Identifier: MIT */
/* Another size. Who maps what is cut off dies of a bus error when he touches it, so that is refused
 * unless it is asked for. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "peekctl/message.h"
#include "peekctl/opened.h"
#include "peekctl/options.h"

static uint64_t round_up(uint64_t size, uint64_t page)
{
	return (size + page - 1) / page * page;
}

/* A mapper of bytes that won't be there any more, or NULL. */
static const struct mapper *find_victim(const struct region *region, uint64_t end)
{
	for (size_t i = 0; i < region->n_mappers; i++) {
		const struct mapper *mapper = &region->mappers[i];

		if (mapper->offset + (mapper->end - mapper->start) > end)
			return mapper;
	}
	return NULL;
}

static int cuts(const struct target *target, uint64_t size)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	const struct mapper *victim = find_victim(target->region, round_up(size, page));

	if (!victim && region_is_unsure(target->region))
		return failed("%s: processes that you may not look at could map it, and would die "
			      "of a bus error when they touch what is cut off; --force cuts",
			      target->region->name);
	if (!victim)
		return STATUS_OK;
	return failed("%s: process %d maps more than %" PRIu64 " bytes of it, and would die of a "
		      "bus error when it touches what is cut off; --force cuts",
		      target->region->name, (int)victim->process->pid, size);
}

static int change(const struct target *target, int fd, uint64_t before, uint64_t size)
{
	CLEANUP(created_freep) struct created *created = NULL;
	struct diag diag = {0};
	int r, status;

	if (before == 0) {
		r = ftruncate(fd, (off_t)size) < 0 ? -errno : 0;
		return r ? failed("%s: %s", target->region->name, why(r)) : STATUS_OK;
	}
	status = opened_map(target, fd, &created);
	if (status != STATUS_OK)
		return status;
	r = created_resize(created, size, &diag);
	if (r < 0)
		return failed("%s: %s", target->region->name,
			      *diag.message ? diag.message : why(r));
	return STATUS_OK;
}

static int run(const struct target *target, uint64_t size, bool force)
{
	CLEANUP(close_fd) int fd = -1;
	struct stat before, after;
	int status = opened_fd(target, &fd);

	if (status != STATUS_OK)
		return status;
	if (fstat(fd, &before) < 0)
		return failed("%s: %s", target->region->name, why(-errno));
	if (size < (uint64_t)before.st_size && !force)
		status = cuts(target, size);
	if (status == STATUS_OK)
		status = change(target, fd, (uint64_t)before.st_size, size);
	if (status != STATUS_OK)
		return status;
	if (fstat(fd, &after) < 0)
		return failed("%s: %s", target->region->name, why(-errno));
	printf("%s: %jd bytes, before %jd\n", target->region->name, (intmax_t)after.st_size,
	       (intmax_t)before.st_size);
	return STATUS_OK;
}

static int resize(const struct wishes *wishes, int n, char **args)
{
	CLEANUP(session_close) struct session session = {0};
	CLEANUP(target_close) struct target target = {0};
	uint64_t size;
	int status = options_size(args[1], &size);

	(void)n;
	if (status == STATUS_OK)
		status = session_open(&session, false);
	if (status == STATUS_OK)
		status = session_region(&session, args[0], &target);
	return status == STATUS_OK ? run(&target, size, wishes->force) : status;
}

const struct verb verb_resize = {
	.name = "resize",
	.arguments = "NAME SIZE",
	.summary = "Makes a region longer or shorter",
	.options = "f",
	.details = "SIZE is bytes, or a number and K, M, G or T (of 1024). What comes new reads as "
		   "zeros.\nPrograms keep the mapping they have until they map it anew.",
	.least = 2,
	.most = 2,
	.run = resize,
};
