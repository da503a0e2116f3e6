/* SPDX-License-Identifier: MIT */
#include "region/crew.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>

#define WORTH 64 /* fewer pieces aren't worth a thread */
#define CHUNK 16 /* pieces taken at once */

struct crew {
	int (*each)(void *context, size_t worker, size_t i);
	void *context;
	size_t n;
	size_t next; /* atomic */
	int error;   /* atomic */
};

struct worker {
	struct crew *crew;
	size_t number;
	pthread_t thread;
	bool started;
};

size_t crew_size(size_t n)
{
	cpu_set_t cpus;
	size_t size = sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? (size_t)CPU_COUNT(&cpus) : 1;

	size = size < CREW_MAX ? size : CREW_MAX;
	size = size < n / WORTH ? size : n / WORTH;
	return size ? size : 1;
}

static void *work(void *arg)
{
	const struct worker *worker = arg;
	struct crew *crew = worker->crew;

	for (;;) {
		size_t at = __atomic_fetch_add(&crew->next, CHUNK, __ATOMIC_RELAXED);

		for (size_t i = at; i < at + CHUNK; i++) {
			int r;

			if (i >= crew->n || __atomic_load_n(&crew->error, __ATOMIC_RELAXED) < 0)
				return NULL;
			r = crew->each(crew->context, worker->number, i);
			if (r < 0)
				__atomic_store_n(&crew->error, r, __ATOMIC_RELAXED);
		}
	}
}

int crew_run(size_t workers, size_t n, int (*each)(void *context, size_t worker, size_t i),
	     void *context)
{
	struct crew crew = {.each = each, .context = context, .n = n};
	struct worker all[CREW_MAX];
	sigset_t none, before;

	for (size_t i = 0; i < workers; i++)
		all[i] = (struct worker){.crew = &crew, .number = i};
	sigfillset(&none); /* signals are for threads that last */
	pthread_sigmask(SIG_SETMASK, &none, &before);
	for (size_t i = 1; i < workers; i++)
		all[i].started = pthread_create(&all[i].thread, NULL, work, &all[i]) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	work(&all[0]);
	for (size_t i = 1; i < workers; i++)
		if (all[i].started)
			pthread_join(all[i].thread, NULL);
	return crew.error;
}
