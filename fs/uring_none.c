/* SPDX-License-Identifier: MIT */
/* For a libfuse that knows no io_uring. */
#include "fs/uring.h"

void uring_options(struct buf *mount)
{
	(void)mount;
}

bool uring_offered(const struct fuse_conn_info *conn)
{
	(void)conn;
	return false;
}

bool uring_is(fuse_req_t req)
{
	(void)req;
	return false;
}

char *uring_payload(fuse_req_t req, size_t size)
{
	(void)req;
	(void)size;
	return NULL;
}

void uring_status(bool wanted, bool offered, struct buf *out)
{
	(void)wanted;
	(void)offered;
	buf_puts(out, "dev-fuse (io_uring: the libfuse of this build doesn't know it; tools/up "
		      "builds a newer one)");
}
