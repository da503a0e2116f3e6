/* SPDX-License-Identifier: MIT */
/*
 * The lock of a memory covers which facts and which grip it has. It is held while the object is
 * opened and while liveness is checked, never while bytes are moved: those who move bytes have a
 * reference of the grip. Letting go is therefore dropping the memory's reference.
 */
#include "region/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "region/attribute.h"
#include "region/grip.h"
#include "region/quiet.h"
#include "region/remote.h"
#include "region/resident.h"

#define REGION_GONE "nobody maps it any more"

#define IDLE	  500000000u /* ns after which what nobody uses is closed */
#define ALIVE	  100000000u /* ns that a region is believed to be mapped still */
#define GRIPS_MAX 128	     /* more than these aren't kept for the next access */

struct memory {
	pthread_mutex_t lock;
	const char *proc;
	struct region *region; /* NULL: gone */
	struct grip *grip;     /* NULL: nothing is open */
	unsigned holds;
	uint64_t used;	  /* grip_now() of the last access */
	uint64_t checked; /* and of the last time the region was seen alive */
};

/* One access: what it goes through. */
struct access {
	struct region *region;
	struct grip *grip;
};

int memory_new(struct region *region, const char *proc, struct memory **out)
{
	struct memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		return -ENOMEM;
	pthread_mutex_init(&memory->lock, NULL);
	memory->proc = proc ? proc : "/proc";
	memory->region = region_ref(region);
	*out = memory;
	return 0;
}

static void let_go(struct memory *memory)
{
	grip_unref(memory->grip);
	memory->grip = NULL;
}

void memory_free(struct memory *memory)
{
	if (!memory)
		return;
	let_go(memory);
	region_unref(memory->region);
	pthread_mutex_destroy(&memory->lock);
	free(memory);
}

void memory_follow(struct memory *memory, struct region *region)
{
	struct region *before;

	pthread_mutex_lock(&memory->lock);
	before = memory->region;
	memory->region = region ? region_ref(region) : NULL;
	memory->checked = 0;
	/* Another process may let us nearer than those did. */
	if (!region || !region->approachable ||
	    (memory->grip && memory->grip->reach.access != MEMORY_DESCRIPTOR))
		let_go(memory);
	pthread_mutex_unlock(&memory->lock);
	region_unref(before);
}

/* With the lock held: drops the grip if the region is gone. */
static void check_alive(struct memory *memory, uint64_t now)
{
	if (!memory->grip || (memory->checked && now - memory->checked < ALIVE))
		return;
	if (reach_alive(&memory->grip->reach, memory->region, memory->proc))
		memory->checked = now ? now : 1;
	else
		let_go(memory);
}

/* 0 and *access, for end(). open: open the object if it isn't; else -EAGAIN. */
static int begin(struct memory *memory, bool open, struct access *access, const char **why)
{
	uint64_t now = grip_now();
	const char *reason = REGION_GONE;
	struct grip *grip;
	int r = -EIO;

	pthread_mutex_lock(&memory->lock);
	if (!memory->region)
		goto out;
	check_alive(memory, now);
	if (!memory->grip) {
		r = -EAGAIN;
		if (open)
			r = grip_open(memory->region, memory->proc, &grip, &reason);
		if (r < 0)
			goto out;
		memory->grip = grip;
		memory->checked = now;
	}
	memory->used = now;
	access->grip = grip_ref(memory->grip);
	access->region = region_ref(memory->region);
	r = 0;
out:
	pthread_mutex_unlock(&memory->lock);
	if (r < 0 && why)
		*why = reason;
	return r;
}

static void end(struct memory *memory, struct access *access)
{
	if (grip_count() > GRIPS_MAX) {
		pthread_mutex_lock(&memory->lock);
		if (memory->grip == access->grip && memory->holds == 0)
			let_go(memory);
		pthread_mutex_unlock(&memory->lock);
	}
	grip_unref(access->grip);
	region_unref(access->region);
}

static bool by_process(const struct access *access)
{
	return access->grip->reach.access == MEMORY_PROCESS;
}

static ssize_t read_fd(int fd, char *to, size_t n, uint64_t offset)
{
	size_t done = 0;

	while (done < n) {
		ssize_t r = pread(fd, to + done, n - done, (off_t)(offset + done));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return done > 0 ? (ssize_t)done : -errno;
		if (r == 0)
			break;
		done += (size_t)r;
	}
	return (ssize_t)done;
}

static ssize_t read_process(struct memory *memory, const struct region *region, void *to, size_t n,
			    uint64_t offset)
{
	if (offset >= region->size)
		return 0;
	if (n > region->size - offset)
		n = (size_t)(region->size - offset);
	return remote_read(region, memory->proc, to, n, offset);
}

ssize_t memory_read(struct memory *memory, void *to, size_t n, uint64_t offset)
{
	struct access access;
	ssize_t r = begin(memory, true, &access, NULL);

	if (r < 0)
		return r;
	if (by_process(&access))
		r = read_process(memory, access.region, to, n, offset);
	else if (offset > (uint64_t)INT64_MAX - n)
		r = 0;
	else
		r = read_fd(access.grip->reach.fd, to, n, offset);
	end(memory, &access);
	return r;
}

/* Whether n bytes at offset are in the region, for writing: 0, -ENOSPC. */
static int check_room(const struct access *access, size_t n, uint64_t offset)
{
	uint64_t size = access->region->size;
	struct stat st;

	if (!by_process(access)) {
		if (fstat(access->grip->reach.fd, &st) < 0)
			return -errno;
		size = (uint64_t)st.st_size;
	}
	return n <= size && offset <= size - n ? 0 : -ENOSPC;
}

static ssize_t write_bytes(struct memory *memory, const struct access *access, const void *from,
			   size_t n, uint64_t offset)
{
	int fd;
	int r;

	if (by_process(access))
		return remote_write(access->region, memory->proc, from, n, offset);
	fd = grip_get_writer(access->grip, memory->proc);
	if (fd < 0)
		return fd;
	r = window_write(&access->grip->reach, fd, offset, from, n);
	grip_put_writer(access->grip);
	return r < 0 ? r : (ssize_t)n;
}

ssize_t memory_write(struct memory *memory, const void *from, size_t n, uint64_t offset)
{
	struct access access;
	ssize_t r = begin(memory, true, &access, NULL);

	if (r < 0)
		return r;
	r = access.region->writable ? check_room(&access, n, offset) : -EACCES;
	if (r == 0 && n > 0)
		r = write_bytes(memory, &access, from, n, offset);
	end(memory, &access);
	return r;
}

static bool is_word(uint64_t offset, unsigned size)
{
	return (size == 1 || size == 2 || size == 4 || size == 8) && offset % size == 0 &&
	       offset <= (uint64_t)INT64_MAX - size;
}

/* A load where the kernel copies bytes. */
static int load_copied(struct memory *memory, const struct access *access, uint64_t offset,
		       unsigned size, uint64_t *value)
{
	union {
		uint8_t u8;
		uint16_t u16;
		uint32_t u32;
		uint64_t u64;
	} word;
	ssize_t r = by_process(access)
			    ? read_process(memory, access->region, &word, size, offset)
			    : read_fd(access->grip->reach.fd, (char *)&word, size, offset);

	if (r != (ssize_t)size)
		return r < 0 ? (int)r : -EIO;
	*value = size == 1 ? word.u8 : size == 2 ? word.u16 : size == 4 ? word.u32 : word.u64;
	return 0;
}

int memory_load(struct memory *memory, uint64_t offset, unsigned size, uint64_t *value)
{
	struct access access;
	int r;

	if (!is_word(offset, size))
		return -EINVAL;
	r = begin(memory, true, &access, NULL);
	if (r < 0)
		return r;
	if (by_process(&access) || access.grip->reach.huge)
		r = load_copied(memory, &access, offset, size, value);
	else
		r = window_load(&access.grip->window, &access.grip->reach, offset, size, value);
	end(memory, &access);
	return r;
}

static int store_copied(struct memory *memory, const struct access *access, uint64_t offset,
			unsigned size, uint64_t value, uint64_t mask)
{
	union {
		uint8_t u8;
		uint16_t u16;
		uint32_t u32;
		uint64_t u64;
	} word;
	uint64_t old = 0;
	ssize_t r;

	if (mask << (64 - 8 * size) != ~0ull << (64 - 8 * size)) {
		r = load_copied(memory, access, offset, size, &old);
		if (r < 0)
			return (int)r;
	}
	value = (old & ~mask) | (value & mask);
	if (size == 1)
		word.u8 = (uint8_t)value;
	else if (size == 2)
		word.u16 = (uint16_t)value;
	else if (size == 4)
		word.u32 = (uint32_t)value;
	else
		word.u64 = value;
	r = remote_write(access->region, memory->proc, &word, size, offset);
	return r == (ssize_t)size ? 0 : r < 0 ? (int)r : -EIO;
}

static int store(struct memory *memory, const struct access *access, uint64_t offset, unsigned size,
		 uint64_t value, uint64_t mask)
{
	int fd;
	int r;

	if (by_process(access))
		return store_copied(memory, access, offset, size, value, mask);
	fd = grip_get_writer(access->grip, memory->proc);
	if (fd < 0)
		return fd;
	r = window_store(&access->grip->reach, fd, offset, size, value, mask);
	grip_put_writer(access->grip);
	return r;
}

int memory_store(struct memory *memory, uint64_t offset, unsigned size, uint64_t value,
		 uint64_t mask)
{
	struct access access;
	int r;

	if (!is_word(offset, size))
		return -EINVAL;
	r = begin(memory, true, &access, NULL);
	if (r < 0)
		return r;
	r = access.region->writable ? check_room(&access, size, offset) : -EACCES;
	if (r == 0)
		r = store(memory, &access, offset, size, value, mask);
	end(memory, &access);
	return r;
}

int memory_seek(struct memory *memory, uint64_t offset, int whence, uint64_t *out)
{
	struct access access;
	int r = begin(memory, true, &access, NULL);
	uint64_t size;
	off_t at;

	if (r < 0)
		return r;
	if (by_process(&access)) {
		size = access.region->size;
		r = offset < size ? 0 : -ENXIO;
		if (r == 0)
			*out = whence == SEEK_DATA ? offset : size;
	} else {
		at = lseek(access.grip->reach.fd, (off_t)offset, whence);
		r = at < 0 ? -errno : 0;
		if (r == 0)
			*out = (uint64_t)at;
	}
	end(memory, &access);
	return r;
}

static struct region *facts(struct memory *memory)
{
	struct region *region;

	pthread_mutex_lock(&memory->lock);
	region = memory->region ? region_ref(memory->region) : NULL;
	pthread_mutex_unlock(&memory->lock);
	return region;
}

/* A reach for a question: the one that is open, else one that is closed again after it, so that
 * asking thousands of regions keeps none open. */
struct question {
	struct access access;
	struct reach own;
	const struct reach *reach;
	struct region *region;
};

static int ask(struct memory *memory, struct question *question, const char **why)
{
	const char *ignored;
	int r = begin(memory, false, &question->access, why);

	question->own.fd = -1;
	if (r == 0) {
		question->reach = &question->access.grip->reach;
		question->region = region_ref(question->access.region);
		return 0;
	}
	if (r != -EAGAIN)
		return r;
	question->access = (struct access){0};
	question->region = facts(memory);
	if (!question->region) {
		if (why)
			*why = REGION_GONE;
		return -EIO;
	}
	r = reach_open(question->region, memory->proc, &question->own, why ? why : &ignored);
	if (r < 0)
		region_unref(question->region);
	question->reach = &question->own;
	return r;
}

static void answered(struct memory *memory, struct question *question)
{
	if (question->access.grip)
		end(memory, &question->access);
	reach_close(&question->own);
	region_unref(question->region);
}

/* Nobody has attached it: asking would attach it. */
static bool is_unattached(const struct region *region)
{
	return region->kind == REGION_SYSV && region->n_mappers == 0;
}

static int stat_object(struct memory *memory, struct stat *st, uint64_t *size)
{
	struct access access;
	int r = begin(memory, false, &access, NULL);
	struct region *region;

	if (r == 0) {
		*size = access.region->size;
		r = by_process(&access)			   ? -ENODATA
		    : fstat(access.grip->reach.fd, st) < 0 ? -errno
							   : 0;
		end(memory, &access);
		return r;
	}
	if (r != -EAGAIN)
		return r;
	region = facts(memory);
	if (!region)
		return -EIO;
	*size = region->size;
	r = reach_stat(region, memory->proc, st);
	region_unref(region);
	return r;
}

int memory_size(struct memory *memory, uint64_t *size)
{
	struct stat st;
	uint64_t known;
	int r = stat_object(memory, &st, &known);

	if (r == -ENODATA || r == -ENXIO)
		*size = known;
	else if (r == 0)
		*size = (uint64_t)st.st_size;
	else
		return r;
	return 0;
}

int memory_blocks(struct memory *memory, uint64_t *blocks)
{
	struct stat st;
	uint64_t known;
	int r = stat_object(memory, &st, &known);

	if (r == 0)
		*blocks = (uint64_t)st.st_blocks;
	return r;
}

int memory_resident(struct memory *memory, uint64_t *bytes)
{
	struct region *region = facts(memory);
	struct question question;
	int r;

	if (!region)
		return -EIO;
	if (region->kind == REGION_SYSV)
		r = resident_sysv(memory->proc, (int)region->id.inode, bytes);
	else
		r = -ENODATA;
	if (r == 0 || is_unattached(region)) {
		region_unref(region);
		return r;
	}
	region_unref(region);
	r = ask(memory, &question, NULL);
	if (r < 0)
		return r;
	r = question.reach->fd < 0 ? -ENODATA : resident_of(question.reach, bytes);
	answered(memory, &question);
	return r;
}

/* A process in whose mount namespace the object may be; 0: none, or it is in nobody's. */
static pid_t whereabouts(const struct region *region)
{
	bool internal = region->id.major == 0 && region->id.minor == 1;

	return internal || region->n_mappers == 0 ? 0 : region->mappers[0].process->pid;
}

int memory_backing(struct memory *memory, int *fd, bool *quiet)
{
	struct access access;
	int r = begin(memory, true, &access, NULL);
	int copy = -1;

	if (r < 0)
		return r;
	if (by_process(&access)) {
		end(memory, &access);
		return -EOPNOTSUPP;
	}
	r = quiet_open(memory->proc, access.grip->reach.fd, whereabouts(access.region), &copy);
	if (r < 0)
		copy = fcntl(access.grip->reach.fd, F_DUPFD_CLOEXEC, 0);
	end(memory, &access);
	if (copy < 0)
		return -errno;
	*fd = copy;
	*quiet = r == 0;
	return 0;
}

static int try_writer(struct memory *memory, struct grip *grip)
{
	int fd = grip_get_writer(grip, memory->proc);
	int seals;

	if (fd < 0)
		return fd;
	seals = fcntl(fd, F_GET_SEALS);
	grip_put_writer(grip);
	grip_trim(grip, false, UINT64_MAX);
	return seals > 0 && (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) ? -EPERM : 0;
}

int memory_writable(struct memory *memory)
{
	struct access access;
	int r = begin(memory, true, &access, NULL);

	if (r < 0)
		return r;
	if (!access.region->writable)
		r = -EACCES;
	else if (!by_process(&access))
		r = try_writer(memory, access.grip);
	end(memory, &access);
	return r;
}

bool memory_atomic(struct memory *memory)
{
	struct region *region = facts(memory);
	bool unattached = region && is_unattached(region);
	struct question question;
	bool atomic;

	region_unref(region);
	if (unattached)
		return true;
	if (ask(memory, &question, NULL) < 0)
		return false;
	atomic = question.reach->access == MEMORY_DESCRIPTOR && !question.reach->huge;
	answered(memory, &question);
	return atomic;
}

enum memory_access memory_access(struct memory *memory, const char **why)
{
	struct region *region = facts(memory);
	bool unattached = region && is_unattached(region);
	struct question question;
	enum memory_access how;

	region_unref(region);
	if (unattached) {
		*why = "nobody has it attached: reading its bytes attaches it for a moment";
		return MEMORY_DESCRIPTOR;
	}
	if (ask(memory, &question, why) < 0)
		return MEMORY_NONE;
	how = question.reach->access;
	*why = question.reach->why;
	answered(memory, &question);
	return how;
}

int memory_get_layout(struct memory *memory, struct buf *text)
{
	struct region *region = facts(memory);
	bool unattached = region && is_unattached(region);
	struct question question;
	int r;

	region_unref(region);
	if (unattached)
		return -EOPNOTSUPP;
	r = ask(memory, &question, NULL);
	if (r < 0)
		return r;
	r = question.reach->fd < 0 ? -EOPNOTSUPP : attribute_get(question.reach->fd, text);
	answered(memory, &question);
	return r;
}

int memory_set_layout(struct memory *memory, const char *text, size_t n)
{
	struct region *region = facts(memory);
	bool unattached = region && is_unattached(region);
	struct question question;
	int r;

	region_unref(region);
	if (unattached)
		return -EOPNOTSUPP;
	r = ask(memory, &question, NULL);
	if (r < 0)
		return r;
	/* On overlayfs the change of a file of the lower layer would copy it up. Who may write to a
	 * shared mapping has opened the file for writing, so that has happened already. */
	if (question.reach->fd < 0 || (question.reach->overlay && !question.region->writable))
		r = -EOPNOTSUPP;
	else
		r = attribute_set(question.reach->fd, text, n);
	answered(memory, &question);
	return r;
}

void memory_hold(struct memory *memory)
{
	pthread_mutex_lock(&memory->lock);
	memory->holds++;
	memory->used = grip_now();
	pthread_mutex_unlock(&memory->lock);
}

void memory_release(struct memory *memory)
{
	pthread_mutex_lock(&memory->lock);
	memory->holds--;
	memory->used = grip_now();
	if (memory->holds == 0 && grip_count() > GRIPS_MAX)
		let_go(memory);
	pthread_mutex_unlock(&memory->lock);
}

bool memory_trim(struct memory *memory)
{
	uint64_t now = grip_now();
	bool idle;
	bool open;

	if (pthread_mutex_trylock(&memory->lock) != 0)
		return true;
	idle = now - memory->used >= IDLE;
	if (idle && memory->holds == 0)
		let_go(memory);
	else if (memory->region)
		check_alive(memory, now);
	if (memory->grip)
		grip_trim(memory->grip, idle, now - IDLE);
	open = memory->grip;
	pthread_mutex_unlock(&memory->lock);
	return open;
}
