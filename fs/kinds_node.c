/* SPDX-License-Identifier: MIT */
/* Requests about an inode. */
#include "fs/kinds.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"

/* What cat, cp and stdio read at once; they take the memory for it, too. */
#define BLOCK_SMALL 4096
#define BLOCK_LARGE REQUEST_MAX

/* 0, or why not. */
static int fill_attr(const struct server *server, const struct node *node,
		     const struct caller *caller, struct stat *out)
{
	bool large = node->view->next; /* a stream, of unknown length */
	struct timespec changed = server->since;
	struct attr attr;
	int err = node_stat(node, caller, &attr);

	if (err)
		return err;
	/* What the kernel keeps of a file is thrown away at a read that finds another time of
	 * change. */
	if (node->view->flags & VIEW_MAPPED)
		clock_gettime(CLOCK_REALTIME, &changed);
	*out = (struct stat){
		.st_ino = node_ino(node, NULL),
		.st_mode = attr.mode,
		.st_nlink = 1,
		.st_uid = attr.uid,
		.st_gid = attr.gid,
		.st_size = (off_t)attr.size,
		.st_blocks = (blkcnt_t)attr.blocks,
		.st_blksize = large || attr.size > BLOCK_LARGE ? BLOCK_LARGE : BLOCK_SMALL,
		.st_atim = server->since,
		.st_mtim = changed,
		.st_ctim = server->since,
	};
	return 0;
}

static void lookup_work(struct request *request)
{
	CLEANUP_NODE struct node child = {0};
	struct fuse_entry_param entry = {0};
	uint32_t generation = 0;

	request->error = node_lookup(&request->node, request->data, &child);
	if (request->error || request_leaves(request, &child))
		return;
	request->error = fill_attr(request->server, &child, &request->caller, &entry.attr);
	if (request->error)
		return;
	entry.ino = node_ino(&child, &generation);
	entry.generation = generation;
	entry.entry_timeout = node_name_ttl(&child);
	entry.attr_timeout = node_attr_ttl(&child);
	node_remember(&child);
	request->entry = entry;
}

static int lookup_send(struct request *request)
{
	return fuse_reply_entry(request->req, &request->entry);
}

static void lookup_undo(struct request *request)
{
	tree_forget(request->server->tree, request->entry.ino, 1);
}

const struct request_kind kind_lookup = {
	.name = "lookup",
	.work = lookup_work,
	.send = lookup_send,
	.undo = lookup_undo,
};

static void getattr_work(struct request *request)
{
	const struct node *node = request_node(request);

	request->error = fill_attr(request->server, node, &request->caller, &request->attr);
	request->ttl = node_attr_ttl(node);
}

static int attr_send(struct request *request)
{
	return fuse_reply_attr(request->req, &request->attr, request->ttl);
}

const struct request_kind kind_getattr = {
	.name = "getattr",
	.work = getattr_work,
	.send = attr_send,
};

static void truncate_work(struct request *request)
{
	if (request->file)
		request->error = handle_truncate(request->file->handle, request->offset);
	else
		request->error = node_truncate(&request->node, request->offset);
	if (!request->error)
		getattr_work(request);
}

const struct request_kind kind_truncate = {
	.name = "truncate",
	.work = truncate_work,
	.send = attr_send,
};

static void readlink_work(struct request *request)
{
	struct buf text = BUF_INIT;

	request->error = node_link(&request->node, &text);
	if (!request->error && !buf_cstr(&text))
		request->error = -ENOMEM;
	if (request->error)
		buf_destroy(&text);
	else
		request->text = text;
}

static void readlink_undo(struct request *request)
{
	buf_destroy(&request->text);
}

static int readlink_send(struct request *request)
{
	int err = fuse_reply_readlink(request->req, buf_cstr(&request->text));

	if (!err)
		readlink_undo(request);
	return err;
}

const struct request_kind kind_readlink = {
	.name = "readlink",
	.work = readlink_work,
	.send = readlink_send,
	.undo = readlink_undo,
};
