/* SPDX-License-Identifier: MIT */
/*
 * PROCMAP_QUERY, Linux 6.11: the kernel walks over the private mappings by itself, and what it
 * tells of a shared one is numbers and the exact path, unescaped.
 */
#include <errno.h>
#include <limits.h>
#include <sys/mman.h>

#include "base/uapi.h"
#include "region/mapping.h"

/* Restarts of a walk because the mappings moved below it, before it is taken as it comes. */
#define RESTARTS 4

static uint8_t prot_of(uint64_t flags)
{
	return (uint8_t)((flags & UAPI_PROCMAP_READABLE ? PROT_READ : 0) |
			 (flags & UAPI_PROCMAP_WRITABLE ? PROT_WRITE : 0) |
			 (flags & UAPI_PROCMAP_EXECUTABLE ? PROT_EXEC : 0));
}

int mapping_next(int fd, uint64_t address, struct mapping *out, char *name, uint32_t room)
{
	struct uapi_procmap_query query = {
		.size = sizeof(query),
		.query_flags = UAPI_PROCMAP_OR_NEXT | UAPI_PROCMAP_SHARED,
		.query_addr = address,
		.vma_name_addr = room ? (uintptr_t)name : 0,
		.vma_name_size = room,
	};

	while (ioctl(fd, UAPI_PROCMAP_QUERY, &query) < 0) {
		if (errno == ENAMETOOLONG && query.vma_name_size) {
			query.vma_name_size = 0;
			query.vma_name_addr = 0;
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	*out = (struct mapping){
		.start = query.vma_start,
		.end = query.vma_end,
		.offset = query.vma_offset,
		.inode = query.inode,
		.major = query.dev_major,
		.minor = query.dev_minor,
		.prot = prot_of(query.vma_flags),
		.path_len = query.vma_name_size ? query.vma_name_size - 1 : 0,
	};
	if (room)
		name[out->path_len] = '\0';
	return 0;
}

/* -EAGAIN when mappings changed under the walk. */
static int query_all(int fd, struct mappings *to, bool last_try)
{
	struct mapping mapping;
	char name[PATH_MAX];
	uint64_t address = 0;
	int r;

	while ((r = mapping_next(fd, address, &mapping, name, sizeof(name))) == 0) {
		if (mapping.start < address && !last_try)
			return -EAGAIN;
		r = mappings_add(to, &mapping, name, mapping.path_len);
		if (r < 0)
			return r;
		address = mapping.end;
	}
	return r == -ENOENT || (r == -ESRCH && address) ? 0 : r;
}

int mappings_query(int fd, struct mappings *to)
{
	size_t n = to->n, text = to->text.len;
	int r;

	for (int i = 0;; i++) {
		r = query_all(fd, to, i == RESTARTS);
		if (r != -EAGAIN)
			return r;
		to->n = n;
		to->text.len = text;
	}
}

/* Any mapping will do: the first is found without a walk. */
bool mappings_query_alive(int fd)
{
	struct uapi_procmap_query query = {.size = sizeof(query),
					   .query_flags = UAPI_PROCMAP_OR_NEXT};

	return ioctl(fd, UAPI_PROCMAP_QUERY, &query) == 0 || errno != ESRCH;
}
