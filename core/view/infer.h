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

#include "view/inference.h"
#include "view/view.h"

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

#endif
