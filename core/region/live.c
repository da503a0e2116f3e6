/* SPDX-License-Identifier: MIT */
#include "region/live.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/uapi.h"

typedef int try_fn(void *context, const struct live *mapping);

/* A search for mappings of one region in one process. */
struct search {
	const struct region *region;
	pid_t pid;
	uint64_t from; /* mappings that overlap from ... to-1 */
	uint64_t to;
	try_fn *try;
	void *context;
};

/* One answer of the kernel. */
struct found {
	uint64_t start;
	uint64_t end;
	uint64_t offset;
	uint32_t major;
	uint32_t minor;
	uint64_t inode;
	uint8_t prot;
	bool sysv; /* by its name; known only where it matters */
};

/* System V, memfd and anonymous objects live side by side on the kernel's internal device, where a
 * shmid can equal another's inode. Only the name tells them apart. */
static bool needs_name(const struct region *region)
{
	return region->id.major == 0 && region->id.minor == 1;
}

static bool is_sysv(const char *name)
{
	return strncmp(name, "/SYSV", 5) == 0;
}

/* 0: tried with success; -ENOENT: not of the region; else what try returned. */
static int offer(const struct search *search, const struct found *found)
{
	const struct region *region = search->region;
	struct live mapping = {search->pid, found->start, found->end, found->offset, found->prot};

	if (found->major != region->id.major || found->minor != region->id.minor ||
	    found->inode != region->id.inode)
		return -ENOENT;
	if (needs_name(region) && found->sysv != (region->kind == REGION_SYSV))
		return -ENOENT;
	return search->try(search->context, &mapping);
}

static uint8_t prot_of(uint64_t flags)
{
	return (uint8_t)((flags & UAPI_PROCMAP_READABLE ? PROT_READ : 0) |
			 (flags & UAPI_PROCMAP_WRITABLE ? PROT_WRITE : 0) |
			 (flags & UAPI_PROCMAP_EXECUTABLE ? PROT_EXEC : 0));
}

static int search_by_query(int fd, const struct search *search)
{
	uint64_t address = search->from;
	int result = -ENOENT;

	while (address < search->to) {
		char name[PATH_MAX];
		struct uapi_procmap_query q = {
			.size = sizeof(q),
			.query_flags = UAPI_PROCMAP_SHARED | UAPI_PROCMAP_OR_NEXT,
			.query_addr = address,
		};
		struct found found;
		int r;

		if (needs_name(search->region)) {
			name[0] = 0;
			q.vma_name_addr = (uintptr_t)name;
			q.vma_name_size = sizeof(name);
		}
		if (ioctl(fd, UAPI_PROCMAP_QUERY, &q) < 0)
			return errno == ENOENT ? result : -errno;
		if (q.vma_start >= search->to)
			break;
		found = (struct found){q.vma_start, q.vma_end, q.vma_offset,	     q.dev_major,
				       q.dev_minor, q.inode,   prot_of(q.vma_flags), false};
		found.sysv = needs_name(search->region) && is_sysv(name);
		r = offer(search, &found);
		if (r == 0)
			return 0;
		if (r != -ENOENT)
			result = r;
		address = q.vma_end;
	}
	return result;
}

/* Before Linux 6.11. proc(5): "start-end perms offset major:minor inode   name". */
static int search_by_text(int fd, const struct search *search)
{
	CLEANUP(free_ptr) char *line = NULL;
	size_t room = 0;
	int result = -ENOENT;
	FILE *file = fdopen(dup(fd), "re");

	if (!file)
		return -errno;
	while (getline(&line, &room, file) > 0) {
		struct found found = {0};
		char perms[5];
		int at = 0;
		int r;

		if (sscanf(line,
			   "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %" SCNx32 ":%" SCNx32
			   " %" SCNu64 " %n",
			   &found.start, &found.end, perms, &found.offset, &found.major,
			   &found.minor, &found.inode, &at) < 7)
			continue;
		if (found.start >= search->to)
			break;
		if (perms[3] != 's' || found.end <= search->from)
			continue;
		found.prot = (uint8_t)((perms[0] == 'r' ? PROT_READ : 0) |
				       (perms[1] == 'w' ? PROT_WRITE : 0) |
				       (perms[2] == 'x' ? PROT_EXEC : 0));
		found.sysv = is_sysv(line + at);
		r = offer(search, &found);
		if (r == 0) {
			result = 0;
			break;
		}
		if (r != -ENOENT)
			result = r;
	}
	fclose(file);
	return result;
}

static bool same_ipcns(const char *proc, const struct region *region, pid_t pid)
{
	char path[PATH_MAX];
	struct stat st;

	if (region->kind != REGION_SYSV || region->id.ipcns == 0)
		return true;
	snprintf(path, sizeof(path), "%s/%d/ns/ipc", proc, pid);
	return stat(path, &st) == 0 && st.st_ino == region->id.ipcns;
}

/* 0; -ENOENT; -ESRCH: this thread has no memory any more; -EACCES; what try returned. */
static int search_process(const char *proc, const struct search *search)
{
	CLEANUP(close_fd) int fd = -1;
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s/%d/maps", proc, search->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == EPERM ? -EACCES : -errno;
	if (!same_ipcns(proc, search->region, search->pid))
		return -ENOENT;
	r = search_by_query(fd, search);
	return r == -ENOTTY ? search_by_text(fd, search) : r;
}

static int take(void *context, const struct live *mapping)
{
	*(struct live *)context = *mapping;
	return 0;
}

int live_at(const char *proc, const struct region *region, pid_t pid, uint64_t address,
	    struct live *out)
{
	struct search search = {region, pid, address, address + 1, take, out};
	int r = search_process(proc, &search);

	return r == 0 || r == -EACCES ? r : -ENOENT;
}

/* A thread-group leader that has exited has no maps; its other threads show the same memory. */
static int search_threads(const char *proc, struct search *search)
{
	char path[PATH_MAX];
	struct dirent *entry;
	int result = -ENOENT;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%d/task", proc, search->pid);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		search->pid = atoi(entry->d_name);
		if (search->pid <= 0)
			continue;
		result = search_process(proc, search);
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
		const struct mapper *mapper = &region->mappers[i];
		struct search search = {region,	       mapper->process->pid,
					mapper->start, mapper->start + 1,
					try,	       context};
		int r = search_process(proc, &search);

		if (r == 0)
			return 0;
		result = worse(result, r);
	}
	if (result != -EIO)
		return result;
	for (size_t i = 0; i < region->n_mappers; i++) {
		const struct process *process = region->mappers[i].process;
		struct search search = {region, process->pid, 0, UINT64_MAX, try, context};
		int r;

		if (i > 0 && process->pid == region->mappers[i - 1].process->pid)
			continue;
		r = search_process(proc, &search);
		if (r == -ESRCH || r == -ENOENT)
			r = search_threads(proc, &search);
		if (r == 0)
			return 0;
		result = worse(result, r);
	}
	return result;
}
