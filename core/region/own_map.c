/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "region/own.h"

/* Linux 5.14; older kernels answer EINVAL, and the pages come when they are touched */
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ  22
#define MADV_POPULATE_WRITE 23
#endif

static int mmap_flags(const struct created *created)
{
	int flags = created->map_flags;

	if (flags & MAP_SYNC)
		return flags | MAP_SHARED_VALIDATE; /* else an old kernel ignores it */
	return flags | MAP_SHARED;
}

/* 0 and the address, or -errno. A kernel before 4.17 takes MAP_FIXED_NOREPLACE for a hint. */
static int map(const struct created *created, int fd, void *address, uint64_t length, int extra,
	       char **out)
{
	char *at = mmap(address, length, created->prot, mmap_flags(created) | extra, fd,
			(off_t)created->offset);

	if (at == MAP_FAILED)
		return -errno;
	if ((created->map_flags & MAP_FIXED_NOREPLACE) && at != address) {
		munmap(at, length);
		return -EEXIST;
	}
	*out = at;
	return 0;
}

/*
 * mremap(2) lets huge pages shrink and not grow. So they are mapped anew elsewhere, or, where they
 * must stay, their new end behind the old one.
 */
static int grow_huge(struct created *created, uint64_t length, bool fixed)
{
	struct created tail = *created;
	char *at;
	int r;

	if (fixed) {
		tail.map_flags = (tail.map_flags & ~MAP_FIXED) | MAP_FIXED_NOREPLACE;
		tail.offset += created->mapped;
		r = map(&tail, created->fd, created->address + created->mapped,
			length - created->mapped, 0, &at);
		return r == -EEXIST ? -ENOMEM : r;
	}
	r = map(created, created->fd, NULL, length, 0, &at);
	if (r)
		return r;
	munmap(created->address, created->mapped);
	created->address = at;
	return 0;
}

int own_remap(struct created *created, uint64_t length)
{
	bool fixed = created->map_flags & (MAP_FIXED | MAP_FIXED_NOREPLACE);
	char *at;
	int r;

	if (created->kind == REGION_HUGETLB && length > created->mapped) {
		r = grow_huge(created, length, fixed);
		if (r)
			return r;
	} else {
		at = mremap(created->address, created->mapped, length, fixed ? 0 : MREMAP_MAYMOVE);
		if (at == MAP_FAILED) /* more than all there could be is EINVAL to mremap(2) */
			return errno == EINVAL ? -ENOMEM : -errno;
		created->address = at;
	}
	created->mapped = length;
	return 0;
}

/*
 * An object of no bytes: what mapping it would say if it had some tells those that can't be mapped
 * at all (files of procfs and sysfs have size 0) from those that are just empty.
 */
static int nothing_there(const struct created *created, struct diag *diag)
{
	char label[WHY_LABEL];
	void *at = mmap(NULL, created->page, created->prot, MAP_SHARED, created->fd, 0);

	if (at == MAP_FAILED)
		return own_why_map(created, created->page, -errno, diag);
	munmap(at, created->page);
	return diag_set(diag, -ENXIO, 0, 0,
			"%s has no bytes yet: nothing to map. Its program makes it longer "
			"(ftruncate(2)) before others open it",
			own_why_label(created, label));
}

/* How many bytes are mapped: whole pages; none of them behind the object's last page, unless so
 * asked. */
static int choose_length(const struct created *created, const struct create_options *o,
			 uint64_t size, uint64_t *out, struct diag *diag)
{
	uint64_t length = o->length, end = own_round(size, created->page);
	char label[WHY_LABEL];

	if (o->flags & CREATE_PAST_END) {
		*out = own_round(length, created->page);
		return 0;
	}
	if (size == 0)
		return nothing_there(created, diag);
	if (created->offset >= size || length > end - created->offset)
		return diag_set(diag, -ENXIO, 0, 0,
				"%s is %ju bytes long: what lies behind them (offset %ju, length "
				"%ju) would be a bus error. Map less, or make it longer first",
				own_why_label(created, label), (uintmax_t)size,
				(uintmax_t)created->offset, (uintmax_t)length);
	*out = own_round(length ? length : size - created->offset, created->page);
	return 0;
}

/* MAP_LOCKED alone doesn't say when it could not bring in every page; mlock(2) does. */
static int lock(const struct created *created, uint64_t length, char *at, struct diag *diag)
{
	if (!(created->map_flags & MAP_LOCKED) || mlock(at, length) == 0)
		return 0;
	return own_why_lock(created, length, -errno, diag);
}

/* CREATE_OR_OPEN: what was there is as large as what would have been made. */
static int large_enough(const struct created *created, const struct create_options *o,
			uint64_t size, struct diag *diag)
{
	char label[WHY_LABEL];

	if (!created->opened || size >= o->size)
		return 0;
	return diag_set(diag, -ENXIO, 0, 0,
			"%s is there already, and %ju bytes long instead of %ju: create_open() and "
			"created_resize() it, or remove it",
			own_why_label(created, label), (uintmax_t)size, (uintmax_t)o->size);
}

/* shmat(2) knows neither MAP_POPULATE nor MAP_LOCKED: the same is done afterwards. */
static int map_sysv(struct created *created, const struct create_options *o, struct diag *diag)
{
	uint64_t size;
	int r = own_size(created, &size);

	r = r ? 0 : large_enough(created, o, size, diag); /* attaching says why it can't be asked */
	r = r ? r : own_sysv_attach(created, o, diag);
	if (r)
		return r;
	created->since = clock_ns_on(CLOCK_REALTIME);
	if (created->map_flags & MAP_POPULATE)
		madvise(created->address, created->mapped,
			created->prot & PROT_WRITE ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
	return lock(created, created->mapped, created->address, diag);
}

static int adopt_mapping(struct created *created, char *at, uint64_t length, struct diag *diag)
{
	int r = lock(created, length, at, diag);

	if (r) {
		munmap(at, length);
		return r;
	}
	created->since = clock_ns_on(CLOCK_REALTIME);
	created->address = at;
	created->mapped = length;
	return 0;
}

/* An anonymous object is its mapping; /dev/zero needn't stay open. */
static int map_anonymous(struct created *created, const struct create_options *o, struct diag *diag)
{
	uint64_t length = own_round(o->size, created->page);
	CLEANUP(close_fd) int zero = -1;
	int extra = 0, r;
	char *at = NULL;

	if (o->flags & CREATE_DEV_ZERO) {
		zero = open("/dev/zero", O_RDWR | O_CLOEXEC);
		if (zero < 0)
			return own_why_open("/dev/zero", true, -errno, diag);
	} else {
		extra = MAP_ANONYMOUS;
	}
	if (created->kind == REGION_HUGETLB) {
		extra |= MAP_HUGETLB;
		if (o->huge_page)
			extra |= __builtin_ctzll(o->huge_page) << MAP_HUGE_SHIFT;
	}
	r = map(created, zero, o->address, length, extra, &at);
	return r ? own_why_map(created, length, r, diag) : adopt_mapping(created, at, length, diag);
}

static int map_descriptor(struct created *created, const struct create_options *o,
			  struct diag *diag)
{
	uint64_t size = 0, length = 0;
	int r = own_size(created, &size);
	char *at = NULL;

	r = r ? own_why_map(created, o->length, r, diag) : large_enough(created, o, size, diag);
	r = r ? r : choose_length(created, o, size, &length, diag);
	if (r)
		return r;
	r = map(created, created->fd, o->address, length, 0, &at);
	return r ? own_why_map(created, length, r, diag) : adopt_mapping(created, at, length, diag);
}

int own_map(struct created *created, const struct create_options *o, struct diag *diag)
{
	if (created->shmid >= 0)
		return map_sysv(created, o, diag);
	return created->fd < 0 ? map_anonymous(created, o, diag) : map_descriptor(created, o, diag);
}
