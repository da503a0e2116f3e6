/* SPDX-License-Identifier: MIT */
/* What infer.h found of a region: kept with its layout, and told in `info`. */
#ifndef PEEKFS_VIEW_INFERENCE_H
#define PEEKFS_VIEW_INFERENCE_H

#include "region/halt.h"
#include "view/candidate.h"

struct caller;

/* Immutable once infer() gave it. */
struct inference {
	struct candidates candidates;
	struct buf text; /* of the layout; empty: none */
	bool stopped;	 /* threads were stopped for it */
	struct halt_report report;
	unsigned processes; /* that were looked at */
	unsigned forbidden; /* that were not: they aren't the caller's, or the region's owner's */
	bool late;	    /* not all could be looked at in time */
	char lacks[200]; /* "NAME: why its debug information is of no use", of the first such; or ""
			  */
};

/* One that holds nothing yet, for inference_unref(); NULL: no memory. */
struct inference *inference_new(void);
/* References may be taken and given back by any thread. */
struct inference *inference_ref(struct inference *inference);
void inference_unref(struct inference *inference); /* takes NULL */

/*
 * Lines for `info`: "Variable:" for each that is placed, "Candidate:" for each that isn't, best
 * first; "-" in place of those of processes that caller may not look into. After a stop, how many
 * threads were stopped, for how long at most, and which were left alone.
 */
void inference_tell(const struct inference *inference, const struct caller *caller,
		    struct buf *out);

#endif
