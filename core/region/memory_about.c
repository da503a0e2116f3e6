/* SPDX-License-Identifier: MIT */
/* Questions about the object: memory.h. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "region/access.h"
#include "region/attribute.h"
#include "region/quiet.h"
#include "region/resident.h"
#include "region/ways.h"

/* stat() of the object, without opening it where there is a way: 0, -ENODATA, -EIO, -ENXIO ... */
static int stat_object(const struct access *access, struct stat *st)
{
	if (!access->grip)
		return reach_stat(access->region, access->proc, st);
	if (access_by_process(access))
		return -ENODATA;
	return fstat(access->grip->reach.fd, st) < 0 ? -errno : 0;
}

int memory_size(struct memory *memory, uint64_t *size)
{
	struct access access;
	struct stat st;
	int r = access_begin(memory, ACCESS_FACTS, &access, NULL);

	if (r < 0)
		return r;
	r = stat_object(&access, &st);
	if (r == 0)
		*size = (uint64_t)st.st_size;
	else if (r == -ENODATA || r == -ENXIO)
		*size = access.region->size;
	access_end(memory, &access);
	return r == -ENODATA || r == -ENXIO ? 0 : r;
}

int memory_blocks(struct memory *memory, uint64_t *blocks)
{
	struct access access;
	struct stat st;
	int r = access_begin(memory, ACCESS_FACTS, &access, NULL);

	if (r < 0)
		return r;
	r = stat_object(&access, &st);
	access_end(memory, &access);
	if (r == 0)
		*blocks = (uint64_t)st.st_blocks;
	return r;
}

/* Of memory that is nowhere else. -ENODATA when some of it may be. */
static int resident_by_blocks(const struct access *access, uint64_t *bytes)
{
	struct stat st;
	int r;

	if (access->region->kind == REGION_FILE ||
	    (access->region->kind != REGION_HUGETLB && resident_swapping()))
		return -ENODATA;
	r = stat_object(access, &st);
	if (r == 0)
		*bytes = (uint64_t)st.st_blocks * 512;
	return r;
}

static int resident_opened(struct memory *memory, uint64_t *bytes)
{
	struct access access;
	int r = access_begin(memory, ACCESS_QUESTION, &access, NULL);

	if (r < 0)
		return r;
	r = access_by_process(&access) ? -ENODATA : resident_of(&access.grip->reach, bytes);
	access_end(memory, &access);
	return r;
}

int memory_resident(struct memory *memory, uint64_t *bytes)
{
	struct access access;
	int r = access_begin(memory, ACCESS_FACTS, &access, NULL);

	if (r < 0)
		return r;
	r = resident_by_blocks(&access, bytes);
	if (r == -ENODATA && !access_attaches(&access))
		r = resident_opened(memory, bytes);
	if (r == -ENODATA && access.region->kind == REGION_SYSV &&
	    way_own_ipcns(access.region, access.proc))
		r = resident_sysv(access.proc, (int)access.region->id.inode, bytes);
	access_end(memory, &access);
	return r;
}

/* A process in whose mount namespace the object may be; 0: none, or it is in nobody's. */
static pid_t whereabouts(const struct region *region)
{
	bool internal = region->kind == REGION_MEMFD || region->kind == REGION_ANON ||
			region->kind == REGION_SYSV;

	return internal || region->n_mappers == 0 ? 0 : region->mappers[0].process->pid;
}

int memory_backing(struct memory *memory, int *fd, bool *quiet)
{
	struct access access;
	int r = access_begin(memory, ACCESS_BYTES, &access, NULL);
	int copy = -1;

	if (r < 0)
		return r;
	if (access_by_process(&access)) {
		access_end(memory, &access);
		return -EOPNOTSUPP;
	}
	r = quiet_open(access.proc, access.grip->reach.fd, whereabouts(access.region), &copy);
	if (r < 0)
		copy = fcntl(access.grip->reach.fd, F_DUPFD_CLOEXEC, 0);
	if (copy >= 0) {
		*fd = copy;
		*quiet = r == 0;
		r = 0;
	} else {
		r = -errno;
	}
	access_end(memory, &access);
	return r;
}

static int try_writer(const struct access *access)
{
	int fd = grip_get_writer(access->grip, access->proc);
	int seals;

	if (fd < 0)
		return fd;
	seals = fcntl(fd, F_GET_SEALS);
	grip_put_writer(access->grip);
	grip_trim(access->grip, false, UINT64_MAX);
	return seals > 0 && (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) ? -EPERM : 0;
}

int memory_writable(struct memory *memory)
{
	struct access access;
	int r = access_begin(memory, ACCESS_BYTES, &access, NULL);

	if (r < 0)
		return r;
	if (!access.region->writable)
		r = -EACCES;
	else if (!access_by_process(&access))
		r = try_writer(&access);
	access_end(memory, &access);
	return r;
}

bool memory_atomic(struct memory *memory)
{
	struct access access;
	bool attaches, atomic;

	if (access_begin(memory, ACCESS_FACTS, &access, NULL) < 0)
		return false;
	attaches = access_attaches(&access);
	atomic = attaches && way_links_open(access.proc);
	access_end(memory, &access);
	if (attaches || access_begin(memory, ACCESS_QUESTION, &access, NULL) < 0)
		return atomic;
	atomic = !access_by_process(&access) && !access.grip->reach.huge;
	access_end(memory, &access);
	return atomic;
}

enum memory_access memory_access(struct memory *memory, const char **why)
{
	struct access access;
	enum memory_access how = MEMORY_PROCESS;
	bool attaches;

	if (access_begin(memory, ACCESS_FACTS, &access, why) < 0)
		return MEMORY_NONE;
	attaches = access_attaches(&access);
	if (attaches && way_links_open(access.proc))
		how = MEMORY_DESCRIPTOR;
	access_end(memory, &access);
	if (attaches) {
		*why = "nobody has it attached: reading its bytes attaches it for a moment";
		return how;
	}
	if (access_begin(memory, ACCESS_QUESTION, &access, why) < 0)
		return MEMORY_NONE;
	how = access.grip->reach.access;
	*why = access.grip->reach.why;
	access_end(memory, &access);
	return how;
}

/* For the attribute: the open object, or -EOPNOTSUPP where nothing may or can be opened for it. */
static int begin_attribute(struct memory *memory, struct access *access)
{
	int r = access_begin(memory, ACCESS_FACTS, access, NULL);
	bool opened;

	if (r < 0)
		return r;
	opened = access->grip;
	access_end(memory, access);
	if (!opened && memory_attaches(memory))
		return -EOPNOTSUPP;
	r = access_begin(memory, ACCESS_QUESTION, access, NULL);
	if (r == 0 && access_by_process(access)) {
		access_end(memory, access);
		r = -EOPNOTSUPP;
	}
	return r;
}

int memory_get_layout(struct memory *memory, struct buf *text)
{
	struct access access;
	int r = begin_attribute(memory, &access);

	if (r < 0)
		return r;
	r = attribute_get(access.grip->reach.fd, text);
	access_end(memory, &access);
	return r;
}

int memory_set_layout(struct memory *memory, const char *text, size_t n)
{
	struct access access;
	int r = begin_attribute(memory, &access);

	if (r < 0)
		return r;
	/* On overlayfs a change to a file of the lower layer would copy it up. Who may write to a
	 * shared mapping has opened the file for writing, so there that has happened already. */
	if (access.grip->reach.overlay && !access.region->writable)
		r = -EOPNOTSUPP;
	else
		r = attribute_set(access.grip->reach.fd, text, n);
	access_end(memory, &access);
	return r;
}
