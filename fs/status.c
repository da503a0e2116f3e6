/* SPDX-License-Identifier: MIT */
#include "fs/status.h"

void status_lines(struct server *server, struct buf *out)
{
	buf_printf(out, "Mountpoint:\t%s\n", server->mountpoint);
	buf_puts(out, "Transport:\t");
	uring_status(server->uring_wanted, atomic_load(&server->uring_offered), out);
	buf_puts(out, "\nPassthrough:\t");
	passthrough_status(server->passthrough, fuse_session_fd(server->session), out);
	buf_printf(out, "\nLibfuse:\t%s (%s)\n", fuse_pkgversion(), PEEKFS_LIBFUSE);
	buf_printf(out, "Waiting:\t%u\n", server->lanes ? lanes_busy(server->lanes) : 0);
}
