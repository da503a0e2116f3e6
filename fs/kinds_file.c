/* SPDX-License-Identifier: MIT */
/* Requests about an open file or directory. */
#include "fs/kinds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/sanitizer.h"
#include "fs/log.h"
#include "node/path.h"

static int device(const struct request *request)
{
	return fuse_session_fd(request->server->session);
}

void file_put(struct server *server, struct file *file)
{
	if (atomic_fetch_sub_explicit(&file->refs, 1, memory_order_acq_rel) != 1)
		return;
	/* The handle last: while the kernel may use the object, somebody must hold it. */
	if (file->passes)
		passthrough_close(server->passthrough, fuse_session_fd(server->session), file->ino);
	handle_close(file->handle);
	free(file);
}

static int pass(struct request *request, struct file *file)
{
	const struct node *node = &request->node;
	int backing;

	if (!(node->view->flags & VIEW_PASSES))
		return 0;
	backing = passthrough_open(request->server->passthrough, device(request), node, file->ino);
	if (backing < 0)
		return backing;
	file->passes = true;
	request->backing = backing;
	return 0;
}

static void open_work(struct request *request)
{
	struct file *file = calloc(1, sizeof(*file));

	request->opened = NULL;
	request->backing = 0;
	if (!file) {
		request->error = -ENOMEM;
		return;
	}
	atomic_init(&file->refs, 1);
	request->error =
		handle_open(&request->node, request->flags, &request->caller, &file->handle);
	if (request->error) {
		free(file);
		return;
	}
	file->ino = node_ino(&request->node, NULL);
	file->writes = (request->flags & O_ACCMODE) != O_RDONLY;
	request->error = pass(request, file);
	if (request->error)
		file_put(request->server, file);
	else
		request->opened = file;
}

static int open_send(struct request *request)
{
	struct fuse_file_info info = {.fh = (uintptr_t)request->opened};

	if (!(request->flags & O_DIRECTORY)) {
		info.direct_io = !request->backing && !(request->node.view->flags & VIEW_MAPPED);
		info.noflush = !request->opened->writes || request->backing;
		passthrough_reply(&info, request->backing);
	}
	sanitizer_sends(request->opened);
	return fuse_reply_open(request->req, &info);
}

static void open_undo(struct request *request)
{
	file_put(request->server, request->opened);
}

const struct request_kind kind_open = {
	.name = "open",
	.work = open_work,
	.send = open_send,
	.undo = open_undo,
};

static bool emit(void *context, const char *name, const struct node *child, uint64_t cursor)
{
	struct request *request = context;
	unsigned flags = child->view->flags;
	struct stat stat = {.st_ino = node_ino(child, NULL)};
	size_t left = request->size - request->count;
	size_t n;

	stat.st_mode = flags & VIEW_DIRECTORY ? S_IFDIR : flags & VIEW_LINK ? S_IFLNK : S_IFREG;
	n = fuse_add_direntry(request->req, request->buffer + request->count, left, name, &stat,
			      (off_t)cursor);
	if (n > left)
		return false;
	request->count += n;
	return true;
}

static void readdir_work(struct request *request)
{
	int err;

	if (!request_buffer(request)) {
		request->error = -ENOMEM;
		return;
	}
	err = handle_list(request->file->handle, request->offset, emit, request);
	/* What came before an error is shown; the next call starts behind it and says it. */
	if (err && !request->count)
		request->error = err;
}

static int bytes_send(struct request *request)
{
	return fuse_reply_buf(request->req, request->buffer, request->count);
}

const struct request_kind kind_readdir = {
	.name = "readdir",
	.work = readdir_work,
	.send = bytes_send,
};

static void read_work(struct request *request)
{
	ssize_t n;

	if (!request_buffer(request)) {
		request->error = -ENOMEM;
		return;
	}
	n = handle_read(request->file->handle, request->buffer, request->size, request->offset);
	if (n < 0)
		request->error = (int)n;
	else
		request->count = (size_t)n;
}

const struct request_kind kind_read = {
	.name = "read",
	.work = read_work,
	.send = bytes_send,
};

/* The person behind a shell only sees the error's name. */
static void explain(const struct request *request, const struct diag *diag)
{
	CLEANUP(buf_destroy) struct buf path = BUF_INIT;
	CLEANUP(free_ptr) char *why = NULL;

	if (!request->error || !diag->message[0])
		return;
	node_path(handle_node(request->file->handle), &path);
	why = diag_text(diag);
	log_say(LOG_NOTICE, "what pid %d wrote to %s was refused: %s", request->caller.pid,
		buf_cstr(&path) ? path.data : "?", why ? why : diag->message);
}

static void write_work(struct request *request)
{
	struct diag diag = {0};
	ssize_t n = handle_write(request->file->handle, request->data, request->length,
				 request->offset, &diag);

	if (n < 0)
		request->error = (int)n;
	else
		request->count = (size_t)n;
	explain(request, &diag);
}

static int write_send(struct request *request)
{
	return fuse_reply_write(request->req, request->count);
}

const struct request_kind kind_write = {
	.name = "write",
	.work = write_work,
	.send = write_send,
};

static int ok_send(struct request *request)
{
	return fuse_reply_err(request->req, 0);
}

static void flush_work(struct request *request)
{
	struct diag diag = {0};

	request->error = handle_flush(request->file->handle, &diag);
	explain(request, &diag);
}

const struct request_kind kind_flush = {
	.name = "flush",
	.work = flush_work,
	.send = ok_send,
};

static void lseek_work(struct request *request)
{
	request->error = handle_seek(request->file->handle, request->offset, request->flags,
				     &request->position);
}

static int lseek_send(struct request *request)
{
	return fuse_reply_lseek(request->req, (off_t)request->position);
}

const struct request_kind kind_lseek = {
	.name = "lseek",
	.work = lseek_work,
	.send = lseek_send,
};

static void release_work(struct request *request)
{
	file_put(request->server, request->file);
}

const struct request_kind kind_release = {
	.name = "release",
	.work = release_work,
	.send = ok_send,
	.must = true,
};
