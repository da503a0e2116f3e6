/* SPDX-License-Identifier: MIT */
/*
 * A process to look at: a forked child that does what it is told, one function at a time, and the
 * facts about what it maps, taken from its /proc/PID/maps by the test's own reading of it.
 */
#ifndef PEEKFS_TESTS_TARGET_H
#define PEEKFS_TESTS_TARGET_H

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "region/object.h"

/* What the child keeps between calls; each child has its own copy. */
static struct {
	int fd;
	char *map;
	size_t size;
} here = {.fd = -1};

struct target {
	pid_t pid;
	int to;
	int from;
};

struct target_call {
	long (*fn)(long);
	long argument;
};

static void target_serve(int from, int to)
{
	struct target_call call;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (read(from, &call, sizeof(call)) == sizeof(call)) {
		long result = call.fn(call.argument);

		if (write(to, &result, sizeof(result)) != sizeof(result))
			break;
	}
	_exit(0);
}

static void target_start(struct target *target)
{
	int down[2], up[2];

	assert_int_equal(pipe2(down, O_CLOEXEC), 0);
	assert_int_equal(pipe2(up, O_CLOEXEC), 0);
	target->pid = fork();
	assert_true(target->pid >= 0);
	if (target->pid == 0) {
		close(down[1]);
		close(up[0]);
		target_serve(down[0], up[1]);
	}
	close(down[0]);
	close(up[1]);
	target->to = down[1];
	target->from = up[0];
}

/* Runs fn in the child and returns what it returned. */
static long target_call(struct target *target, long (*fn)(long), long argument)
{
	struct target_call call = {fn, argument};
	long result = -1;

	assert_int_equal(write(target->to, &call, sizeof(call)), sizeof(call));
	assert_int_equal(read(target->from, &result, sizeof(result)), sizeof(result));
	return result;
}

static void target_end(struct target *target)
{
	if (target->pid <= 0)
		return;
	kill(target->pid, SIGKILL);
	waitpid(target->pid, NULL, 0);
	close(target->to);
	close(target->from);
	target->pid = 0;
}

struct target_line {
	uint64_t start, end, offset, inode;
	unsigned major, minor;
	char perms[5];
	char path[512];
};

/* The line of maps whose mapping covers address. */
static bool target_find(pid_t pid, uint64_t address, struct target_line *out)
{
	char path[64];
	char line[1024];
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	file = fopen(path, "re");
	assert_non_null(file);
	while (!found && fgets(line, sizeof(line), file)) {
		out->path[0] = 0;
		if (sscanf(line,
			   "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64 " %511[^\n]",
			   &out->start, &out->end, out->perms, &out->offset, &out->major,
			   &out->minor, &out->inode, out->path) < 7)
			continue;
		found = address >= out->start && address < out->end;
	}
	fclose(file);
	return found;
}

/* The region of the mappings that stand at these addresses of these processes (n of them; all of
 * one object), as a scan would find it. Freed by region_unref(). */
static struct region *target_region(enum region_kind kind, size_t n, struct target *const *targets,
				    const uint64_t *addresses)
{
	size_t room = sizeof(struct region_object) + n * sizeof(struct mapper);
	struct region_object *object = calloc(1, room + n * sizeof(struct process_object) + 512);
	struct process_object *processes = (struct process_object *)((char *)object + room);
	struct region *region = &object->region;
	char *path = (char *)(processes + n);

	assert_non_null(object);
	object->refs = 1;
	for (size_t i = 0; i < n; i++) {
		struct mapper *mapper = &object->mappers[i];
		struct target_line line;
		char *deleted;

		assert_true(target_find(targets[i]->pid, addresses[i], &line));
		deleted = strstr(line.path, " (deleted)");
		if (deleted)
			*deleted = 0;
		region->deleted = deleted;
		region->id.major = line.major;
		region->id.minor = line.minor;
		region->id.inode = line.inode;
		strcpy(path, line.path);
		processes[i].refs = 2; /* never freed by themselves */
		processes[i].process.pid = targets[i]->pid;
		mapper->process = &processes[i].process;
		mapper->start = line.start;
		mapper->end = line.end;
		mapper->offset = line.offset;
		mapper->prot = (uint8_t)((line.perms[0] == 'r' ? PROT_READ : 0) |
					 (line.perms[1] == 'w' ? PROT_WRITE : 0));
		if (mapper->prot & PROT_WRITE)
			region->writable = true;
		if (line.end - line.start + line.offset > region->size)
			region->size = line.end - line.start + line.offset;
	}
	region->kind = kind;
	region->approachable = true;
	region->path = path;
	region->name = path;
	region->mappers = object->mappers;
	region->n_mappers = n;
	return region;
}

static struct region *target_region_one(enum region_kind kind, struct target *target,
					uint64_t address)
{
	return target_region(kind, 1, (struct target *const[]){target}, &address);
}

#endif
