/* SPDX-License-Identifier: MIT */
#include "fs/tidy.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "fs/thread.h"

#define INTERVAL_MS 500

struct tidy {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	atomic_bool asleep;
	bool stopped;
	bool (*work)(void *context);
	void *context;
};

static void *tidy_main(void *arg)
{
	struct tidy *tidy = arg;

	pthread_mutex_lock(&tidy->lock);
	while (!tidy->stopped) {
		struct timespec until;

		while (atomic_load(&tidy->asleep) && !tidy->stopped)
			pthread_cond_wait(&tidy->wake, &tidy->lock);
		thread_deadline(&until, INTERVAL_MS);
		while (!tidy->stopped && !pthread_cond_timedwait(&tidy->wake, &tidy->lock, &until))
			;
		if (tidy->stopped)
			break;
		pthread_mutex_unlock(&tidy->lock);
		/* Before the work: what comes in the meantime wakes us again. */
		atomic_store(&tidy->asleep, true);
		if (tidy->work(tidy->context))
			atomic_store(&tidy->asleep, false);
		pthread_mutex_lock(&tidy->lock);
	}
	pthread_mutex_unlock(&tidy->lock);
	return NULL;
}

int tidy_new(bool (*work)(void *context), void *context, struct tidy **out)
{
	struct tidy *tidy = calloc(1, sizeof(*tidy));
	int err;

	if (!tidy)
		return -ENOMEM;
	tidy->work = work;
	tidy->context = context;
	atomic_init(&tidy->asleep, true);
	pthread_mutex_init(&tidy->lock, NULL);
	thread_cond_init(&tidy->wake);
	err = thread_start(&tidy->thread, "peekfs-tidy", tidy_main, tidy);
	if (err) {
		pthread_cond_destroy(&tidy->wake);
		pthread_mutex_destroy(&tidy->lock);
		free(tidy);
		return err;
	}
	*out = tidy;
	return 0;
}

void tidy_wake(struct tidy *tidy)
{
	if (!tidy || !atomic_load_explicit(&tidy->asleep, memory_order_relaxed))
		return;
	pthread_mutex_lock(&tidy->lock);
	atomic_store(&tidy->asleep, false);
	pthread_cond_signal(&tidy->wake);
	pthread_mutex_unlock(&tidy->lock);
}

void tidy_free(struct tidy *tidy)
{
	if (!tidy)
		return;
	pthread_mutex_lock(&tidy->lock);
	tidy->stopped = true;
	pthread_cond_signal(&tidy->wake);
	pthread_mutex_unlock(&tidy->lock);
	pthread_join(tidy->thread, NULL);
	pthread_cond_destroy(&tidy->wake);
	pthread_mutex_destroy(&tidy->lock);
	free(tidy);
}
