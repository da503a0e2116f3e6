/* SPDX-License-Identifier: MIT */
/* Reading and writing: memory.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "region/access.h"
#include "region/remote.h"
#include "region/segment.h"

static ssize_t read_fd(int fd, char *to, size_t n, uint64_t offset)
{
	size_t done = 0;

	if (offset > (uint64_t)INT64_MAX - n)
		return 0;
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

static ssize_t read_process(const struct access *access, void *to, size_t n, uint64_t offset)
{
	uint64_t size = access->region->size;

	if (offset >= size)
		return 0;
	if (n > size - offset)
		n = (size_t)(size - offset);
	if (access->grip->reach.segment)
		return segment_read(access->region, access->proc, to, n, offset);
	return remote_read(access->region, access->proc, access->grip->reach.fills, to, n, offset);
}

ssize_t access_read(const struct access *access, void *to, size_t n, uint64_t offset)
{
	return access_by_process(access) ? read_process(access, to, n, offset)
					 : read_fd(access->grip->reach.fd, to, n, offset);
}

ssize_t memory_read(struct memory *memory, void *to, size_t n, uint64_t offset)
{
	struct access access;
	ssize_t r = access_begin(memory, ACCESS_BYTES, &access, NULL);

	if (r < 0)
		return r;
	r = access_read(&access, to, n, offset);
	access_end(memory, &access);
	return r;
}

/* Whether n bytes at offset may be written: 0, -EACCES, -ENOSPC. */
static int check_room(const struct access *access, size_t n, uint64_t offset)
{
	uint64_t size = access->region->size;
	struct stat st;

	if (!access->region->writable)
		return -EACCES;
	if (!access_by_process(access)) {
		if (fstat(access->grip->reach.fd, &st) < 0)
			return -errno;
		size = (uint64_t)st.st_size;
	}
	return n <= size && offset <= size - n ? 0 : -ENOSPC;
}

static ssize_t write_bytes(const struct access *access, const void *from, size_t n, uint64_t offset)
{
	int fd;
	int r;

	if (access_by_process(access))
		return remote_write(access->region, access->proc, from, n, offset);
	fd = grip_get_writer(access->grip, access->proc);
	if (fd < 0)
		return fd;
	r = window_write(&access->grip->reach, fd, offset, from, n);
	grip_put_writer(access->grip);
	return r < 0 ? r : (ssize_t)n;
}

ssize_t memory_write(struct memory *memory, const void *from, size_t n, uint64_t offset)
{
	struct access access;
	ssize_t r = access_begin(memory, ACCESS_BYTES, &access, NULL);

	if (r < 0)
		return r;
	r = check_room(&access, n, offset);
	if (r == 0 && n > 0)
		r = write_bytes(&access, from, n, offset);
	access_end(memory, &access);
	return r;
}

static bool is_word(uint64_t offset, unsigned size)
{
	return (size == 1 || size == 2 || size == 4 || size == 8) && offset % size == 0 &&
	       offset <= (uint64_t)INT64_MAX - size;
}

/* A word where the kernel copies its bytes. */
union word {
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;
};

static uint64_t word_get(const union word *word, unsigned size)
{
	return size == 1 ? word->u8 : size == 2 ? word->u16 : size == 4 ? word->u32 : word->u64;
}

static void word_set(union word *word, unsigned size, uint64_t value)
{
	if (size == 1)
		word->u8 = (uint8_t)value;
	else if (size == 2)
		word->u16 = (uint16_t)value;
	else if (size == 4)
		word->u32 = (uint32_t)value;
	else
		word->u64 = value;
}

static int load_copied(const struct access *access, uint64_t offset, unsigned size, uint64_t *value)
{
	union word word;
	ssize_t r = access_read(access, &word, size, offset);

	if (r != (ssize_t)size)
		return r < 0 ? (int)r : -EIO;
	*value = word_get(&word, size);
	return 0;
}

int memory_load(struct memory *memory, uint64_t offset, unsigned size, uint64_t *value)
{
	struct access access;
	int r;

	if (!is_word(offset, size))
		return -EINVAL;
	r = access_begin(memory, ACCESS_BYTES, &access, NULL);
	if (r < 0)
		return r;
	if (access_by_process(&access) || access.grip->reach.huge)
		r = load_copied(&access, offset, size, value);
	else
		r = window_load(&access.grip->window, &access.grip->reach, offset, size, value);
	access_end(memory, &access);
	return r;
}

static int store_copied(const struct access *access, uint64_t offset, unsigned size, uint64_t value,
			uint64_t mask)
{
	uint64_t all = ~0ull >> (64 - 8 * size);
	union word word;
	uint64_t old = 0;
	ssize_t r;

	if ((mask & all) != all) {
		r = load_copied(access, offset, size, &old);
		if (r < 0)
			return (int)r;
	}
	word_set(&word, size, (old & ~mask) | (value & mask));
	r = remote_write(access->region, access->proc, &word, size, offset);
	return r == (ssize_t)size ? 0 : r < 0 ? (int)r : -EIO;
}

static int store(const struct access *access, uint64_t offset, unsigned size, uint64_t value,
		 uint64_t mask)
{
	int fd;
	int r;

	if (access_by_process(access))
		return store_copied(access, offset, size, value, mask);
	fd = grip_get_writer(access->grip, access->proc);
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
	r = access_begin(memory, ACCESS_BYTES, &access, NULL);
	if (r < 0)
		return r;
	r = check_room(&access, size, offset);
	if (r == 0)
		r = store(&access, offset, size, value, mask);
	access_end(memory, &access);
	return r;
}

static int seek(const struct access *access, uint64_t offset, int whence, uint64_t *out)
{
	uint64_t size = access->region->size;
	off_t at;

	if (access_by_process(access)) {
		if (offset >= size)
			return -ENXIO;
		*out = whence == SEEK_DATA ? offset : size;
		return 0;
	}
	if (offset > INT64_MAX)
		return -ENXIO;
	at = lseek(access->grip->reach.fd, (off_t)offset, whence);
	if (at < 0)
		return -errno;
	*out = (uint64_t)at;
	return 0;
}

int memory_seek(struct memory *memory, uint64_t offset, int whence, uint64_t *out)
{
	struct access access;
	int r;

	if (whence != SEEK_DATA && whence != SEEK_HOLE)
		return -EINVAL;
	r = access_begin(memory, ACCESS_BYTES, &access, NULL);
	if (r < 0)
		return r;
	r = seek(&access, offset, whence, out);
	access_end(memory, &access);
	return r;
}
