/* SPDX-License-Identifier: MIT */
#include "fs/waiting.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "fs/log.h"
#include "fs/outside.h"
#include "fs/thread.h"
#include "fs/uring.h"

/* One mount, one list: an interrupt's handler is given nothing that would outlive its request. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct waiter *first; /* who has waited longest */
	struct waiter *last;
	unsigned milliseconds;
	pthread_t thread;
	bool started;
	bool stopped;
} state = {.lock = PTHREAD_MUTEX_INITIALIZER};

struct late {
	struct outside outside; /* the first member */
	fuse_req_t req;
};

/* Linked with itself means in no list. */
static void unlink_waiter(struct waiter *waiter)
{
	*(waiter->previous ? &waiter->previous->next : &state.first) = waiter->next;
	*(waiter->next ? &waiter->next->previous : &state.last) = waiter->previous;
	waiter->next = waiter->previous = waiter;
}

static bool is_dying(pid_t pid)
{
	char path[32];
	char text[4096];
	const char *pending;
	ssize_t n;
	CLEANUP(close_fd) int fd = -1;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return errno == ENOENT || errno == ESRCH;
	text[n] = '\0';
	pending = strstr(text, "\nSigPnd:\t");
	return pending && strtoull(pending + strlen("\nSigPnd:\t"), NULL, 16) & 1 << (SIGKILL - 1);
}

/* Other signals than a deadly one are let pass: reads of files aren't interrupted by a handler. */
static void on_interrupt(fuse_req_t req, void *arg)
{
	struct waiter *waiter;

	(void)arg;
	if (!is_dying(fuse_req_ctx(req)->pid))
		return;
	pthread_mutex_lock(&state.lock);
	for (waiter = state.first; waiter && waiter->req != req; waiter = waiter->next)
		;
	if (waiter)
		unlink_waiter(waiter);
	pthread_mutex_unlock(&state.lock);
	if (waiter)
		fuse_reply_err(req, EINTR);
}

static void reply_late(struct outside *outside, bool gone)
{
	struct late *late = (struct late *)outside;

	if (!gone)
		fuse_reply_err(late->req, ETIMEDOUT);
	free(late);
}

static void give_up(fuse_req_t req)
{
	struct late *late = malloc(sizeof(*late));

	log_say(LOG_WARNING, "a process or file system doesn't answer; pid %d is told so",
		fuse_req_ctx(req)->pid);
	if (!late)
		return; /* it waits for ever, as it would without us */
	late->outside.reply = reply_late;
	late->req = req;
	outside_reply(&late->outside, uring_is(req));
}

static bool is_past(const struct timespec *time)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > time->tv_sec ||
	       (now.tv_sec == time->tv_sec && now.tv_nsec >= time->tv_nsec);
}

static void *waiting_main(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&state.lock);
	while (!state.stopped) {
		struct waiter *waiter = state.first;

		if (!waiter) {
			pthread_cond_wait(&state.changed, &state.lock);
		} else if (is_past(&waiter->until)) {
			fuse_req_t req = waiter->req;

			unlink_waiter(waiter);
			pthread_mutex_unlock(&state.lock);
			give_up(req);
			pthread_mutex_lock(&state.lock);
		} else {
			struct timespec until = waiter->until;

			pthread_cond_timedwait(&state.changed, &state.lock, &until);
		}
	}
	pthread_mutex_unlock(&state.lock);
	return NULL;
}

int waiting_start(double seconds)
{
	int err;

	state.milliseconds = (unsigned)(seconds * 1000);
	thread_cond_init(&state.changed);
	if (!state.milliseconds)
		return 0;
	err = thread_start(&state.thread, "peekfs-waiting", waiting_main, NULL);
	state.started = !err;
	return err;
}

void waiting_enter(struct waiter *waiter, fuse_req_t req)
{
	/* Not in the list yet: what is interrupted already isn't found there, as libfuse goes on
	 * using req after it has called the handler from here. */
	if (!uring_is(req))
		fuse_req_interrupt_func(req, on_interrupt, NULL);
	waiter->req = req;
	waiter->next = NULL;
	thread_deadline(&waiter->until, state.milliseconds);
	pthread_mutex_lock(&state.lock);
	waiter->previous = state.last;
	*(state.last ? &state.last->next : &state.first) = waiter;
	state.last = waiter;
	if (state.first == waiter)
		pthread_cond_signal(&state.changed);
	pthread_mutex_unlock(&state.lock);
}

bool waiting_is_over(const struct waiter *waiter)
{
	bool over;

	pthread_mutex_lock(&state.lock);
	over = waiter->next == waiter;
	pthread_mutex_unlock(&state.lock);
	return over;
}

bool waiting_leave(struct waiter *waiter)
{
	bool ours;

	pthread_mutex_lock(&state.lock);
	ours = waiter->next != waiter;
	if (ours)
		unlink_waiter(waiter);
	pthread_mutex_unlock(&state.lock);
	return ours;
}

void waiting_stop(void)
{
	if (!state.started)
		return;
	pthread_mutex_lock(&state.lock);
	state.stopped = true;
	pthread_cond_signal(&state.changed);
	pthread_mutex_unlock(&state.lock);
	pthread_join(state.thread, NULL);
	state.started = false;
}
