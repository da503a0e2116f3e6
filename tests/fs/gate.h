/* SPDX-License-Identifier: MIT */
/* What tests of threads wait with: counts that grow, and a gate that holds others back. */
#ifndef PEEKFS_TESTS_GATE_H
#define PEEKFS_TESTS_GATE_H

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

#define DEADLINE 20 /* seconds until a test gives up */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t moved = PTHREAD_COND_INITIALIZER; /* a count, or the gate */
static bool open_gate;

/* False when the count, which lock guards, hasn't come to n in time. */
static inline bool wait_for(const unsigned *count, unsigned n)
{
	struct timespec until;
	int err = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += DEADLINE;
	pthread_mutex_lock(&lock);
	while (*count < n && !err)
		err = pthread_cond_timedwait(&moved, &lock, &until);
	pthread_mutex_unlock(&lock);
	return !err;
}

static inline void set_gate(bool open)
{
	pthread_mutex_lock(&lock);
	open_gate = open;
	pthread_cond_broadcast(&moved);
	pthread_mutex_unlock(&lock);
}

#endif
