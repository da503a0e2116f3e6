/* SPDX-License-Identifier: MIT */
#include "region/live.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "region/mapping.h"

typedef int try_fn(void *context, const struct live *live);

/* A search for mappings of one region in one process. */
struct search {
	const struct region *region;
	const struct mapper *ours; /* not NULL: for this mapping of our own file */
	pid_t task;
	uint64_t from; /* what overlaps from ... to-1 */
	uint64_t to;
	try_fn *try;
	void *context;
};

/* On the kernel's internal mounts a shmid can equal another object's inode; the name tells System V
 * memory from the rest. Elsewhere there is none. */
static bool needs_name(const struct region *region)
{
	return region->kind != REGION_FILE && region->kind != REGION_SHM;
}

/*
 * Whether a mapping is of the region. One of our own files has another device and inode, which
 * only the scan could trace to the region: it is the same as long as it is where it was, and
 * still not the object itself.
 */
static bool is_of(const struct search *search, const struct mapping *mapping, const char *name)
{
	const struct region *region = search->region;
	bool same = mapping->major == region->id.major && mapping->minor == region->id.minor &&
		    mapping->inode == region->id.inode;

	if (search->ours)
		return !same && mapping->start == search->ours->start &&
		       mapping->end == search->ours->end && mapping->offset == search->ours->offset;
	return same && (!needs_name(region) ||
			(strncmp(name, "/SYSV", 5) == 0) == (region->kind == REGION_SYSV));
}

/* 0: tried with success; -ENOENT: not of the region; else what try returned. */
static int offer(const struct search *search, const struct mapping *mapping, const char *name)
{
	struct live live = {search->task,    mapping->start, mapping->end,
			    mapping->offset, mapping->prot,  search->ours};

	return is_of(search, mapping, name) ? search->try(search->context, &live) : -ENOENT;
}

static int search_by_query(int fd, const struct search *search)
{
	uint64_t address = search->from;
	int result = -ENOENT;

	while (address < search->to) {
		struct mapping mapping;
		char name[PATH_MAX];
		int r;

		name[0] = '\0';
		r = mapping_next(fd, address, &mapping, name,
				 needs_name(search->region) ? sizeof(name) : 0);
		if (r < 0)
			return r == -ENOENT ? result : r;
		if (mapping.start >= search->to)
			break;
		r = offer(search, &mapping, name);
		if (r == 0)
			return 0;
		if (r != -ENOENT)
			result = r;
		address = mapping.end;
	}
	return result;
}

/* Before Linux 6.11. */
static int search_by_text(int fd, const struct search *search)
{
	struct mappings mappings = {0};
	int result = mappings_parse(fd, &mappings);

	if (result == 0)
		result = -ENOENT;
	for (size_t i = 0; i < mappings.n && result != 0; i++) {
		const struct mapping *mapping = &mappings.all[i];
		int r;

		if (mapping->start >= search->to || mapping->end <= search->from)
			continue;
		r = offer(search, mapping, mappings.text.data + mapping->path);
		if (r != -ENOENT)
			result = r;
	}
	mappings_destroy(&mappings);
	return result;
}

/* 0; -ENOENT; -ESRCH: this thread has no memory any more; -EACCES; what try returned. */
static int search_task(const char *proc, const struct search *search)
{
	CLEANUP(close_fd) int fd = -1;
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s/%d/maps", proc, search->task);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == EPERM ? -EACCES : -errno;
	r = search_by_query(fd, search);
	return r == -ENOTTY ? search_by_text(fd, search) : r;
}

static int take(void *context, const struct live *live)
{
	*(struct live *)context = *live;
	return 0;
}

int live_at(const char *proc, const struct region *region, pid_t task, uint64_t address,
	    struct live *out)
{
	struct search search = {region, NULL, task, address, address + 1, take, out};
	int r = search_task(proc, &search);

	return r == 0 || r == -EACCES ? r : -ENOENT;
}

/* Where the scan saw it. */
static struct search at_mapper(const struct region *region, const struct mapper *mapper,
			       try_fn *try, void *context)
{
	return (struct search){
		.region = region,
		.ours = mapper->ours ? mapper : NULL,
		.task = mapper->process->task ? mapper->process->task : mapper->process->pid,
		.from = mapper->start,
		.to = mapper->start + 1,
		.try = try,
		.context = context,
	};
}

int live_mapper(const char *proc, const struct region *region, const struct mapper *mapper,
		uint64_t offset, struct live *out)
{
	struct live live;
	struct search search = at_mapper(region, mapper, take, &live);
	int r;

	search.from = mapper->start + (offset - mapper->offset);
	search.to = search.from + 1;
	r = search_task(proc, &search);
	if (r < 0)
		return r == -EACCES ? r : -ENOENT;
	if (offset < live.offset || offset - live.offset >= live.end - live.start)
		return -ENOENT;
	*out = live;
	return 0;
}

bool live_still(const char *proc, const struct region *region, const struct live *live)
{
	struct process process = {.task = live->task};
	struct mapper mapper = {
		.process = &process,
		.start = live->start,
		.end = live->end,
		.offset = live->offset,
		.ours = live->ours,
	};
	struct live now;

	return live_mapper(proc, region, &mapper, live->offset, &now) == 0 &&
	       now.start == live->start && now.end == live->end && now.offset == live->offset;
}

/* A thread that has exited shows no memory; the others of its process show the same. */
static int search_threads(const char *proc, struct search *search, pid_t pid)
{
	char path[PATH_MAX];
	const struct dirent *entry;
	int result = -ENOENT;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%d/task", proc, pid);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		search->task = atoi(entry->d_name);
		if (search->task <= 0)
			continue;
		result = search_task(proc, search);
		if (result != -ESRCH && result != -ENOENT)
			break;
	}
	closedir(dir);
	return result;
}

static int worse(int result, int r)
{
	return r == -ENOENT || r == -ESRCH ? result : r;
}

int live_each(const char *proc, const struct region *region, try_fn *try, void *context)
{
	int result = -EIO;

	for (size_t i = 0; i < region->n_mappers; i++) {
		struct search search = at_mapper(region, &region->mappers[i], try, context);
		int r = search_task(proc, &search);

		if (r == 0)
			return 0;
		result = worse(result, r);
	}
	if (result != -EIO)
		return result;
	for (size_t i = 0; i < region->n_mappers; i++) {
		const struct mapper *mapper = &region->mappers[i];
		struct search search = at_mapper(region, mapper, try, context);
		int r;

		if (mapper->ours || (i > 0 && mapper->process == mapper[-1].process))
			continue;
		search.from = 0;
		search.to = UINT64_MAX;
		r = search_task(proc, &search);
		if (r == -ESRCH || r == -ENOENT)
			r = search_threads(proc, &search, mapper->process->pid);
		if (r == 0)
			return 0;
		result = worse(result, r);
	}
	return result;
}
