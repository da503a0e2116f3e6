/* SPDX-License-Identifier: MIT */
/* What libfuse calls for each kind of request. */
#ifndef PEEKFS_FS_OPS_H
#define PEEKFS_FS_OPS_H

#include "fs/fuse.h"

extern const struct fuse_lowlevel_ops ops_table;

#endif
