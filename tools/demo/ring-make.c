/* SPDX-License-Identifier: MIT */
/*
 * ring-make NAME: makes a ring of messages in POSIX shared memory, tells who comes to use it and
 * who leaves, and takes the name away again when it is ended.
 */
#include "ring.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "region/track.h"

static struct created *make(const char *name)
{
	struct create_options options = {
		.kind = REGION_SHM,
		.name = name,
		.size = sizeof(struct ring),
		.prot = PROT_READ | PROT_WRITE,
		.mode = 0644,
		.layout = ring_layout,
	};
	struct created *created;
	struct created_facts facts;
	struct diag diag;
	struct ring *ring;

	if (create_new(&options, &created, &diag))
		errx(1, "%s", diag.message);
	if (created_facts(created, &facts))
		errx(1, "%s is gone", name);
	ring = created_address(created);
	ring->interval = 1000;
	ring->threshold = INFO;
	printf("made %s: %ju bytes, %ju mapped\n", facts.name, (uintmax_t)facts.size,
	       (uintmax_t)facts.mapped);
	return created;
}

static bool uses(const struct track *track, const struct process *process)
{
	for (size_t i = 0; i < track->n_users; i++)
		if (track->users[i].process.pid == process->pid &&
		    track->users[i].process.start_time == process->start_time)
			return true;
	return false;
}

static void tell(const struct track *before, const struct track *now)
{
	char since[16];

	for (size_t i = 0; i < now->n_users; i++) {
		const struct track_user *user = &now->users[i];
		time_t seconds = (time_t)(user->since / 1000000000);

		if (uses(before, &user->process))
			continue;
		strftime(since, sizeof(since), "%T", localtime(&seconds));
		printf("%s (pid %d) %s it since %s\n", user->process.comm, user->process.pid,
		       user->prot & PROT_WRITE ? "writes" : "reads", since);
	}
	for (size_t i = 0; i < before->n_users; i++)
		if (!uses(now, &before->users[i].process))
			printf("%s (pid %d) has left\n", before->users[i].process.comm,
			       before->users[i].process.pid);
	fflush(stdout);
}

static void watch(struct created *created, const sigset_t *end)
{
	struct registry_options options = {.self = 0};
	CLEANUP(track_destroy) struct track known = {0};
	struct timespec second = {.tv_sec = 1};
	struct registry *registry;

	if (registry_new(&options, &registry))
		errx(1, "no registry without /proc");
	do {
		struct track now;

		if (created_track(created, registry, 0, &now))
			continue;
		tell(&known, &now);
		track_destroy(&known);
		known = now;
	} while (sigtimedwait(end, NULL, &second) < 0);
	registry_free(registry);
}

int main(int argc, char **argv)
{
	CLEANUP(created_freep) struct created *created = NULL;
	struct diag diag;
	sigset_t end;

	if (argc != 2)
		errx(2, "usage: ring-make NAME");
	sigemptyset(&end);
	sigaddset(&end, SIGINT);
	sigaddset(&end, SIGTERM);
	sigprocmask(SIG_BLOCK, &end, NULL);
	created = make(argv[1]);
	watch(created, &end);
	if (created_remove(created, &diag))
		errx(1, "%s", diag.message);
	return 0;
}
