/* SPDX-License-Identifier: MIT */
#include "layout/debug_cache.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"

#define SWEEP_EVERY 1 /* s */

/* Which file: zeroed before it is filled, so that it can be compared as bytes. */
struct key {
	unsigned char id[DWARF_BUILD_ID_MAX];
	uint64_t n, device, inode, size, changed, modified;
};

struct entry {
	struct entry *next; /* the one used before this */
	struct key key;
	struct debug *debug;
	uint64_t used; /* CLOCK_MONOTONIC, ns */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct entry *entries; /* the last used first */
static bool sweeping;	      /* the thread runs */

static int key_of(int fd, struct key *key)
{
	struct stat about;
	int n = dwarf_build_id(fd, key->id);

	if (n < 0)
		return n;
	if (n >= 8) { /* a shorter one is made by hand, and may be anybody's */
		key->n = (uint64_t)n;
		return 0;
	}
	memset(key->id, 0, sizeof(key->id));
	if (fstat(fd, &about) < 0)
		return -EIO;
	key->device = about.st_dev;
	key->inode = about.st_ino;
	key->size = (uint64_t)about.st_size;
	key->changed = clock_ns_of(&about.st_ctim);
	key->modified = clock_ns_of(&about.st_mtim);
	return 0;
}

static void forget(struct entry **at)
{
	struct entry *entry = *at;

	*at = entry->next;
	debug_unref(entry->debug);
	free(entry);
}

/* Locked. Whether there is anything left. */
static bool sweep(uint64_t now)
{
	struct entry **at = &entries;
	unsigned n = 0;

	while (*at) {
		struct entry *entry = *at;
		bool rests = debug_rest(entry->debug,
					now > DEBUG_CACHE_OPEN ? now - DEBUG_CACHE_OPEN : 0);

		if (rests && (now - entry->used > DEBUG_CACHE_KEPT || ++n > DEBUG_CACHE_MAX))
			forget(at);
		else
			at = &entry->next;
	}
	return entries;
}

static void *sweep_now_and_then(void *unused)
{
	const struct timespec pause = {.tv_sec = SWEEP_EVERY};
	bool more = true;

	while (more) {
		nanosleep(&pause, NULL);
		pthread_mutex_lock(&lock);
		more = sweeping = sweep(clock_ns());
		pthread_mutex_unlock(&lock);
	}
	return unused;
}

/* Locked. Without a thread, what is cached stays until the next one can be made. */
static void start_sweeping(void)
{
	pthread_attr_t detached;
	sigset_t all, before;
	pthread_t thread;

	if (sweeping || pthread_attr_init(&detached) != 0)
		return;
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are for the program's own threads */
	sweeping = pthread_create(&thread, &detached, sweep_now_and_then, NULL) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&detached);
}

/* Locked. The entry of the key, now the first. */
static struct entry *recall(const struct key *key)
{
	for (struct entry **at = &entries; *at; at = &(*at)->next) {
		struct entry *entry = *at;

		if (memcmp(&entry->key, key, sizeof(*key)) != 0)
			continue;
		*at = entry->next;
		entry->next = entries;
		entries = entry;
		return entry;
	}
	return NULL;
}

/* Locked. */
static int add(const struct key *key, struct entry **out)
{
	struct entry *entry = calloc(1, sizeof(*entry));
	int r = entry ? debug_new(&entry->debug) : -ENOMEM;

	if (r < 0) {
		free(entry);
		return r;
	}
	entry->key = *key;
	entry->next = entries;
	entries = *out = entry;
	start_sweeping();
	return 0;
}

int debug_cache_get(int fd, struct debug **out)
{
	struct key key;
	struct entry *entry;
	int r;

	memset(&key, 0, sizeof(key));
	r = key_of(fd, &key);
	if (r < 0)
		return r;
	pthread_mutex_lock(&lock);
	entry = recall(&key);
	if (!entry)
		r = add(&key, &entry);
	if (r == 0) {
		entry->used = clock_ns();
		*out = debug_ref(entry->debug);
	}
	pthread_mutex_unlock(&lock);
	return r;
}

void debug_cache_drop(void)
{
	pthread_mutex_lock(&lock);
	while (entries)
		forget(&entries);
	pthread_mutex_unlock(&lock);
}
