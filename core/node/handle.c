/* SPDX-License-Identifier: MIT */
#include "node/handle.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "node/ahead.h"
#include "node/draft.h"
#include "node/edges.h"
#include "node/renew.h"

struct handle {
	struct node node;
	struct caller caller;
	pthread_mutex_t lock; /* what follows: one handle may be used by many threads */
	struct buf text;      /* what a read at 0 rendered; of a stream, the last piece of it */
	bool rendered;
	struct ahead *stream;
	uint64_t start;		   /* where in the stream text begins */
	struct draft draft;	   /* what is written */
	struct edges edges;	   /* of a file that has lines */
	struct snapshot *snapshot; /* of a listing */
};

static bool wants_write(int flags)
{
	return (flags & O_ACCMODE) != O_RDONLY;
}

/* The kernel checked the mode, but root passes every mode. */
static int check_write(const struct node *node, const struct region *region, int flags)
{
	if (node->view->flags & VIEW_DIRECTORY)
		return -EISDIR;
	if (!(node->view->flags & VIEW_EDITABLE))
		return -EACCES;
	if (node->view->flags & VIEW_BESIDE)
		return 0;
	if (!region->writable)
		return -EACCES;
	if (!node->view->write)
		return 0;
	return flags & O_APPEND ? -EPERM : memory_writable(node_memory(node));
}

static int check_open(const struct node *node, int flags)
{
	struct region *region;
	int r;

	if (node->view->flags & VIEW_LINK)
		return -ELOOP;
	if (!node->binding->object)
		return !wants_write(flags)		    ? 0
		       : node->view->flags & VIEW_DIRECTORY ? -EISDIR
							    : -EACCES;
	if (!object_is_current(node->binding))
		return -ESTALE;
	region = object_region(node->binding->object);
	if (!region)
		return -ENOENT;
	r = wants_write(flags) ? check_write(node, region, flags) : 0;
	region_unref(region);
	return r;
}

/* A directory, or a file about the region, needs none of its bytes to stay within reach. */
static bool needs_bytes(const struct node *node)
{
	return node->binding->object &&
	       !(node->view->flags & (VIEW_DIRECTORY | VIEW_PUBLIC | VIEW_BESIDE));
}

int handle_open(const struct node *node, int flags, const struct caller *caller,
		struct handle **out)
{
	CLEANUP_NODE struct node renewed = {0};
	struct handle *handle;
	int r = check_open(node, flags);

	if (r == -ESTALE && (node->view->flags & VIEW_DIRECTORY)) {
		r = renew_directory(node, &renewed);
		node = &renewed;
	}
	if (r < 0)
		return r;
	handle = calloc(1, sizeof(*handle));
	if (!handle)
		return -ENOMEM;
	pthread_mutex_init(&handle->lock, NULL);
	handle->node = *node;
	binding_ref(node->binding);
	handle->caller = *caller;
	draft_init(&handle->draft, &handle->node, &handle->caller, flags & O_APPEND);
	if (wants_write(flags) && (flags & O_TRUNC))
		draft_empty(&handle->draft);
	if (needs_bytes(node)) {
		memory_hold(node_memory(node));
		object_keep_late(node->binding->object);
	}
	*out = handle;
	return 0;
}

const struct node *handle_node(const struct handle *handle)
{
	return &handle->node;
}

/* The scan that this listing is of, where it is of one. */
static int take_snapshot(struct handle *handle, uint64_t cursor)
{
	struct env *env = handle->node.binding->env;
	struct snapshot *snapshot;
	int r;

	if (!(handle->node.view->flags & VIEW_SCANS) || (handle->snapshot && cursor))
		return 0;
	r = registry_get(env->registry, env->ttl, &snapshot);
	if (r < 0)
		return r;
	snapshot_unref(handle->snapshot);
	handle->snapshot = snapshot;
	return 0;
}

struct shifted {
	view_emit_fn *emit;
	void *context;
};

/* A view counts its own entries from 0; here "." and ".." come before them. */
static bool emit_shifted(void *context, const char *name, const struct node *child, uint64_t cursor)
{
	struct shifted *to = context;

	return to->emit(to->context, name, child, cursor + 2);
}

int handle_list(struct handle *handle, uint64_t cursor, view_emit_fn *emit, void *context)
{
	const struct node *node = &handle->node;
	struct shifted to = {emit, context};
	int r;

	if (!(node->view->flags & VIEW_DIRECTORY))
		return -ENOTDIR;
	pthread_mutex_lock(&handle->lock);
	r = take_snapshot(handle, cursor);
	if (r == 0 && cursor < 1 && !emit(context, ".", node, 1))
		goto out;
	if (r == 0 && cursor < 2 && !emit(context, "..", node, 2))
		goto out;
	if (r == 0 && node->view->list)
		r = node->view->list(node, handle->snapshot, cursor < 2 ? 0 : cursor - 2,
				     emit_shifted, &to);
out:
	pthread_mutex_unlock(&handle->lock);
	return r;
}

static int render(struct handle *handle)
{
	int r;

	buf_reset(&handle->text);
	r = handle->node.view->render(&handle->node, &handle->caller, &handle->text);
	handle->rendered = r == 0;
	return r;
}

/* What is before the piece we have is gone, and a read at 0 wants it anew anyway. */
static int seek_stream(struct handle *handle, uint64_t offset)
{
	if (handle->stream && offset && offset >= handle->start)
		return 0;
	ahead_free(TAKE(handle->stream));
	buf_reset(&handle->text);
	handle->start = 0;
	return ahead_new(&handle->node, &handle->stream);
}

static ssize_t read_stream(struct handle *handle, char *to, size_t n, uint64_t offset)
{
	struct buf *text = &handle->text;
	size_t done = 0;
	int r = seek_stream(handle, offset);

	while (r == 0 && done < n) {
		uint64_t into = offset + done - handle->start;
		size_t now;

		if (into >= text->len) {
			handle->start += text->len;
			r = ahead_next(handle->stream, text);
			if (r < 0 || !text->len)
				break;
			continue;
		}
		now = text->len - (size_t)into;
		now = now < n - done ? now : n - done;
		memcpy(to + done, text->data + into, now);
		done += now;
	}
	return done ? (ssize_t)done : r;
}

ssize_t handle_read(struct handle *handle, void *to, size_t n, uint64_t offset)
{
	const struct view_ops *view = handle->node.view;
	ssize_t r = 0;

	if (view->line)
		return edges_read(&handle->edges, &handle->lock, &handle->node, to, n, offset);
	if (view->read)
		return view->read(&handle->node, to, n, offset);
	if (!view->render && !view->next)
		return -EISDIR;
	pthread_mutex_lock(&handle->lock);
	if (view->next) {
		r = read_stream(handle, to, n, offset);
		pthread_mutex_unlock(&handle->lock);
		return r;
	}
	if (offset == 0 || !handle->rendered)
		r = render(handle);
	if (r == 0 && offset < handle->text.len) {
		size_t left = handle->text.len - offset;

		r = (ssize_t)(n < left ? n : left);
		memcpy(to, handle->text.data + offset, (size_t)r);
	}
	pthread_mutex_unlock(&handle->lock);
	return r;
}

ssize_t handle_write(struct handle *handle, const void *from, size_t n, uint64_t offset,
		     struct diag *diag)
{
	const struct view_ops *view = handle->node.view;
	int r;

	if (view->write)
		return view->write(&handle->node, from, n, offset);
	if (!view->store)
		return -EACCES;
	if (n == 0)
		return 0;
	pthread_mutex_lock(&handle->lock);
	r = draft_write(&handle->draft, from, n, offset, diag);
	pthread_mutex_unlock(&handle->lock);
	return r < 0 ? r : (ssize_t)n;
}

int handle_flush(struct handle *handle, struct diag *diag)
{
	int r;

	pthread_mutex_lock(&handle->lock);
	r = draft_flush(&handle->draft, diag);
	pthread_mutex_unlock(&handle->lock);
	return r;
}

int handle_seek(struct handle *handle, uint64_t offset, int whence, uint64_t *out)
{
	const struct node *node = &handle->node;
	struct attr attr;
	int r;

	if (node->view->seek)
		return node->view->seek(node, offset, whence, out);
	r = node_stat(node, &handle->caller, &attr);
	if (r < 0)
		return r;
	if (offset >= attr.size)
		return -ENXIO;
	*out = whence == SEEK_HOLE ? attr.size : offset;
	return 0;
}

int handle_truncate(struct handle *handle, uint64_t size)
{
	bool ends = false;

	if (!handle->node.view->store)
		return node_truncate(&handle->node, size);
	pthread_mutex_lock(&handle->lock);
	if (size == 0)
		draft_empty(&handle->draft);
	else
		ends = draft_ends_at(&handle->draft, size);
	pthread_mutex_unlock(&handle->lock);
	return size == 0 || ends ? 0 : node_truncate(&handle->node, size);
}

int handle_close(struct handle *handle)
{
	int r = draft_end(&handle->draft);

	ahead_free(handle->stream);
	if (needs_bytes(&handle->node))
		memory_release(node_memory(&handle->node));
	node_put(&handle->node);
	snapshot_unref(handle->snapshot);
	edges_destroy(&handle->edges);
	buf_destroy(&handle->text);
	pthread_mutex_destroy(&handle->lock);
	free(handle);
	return r;
}
