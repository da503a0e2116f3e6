/* SPDX-License-Identifier: MIT */
#include "fs/outside.h"

#include "fs/thread.h"

static struct {
	pthread_mutex_t reply; /* while one is under way; taken before no other lock of ours */
	bool gone;
	pthread_mutex_t queue; /* for what follows */
	pthread_cond_t came;
	struct outside *first;
	struct outside **last;
	pthread_t thread;
	bool started;
	bool stopped;
} state = {
	.reply = PTHREAD_MUTEX_INITIALIZER,
	.queue = PTHREAD_MUTEX_INITIALIZER,
	.came = PTHREAD_COND_INITIALIZER,
	.last = &state.first,
};

void outside_lock(void)
{
	pthread_mutex_lock(&state.reply);
}

void outside_unlock(void)
{
	pthread_mutex_unlock(&state.reply);
}

static void reply_now(struct outside *outside)
{
	outside_lock();
	outside->reply(outside, state.gone);
	outside_unlock();
}

static void *outside_main(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&state.queue);
	for (;;) {
		struct outside *outside = state.first;

		if (!outside && state.stopped)
			break;
		if (!outside) {
			pthread_cond_wait(&state.came, &state.queue);
			continue;
		}
		state.first = outside->next;
		if (!state.first)
			state.last = &state.first;
		pthread_mutex_unlock(&state.queue);
		reply_now(outside);
		pthread_mutex_lock(&state.queue);
	}
	pthread_mutex_unlock(&state.queue);
	return NULL;
}

int outside_start(void)
{
	int err = thread_start(&state.thread, "peekfs-reply", outside_main, NULL);

	state.started = !err;
	return err;
}

void outside_reply(struct outside *outside, bool by_thread)
{
	if (!by_thread || !state.started) {
		reply_now(outside);
		return;
	}
	outside->next = NULL;
	pthread_mutex_lock(&state.queue);
	*state.last = outside;
	state.last = &outside->next;
	pthread_cond_signal(&state.came);
	pthread_mutex_unlock(&state.queue);
}

void outside_close(void)
{
	outside_lock();
	state.gone = true;
	outside_unlock();
}

void outside_stop(void)
{
	if (!state.started)
		return;
	pthread_mutex_lock(&state.queue);
	state.stopped = true;
	pthread_cond_signal(&state.came);
	pthread_mutex_unlock(&state.queue);
	pthread_join(state.thread, NULL);
	state.started = false;
}
