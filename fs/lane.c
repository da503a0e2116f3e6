/* SPDX-License-Identifier: MIT */
#include "fs/lane.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "fs/thread.h"

#define IDLE_MS 5000

struct worker {
	struct worker *next;
	struct lanes *lanes;
	uint64_t lane; /* of the job it runs */
};

struct lanes {
	pthread_mutex_t lock;
	pthread_cond_t work; /* call_worker() */
	pthread_cond_t done; /* a thread ended */
	struct lane_job *first;
	struct lane_job **last;
	struct worker *running; /* those that run a job */
	unsigned threads;
	unsigned idle;
	unsigned busy;
	unsigned max;
	unsigned each;
	bool stopped;
};

int lanes_new(unsigned threads, unsigned each, struct lanes **out)
{
	struct lanes *lanes = calloc(1, sizeof(*lanes));

	if (!lanes)
		return -ENOMEM;
	lanes->max = threads;
	lanes->each = each;
	lanes->last = &lanes->first;
	pthread_mutex_init(&lanes->lock, NULL);
	thread_cond_init(&lanes->work);
	thread_cond_init(&lanes->done);
	*out = lanes;
	return 0;
}

static bool lane_is_full(const struct lanes *lanes, uint64_t lane)
{
	unsigned n = 0;

	for (const struct worker *worker = lanes->running; worker; worker = worker->next)
		n += worker->lane == lane;
	return n >= lanes->each;
}

/* Where the oldest job is whose lane isn't full, or NULL. */
static struct lane_job **find_job(struct lanes *lanes)
{
	for (struct lane_job **at = &lanes->first; *at; at = &(*at)->next)
		if (!lane_is_full(lanes, (*at)->lane))
			return at;
	return NULL;
}

static struct lane_job *take_job(struct lanes *lanes)
{
	struct lane_job **at = find_job(lanes);
	struct lane_job *job;

	if (!at)
		return NULL;
	job = *at;
	*at = job->next;
	if (lanes->last == &job->next)
		lanes->last = at;
	return job;
}

static void *worker_main(void *arg);

/* There is a job that could run: sees to a thread for it. */
static void call_worker(struct lanes *lanes)
{
	if (lanes->idle) {
		pthread_cond_signal(&lanes->work);
	} else if (lanes->threads < lanes->max) {
		/* Counted first: the new thread waits for the lock. */
		lanes->threads++;
		if (thread_start_detached("peekfs-lane", worker_main, lanes))
			lanes->threads--;
	}
}

static _Thread_local bool in_lane; /* this thread runs jobs */

static void run_job(struct lanes *lanes, struct worker *self, struct lane_job *job)
{
	self->lane = job->lane;
	self->next = lanes->running;
	lanes->running = self;
	/* This job may never end. A thread that was called twice came once: pass the call on. */
	if (find_job(lanes))
		call_worker(lanes);
	pthread_mutex_unlock(&lanes->lock);

	job->run(job);

	pthread_mutex_lock(&lanes->lock);
	for (struct worker **at = &lanes->running; *at; at = &(*at)->next) {
		if (*at == self) {
			*at = self->next;
			break;
		}
	}
	lanes->busy--;
}

static void *worker_main(void *arg)
{
	struct lanes *lanes = arg;
	struct worker self = {.lanes = lanes};

	in_lane = true;
	pthread_mutex_lock(&lanes->lock);
	for (;;) {
		struct lane_job *job = take_job(lanes);
		struct timespec until;
		int err;

		if (job) {
			run_job(lanes, &self, job);
			continue;
		}
		if (lanes->stopped)
			break;
		thread_deadline(&until, IDLE_MS);
		lanes->idle++;
		err = pthread_cond_timedwait(&lanes->work, &lanes->lock, &until);
		lanes->idle--;
		if (err == ETIMEDOUT && !lanes->first)
			break;
	}
	lanes->threads--;
	pthread_cond_broadcast(&lanes->done);
	pthread_mutex_unlock(&lanes->lock);
	return NULL;
}

int lanes_put(struct lanes *lanes, uint64_t lane, struct lane_job *job)
{
	int err = 0;

	job->lane = lane;
	job->next = NULL;
	pthread_mutex_lock(&lanes->lock);
	if (lanes->stopped) {
		err = -ESHUTDOWN;
	} else {
		if (!lane_is_full(lanes, lane))
			call_worker(lanes);
		if (!lanes->threads)
			err = -EAGAIN;
	}
	if (!err) {
		*lanes->last = job;
		lanes->last = &job->next;
		lanes->busy++;
	}
	pthread_mutex_unlock(&lanes->lock);
	return err;
}

unsigned lanes_busy(struct lanes *lanes)
{
	unsigned busy;

	pthread_mutex_lock(&lanes->lock);
	busy = lanes->busy - (in_lane ? 1 : 0);
	pthread_mutex_unlock(&lanes->lock);
	return busy;
}

bool lanes_stop(struct lanes *lanes, unsigned milliseconds)
{
	struct timespec until;
	int err = 0;
	bool ended;

	if (!lanes)
		return true;
	thread_deadline(&until, milliseconds);
	pthread_mutex_lock(&lanes->lock);
	lanes->stopped = true;
	pthread_cond_broadcast(&lanes->work);
	while (lanes->threads && !err)
		err = pthread_cond_timedwait(&lanes->done, &lanes->lock, &until);
	ended = !lanes->threads;
	pthread_mutex_unlock(&lanes->lock);
	if (!ended)
		return false;
	pthread_cond_destroy(&lanes->work);
	pthread_cond_destroy(&lanes->done);
	pthread_mutex_destroy(&lanes->lock);
	free(lanes);
	return true;
}
