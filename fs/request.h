/* SPDX-License-Identifier: MIT */
/*
 * A request of the kernel, from its arrival to the reply.
 *
 * It is answered in two steps, so that it doesn't matter which threads take them: work() asks the
 * tree and keeps the answer in the request, send() tells the kernel. Where the tree says that it
 * may have to wait, work() is done in a lane (lane.h); everything else is done at once.
 */
#ifndef PEEKFS_FS_REQUEST_H
#define PEEKFS_FS_REQUEST_H

#include "fs/outside.h"
#include "fs/server.h"
#include "fs/waiting.h"
#include "node/handle.h"

/* Bytes that are read or written by one: libfuse asks the kernel for pages by it. Of 128 KiB there
 * would be twice as many, each with two switches of threads; more isn't faster, and each thread and
 * each entry of a queue has a buffer that large. */
#define REQUEST_MAX (256u << 10)

/* An open file or directory: what fuse_file_info.fh points to. A request that is in a lane has a
 * reference: when nobody waits for it any more, its program may close the file before it ends. */
struct file {
	atomic_uint refs;
	struct handle *handle;
	uint64_t ino;
	bool writes;
	bool passes; /* counted in server->passthrough */
};

struct request;

struct request_kind {
	const char *name;
	/* Sets error, or what send() sends. */
	void (*work)(struct request *request);
	/* Called when error is 0: a fuse_reply_*(). Not 0: the kernel doesn't want it any more. */
	int (*send)(struct request *request);
	/* After that: takes back what work() did. May be NULL. */
	void (*undo)(struct request *request);
	bool must; /* work() is done even when nobody waits for it any more */
};

struct request {
	struct lane_job job;
	struct waiter waiter;
	struct outside outside;
	struct server *server;
	const struct request_kind *kind;
	fuse_req_t req;

	/* What is asked. */
	struct file *file; /* NULL: the inode is meant */
	struct node node;  /* the inode's, to be put; if file is NULL */
	struct caller caller;
	int flags;	  /* open(2)'s, or lseek(2)'s whence */
	uint64_t offset;  /* or a size to truncate to, or a cursor */
	size_t size;	  /* how much may be answered */
	const char *data; /* a name, or bytes to write; the caller's until work() is done */
	size_t length;

	bool left; /* work() is done in a lane, on a copy; this one is nobody's any more */

	/* The answer. */
	int error;    /* negative errno */
	char *buffer; /* request_buffer()'s */
	bool owned;   /* buffer and the request itself are on the heap */
	size_t count; /* bytes in buffer, or written */
	union {
		struct fuse_entry_param entry;
		struct {
			struct stat attr;
			double ttl;
		};
		struct {
			struct file *opened;
			int backing; /* > 0: the kernel reads and writes it by itself */
		};
		uint64_t position;
		struct buf text;
	};
};

/* Takes *request, which may live on the caller's stack, to its end. ino counts if file is NULL. */
void request_run(struct request *request, fuse_ino_t ino);

/* For work() that comes upon another node. True: what is asked of it may take long; work() has
 * nothing more to do, and is called once more, in a lane. False: go on. */
bool request_leaves(struct request *request, const struct node *node);
/* Room for request->size bytes of an answer; NULL: no memory. */
char *request_buffer(struct request *request);
/* What the request is about. */
const struct node *request_node(const struct request *request);

/* The last one closes it. */
void file_put(struct server *server, struct file *file);

#endif
