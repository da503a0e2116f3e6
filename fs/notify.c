/* SPDX-License-Identifier: MIT */
#include "fs/notify.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fs/thread.h"

#define BUCKETS 1024

struct item {
	struct item *next; /* to be said after this one */
	struct item *also; /* in the same bucket */
	uint64_t parent;
	char name[];
};

struct notify {
	pthread_mutex_t lock;
	pthread_cond_t came;
	pthread_t thread;
	struct item *first;
	struct item **last;
	struct item *buckets[BUCKETS];
	unsigned count;
	unsigned most;
	bool stopped;
	void (*say)(void *context, uint64_t parent, const char *name);
	void *context;
};

/* FNV-1a, begun with the parent. */
static struct item **bucket(struct notify *notify, uint64_t parent, const char *name)
{
	uint64_t hash = parent * 0x9e3779b97f4a7c15;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 0x100000001b3;
	return &notify->buckets[(hash >> 32) % BUCKETS];
}

static struct item *take_item(struct notify *notify)
{
	struct item *item = notify->first;

	notify->first = item->next;
	if (!notify->first)
		notify->last = &notify->first;
	for (struct item **at = bucket(notify, item->parent, item->name); *at; at = &(*at)->also) {
		if (*at == item) {
			*at = item->also;
			break;
		}
	}
	notify->count--;
	return item;
}

static void *notify_main(void *arg)
{
	struct notify *notify = arg;

	pthread_mutex_lock(&notify->lock);
	while (!notify->stopped) {
		struct item *item;

		if (!notify->first) {
			pthread_cond_wait(&notify->came, &notify->lock);
			continue;
		}
		item = take_item(notify);
		pthread_mutex_unlock(&notify->lock);
		notify->say(notify->context, item->parent, item->name);
		free(item);
		pthread_mutex_lock(&notify->lock);
	}
	pthread_mutex_unlock(&notify->lock);
	return NULL;
}

static void destroy(struct notify *notify)
{
	while (notify->first)
		free(take_item(notify));
	pthread_cond_destroy(&notify->came);
	pthread_mutex_destroy(&notify->lock);
	free(notify);
}

int notify_new(unsigned most, void (*say)(void *context, uint64_t parent, const char *name),
	       void *context, struct notify **out)
{
	struct notify *notify = calloc(1, sizeof(*notify));
	int err;

	if (!notify)
		return -ENOMEM;
	notify->most = most;
	notify->say = say;
	notify->context = context;
	notify->last = &notify->first;
	pthread_mutex_init(&notify->lock, NULL);
	thread_cond_init(&notify->came);
	err = thread_start(&notify->thread, "peekfs-notify", notify_main, notify);
	if (err) {
		destroy(notify);
		return err;
	}
	*out = notify;
	return 0;
}

void notify_put(struct notify *notify, uint64_t parent, const char *name)
{
	size_t n = strlen(name) + 1;
	struct item **at;
	struct item *item;

	if (!notify)
		return;
	pthread_mutex_lock(&notify->lock);
	for (at = bucket(notify, parent, name); *at; at = &(*at)->also)
		if ((*at)->parent == parent && !strcmp((*at)->name, name))
			break;
	if (!*at && notify->count < notify->most) {
		item = calloc(1, sizeof(*item) + n);
		if (item) {
			item->parent = parent;
			memcpy(item->name, name, n);
			*at = item;
			*notify->last = item;
			notify->last = &item->next;
			notify->count++;
			pthread_cond_signal(&notify->came);
		}
	}
	pthread_mutex_unlock(&notify->lock);
}

void notify_free(struct notify *notify)
{
	if (!notify)
		return;
	pthread_mutex_lock(&notify->lock);
	notify->stopped = true;
	pthread_cond_signal(&notify->came);
	pthread_mutex_unlock(&notify->lock);
	pthread_join(notify->thread, NULL);
	destroy(notify);
}
