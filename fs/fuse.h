/* SPDX-License-Identifier: MIT */
/* libfuse's low-level API, as of the oldest release that peekfs builds with. */
#ifndef PEEKFS_FS_FUSE_H
#define PEEKFS_FS_FUSE_H

#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>

#endif
