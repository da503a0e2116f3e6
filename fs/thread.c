/* SPDX-License-Identifier: MIT */
#include "fs/thread.h"

#include <signal.h>

int thread_start(pthread_t *thread, const char *name, void *(*main)(void *), void *arg)
{
	sigset_t all;
	sigset_t before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(thread, NULL, main, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!err)
		pthread_setname_np(*thread, name);
	return -err;
}

int thread_start_detached(const char *name, void *(*main)(void *), void *arg)
{
	pthread_t thread;
	int err = thread_start(&thread, name, main, arg);

	if (!err)
		pthread_detach(thread);
	return err;
}

void thread_deadline(struct timespec *out, unsigned milliseconds)
{
	clock_gettime(CLOCK_MONOTONIC, out);
	out->tv_sec += milliseconds / 1000;
	out->tv_nsec += (long)(milliseconds % 1000) * 1000000;
	if (out->tv_nsec >= 1000000000) {
		out->tv_nsec -= 1000000000;
		out->tv_sec++;
	}
}

void thread_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}
