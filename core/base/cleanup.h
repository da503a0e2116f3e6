/* SPDX-License-Identifier: MIT */
/* Ownership by scope: `CLEANUP(close_fd) int fd = -1;` closes fd however the scope is left. */
#ifndef PEEKFS_BASE_CLEANUP_H
#define PEEKFS_BASE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Frees what *p points to; p is the address of any pointer that malloc() filled. */
static inline void free_ptr(void *p)
{
	free(*(void **)p);
}

static inline void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void close_stream(FILE **stream)
{
	if (*stream)
		fclose(*stream);
}

/* Hands out *p and forgets it, so that the cleanup finds nothing: `*out = TAKE(p);` */
#define TAKE(p)                                                                                    \
	({                                                                                         \
		__typeof__(p) taken_ = (p);                                                        \
		(p) = NULL;                                                                        \
		taken_;                                                                            \
	})

/* The same for a descriptor. */
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
