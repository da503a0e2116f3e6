/* SPDX-License-Identifier: MIT */
/*
 * A process to look at: a forked child that does what it is told, one function at a time, and the
 * facts about what it maps, taken from its /proc/PID/maps by the test's own reading of it.
 */
#ifndef PEEKFS_TESTS_TARGET_H
#define PEEKFS_TESTS_TARGET_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "region/guard.h"
#include "region/memory.h"
#include "region/object.h"

/* What the child keeps between calls; each child has its own copy. */
static struct {
	int fd;
	int id;
	int to; /* where answers go */
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

	here.to = to;
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

static inline struct region *target_region_one(enum region_kind kind, struct target *target,
					       uint64_t address)
{
	return target_region(kind, 1, (struct target *const[]){target}, &address);
}

/* Ends the test as skipped, and says why. */
#define SKIP(...)                                                                                  \
	do {                                                                                       \
		print_message(__VA_ARGS__);                                                        \
		skip();                                                                            \
	} while (0)

static inline void need_root(void)
{
	if (geteuid() != 0)
		SKIP("only root opens mappings by /proc/PID/map_files\n");
}

/* How many descriptors this process has open. */
static inline int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = -3; /* ".", ".." and dir's own */

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static inline double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Seconds to wait for what must come: more than any machine takes, and the promises' own times are
 * for the benchmarks to measure. */
#define PATIENCE 20

/* Trims as a daemon does until nothing is open. */
static inline void trim_until_closed(struct memory *memory)
{
	double begin = seconds();

	while (memory_trim(memory)) {
		assert_true(seconds() - begin < PATIENCE);
		poll(NULL, 0, 20);
	}
}

/* One target with one mapping, and the memory of that. */
struct fixture {
	struct target target;
	struct region *region;
	struct memory *memory;
};

static inline void fixture_begin(struct fixture *fixture, enum region_kind kind, long (*make)(long),
				 long argument)
{
	long address;

	guard_install(); /* in front of cmocka's own handler */
	*fixture = (struct fixture){0};
	target_start(&fixture->target);
	address = target_call(&fixture->target, make, argument);
	assert_true(address > 0);
	fixture->region = target_region_one(kind, &fixture->target, (uint64_t)address);
	assert_int_equal(memory_new(fixture->region, NULL, &fixture->memory), 0);
}

static inline void fixture_end(struct fixture *fixture)
{
	memory_free(fixture->memory);
	region_unref(fixture->region);
	target_end(&fixture->target);
}

/* What children do. Makers return the address of the mapping, 0 on failure. */

static inline long child_map(long size, int prot)
{
	here.size = (size_t)size;
	here.map = mmap(NULL, here.size, prot, MAP_SHARED, here.fd, 0);
	return here.map == MAP_FAILED ? 0 : (long)here.map;
}

static inline long child_memfd(long size)
{
	here.fd = memfd_create("test", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	return here.fd < 0 || ftruncate(here.fd, size) < 0
		       ? 0
		       : child_map(size, PROT_READ | PROT_WRITE);
}

/* Only the mapping is left. */
static inline long child_closed_memfd(long size)
{
	long map = child_memfd(size);

	close(here.fd);
	here.fd = -1;
	return map;
}

static inline long child_anon(long size)
{
	here.size = (size_t)size;
	here.map = mmap(NULL, here.size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return here.map == MAP_FAILED ? 0 : (long)here.map;
}

static inline long child_sysv(long size)
{
	here.size = (size_t)size;
	here.id = shmget(IPC_PRIVATE, here.size, IPC_CREAT | 0600);
	if (here.id < 0)
		return 0;
	here.map = shmat(here.id, NULL, 0);
	shmctl(here.id, IPC_RMID, NULL);
	return here.map == (char *)-1 ? 0 : (long)here.map;
}

/* The file is already there, and its name is in the child's memory because the test set it before
 * it started the child. */
static char child_path[256];

/* Tear-down of a group: a case that failed may have left it. */
static inline int child_forget_file(void **state)
{
	(void)state;
	unlink(child_path);
	return 0;
}

static inline long child_file(long size)
{
	here.fd = open(child_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return here.fd < 0 || ftruncate(here.fd, size) < 0
		       ? 0
		       : child_map(size, PROT_READ | PROT_WRITE);
}

static inline long child_unlinked_file(long size)
{
	long map = child_file(size);

	unlink(child_path);
	close(here.fd);
	here.fd = -1;
	return map;
}

static inline long child_readonly_file(long size)
{
	here.fd = open(child_path, O_RDONLY | O_CLOEXEC);
	return here.fd < 0 ? 0 : child_map(size, PROT_READ);
}

static inline long child_put(long offset)
{
	here.map[offset] = 'x';
	return 0;
}

static inline long child_get(long offset)
{
	return (unsigned char)here.map[offset];
}

/* Puts a byte on each page. */
static inline long child_touch_all(long value)
{
	for (size_t i = 0; i < here.size; i += 4096)
		here.map[i] = (char)value;
	return 0;
}

static inline long child_truncate(long size)
{
	return ftruncate(here.fd, size);
}

static inline long child_unmap(long unused)
{
	(void)unused;
	return munmap(here.map, here.size);
}

static inline long child_map_again(long prot)
{
	return child_map((long)here.size, (int)prot);
}

static inline long child_protect(long prot)
{
	return mprotect(here.map, here.size, (int)prot);
}

static inline long child_seal(long seals)
{
	return fcntl(here.fd, F_ADD_SEALS, (int)seals) < 0 ? -errno : 0;
}

static inline long child_blocks(long unused)
{
	struct stat st;

	(void)unused;
	return fstat(here.fd, &st) < 0 ? -1 : (long)st.st_blocks;
}

#endif
