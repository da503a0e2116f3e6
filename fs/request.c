/* SPDX-License-Identifier: MIT */
#include "fs/request.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

/* One buffer a thread: what it reads is sent before the thread reads again. */
struct scratch {
	size_t size;
	char bytes[];
};

static pthread_key_t scratch_key;
static pthread_once_t scratch_once = PTHREAD_ONCE_INIT;

static void make_key(void)
{
	pthread_key_create(&scratch_key, free);
}

static char *scratch(size_t size)
{
	struct scratch *mine;

	pthread_once(&scratch_once, make_key);
	mine = pthread_getspecific(scratch_key);
	if (!mine || mine->size < size) {
		free(mine);
		mine = malloc(sizeof(*mine) + size);
		pthread_setspecific(scratch_key, mine);
		if (!mine)
			return NULL;
		mine->size = size;
	}
	return mine->bytes;
}

char *request_buffer(struct request *request)
{
	if (request->owned)
		request->buffer = malloc(request->size);
	else
		request->buffer = uring_payload(request->req, request->size);
	if (!request->buffer && !request->owned)
		request->buffer = scratch(request->size);
	return request->buffer;
}

const struct node *request_node(const struct request *request)
{
	return request->file ? handle_node(request->file->handle) : &request->node;
}

static void reply(struct request *request)
{
	if (request->error) {
		fuse_reply_err(request->req, -request->error);
	} else if (request->kind->send(request) && request->kind->undo) {
		request->kind->undo(request);
	}
}

static void end(struct request *request)
{
	tidy_wake(request->server->tidy);
	if (!request->file && request->node.binding)
		node_put(&request->node);
	if (request->owned) {
		free(request->buffer);
		free(request);
	}
}

/*
 * A program that waits for something stuck must still die when it is killed. The kernel keeps it
 * until we reply, so the reply is given over the head of the thread that is stuck (only by
 * /dev/fuse: through io_uring libfuse hears of no interrupts). Other signals are let pass: reads of
 * files aren't interrupted by a handler.
 */
static bool is_dying(pid_t pid)
{
	char path[32];
	char text[4096];
	const char *pending;
	ssize_t n;
	CLEANUP(close_fd) int fd = -1;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return errno == ENOENT || errno == ESRCH;
	text[n] = '\0';
	pending = strstr(text, "\nSigPnd:\t");
	return pending && strtoull(pending + strlen("\nSigPnd:\t"), NULL, 16) & 1 << (SIGKILL - 1);
}

static void on_interrupt(fuse_req_t req, void *arg)
{
	struct request *request = arg;

	if (!is_dying(request->caller.pid))
		return;
	if (request->entering)
		request->dying = true; /* libfuse still uses req after this */
	else if (!atomic_exchange(&request->answered, true))
		fuse_reply_err(req, EINTR);
}

/* True: the program is being killed already. */
static bool watch(struct request *request)
{
	if (uring_is(request->req))
		return false;
	request->entering = true;
	fuse_req_interrupt_func(request->req, on_interrupt, request);
	request->entering = false;
	return request->dying;
}

/* True: nobody has replied and nobody else will. */
static bool unwatch(struct request *request)
{
	if (atomic_exchange(&request->answered, true))
		return false;
	if (!uring_is(request->req))
		fuse_req_interrupt_func(request->req, NULL, NULL);
	return true;
}

static struct request *request_of(void *member, size_t offset)
{
	return (struct request *)((char *)member - offset);
}

static void undo(struct request *request)
{
	if (!request->error && request->kind->undo)
		request->kind->undo(request);
	end(request);
}

static void reply_outside(struct outside *outside, bool gone)
{
	struct request *request = request_of(outside, offsetof(struct request, outside));

	if (gone) {
		undo(request);
	} else {
		reply(request);
		end(request);
	}
}

static void run_in_lane(struct lane_job *job)
{
	struct request *request = request_of(job, offsetof(struct request, job));

	if (atomic_load(&request->answered)) {
		end(request);
		return;
	}
	request->kind->work(request);
	if (!unwatch(request)) {
		undo(request);
		return;
	}
	request->outside.reply = reply_outside;
	outside_reply(&request->outside, uring_is(request->req));
}

/* A copy that outlives the caller; the node's reference goes with it. */
static struct request *copy_request(const struct request *request)
{
	struct request *copy = malloc(sizeof(*copy) + request->length + 1);
	char *data = (char *)(copy + 1);

	if (!copy)
		return NULL;
	*copy = *request;
	copy->owned = true;
	copy->job.run = run_in_lane;
	if (request->data) {
		memcpy(data, request->data, request->length);
		data[request->length] = '\0';
		copy->data = data;
	}
	return copy;
}

/* False: it must be done here and now. */
static bool put_in_lane(const struct request *request, uint64_t lane)
{
	struct request *copy = copy_request(request);

	if (!copy)
		return false;
	if (watch(copy)) {
		copy->error = -EINTR;
		reply(copy);
		end(copy);
		return true;
	}
	if (!lanes_put(request->server->lanes, lane, &copy->job))
		return true;
	if (unwatch(copy)) {
		free(copy);
		return false;
	}
	end(copy);
	return true;
}

/* True: it is in a lane now, or was answered because it can't be. */
static bool leave(struct request *request, const struct node *node)
{
	uint64_t lane;

	return request->server->lanes && node_waits(node, &lane) && put_in_lane(request, lane);
}

bool request_leaves(struct request *request, const struct node *node)
{
	request->left = !request->owned && leave(request, node);
	return request->left;
}

void request_run(struct request *request, fuse_ino_t ino)
{
	const struct fuse_ctx *context = fuse_req_ctx(request->req);

	request->server = fuse_req_userdata(request->req);
	request->caller = (struct caller){context->uid, context->gid, context->pid};
	if (!request->file)
		request->error = tree_node(request->server->tree, ino, &request->node);
	if (!request->error) {
		if (leave(request, request_node(request)))
			return;
		request->kind->work(request);
	}
	if (request->left)
		return;
	reply(request);
	end(request);
}
