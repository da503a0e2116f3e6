/* SPDX-License-Identifier: MIT */
/*
 * Reading shared memory through a process is touching it there: the kernel faults a missing page
 * in, on behalf of that process, and if the object has a hole there, that fills it. Looking must
 * not do that. /proc/PID/pagemap tells which pages the process has; these can be copied without a
 * fault. A page that none of the mappers has may be a hole, or may hold bytes that were written by
 * somebody who is gone, or were swapped out. From outside nobody can tell: to call it zeros would
 * be a guess and to fault it in might grow the object without bounds, so it is an error.
 *
 * Other files are only read into the page cache by such a fault; they aren't asked about.
 */
#include "region/remote.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "region/live.h"

/* One copy between our memory and the region's. */
struct copy {
	const struct region *region;
	const char *proc;
	char *mine;
	size_t n;
	uint64_t offset;
	bool write;
	bool fills;
	size_t done; /* out */
};

/* Kernel, Documentation/admin-guide/mm/pagemap.rst: bit 63 present, bit 62 swapped. */
#define PAGEMAP_THERE (3ull << 62)

/* How many of n bytes at address stand in pages that the process has. */
static size_t touched(const struct copy *copy, pid_t pid, uint64_t address, size_t n)
{
	CLEANUP(close_fd) int fd = -1;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint64_t first = address / page;
	uint64_t count = (address + n - 1) / page - first + 1;
	char path[PATH_MAX];
	uint64_t i = 0;

	snprintf(path, sizeof(path), "%s/%d/pagemap", copy->proc, pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	while (i < count) {
		uint64_t entries[256];
		size_t want = count - i < 256 ? (size_t)(count - i) : 256;
		ssize_t got = pread(fd, entries, want * 8, (off_t)((first + i) * 8));
		size_t k = 0;

		while (got > 0 && k < (size_t)got / 8 && (entries[k] & PAGEMAP_THERE))
			k++;
		i += k;
		if (k < want)
			break;
	}
	if (i == count)
		return n;
	return i == 0 ? 0 : (size_t)((first + i) * page - address);
}

static bool suits(const struct copy *copy, const struct live *live)
{
	return (live->prot & (copy->write ? PROT_WRITE : PROT_READ)) &&
	       copy->offset >= live->offset &&
	       copy->offset - live->offset < live->end - live->start;
}

/* Copies what the mapping has of it: 0 with done > 0; -ENOENT it doesn't suit; -EIO, -EACCES. */
static int copy_through(void *context, const struct live *live)
{
	struct copy *copy = context;
	uint64_t address;
	struct iovec mine;
	struct iovec theirs;
	size_t n = copy->n;
	ssize_t r;

	if (!suits(copy, live))
		return -ENOENT;
	address = live->start + (copy->offset - live->offset);
	if (n > live->end - address)
		n = (size_t)(live->end - address);
	if (!copy->write && copy->fills)
		n = touched(copy, live->task, address, n);
	if (n == 0)
		return -EIO;
	mine = (struct iovec){copy->mine, n};
	theirs = (struct iovec){(void *)(uintptr_t)address, n};
	r = copy->write ? process_vm_writev(live->task, &mine, 1, &theirs, 1, 0)
			: process_vm_readv(live->task, &mine, 1, &theirs, 1, 0);
	if (r <= 0)
		return r < 0 && (errno == EPERM || errno == EACCES) ? -EACCES : -EIO;
	if (!live_still(copy->proc, copy->region, live)) /* then whose bytes were those? */
		return -EIO;
	copy->done = (size_t)r;
	return 0;
}

static bool covers(const struct mapper *mapper, uint64_t offset)
{
	return offset >= mapper->offset && offset - mapper->offset < mapper->end - mapper->start;
}

/* A piece of it, by the first mapper that can. */
static int copy_piece(struct copy *copy)
{
	const struct region *region = copy->region;
	int result = -EIO;
	bool tried = false;

	for (size_t i = 0; i < region->n_mappers; i++) {
		const struct mapper *mapper = &region->mappers[i];
		struct live live;
		int r;

		if (!covers(mapper, copy->offset))
			continue;
		r = live_mapper(copy->proc, region, mapper, copy->offset, &live);
		if (r == 0)
			r = copy_through(copy, &live);
		if (r == 0)
			return 0;
		tried = tried || r != -ENOENT;
		if (r == -EACCES)
			result = r;
	}
	/* Perhaps the mappings aren't where the scan saw them. */
	return tried ? result : live_each(copy->proc, region, copy_through, copy);
}

static ssize_t copy_all(struct copy *copy)
{
	size_t done = 0;

	while (copy->n > 0) {
		int r = copy_piece(copy);

		if (r < 0)
			return done > 0 ? (ssize_t)done : r;
		done += copy->done;
		copy->mine += copy->done;
		copy->offset += copy->done;
		copy->n -= copy->done;
	}
	return (ssize_t)done;
}

ssize_t remote_read(const struct region *region, const char *proc, bool fills, void *to, size_t n,
		    uint64_t offset)
{
	struct copy copy = {
		.region = region,
		.proc = proc,
		.mine = to,
		.n = n,
		.offset = offset,
		.fills = fills,
	};

	return copy_all(&copy);
}

ssize_t remote_write(const struct region *region, const char *proc, const void *from, size_t n,
		     uint64_t offset)
{
	struct copy copy = {
		.region = region,
		.proc = proc,
		.mine = (char *)from,
		.n = n,
		.offset = offset,
		.write = true,
	};

	return copy_all(&copy);
}
