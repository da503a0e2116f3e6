/* SPDX-License-Identifier: MIT */
/* Memory that only a descriptor holds: a memfd, a file of hugetlbfs, or a deleted one of /dev/shm,
 * that nobody maps. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "region/visit.h"

static int add_held(struct scan *scan, const struct held *held, char *path)
{
	struct draft *draft = scan_find(scan, &held->id);
	bool added = !draft, one_user;
	uint64_t size = 0;
	uid_t uid = 0;

	if (draft && !draft->facts.holder) {
		if (held->told)
			draft->told = held;
		return 0;
	}
	if (!held_is_still(scan->way->proc, held, &size))
		return 0;
	if (added)
		draft = scan_draft(scan, &held->id, &added);
	if (!draft)
		return -ENOMEM;
	if (added) {
		draft->facts.path = path;
		draft->text_len = held->path_len;
		draft->facts.leftover = true;
		draft->facts.holder = held->pid;
		draft->facts.holder_fd = held->fd;
		draft->reach = size;
		scan_classify(scan, draft);
	}
	one_user = process_user(scan->way, held->pid, held->task, &uid);
	draft_count_user(draft, uid, one_user);
	return 0;
}

static int scan_held(struct scan *scan)
{
	for (size_t i = 0; i < scan->visits->n_harvests; i++) {
		const struct helds *helds = &scan->visits->harvests[i].helds;

		for (size_t j = 0; j < helds->n; j++) {
			int r = add_held(scan, &helds->all[j],
					 helds->text.data + helds->all[j].path);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

const struct source_ops source_held = {.name = "held", .scan = scan_held};
