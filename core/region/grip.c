/* SPDX-License-Identifier: MIT */
#include "region/grip.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"

static atomic_uint count;

uint64_t grip_now(void)
{
	return clock_ns_on(CLOCK_MONOTONIC_COARSE);
}

unsigned grip_count(void)
{
	return atomic_load_explicit(&count, memory_order_relaxed);
}

int grip_open(const struct region *region, const char *proc, struct grip **out, const char **why)
{
	struct grip *grip = calloc(1, sizeof(*grip));
	int r;

	if (!grip)
		return -ENOMEM;
	r = reach_open(region, proc, &grip->reach, why);
	if (r < 0) {
		free(grip);
		return r;
	}
	atomic_init(&grip->refs, 1);
	window_init(&grip->window);
	pthread_mutex_init(&grip->lock, NULL);
	grip->writer = -1;
	atomic_fetch_add(&count, 1);
	*out = grip;
	return 0;
}

struct grip *grip_ref(struct grip *grip)
{
	atomic_fetch_add_explicit(&grip->refs, 1, memory_order_relaxed);
	return grip;
}

void grip_unref(struct grip *grip)
{
	if (!grip || atomic_fetch_sub_explicit(&grip->refs, 1, memory_order_acq_rel) != 1)
		return;
	close_fd(&grip->writer);
	window_destroy(&grip->window);
	reach_close(&grip->reach);
	pthread_mutex_destroy(&grip->lock);
	free(grip);
	atomic_fetch_sub(&count, 1);
}

int grip_get_writer(struct grip *grip, const char *proc)
{
	char path[PATH_MAX];
	int fd;

	pthread_mutex_lock(&grip->lock);
	if (grip->writer < 0) {
		snprintf(path, sizeof(path), "%s/self/fd/%d", proc, grip->reach.fd);
		fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC |
					(grip->reach.quiet ? O_NOATIME : 0));
		if (fd < 0) {
			fd = -errno;
			pthread_mutex_unlock(&grip->lock);
			return fd;
		}
		grip->writer = fd;
	}
	grip->writers++;
	grip->written = grip_now();
	fd = grip->writer;
	pthread_mutex_unlock(&grip->lock);
	return fd;
}

void grip_put_writer(struct grip *grip)
{
	pthread_mutex_lock(&grip->lock);
	grip->writers--;
	pthread_mutex_unlock(&grip->lock);
}

void grip_trim(struct grip *grip, bool window, uint64_t before)
{
	if (window)
		window_close(&grip->window);
	if (pthread_mutex_trylock(&grip->lock) != 0)
		return;
	if (grip->writer >= 0 && grip->writers == 0 && grip->written <= before) {
		close(grip->writer);
		grip->writer = -1;
	}
	pthread_mutex_unlock(&grip->lock);
}
