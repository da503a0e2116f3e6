/* SPDX-License-Identifier: MIT */
#include "fs/request.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
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
		if (request->file)
			file_put(request->server, request->file);
		free(request->buffer);
		free(request);
	}
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

	/* A write that failed for its program mustn't be done much later. */
	if (waiting_is_over(&request->waiter) && !request->kind->must) {
		end(request);
		return;
	}
	request->kind->work(request);
	if (waiting_leave(&request->waiter)) {
		request->outside.reply = reply_outside;
		outside_reply(&request->outside, uring_is(request->req));
	} else {
		undo(request);
	}
}

/* A copy that outlives the caller; the node's reference goes with it, the file gets one more. */
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
	if (copy->file)
		atomic_fetch_add_explicit(&copy->file->refs, 1, memory_order_relaxed);
	return copy;
}

/* False: it must be done here and now. */
static bool put_in_lane(const struct request *request, uint64_t lane)
{
	struct request *copy = copy_request(request);

	if (!copy)
		return false;
	waiting_enter(&copy->waiter, copy->req);
	if (!lanes_put(request->server->lanes, lane, &copy->job))
		return true;
	if (waiting_leave(&copy->waiter)) {
		if (copy->file)
			file_put(copy->server, copy->file);
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
