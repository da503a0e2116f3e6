/* SPDX-License-Identifier: MIT */
/*
 * A layout out of the debug information of the programs that map a region: which of their
 * variables point into it, and at what.
 *
 * Without a stop: the words of each program file's data that point into the region, and the static
 * and global variables that these words are. With it also the local variables of each thread.
 */
#ifndef PEEKFS_VIEW_INFER_H
#define PEEKFS_VIEW_INFER_H

#include "region/halt.h"
#include "view/candidate.h"
#include "view/view.h"

/* What was found; immutable. */
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

/*
 * Without caller: only processes are looked at whose user the region belongs to, and, where others
 * may read it as well, only programs that others may read; for everybody who reads the region sees
 * what comes of it. Nobody is stopped.
 *
 * With caller, who asked for it by name and may set the layout: threads are stopped, but only those
 * of processes that belong to the caller and to nobody else; root's every process.
 *
 * size: the region's, bytes. 0 and *out, for inference_unref(), also when nothing was found;
 * -ENOMEM; what kept procfs from being read. Takes seconds at worst: see the deadlines in infer.c.
 */
int infer(const struct env *env, const struct region *region, uint64_t size,
	  const struct caller *caller, struct inference **out);
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
