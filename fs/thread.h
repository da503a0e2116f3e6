/* SPDX-License-Identifier: MIT */
/* Threads that leave signals to the main thread, and deadlines for condition variables. */
#ifndef PEEKFS_FS_THREAD_H
#define PEEKFS_FS_THREAD_H

#include <pthread.h>
#include <time.h>

/* 0; -EAGAIN, -ENOMEM. name (at most 15 bytes) is what ps shows. */
int thread_start(pthread_t *thread, const char *name, void *(*main)(void *), void *arg);
int thread_start_detached(const char *name, void *(*main)(void *), void *arg);

/* The time on CLOCK_MONOTONIC that many milliseconds from now. */
void thread_deadline(struct timespec *out, unsigned milliseconds);

/* A condition variable whose deadlines are CLOCK_MONOTONIC's. */
void thread_cond_init(pthread_cond_t *cond);

#endif
