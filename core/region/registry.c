/* SPDX-License-Identifier: MIT */
#include "region/registry.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/proc.h"
#include "region/scan.h"

struct registry {
	struct registry_options options;
	int proc;
	struct process_way way;
	struct mounts *mounts; /* the scanning thread's, like holders */
	struct holders holders;
	void (*scanned)(void *context, const struct snapshot *before, const struct snapshot *now);
	void *context;

	pthread_mutex_t lock;
	pthread_cond_t changed; /* any of the below */
	bool scanning;
	struct snapshot *newest;
	uint64_t failed_at; /* when the last scan that failed began */
	int failure;	    /* and why */
};

int registry_new(const struct registry_options *options, struct registry **out)
{
	struct registry *registry = calloc(1, sizeof(*registry));
	int r;

	if (!registry)
		return -ENOMEM;
	registry->options = *options;
	if (!registry->options.shm)
		registry->options.shm = "/dev/shm";
	pthread_mutex_init(&registry->lock, NULL);
	pthread_cond_init(&registry->changed, NULL);
	registry->proc = proc_open(options->proc);
	r = registry->proc < 0 ? registry->proc : mounts_new(registry->proc, &registry->mounts);
	if (r < 0) {
		registry_free(registry);
		return r;
	}
	process_probe(registry->proc, &registry->way);
	*out = registry;
	return 0;
}

void registry_free(struct registry *registry)
{
	if (!registry)
		return;
	snapshot_unref(registry->newest);
	mounts_free(registry->mounts);
	holders_destroy(&registry->holders);
	close_fd(&registry->proc);
	pthread_cond_destroy(&registry->changed);
	pthread_mutex_destroy(&registry->lock);
	free(registry);
}

void registry_listen(struct registry *registry,
		     void (*scanned)(void *context, const struct snapshot *before,
				     const struct snapshot *now),
		     void *context)
{
	registry->scanned = scanned;
	registry->context = context;
}

/* Scans and publishes; called and returns with the lock, without it in between. */
static void scan(struct registry *registry)
{
	struct snapshot *before = registry->newest, *made = NULL;
	uint64_t began = clock_ns();
	int r;

	registry->scanning = true;
	pthread_mutex_unlock(&registry->lock);
	r = scan_run(&registry->options, &registry->way, registry->mounts, &registry->holders,
		     before, &made);
	if (r == 0 && registry->scanned)
		registry->scanned(registry->context, before, made);
	pthread_mutex_lock(&registry->lock);
	registry->scanning = false;
	if (r == 0) {
		registry->newest = made;
		snapshot_unref(before);
	} else {
		registry->failed_at = began;
		registry->failure = r;
	}
	pthread_cond_broadcast(&registry->changed);
}

int registry_get(struct registry *registry, uint64_t max_age, struct snapshot **out)
{
	uint64_t called = clock_ns(), oldest = max_age < called ? called - max_age : 0;
	int r = 0;

	pthread_mutex_lock(&registry->lock);
	while (!registry->newest || registry->newest->scanned_at < oldest) {
		if (registry->failure && registry->failed_at >= called) {
			r = registry->failure;
			break;
		}
		if (registry->scanning)
			pthread_cond_wait(&registry->changed, &registry->lock);
		else
			scan(registry);
	}
	if (r == 0)
		*out = snapshot_ref(registry->newest);
	pthread_mutex_unlock(&registry->lock);
	return r;
}

struct snapshot *registry_peek(struct registry *registry)
{
	struct snapshot *newest;

	pthread_mutex_lock(&registry->lock);
	newest = registry->newest ? snapshot_ref(registry->newest) : NULL;
	pthread_mutex_unlock(&registry->lock);
	return newest;
}
