/* SPDX-License-Identifier: MIT */
/* A few threads for many small pieces of work; the calling thread is one of them, and where no
 * other can be had it does everything. */
#ifndef PEEKFS_REGION_CREW_H
#define PEEKFS_REGION_CREW_H

#include <stddef.h>

#define CREW_MAX 4

/* How many threads n pieces are worth: at least 1, at most CREW_MAX. */
size_t crew_size(size_t n);

/*
 * Calls each(context, worker, i) once for every i below n, by workers threads (0 <= worker <
 * workers), neighbours mostly by the same. 0, or the first error that each() returned; what hadn't
 * begun then isn't done.
 */
int crew_run(size_t workers, size_t n, int (*each)(void *context, size_t worker, size_t i),
	     void *context);

#endif
