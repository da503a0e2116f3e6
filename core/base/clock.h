/* SPDX-License-Identifier: MIT */
/* Times as nanoseconds in 64 bits. */
#ifndef PEEKFS_BASE_CLOCK_H
#define PEEKFS_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define CLOCK_SECOND UINT64_C(1000000000)

static inline uint64_t clock_ns_of(const struct timespec *time)
{
	return (uint64_t)time->tv_sec * CLOCK_SECOND + (uint64_t)time->tv_nsec;
}

/* Now on that clock, which must be one that every Linux has. */
static inline uint64_t clock_ns_on(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return clock_ns_of(&now);
}

/* Now on CLOCK_MONOTONIC. */
static inline uint64_t clock_ns(void)
{
	return clock_ns_on(CLOCK_MONOTONIC);
}

#endif
