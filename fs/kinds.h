/* SPDX-License-Identifier: MIT */
/* The kinds of requests that ask the tree: what each does and how it answers. */
#ifndef PEEKFS_FS_KINDS_H
#define PEEKFS_FS_KINDS_H

#include "fs/request.h"

extern const struct request_kind kind_lookup;
extern const struct request_kind kind_getattr;
extern const struct request_kind kind_truncate;
extern const struct request_kind kind_readlink;
extern const struct request_kind kind_open;
extern const struct request_kind kind_readdir;
extern const struct request_kind kind_read;
extern const struct request_kind kind_write;
extern const struct request_kind kind_flush;
extern const struct request_kind kind_lseek;
extern const struct request_kind kind_release;

#endif
