/* SPDX-License-Identifier: MIT */
/* What a memory has open at the moment: counted, so that a slow reader keeps it while the memory
 * already lets go. Internal to memory.c. */
#ifndef PEEKFS_REGION_GRIP_H
#define PEEKFS_REGION_GRIP_H

#include <stdatomic.h>

#include "region/moment.h"
#include "region/window.h"

struct grip {
	atomic_uint refs;
	struct reach reach;
	struct window window;
	pthread_mutex_t lock; /* of what follows */
	int writer;	      /* the object opened for reading and writing, or -1 */
	unsigned writers;     /* who uses it */
	uint64_t written;     /* when it was used last, as grip_now() */
	struct moments moments;
};

/* A cheap clock, ns. */
uint64_t grip_now(void);

/* 0 and a reference in *out for grip_unref(); errors and *why of reach_open(), -ENOMEM. */
int grip_open(const struct region *region, const char *proc, struct grip **out, const char **why);
struct grip *grip_ref(struct grip *grip);
void grip_unref(struct grip *grip); /* takes NULL */
/* How many have a descriptor open, in the whole process. */
unsigned grip_count(void);

/* The object opened for writing, until grip_put_writer(): a descriptor, or -EROFS, -EACCES, -EPERM
 * (immutable), -ETXTBSY and the like. */
int grip_get_writer(struct grip *grip, const char *proc);
void grip_put_writer(struct grip *grip);
/* Closes the window and the writer if unused since `before`, as grip_now(). */
void grip_trim(struct grip *grip, bool window, uint64_t before);

#endif
