/* SPDX-License-Identifier: MIT */
/*
 * The walk over a process's mappings is the kernel's work, and nearly all of a scan. So the
 * processes are dealt out to a few threads, each with a harvest of its own that nobody else
 * touches; a visit says which part of which harvest is one process's.
 */
#include "region/visit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/proc.h"
#include "region/crew.h"

#define MOVED_TRIES 3

static int compare_visits(const void *a, const void *b)
{
	const struct visit *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* The number that s is all of, or 0. */
static pid_t number_of(const char *s)
{
	long value = 0;

	for (; *s >= '0' && *s <= '9' && value < INT32_MAX / 10; s++)
		value = value * 10 + (*s - '0');
	return *s ? 0 : (pid_t)value;
}

/* Calls each() for the numbers that name entries of a directory, until it isn't 0. */
static int each_number(int fd, int (*each)(void *context, pid_t number, uint64_t inode),
		       void *context)
{
	_Alignas(struct dirent64) char room[32768];
	ssize_t n;
	int r = 0;

	while (r == 0 && (n = getdents64(fd, room, sizeof(room))) > 0)
		for (ssize_t at = 0; r == 0 && at < n;) {
			const struct dirent64 *entry = (const void *)(room + at);
			pid_t number = number_of(entry->d_name);

			if (number > 0)
				r = each(context, number, entry->d_ino);
			at += entry->d_reclen;
		}
	return r;
}

struct listing {
	struct visits *visits;
	size_t cap;
	pid_t self;
	bool unsorted;
};

static int list_one(void *context, pid_t pid, uint64_t inode)
{
	struct listing *listing = context;
	struct visits *visits = listing->visits;
	struct visit *all;

	if (pid == listing->self)
		return 0;
	all = array_grow(visits->all, visits->n, &listing->cap, sizeof(*all));
	if (!all)
		return -ENOMEM;
	visits->all = all;
	listing->unsorted |= visits->n && visits->all[visits->n - 1].pid > pid;
	visits->all[visits->n++] =
		(struct visit){.pid = pid, .holder = {.pid = pid, .inode = inode}};
	return 0;
}

static int list_processes(const struct scan *scan, struct visits *visits)
{
	CLEANUP(close_fd)
	int fd = openat(scan->way->proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct listing listing = {.visits = visits, .self = scan->options->self};
	int r;

	if (fd < 0)
		return -errno;
	r = each_number(fd, list_one, &listing);
	if (listing.unsorted)
		qsort(visits->all, visits->n, sizeof(*visits->all), compare_visits);
	return r;
}

struct living {
	int proc;
	pid_t pid;
};

/* > 0: task lives and has an address space. */
static int is_living(void *context, pid_t task, uint64_t inode)
{
	const struct living *living = context;
	struct proc_stat stat;

	(void)inode;
	if (task == living->pid || proc_read_stat(living->proc, task, &stat) < 0)
		return 0;
	return stat.state == 'Z' || stat.state == 'X' ? 0 : task;
}

/* A thread of a process whose first thread has exited; 0 if there is none, as with a kernel's. */
static pid_t living_task(int proc, pid_t pid)
{
	CLEANUP(close_fd) int fd = proc_open_file(proc, pid, "task");
	struct living living = {proc, pid};
	struct stat st;

	/* "." and "..", and each thread has one */
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_nlink == 3)
		return 0;
	return each_number(fd, is_living, &living);
}

static int read_mappings(const struct scan *scan, int maps, struct harvest *harvest)
{
	int r = scan->options->maps_text ? -ENOTTY : mappings_query(maps, &harvest->mappings);

	if (r != -ENOTTY)
		return r;
	harvest->parsed = true;
	return mappings_parse(maps, &harvest->mappings);
}

/* 0: done with it, whatever was found; -EAGAIN: it has become another program meanwhile; -ESRCH:
 * task has no address space; -ENOMEM. */
static int visit_task(const struct scan *scan, struct visit *visit, pid_t task,
		      struct harvest *harvest)
{
	const struct share *share = scan->before ? snapshot_share(scan->before, visit->pid) : NULL;
	CLEANUP(close_fd) int maps = proc_open_file(scan->way->proc, task, "maps");
	int r;

	visit->first = harvest->mappings.n;
	r = maps < 0 ? maps : read_mappings(scan, maps, harvest);
	if (r == -EACCES || r == -EPERM)
		visit->unreadable = true;
	if (r < 0)
		return r == -ENOMEM || r == -ESRCH ? r : 0;
	if (harvest->mappings.n == visit->first)
		return 0;
	r = process_see(scan->way, visit->pid, task, maps, share ? share->process : NULL,
			&visit->process);
	if (r == -ENOMEM)
		return r;
	/* What was told about pid is about the owner of these mappings only if they still are. */
	if (r == 0 && !(harvest->parsed ? mappings_parse_alive(maps) : mappings_query_alive(maps)))
		r = -EAGAIN;
	if (r < 0) {
		process_unref(visit->process);
		visit->process = NULL;
		harvest->mappings.n = visit->first;
		return r == -EAGAIN ? r : 0;
	}
	visit->n = harvest->mappings.n - visit->first;
	return 0;
}

static int visit_one(const struct scan *scan, const struct held_search *search, struct visit *visit,
		     struct harvest *harvest)
{
	pid_t task = visit->pid;
	int r = -EAGAIN;

	visit->harvest = harvest;
	for (int i = 0; i < MOVED_TRIES && r == -EAGAIN; i++) {
		r = visit_task(scan, visit, task, harvest);
		if (r == -ESRCH && task == visit->pid) {
			task = living_task(scan->way->proc, visit->pid);
			if (task == 0)
				return 0;
			r = -EAGAIN;
		}
	}
	if (r == -EAGAIN || r == -ESRCH)
		r = 0;
	if (r == 0 && !visit->unreadable)
		r = held_look(search, task, &visit->holder, &harvest->helds);
	return r;
}

struct tour {
	const struct scan *scan;
	struct held_search search;
	struct visits *visits;
};

static int visit_next(void *context, size_t worker, size_t i)
{
	struct tour *tour = context;

	return visit_one(tour->scan, &tour->search, &tour->visits->all[i],
			 &tour->visits->harvests[worker]);
}

static int visit_all(const struct scan *scan, struct visits *visits)
{
	struct tour tour = {
		.scan = scan,
		.search = {.proc = scan->way->proc,
			   .own_pids = scan->way->pidns != 0,
			   .shm = scan->options->shm,
			   .mounts = scan->mounts,
			   .before = scan->holders,
			   .now = scan->began},
		.visits = visits,
	};

	visits->n_harvests = crew_size(visits->n);
	visits->harvests = calloc(visits->n_harvests, sizeof(*visits->harvests));
	if (!visits->harvests)
		return -ENOMEM;
	return crew_run(visits->n_harvests, visits->n, visit_next, &tour);
}

int visits_make(const struct scan *scan, struct visits **out)
{
	struct visits *visits = calloc(1, sizeof(*visits));
	int r;

	if (!visits)
		return -ENOMEM;
	r = list_processes(scan, visits);
	if (r == 0)
		r = visit_all(scan, visits);
	if (r < 0) {
		visits_free(visits);
		return r;
	}
	*out = visits;
	return 0;
}

void visits_free(struct visits *visits)
{
	if (!visits)
		return;
	for (size_t i = 0; i < visits->n; i++)
		process_unref(visits->all[i].process);
	for (size_t i = 0; visits->harvests && i < visits->n_harvests; i++) {
		mappings_destroy(&visits->harvests[i].mappings);
		helds_destroy(&visits->harvests[i].helds);
	}
	free(visits->harvests);
	free(visits->all);
	free(visits);
}

int visits_holders(const struct visits *visits, struct holders *to)
{
	struct holders holders = {.all = calloc(visits->n + 1, sizeof(*holders.all))};
	int r = holders.all ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < visits->n; i++) {
		const struct visit *visit = &visits->all[i];
		const struct helds *helds = &visit->harvest->helds;

		holders.all[i] = visit->holder;
		holders.all[i].first = holders.helds.n;
		for (size_t j = 0; r == 0 && j < visit->holder.n; j++) {
			const struct held *held = &helds->all[visit->holder.first + j];

			r = helds_add(&holders.helds, held, helds->text.data + held->path);
		}
		holders.n++;
	}
	if (r < 0) {
		holders_destroy(&holders);
		return r;
	}
	holders_destroy(to);
	*to = holders;
	return 0;
}
