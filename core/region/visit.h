/* SPDX-License-Identifier: MIT */
/* Going to every process, with as many threads as there are processors: what it shares, who it is
 * and what shared memory only its descriptors hold. */
#ifndef PEEKFS_REGION_VISIT_H
#define PEEKFS_REGION_VISIT_H

#include "region/held.h"
#include "region/mapping.h"
#include "region/scan.h"

struct harvest {
	struct mappings mappings;
	struct helds helds;
	bool parsed; /* the text of some maps had to be read */
};

struct visit {
	pid_t pid;
	const struct process *process; /* NULL: it shares nothing, or has gone */
	const struct harvest *harvest;
	size_t first; /* its mappings in harvest */
	size_t n;
	struct holder holder; /* its descriptors' part of the harvest's helds */
	bool unreadable;
};

struct visits {
	struct visit *all;
	size_t n;
	struct harvest *harvests;
	size_t n_harvests;
};

/* 0 and *out for visits_free(); -ENOMEM, or why procfs can't be listed. */
int visits_make(const struct scan *scan, struct visits **out);
void visits_free(struct visits *visits); /* takes NULL */

/* What the next scan wants to know of these descriptors; to is replaced. 0 or -ENOMEM. */
int visits_holders(const struct visits *visits, struct holders *to);

#endif
