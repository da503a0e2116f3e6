/* SPDX-License-Identifier: MIT */
/*
 * A tree for tests of the daemon alone, in place of core/node:
 *   constant  "42\n"
 *   value     what was written last, "0\n" at first; up to 64 bytes
 *   object    1 MiB of shared memory that the kernel may be given
 *   many/     a million entries, eN reads as "N\n"
 *   slow/     sN takes N milliseconds to open, and reads as "N\n"; a lane for each N % 16
 *   stuck/    a file of any name, whose open waits until a byte is written to `value`
 *   held      opens at once; a read of it waits so, and the daemon dies if it is closed meanwhile
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "node/handle.h"

#define MANY	    1000000
#define OBJECT_SIZE (1 << 20)

enum spot {
	ROOT = 1,
	CONSTANT,
	VALUE,
	OBJECT,
	MANY_DIR,
	SLOW_DIR,
	STUCK_DIR,
	STATUS,
	HELD,
	PLACES,
	MANY_FILE = 0x100,
	SLOW_FILE,
	STUCK_FILE,
};

static const struct view_ops file_view = {.name = "file", .flags = VIEW_EDITABLE};
static const struct view_ops object_view = {.name = "object", .flags = VIEW_EDITABLE | VIEW_PASSES};
static const struct view_ops dir_view = {.name = "dir", .flags = VIEW_DIRECTORY};

static const char *const names[PLACES] = {
	[CONSTANT] = "constant", [VALUE] = "value",	[OBJECT] = "object", [MANY_DIR] = "many",
	[SLOW_DIR] = "slow",	 [STUCK_DIR] = "stuck", [STATUS] = "status", [HELD] = "held",
};

struct tree {
	struct tree_options options;
};

struct handle {
	struct node node;
	struct buf text;
	bool in_use; /* by a read that waits; of `held` */
};

static struct binding the_binding;
static struct tree the_tree;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t written = PTHREAD_COND_INITIALIZER;
static char value[64] = "0\n";
static size_t value_length = 2;
static int object_fd = -1;

/* ordinal: the place in the low 12 bits, N above. */
static struct node node_at(enum spot place, uint64_t n)
{
	const struct view_ops *view =
		place == OBJECT ? &object_view
		: place == ROOT || place == MANY_DIR || place == SLOW_DIR || place == STUCK_DIR
			? &dir_view
			: &file_view;

	return (struct node){&the_binding, view, n << 12 | place};
}

static enum spot spot_of(const struct node *node)
{
	return node->ordinal & 0xfff;
}

int tree_new(const struct tree_options *options, struct tree **out)
{
	the_tree.options = *options;
	object_fd = memfd_create("fake", MFD_CLOEXEC);
	if (object_fd < 0 || ftruncate(object_fd, OBJECT_SIZE))
		return -errno;
	*out = &the_tree;
	return 0;
}

void tree_free(struct tree *tree)
{
	(void)tree;
	close(object_fd);
}

void tree_set_device(struct tree *tree, uint32_t major, uint32_t minor)
{
	(void)tree, (void)major, (void)minor;
}

int tree_node(struct tree *tree, uint64_t ino, struct node *out)
{
	(void)tree;
	*out = node_at(ino & 0xfff, ino >> 12);
	return 0;
}

void node_put(struct node *node)
{
	node->binding = NULL;
}

uint64_t node_ino(const struct node *node, uint32_t *generation)
{
	if (generation)
		*generation = 0;
	return node->ordinal;
}

void node_remember(const struct node *node)
{
	(void)node;
}

void tree_forget(struct tree *tree, uint64_t ino, uint64_t count)
{
	(void)tree, (void)ino, (void)count;
}

int node_lookup(const struct node *dir, const char *name, struct node *child)
{
	switch (spot_of(dir)) {
	case ROOT:
		for (enum spot i = CONSTANT; i < PLACES; i++) {
			if (strcmp(name, names[i]) != 0)
				continue;
			*child = node_at(i, 0);
			return 0;
		}
		return -ENOENT;
	case MANY_DIR:
		*child = node_at(MANY_FILE, strtoull(name + 1, NULL, 10));
		return name[0] == 'e' ? 0 : -ENOENT;
	case SLOW_DIR:
		*child = node_at(SLOW_FILE, strtoull(name + 1, NULL, 10));
		return name[0] == 's' ? 0 : -ENOENT;
	default:
		*child = node_at(STUCK_FILE, strtoull(name, NULL, 10));
		return 0;
	}
}

int node_stat(const struct node *node, const struct caller *caller, struct attr *attr)
{
	(void)caller;
	*attr = (struct attr){.mode = node->view->flags & VIEW_DIRECTORY ? S_IFDIR | 0755
									 : S_IFREG | 0644,
			      .size = spot_of(node) == OBJECT ? OBJECT_SIZE : 0};
	return 0;
}

int node_link(const struct node *node, struct buf *out)
{
	(void)node, (void)out;
	return -EINVAL;
}

int node_truncate(const struct node *node, uint64_t size)
{
	return spot_of(node) == OBJECT && size != OBJECT_SIZE ? -EPERM : 0;
}

int node_backing(const struct node *node, int *fd, bool *quiet)
{
	char path[64];

	if (spot_of(node) != OBJECT)
		return -EOPNOTSUPP;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", object_fd);
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	*quiet = true;
	return *fd < 0 ? -errno : 0;
}

double node_name_ttl(const struct node *node)
{
	(void)node;
	return 1000;
}

double node_attr_ttl(const struct node *node)
{
	return node->view->flags & VIEW_DIRECTORY ? 1000 : 0;
}

bool node_waits(const struct node *node, uint64_t *lane)
{
	enum spot place = spot_of(node);

	*lane = (node->ordinal >> 12) % 16;
	return place == SLOW_FILE || place == STUCK_FILE || place == HELD;
}

bool tree_tidy(struct tree *tree)
{
	(void)tree;
	return false;
}

static void render(const struct node *node, struct buf *out)
{
	switch (spot_of(node)) {
	case CONSTANT:
		buf_puts(out, "42\n");
		break;
	case VALUE:
		buf_put(out, value, value_length);
		break;
	case STATUS:
		the_tree.options.status(the_tree.options.context, out);
		break;
	default:
		buf_printf(out, "%ju\n", (uintmax_t)(node->ordinal >> 12));
	}
}

int handle_open(const struct node *node, int flags, const struct caller *caller,
		struct handle **out)
{
	struct handle *handle = calloc(1, sizeof(*handle));
	unsigned n = (unsigned)(node->ordinal >> 12);

	(void)flags, (void)caller;
	if (!handle)
		return -ENOMEM;
	if (spot_of(node) == SLOW_FILE)
		nanosleep(&(struct timespec){n / 1000, (long)(n % 1000) * 1000000}, NULL);
	pthread_mutex_lock(&lock);
	while (spot_of(node) == STUCK_FILE && !strcmp(value, "0\n"))
		pthread_cond_wait(&written, &lock);
	pthread_mutex_unlock(&lock);
	handle->node = *node;
	*out = handle;
	return 0;
}

const struct node *handle_node(const struct handle *handle)
{
	return &handle->node;
}

int handle_list(struct handle *handle, uint64_t cursor, view_emit_fn *emit, void *context)
{
	enum spot place = spot_of(&handle->node);

	for (;; cursor++) {
		char name[16];
		struct node child = node_at(MANY_FILE, cursor);

		if (place == MANY_DIR && cursor < MANY) {
			snprintf(name, sizeof(name), "e%ju", (uintmax_t)cursor);
			if (!emit(context, name, &child, cursor + 1))
				return 0;
		} else if (place == ROOT && cursor + CONSTANT < PLACES) {
			child = node_at((enum spot)(cursor + CONSTANT), 0);
			if (!emit(context, names[cursor + CONSTANT], &child, cursor + 1))
				return 0;
		} else {
			return 0;
		}
	}
}

ssize_t handle_read(struct handle *handle, void *to, size_t n, uint64_t offset)
{
	if (spot_of(&handle->node) == OBJECT) {
		ssize_t got = pread(object_fd, to, n, (off_t)offset);

		return got < 0 ? -errno : got;
	}
	pthread_mutex_lock(&lock);
	handle->in_use = true;
	while (spot_of(&handle->node) == HELD && !strcmp(value, "0\n"))
		pthread_cond_wait(&written, &lock);
	handle->in_use = false;
	if (offset == 0) {
		buf_reset(&handle->text);
		render(&handle->node, &handle->text);
	}
	pthread_mutex_unlock(&lock);
	if (offset >= handle->text.len)
		return 0;
	n = n < handle->text.len - offset ? n : handle->text.len - offset;
	memcpy(to, handle->text.data + offset, n);
	return (ssize_t)n;
}

ssize_t handle_write(struct handle *handle, const void *from, size_t n, uint64_t offset,
		     struct diag *diag)
{
	if (spot_of(&handle->node) == OBJECT) {
		ssize_t put = pwrite(object_fd, from, n, (off_t)offset);

		return put < 0 ? -errno : put;
	}
	if (spot_of(&handle->node) != VALUE)
		return -EACCES;
	if (offset || n >= sizeof(value))
		return diag_set(diag, -EINVAL, 1, 2, "it isn't one short value");
	pthread_mutex_lock(&lock);
	memcpy(value, from, n);
	value[n] = '\0';
	value_length = n;
	pthread_cond_broadcast(&written);
	pthread_mutex_unlock(&lock);
	return (ssize_t)n;
}

int handle_flush(struct handle *handle, struct diag *diag)
{
	(void)handle, (void)diag;
	return 0;
}

int handle_seek(struct handle *handle, uint64_t offset, int whence, uint64_t *out)
{
	off_t at;

	if (spot_of(&handle->node) != OBJECT)
		return -ENXIO;
	at = lseek(object_fd, (off_t)offset, whence);
	if (at < 0)
		return -errno;
	*out = (uint64_t)at;
	return 0;
}

int handle_truncate(struct handle *handle, uint64_t size)
{
	return node_truncate(&handle->node, size);
}

int handle_close(struct handle *handle)
{
	pthread_mutex_lock(&lock);
	if (handle->in_use)
		abort();
	pthread_mutex_unlock(&lock);
	buf_destroy(&handle->text);
	free(handle);
	return 0;
}
