/* SPDX-License-Identifier: MIT */
#include "node/ahead.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#define PIECES	     4 /* that may be made before they are wanted */
#define IDLE_SECONDS 1

struct piece {
	struct buf text;
	int result;
};

struct ahead {
	struct node node;
	void *stream; /* of whoever makes a piece, one at a time */
	bool alone;   /* may not be helped */
	bool again;   /* a piece was wanted before: the next one will be, too */
	/* With the lock. */
	bool queued;
	bool making;  /* by the thread */
	bool dropped; /* who frees it is the thread */
	struct ahead *next;
	struct piece pieces[PIECES];
	unsigned first, n; /* those that are made */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wanted = PTHREAD_COND_INITIALIZER; /* something is in the queue */
static pthread_cond_t made = PTHREAD_COND_INITIALIZER;	 /* something isn't being made any more */
static struct ahead *queue;
static struct ahead *making;
static bool running; /* the thread */

static void destroy(struct ahead *ahead)
{
	ahead->node.view->end(ahead->stream);
	binding_unref(ahead->node.binding);
	for (unsigned i = 0; i < PIECES; i++)
		buf_destroy(&ahead->pieces[i].text);
	free(ahead);
}

int ahead_new(const struct node *node, struct ahead **out)
{
	struct region *region = object_region(node->binding->object);
	struct ahead *ahead = calloc(1, sizeof(*ahead));
	int r = ahead ? node->view->begin(node, &ahead->stream) : -ENOMEM;

	if (r == 0) {
		ahead->alone = !region || !region->approachable;
		ahead->node = *node;
		binding_ref(node->binding);
		*out = ahead;
	} else {
		free(ahead);
	}
	region_unref(region);
	return r;
}

static int make(struct ahead *ahead, struct buf *out)
{
	buf_reset(out);
	return ahead->node.view->next(ahead->stream, out);
}

static struct piece *nth(struct ahead *ahead, unsigned i)
{
	return &ahead->pieces[(ahead->first + i) % PIECES];
}

/* Whether there is room, and something may follow what was made last. Locked. */
static bool may_follow(struct ahead *ahead)
{
	const struct piece *last = ahead->n ? nth(ahead, ahead->n - 1) : NULL;

	return !ahead->dropped && ahead->n < PIECES &&
	       (!last || (last->result == 0 && last->text.len));
}

/* Locked. */
static void leave_queue(struct ahead *ahead)
{
	struct ahead **at = &queue;

	if (!ahead->queued)
		return;
	while (*at != ahead)
		at = &(*at)->next;
	*at = ahead->next;
	ahead->queued = false;
}

/* Locked. */
static void join_queue(struct ahead *ahead)
{
	struct ahead **at = &queue;

	while (*at)
		at = &(*at)->next;
	*at = ahead;
	ahead->next = NULL;
	ahead->queued = true;
}

void ahead_free(struct ahead *ahead)
{
	bool now;

	if (!ahead)
		return;
	pthread_mutex_lock(&lock);
	leave_queue(ahead);
	ahead->dropped = true;
	now = !ahead->making;
	pthread_mutex_unlock(&lock);
	if (now)
		destroy(ahead);
}

/* A piece of the first in the queue, which goes to the end of the queue then. Locked, but not
 * meanwhile. */
static void make_one(void)
{
	struct ahead *ahead = queue;
	struct piece *piece = nth(ahead, ahead->n);

	leave_queue(ahead);
	ahead->making = true;
	making = ahead;
	pthread_mutex_unlock(&lock);
	piece->result = make(ahead, &piece->text);
	pthread_mutex_lock(&lock);
	ahead->making = false;
	ahead->n++;
	if (may_follow(ahead))
		join_queue(ahead);
	if (ahead->dropped) {
		pthread_mutex_unlock(&lock);
		destroy(ahead);
		pthread_mutex_lock(&lock);
	}
	making = NULL;
	pthread_cond_broadcast(&made);
}

static void *make_all(void *unused)
{
	struct timespec until;
	int r = 0;

	pthread_mutex_lock(&lock);
	while (queue || r != ETIMEDOUT) {
		if (queue) {
			make_one();
			r = 0;
			continue;
		}
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec += IDLE_SECONDS;
		r = pthread_cond_timedwait(&wanted, &lock, &until);
	}
	running = false;
	pthread_mutex_unlock(&lock);
	return unused;
}

/* Signals are for the threads that were there before us. Locked. */
static bool start_thread(void)
{
	pthread_t thread;
	sigset_t all, before;

	if (running)
		return true;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	running = pthread_create(&thread, NULL, make_all, NULL) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (running)
		pthread_detach(thread);
	return running;
}

/* Asks for help, when half of what was made is taken. Locked. */
static void ask(struct ahead *ahead)
{
	if (ahead->queued || ahead->making || ahead->n > PIECES / 2 || !may_follow(ahead) ||
	    !start_thread())
		return;
	join_queue(ahead);
	pthread_cond_signal(&wanted);
}

/* False: nothing is made; it is the caller who has to. Locked. */
static bool take_made(struct ahead *ahead, struct buf *out, int *result)
{
	struct piece *piece = nth(ahead, 0);
	struct buf swap = *out;

	while (!ahead->n && ahead->making)
		pthread_cond_wait(&made, &lock);
	if (!ahead->n) {
		leave_queue(ahead);
		return false;
	}
	*out = piece->text;
	*result = piece->result;
	piece->text = swap;
	ahead->first = (ahead->first + 1) % PIECES;
	ahead->n--;
	return true;
}

int ahead_next(struct ahead *ahead, struct buf *out)
{
	int r;

	if (ahead->alone)
		return make(ahead, out);
	pthread_mutex_lock(&lock);
	if (!take_made(ahead, out, &r)) {
		pthread_mutex_unlock(&lock);
		r = make(ahead, out);
		pthread_mutex_lock(&lock);
	}
	if (ahead->again && r == 0 && out->len)
		ask(ahead);
	pthread_mutex_unlock(&lock);
	ahead->again = true;
	return r;
}

void ahead_settle(void)
{
	pthread_mutex_lock(&lock);
	while (making)
		pthread_cond_wait(&made, &lock);
	pthread_mutex_unlock(&lock);
}
