/* SPDX-License-Identifier: MIT */
#include "region/created.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "region/attribute.h"
#include "region/own.h"

/* ---- facts ---- */

int created_facts(const struct created *created, struct created_facts *out)
{
	uint64_t size;
	int r = own_size(created, &size);

	if (r)
		return r;
	*out = (struct created_facts){
		.kind = created->kind,
		.name = created->name,
		.opened = created->opened,
		.address = created->address,
		.asked = created->asked,
		.size = size,
		.offset = created->offset,
		.mapped = created->mapped,
		.page = created->page,
		.prot = created->prot,
		.shmid = created->shmid,
		.since = created->since,
	};
	return 0;
}

void *created_address(const struct created *created)
{
	return created->address;
}

uint64_t created_room(const struct created *created)
{
	uint64_t size, room;

	if (own_size(created, &size) || size <= created->offset)
		return 0;
	room = size - created->offset;
	return room < created->mapped ? room : created->mapped;
}

int created_fd(const struct created *created)
{
	return created->fd;
}

/* ---- size ---- */

static int why_no_remap(const struct created *created, uint64_t length, int err, struct diag *diag)
{
	if (err == -EFAULT) /* mremap(2) takes no two mappings, and locking a part makes two */
		return diag_set(diag, -EBUSY, 0, 0,
				"part of the region is locked, which keeps it from being remapped: "
				"created_unlock() it, and lock again afterwards");
	if (err == -ENOMEM && (created->map_flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)))
		return diag_set(diag, err, 0, 0,
				"the region can't grow where it is, and MAP_FIXED keeps it there: "
				"something is mapped behind it");
	return own_why_map(created, length, err, diag);
}

/* Maps the object, of that size, from offset to its end. */
static int remap(struct created *created, uint64_t size, struct diag *diag)
{
	uint64_t length = own_round(size - created->offset, created->page);
	int r;

	if (length == created->mapped)
		return 0;
	r = own_remap(created, length);
	if (r)
		return why_no_remap(created, length, r, diag);
	if (!(created->map_flags & MAP_LOCKED) || mlock(created->address, length) == 0)
		return 0;
	return own_why_lock(created, length, -errno, diag);
}

static int keeps_its_size(const struct created *created, struct diag *diag)
{
	char label[WHY_LABEL];

	if (created->fd >= 0)
		return 0;
	return diag_set(diag, -EOPNOTSUPP, 0, 0,
			"%s keeps the size it was made with: make a memfd or POSIX shared memory, "
			"or another one",
			own_why_label(created, label));
}

static int reaches(const struct created *created, uint64_t size, int err, struct diag *diag)
{
	if (size > created->offset)
		return 0;
	return diag_set(diag, err, 0, 0,
			"of %ju bytes none would be mapped, as the mapping begins at offset %ju: "
			"created_free() ends it",
			(uintmax_t)size, (uintmax_t)created->offset);
}

/* Pages go before the bytes behind them do, and come after them: our own mapping never reaches
 * behind the object. */
static int shrink(struct created *created, uint64_t size, uint64_t old, struct diag *diag)
{
	uint64_t before = created->mapped;
	int r = remap(created, size, diag);

	if (r || ftruncate(created->fd, (off_t)size) == 0)
		return r;
	r = own_why_size(created, size, -errno, diag);
	if (created->mapped != before)
		remap(created, old, NULL);
	return r;
}

static int grow(struct created *created, uint64_t size, uint64_t old, struct diag *diag)
{
	int r = own_set_size(created->fd, size);

	if (r)
		return own_why_size(created, size, r, diag);
	r = remap(created, size, diag);
	if (r) {
		ftruncate(created->fd, (off_t)old);
		remap(created, old, NULL);
	}
	return r;
}

int created_resize(struct created *created, uint64_t size, struct diag *diag)
{
	uint64_t old = 0;
	int r = keeps_its_size(created, diag);

	r = r ? r : own_size(created, &old);
	if (r)
		return r;
	if (size > INT64_MAX - created->page)
		return own_why_size(created, size, -EFBIG, diag);
	if (created->kind == REGION_HUGETLB)
		size = own_round(size, created->page);
	r = reaches(created, size, -EINVAL, diag);
	if (r)
		return r;
	r = size < old ? shrink(created, size, old, diag) : grow(created, size, old, diag);
	if (!r)
		created->asked = size;
	return r;
}

int created_refit(struct created *created, struct diag *diag)
{
	uint64_t size = 0;
	int r = keeps_its_size(created, diag);

	r = r ? r : own_size(created, &size);
	r = r ? r : reaches(created, size, -ENXIO, diag);
	return r ? r : remap(created, size, diag);
}

/* ---- disk and memory ---- */

/* The pages that hold the range. */
static int pages(const struct created *created, uint64_t offset, uint64_t length, char **at,
		 size_t *n, struct diag *diag)
{
	uint64_t start = offset - offset % created->page, end;

	if (offset >= created->mapped || length > created->mapped - offset)
		return diag_set(diag, -ENXIO, 0, 0,
				"offset %ju and length %ju reach behind the mapping, %ju bytes",
				(uintmax_t)offset, (uintmax_t)length, (uintmax_t)created->mapped);
	end = length ? own_round(offset + length, created->page) : created->mapped;
	*at = created->address + start;
	*n = end - start;
	return 0;
}

/* To the kernel a mapping of what was opened for reading isn't a shared one (do_mmap() takes
 * VM_SHARED away): msync(2) leaves it alone and says 0. fsync(2) takes any descriptor. */
static int sync_pages(const struct created *created, char *at, size_t n, int flags)
{
	if (msync(at, n, flags) < 0)
		return -errno;
	if (!(flags & MS_SYNC) || created->fd < 0 ||
	    (fcntl(created->fd, F_GETFL) & O_ACCMODE) != O_RDONLY)
		return 0;
	return fdatasync(created->fd) < 0 ? -errno : 0;
}

int created_sync(struct created *created, uint64_t offset, uint64_t length, int flags,
		 struct diag *diag)
{
	char label[WHY_LABEL], *at = NULL;
	size_t n = 0;
	int r;

	if ((flags & ~(MS_SYNC | MS_ASYNC | MS_INVALIDATE)) || !flags ||
	    (flags & (MS_SYNC | MS_ASYNC)) == (MS_SYNC | MS_ASYNC))
		return diag_set(diag, -EINVAL, 0, 0,
				"flags: MS_SYNC (wait) or MS_ASYNC (don't), MS_INVALIDATE alone or "
				"with one of them");
	r = pages(created, offset, length, &at, &n, diag);
	if (r)
		return r;
	r = sync_pages(created, at, n, flags);
	if (!r)
		return 0;
	own_why_label(created, label);
	if (r == -EBUSY)
		return diag_set(diag, r, 0, 0,
				"%s: MS_INVALIDATE, and some of it is locked: created_unlock() it "
				"first",
				label);
	return diag_set(diag, r, 0, 0, "%s isn't safe on its disk: %s", label, strerror(-r));
}

int created_lock(struct created *created, uint64_t offset, uint64_t length, struct diag *diag)
{
	char *at = NULL;
	size_t n = 0;
	int r = pages(created, offset, length, &at, &n, diag);

	if (r || mlock(at, n) == 0)
		return r;
	r = -errno;
	munlock(at, n); /* it counts as locked even where a page could not come in */
	return own_why_lock(created, n, r, diag);
}

int created_unlock(struct created *created, uint64_t offset, uint64_t length, struct diag *diag)
{
	char *at = NULL;
	size_t n = 0;
	int r = pages(created, offset, length, &at, &n, diag);

	if (r || munlock(at, n) == 0)
		return r;
	return own_why_lock(created, n, -errno, diag);
}

/* ---- layout ---- */

/* An object without a descriptor opens through its mapping, for the privileged. */
static int open_mapping(const struct created *created)
{
	struct own_mapping self;
	char link[64];
	int fd, r = own_mapping_at(created->address, &self);

	if (r)
		return r;
	snprintf(link, sizeof(link), "/proc/self/map_files/%jx-%jx", (uintmax_t)self.start,
		 (uintmax_t)self.end);
	fd = open(link, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int created_set_layout(struct created *created, const char *text, struct diag *diag)
{
	CLEANUP(close_fd) int own = created->fd < 0 ? open_mapping(created) : -1;
	int fd = created->fd < 0 ? own : created->fd;
	int r = fd < 0 ? fd : attribute_set(fd, text, strlen(text));

	return r ? own_why_layout(created, strlen(text), r, diag) : 0;
}

int created_get_layout(const struct created *created, struct buf *text, struct diag *diag)
{
	CLEANUP(close_fd) int own = created->fd < 0 ? open_mapping(created) : -1;
	int fd = created->fd < 0 ? own : created->fd;
	int r = fd < 0 ? fd : attribute_get(fd, text);

	return r ? own_why_layout(created, 0, r, diag) : 0;
}

/* ---- end ---- */

int created_remove(struct created *created, struct diag *diag)
{
	int r = 0;

	if (created->shmid >= 0)
		r = own_sysv_remove(created->shmid);
	else if (!created->path)
		return 0;
	else if (access(created->path, F_OK) < 0 && errno == ENOENT)
		r = -ENOENT;
	else if (!own_is_at(created->fd, created->path))
		r = -ESTALE;
	else if (unlink(created->path) < 0)
		r = -errno;
	return r ? own_why_remove(created, r, diag) : 0;
}
