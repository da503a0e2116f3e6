/* SPDX-License-Identifier: MIT */
/* What the daemon itself has to say in `status`. */
#ifndef PEEKFS_FS_STATUS_H
#define PEEKFS_FS_STATUS_H

#include "fs/server.h"

/* Appends "Key:\tvalue" lines. Thread-safe. */
void status_lines(struct server *server, struct buf *out);

#endif
