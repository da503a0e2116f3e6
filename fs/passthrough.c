/* SPDX-License-Identifier: MIT */
#include "fs/passthrough.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/uapi.h"

#define BUCKETS 256

struct entry {
	struct entry *next;
	uint64_t ino;
	unsigned files;
	pthread_mutex_t lock; /* for what follows */
	bool decided;
	int backing; /* 0: not by passthrough */
};

struct passthrough {
	pthread_mutex_t lock; /* for the table and the counts in it */
	struct entry *buckets[BUCKETS];
	atomic_bool offered; /* the kernel knows how */
	atomic_bool refused; /* and doesn't let this process */
	atomic_int last;     /* the last other errno */
	atomic_bool tried;
};

int passthrough_new(bool wanted, struct passthrough **out)
{
	struct passthrough *passthrough;

	if (!wanted) {
		*out = NULL;
		return 0;
	}
	passthrough = calloc(1, sizeof(*passthrough));
	if (!passthrough)
		return -ENOMEM;
	pthread_mutex_init(&passthrough->lock, NULL);
	*out = passthrough;
	return 0;
}

void passthrough_free(struct passthrough *passthrough)
{
	if (!passthrough)
		return;
	pthread_mutex_destroy(&passthrough->lock);
	free(passthrough);
}

void passthrough_init(struct passthrough *passthrough, struct fuse_conn_info *conn)
{
	if (!passthrough || !(conn->capable & FUSE_CAP_PASSTHROUGH))
		return;
	conn->want |= FUSE_CAP_PASSTHROUGH;
	/* A file of an overlay, the usual root of a container, is itself one storey above another.
	 * The price is that no overlay can be laid over this mount. */
	conn->max_backing_stack_depth = 1;
	atomic_store(&passthrough->offered, true);
}

/* The entry, counted once more; NULL: no memory. */
static struct entry *enter(struct passthrough *passthrough, uint64_t ino)
{
	struct entry **at = &passthrough->buckets[ino % BUCKETS];
	struct entry *entry;

	pthread_mutex_lock(&passthrough->lock);
	for (entry = *at; entry && entry->ino != ino; entry = entry->next)
		;
	if (!entry) {
		entry = calloc(1, sizeof(*entry));
		if (entry) {
			entry->ino = ino;
			entry->next = *at;
			pthread_mutex_init(&entry->lock, NULL);
			*at = entry;
		}
	}
	if (entry)
		entry->files++;
	pthread_mutex_unlock(&passthrough->lock);
	return entry;
}

static bool is_allowed(struct passthrough *passthrough)
{
	return atomic_load(&passthrough->offered) && !atomic_load(&passthrough->refused);
}

/* The backing id of a descriptor, which may be closed then; 0: the kernel doesn't want it. */
static int register_backing(struct passthrough *passthrough, int device, int fd)
{
	struct uapi_fuse_backing_map map = {.fd = fd};
	int id;

	/* Not libfuse's own call, which doesn't say why it fails. */
	id = ioctl(device, UAPI_FUSE_BACKING_OPEN, &map);
	atomic_store(&passthrough->tried, true);
	if (id > 0)
		return id;
	if (errno == EPERM)
		atomic_store(&passthrough->refused, true);
	else
		atomic_store(&passthrough->last, errno);
	return 0;
}

static int decide(struct passthrough *passthrough, int device, const struct node *node)
{
	CLEANUP(close_fd) int fd = -1;
	bool quiet;
	int err;

	if (!is_allowed(passthrough))
		return 0;
	err = node_backing(node, &fd, &quiet);
	if (!err)
		return register_backing(passthrough, device, fd);
	atomic_store(&passthrough->last, -err);
	return 0;
}

int passthrough_open(struct passthrough *passthrough, int device, const struct node *node,
		     uint64_t ino)
{
	struct entry *entry;
	int backing;

	if (!passthrough)
		return 0;
	entry = enter(passthrough, ino);
	if (!entry)
		return -ENOMEM;
	pthread_mutex_lock(&entry->lock);
	if (!entry->decided) {
		entry->decided = true;
		entry->backing = decide(passthrough, device, node);
	}
	backing = entry->backing;
	pthread_mutex_unlock(&entry->lock);
	return backing;
}

void passthrough_close(struct passthrough *passthrough, int device, uint64_t ino)
{
	struct entry *entry;

	if (!passthrough)
		return;
	pthread_mutex_lock(&passthrough->lock);
	for (struct entry **at = &passthrough->buckets[ino % BUCKETS]; (entry = *at);
	     at = &entry->next) {
		if (entry->ino != ino)
			continue;
		if (--entry->files)
			entry = NULL;
		else
			*at = entry->next;
		break;
	}
	pthread_mutex_unlock(&passthrough->lock);
	if (!entry)
		return;
	if (entry->backing > 0)
		ioctl(device, UAPI_FUSE_BACKING_CLOSE, &entry->backing);
	pthread_mutex_destroy(&entry->lock);
	free(entry);
}

void passthrough_reply(struct fuse_file_info *info, int backing)
{
	info->backing_id = backing;
}

bool passthrough_takes(struct passthrough *passthrough, int device, int fd)
{
	int id;

	if (!passthrough || !is_allowed(passthrough))
		return false;
	id = register_backing(passthrough, device, fd);
	if (id)
		ioctl(device, UAPI_FUSE_BACKING_CLOSE, &id);
	return id;
}

/* Whether we may, before anybody has opened anything. */
static void try_once(struct passthrough *passthrough, int device)
{
	CLEANUP(close_fd) int fd = -1;

	if (atomic_load(&passthrough->tried))
		return;
	fd = memfd_create("peekfs", MFD_CLOEXEC);
	if (fd >= 0)
		passthrough_takes(passthrough, device, fd);
}

void passthrough_status(struct passthrough *passthrough, int device, struct buf *out)
{
	int last;

	if (passthrough)
		try_once(passthrough, device);
	if (!passthrough) {
		buf_puts(out, "no (mounted with no_passthrough)");
	} else if (!atomic_load(&passthrough->offered)) {
		buf_puts(out,
			 "no (the kernel doesn't offer it: Linux 6.9 with FUSE_PASSTHROUGH does)");
	} else if (atomic_load(&passthrough->refused)) {
		buf_puts(out, "no (only for a daemon with CAP_SYS_ADMIN: mount as root)");
	} else {
		last = atomic_load(&passthrough->last);
		buf_puts(out, "yes");
		if (last == ELOOP)
			buf_puts(out, " (but not for what is on hugetlbfs or on stacked overlays)");
		else if (last)
			buf_printf(out, " (but not for every region: %s)", strerror(last));
	}
}
