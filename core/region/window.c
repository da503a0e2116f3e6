/* SPDX-License-Identifier: MIT */
/*
 * Loads go through a window, one for each open memory. Touching a hole of shared memory in any
 * mapping, also a read-only one, gives the object a page; so a load first asks the object whether
 * there is data (a fifth of a microsecond), and touches only what is there. The pages around it
 * that the kernel maps in the same fault are only those that exist. For other file systems a hole
 * is nothing but a page of cache, and isn't asked for.
 *
 * A window begins as one page and grows when loads go on near it: mapping sixteen pages costs
 * twice as much as one, and a lone load, the common case of `cat`, needs one. It stays small
 * enough that the pages mapped, which count as the daemon's memory, are no burden; what is looked
 * at in one piece is mapped in one piece though.
 *
 * Looking at a piece again and again tells whether it stands still (moment.c). Two looks would do
 * for a writer who always writes something new: what was the same at both was so in between. But
 * many write what was there before, a lock's 0 and 1 in turn, and if that beats in time with the
 * looks, each sees the same mixture. So the looks come at uneven times. They are loads: the
 * kernel's copying may move bytes one by one, and nobody says that it doesn't.
 *
 * Stores don't keep anything: a shared mapping that could be written, even an idle one, makes the
 * owner's F_SEAL_WRITE fail. Writing through a mapping can't make a file longer, whoever cuts it
 * meanwhile, and works on huge pages, which write(2) doesn't; so all writes go this way.
 */
#include "region/window.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "region/guard.h"

#define WINDOW_MAX (1u << 20)

void window_init(struct window *window)
{
	*window = (struct window){0};
	pthread_rwlock_init(&window->lock, NULL);
}

static void unmap(struct window *window)
{
	if (window->map)
		munmap(window->map, window->size);
	window->map = NULL;
}

void window_destroy(struct window *window)
{
	unmap(window);
	pthread_rwlock_destroy(&window->lock);
}

bool window_close(struct window *window)
{
	if (pthread_rwlock_trywrlock(&window->lock) != 0)
		return false;
	unmap(window);
	pthread_rwlock_unlock(&window->lock);
	return true;
}

static bool covers(const struct window *window, uint64_t offset, size_t n)
{
	uint64_t into = offset - window->offset;

	return window->map && into < window->size && n <= window->size - into;
}

/* What to map for a load at offset: one page, or 16 times as much as before if that was near. */
static size_t next_size(const struct window *window, uint64_t offset, size_t page)
{
	uint64_t far = offset > window->offset ? offset - window->offset : window->offset - offset;

	if (!window->map || far >= 2 * window->size)
		return page;
	return window->size * 16 < WINDOW_MAX ? window->size * 16 : WINDOW_MAX;
}

static int move_window(struct window *window, const struct reach *reach, uint64_t offset, size_t n)
{
	int r = 0;

	pthread_rwlock_wrlock(&window->lock);
	if (!covers(window, offset, n)) {
		size_t size = next_size(window, offset, reach->page);
		uint64_t start = offset - offset % size;
		size_t least = (size_t)(offset - start) + n;
		void *map;

		if (size < least)
			size = (least + reach->page - 1) / reach->page * reach->page;
		map = mmap(NULL, size, PROT_READ, MAP_SHARED, reach->fd, (off_t)start);
		if (map == MAP_FAILED) {
			r = -errno;
		} else {
			unmap(window);
			window->map = map;
			window->offset = start;
			window->size = size;
		}
	}
	pthread_rwlock_unlock(&window->lock);
	return r;
}

static int behind_end(int fd, uint64_t offset, size_t n)
{
	off_t end = lseek(fd, 0, SEEK_END);

	if (end < 0)
		return -errno;
	return n <= (uint64_t)end && offset <= (uint64_t)end - n ? 0 : -EIO;
}

/* 1: a hole; 0: data, or nobody can tell; -EIO: behind the end. */
static int is_hole(const struct reach *reach, uint64_t offset)
{
	off_t data;

	if (!reach->fills)
		return 0;
	data = lseek(reach->fd, (off_t)offset, SEEK_DATA);
	if (data < 0) /* ENXIO: no data up to the end; the end has been looked at */
		return errno == ENXIO;
	return (uint64_t)data > offset;
}

/* Lets *window cover n bytes at offset and locks it for reading. */
static int enter_window(struct window *window, const struct reach *reach, uint64_t offset, size_t n)
{
	int r = 0;

	while (r == 0) {
		pthread_rwlock_rdlock(&window->lock);
		if (covers(window, offset, n))
			return 0;
		pthread_rwlock_unlock(&window->lock);
		r = move_window(window, reach, offset, n);
	}
	return r;
}

int window_load(struct window *window, const struct reach *reach, uint64_t offset, unsigned size,
		uint64_t *value)
{
	int r = behind_end(reach->fd, offset, size);

	if (r == 0)
		r = is_hole(reach, offset);
	if (r > 0)
		*value = 0;
	if (r == 0)
		r = enter_window(window, reach, offset, size);
	else
		return r < 0 ? r : 0;
	if (r < 0)
		return r;
	r = guard_load(window->map + (offset - window->offset), size, value);
	pthread_rwlock_unlock(&window->lock);
	return r == -EFAULT ? -EIO : r;
}

static bool is_zero(const char *bytes, size_t n)
{
	return bytes[0] == 0 && memcmp(bytes, bytes + 1, n - 1) == 0;
}

/* n bytes at offset, none of them on another page, word by word. before: what they were a moment
 * ago, or NULL; if that wasn't zeros, it was no hole. */
static int copy_page(const struct window *window, const struct reach *reach, uint64_t offset,
		     size_t n, const char *before, void *to)
{
	int r = before && !is_zero(before, n) ? 0 : is_hole(reach, offset);

	if (r == 0)
		return guard_copy_words(to, window->map + (offset - window->offset), n);
	if (r > 0)
		memset(to, 0, n);
	return r < 0 ? r : 0;
}

/* Some tens of nanoseconds, never as many as the last time: the clock's last digits are mixed. */
static void pause_unevenly(void)
{
	uint64_t start = clock_ns(), pause = 30 + (start * 0x9e3779b97f4a7c15 >> 57);

	while (clock_ns() - start < pause)
		;
	atomic_thread_fence(memory_order_acquire);
}

int window_look(struct window *window, const struct reach *reach, uint64_t offset, size_t n,
		const char *before, char *to)
{
	int r = before ? 0 : behind_end(reach->fd, offset, n);

	if (before)
		pause_unevenly();
	if (r == 0)
		r = enter_window(window, reach, offset, n);
	if (r < 0)
		return r;
	while (n && r == 0) {
		size_t left = reach->page - offset % reach->page, some = n < left ? n : left;

		r = copy_page(window, reach, offset, some, before, to);
		before += before ? some : 0;
		to += some;
		offset += some;
		n -= some;
	}
	pthread_rwlock_unlock(&window->lock);
	return r == -EFAULT ? -EIO : r;
}

/* A mapping to write n bytes at offset through: *map is what to unmap, *at the place of offset. */
static int map_for_writing(const struct reach *reach, int fd, uint64_t offset, size_t n, char **map,
			   size_t *length, char **at)
{
	size_t into = (size_t)(offset % reach->page);
	size_t size = (into + n + reach->page - 1) / reach->page * reach->page;
	/* NORESERVE: huge pages aren't set aside for holes that aren't written. */
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd,
		       (off_t)(offset - into));

	if (p == MAP_FAILED)
		return -errno;
	*map = p;
	*length = size;
	*at = p + into;
	return 0;
}

/* Why a write faulted: the end has moved, or there was no page to be had. */
static int why_faulted(int fd, uint64_t offset, size_t n)
{
	int r = behind_end(fd, offset, n);

	return r < 0 ? r : -ENOSPC;
}

int window_store(const struct reach *reach, int fd, uint64_t offset, unsigned size, uint64_t value,
		 uint64_t mask)
{
	size_t length;
	char *map;
	char *at;
	int r = map_for_writing(reach, fd, offset, size, &map, &length, &at);

	if (r < 0)
		return r;
	r = guard_store(at, size, value, mask);
	munmap(map, length);
	return r == -EFAULT ? why_faulted(fd, offset, size) : r;
}

int window_write(const struct reach *reach, int fd, uint64_t offset, const void *from, size_t n)
{
	size_t length;
	char *map;
	char *at;
	int r = map_for_writing(reach, fd, offset, n, &map, &length, &at);

	if (r < 0)
		return r;
	/* Find out that a page can't be had before the first byte is changed. */
	if (length > reach->page && madvise(map, length, MADV_POPULATE_WRITE) < 0 &&
	    errno != EINVAL)
		r = -EFAULT;
	if (r == 0)
		r = guard_copy(at, from, n);
	munmap(map, length);
	return r == -EFAULT ? why_faulted(fd, offset, n) : r;
}
