/* SPDX-License-Identifier: MIT */
/* For a libfuse that knows no passthrough. */
#include "fs/passthrough.h"

int passthrough_new(bool wanted, struct passthrough **out)
{
	(void)wanted;
	*out = NULL;
	return 0;
}

void passthrough_free(struct passthrough *passthrough)
{
	(void)passthrough;
}

void passthrough_init(struct passthrough *passthrough, struct fuse_conn_info *conn)
{
	(void)passthrough;
	(void)conn;
}

int passthrough_open(struct passthrough *passthrough, int device, const struct node *node,
		     uint64_t ino)
{
	(void)passthrough;
	(void)device;
	(void)node;
	(void)ino;
	return 0;
}

void passthrough_close(struct passthrough *passthrough, int device, uint64_t ino)
{
	(void)passthrough;
	(void)device;
	(void)ino;
}

void passthrough_reply(struct fuse_file_info *info, int backing)
{
	(void)info;
	(void)backing;
}

bool passthrough_takes(struct passthrough *passthrough, int device, int fd)
{
	(void)passthrough;
	(void)device;
	(void)fd;
	return false;
}

void passthrough_status(struct passthrough *passthrough, int device, struct buf *out)
{
	(void)device;
	(void)passthrough;
	buf_puts(out, "no (this build's libfuse doesn't know it; tools/up builds a newer one)");
}
