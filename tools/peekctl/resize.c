/* SPDX-License-Identifier: MIT */
/* Another size. Who maps what is cut off dies of a bus error when he touches it, so that is refused
 * unless it is asked for. */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
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

static int change(const struct target *target, uint64_t size, bool force)
{
	CLEANUP(created_freep) struct created *created = NULL;
	const struct mapper *victim;
	struct created_facts facts;
	struct diag diag = {0};
	uint64_t before;
	int status = opened_map(target, &created);
	int r;

	if (status != STATUS_OK)
		return status;
	r = created_facts(created, &facts);
	if (r < 0)
		return failed("%s: %s", target->region->name, why(r));
	before = facts.size;
	victim = size < before ? find_victim(target->region, round_up(size, facts.page)) : NULL;
	if (victim && !force)
		return failed("%s: process %d maps more than %" PRIu64
			      " bytes of it, and would die "
			      "of a bus error when it touches what is cut off; --force cuts",
			      target->region->name, (int)victim->process->pid, size);
	r = created_resize(created, size, &diag);
	if (r == 0)
		r = created_facts(created, &facts);
	if (r < 0)
		return failed("%s: %s", target->region->name,
			      *diag.message ? diag.message : why(r));
	printf("%s: %" PRIu64 " bytes, before %" PRIu64 "\n", target->region->name, facts.size,
	       before);
	return STATUS_OK;
}

static int resize(const struct wishes *wishes, int n, char **args)
{
	CLEANUP(session_close) struct session session = {0};
	CLEANUP(target_close) struct target target = {0};
	unsigned long long size;
	int status;

	(void)n;
	if (!options_size(args[1], &size) || size == 0)
		return misused("'%s' isn't a SIZE: bytes, or a number and K, M, G or T", args[1]);
	status = session_open(&session, false);
	if (status == STATUS_OK)
		status = session_region(&session, args[0], &target);
	return status == STATUS_OK ? change(&target, size, wishes->force) : status;
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
