/* SPDX-License-Identifier: MIT */
/* Mapped pieces of an object, for single loads and stores. Internal to memory.c and its tests. */
#ifndef PEEKFS_REGION_WINDOW_H
#define PEEKFS_REGION_WINDOW_H

#include <pthread.h>

#include "region/reach.h"

/* A read-only piece that is kept mapped for the next load. */
struct window {
	pthread_rwlock_t lock;
	char *map; /* NULL: none */
	uint64_t offset;
	size_t size;
};

void window_init(struct window *window);
void window_destroy(struct window *window);
/* Unmaps. True: nothing is mapped now; false: it is in use. Never waits. */
bool window_close(struct window *window);

/*
 * One load. reach is open, not huge; size is 1, 2, 4 or 8 and divides offset. A hole gives 0 and
 * stays a hole. 0; -EIO behind the end; -ENODEV the object can't be mapped; -ENOMEM.
 */
int window_load(struct window *window, const struct reach *reach, uint64_t offset, unsigned size,
		uint64_t *value);

/* n bytes to `to`, every 8 that lie at a multiple of 8 by one load, holes as above. before: NULL,
 * or what the last look saw: then it comes after an uneven pause of some tens of nanoseconds. 0 or
 * the same errors. */
int window_look(struct window *window, const struct reach *reach, uint64_t offset, size_t n,
		const char *before, char *to);

/*
 * One store through a mapping of fd (open for reading and writing) that is made for it and gone
 * afterwards. 0; -EIO behind the end; -ENOSPC a hole that nothing is left to fill with; -EPERM
 * sealed; -ENODEV, -ENOMEM.
 */
int window_store(const struct reach *reach, int fd, uint64_t offset, unsigned size, uint64_t value,
		 uint64_t mask);
/* The same for n bytes that lie before the end: all or none, short of the object being cut or
 * its space running out in the same moment. */
int window_write(const struct reach *reach, int fd, uint64_t offset, const void *from, size_t n);

#endif
