/* SPDX-License-Identifier: MIT */
/* The regions of a machine in a few facts each, as `summary` and `peekctl ls` list them. */
#ifndef PEEKFS_VIEW_OVERVIEW_H
#define PEEKFS_VIEW_OVERVIEW_H

#include "view/view.h"

struct overview_row {
	struct region *region; /* the snapshot's */
	uint64_t resident;     /* bytes */
	bool known;	       /* resident is */
	const char *layout;    /* where its layout comes from; static; NULL: it isn't asked */
};

/* Fills *row. Nothing is asked that may wait for one region: all the others are to be shown too.
 * 0, -ENOMEM. */
int overview_look(struct env *env, struct region *region, struct overview_row *row);

/*
 * The rows of all regions of a snapshot, or of those that aren't noise: the largest resident one
 * first, then those of which that isn't known. rows has room for as many as the snapshot has.
 * 0 and *n, -ENOMEM.
 */
int overview_all(struct env *env, const struct snapshot *snapshot, bool noise,
		 struct overview_row *rows, size_t *n);

#endif
