/* SPDX-License-Identifier: MIT */
/* One access to a memory: the facts and the open object that it goes through. Internal to
 * memory.c and memory_*.c. */
#ifndef PEEKFS_REGION_ACCESS_H
#define PEEKFS_REGION_ACCESS_H

#include "region/grip.h"

struct access {
	const char *proc;
	struct region *region;
	struct grip *grip;
};

enum access_purpose {
	ACCESS_BYTES,	 /* opens the object and leaves it open for the next access */
	ACCESS_QUESTION, /* opens it for this one only, so that asking thousands keeps none open */
	ACCESS_FACTS,	 /* doesn't open it: grip is NULL unless it is open already */
};

/* 0 and *access for access_end(); the common errors of memory.h. why (may be NULL) is set on
 * failure to a static string. */
int access_begin(struct memory *memory, enum access_purpose purpose, struct access *access,
		 const char **why);
void access_end(struct memory *memory, struct access *access);

/* memory_read(), in an access. */
ssize_t access_read(const struct access *access, void *to, size_t n, uint64_t offset);

static inline bool access_by_process(const struct access *access)
{
	return access->grip->reach.access == MEMORY_PROCESS;
}

/* A System V segment that nobody has attached, be it only since the last scan: opening it would
 * attach it. */
static inline bool access_attaches(const struct access *access)
{
	return access->region->kind == REGION_SYSV &&
	       !reach_is_mapped(access->region, access->proc);
}

#endif
