/* SPDX-License-Identifier: MIT */
/*
 * Where a path leads to, as we see it, and whether everybody may go there: walked directory by
 * directory, following no link and never into a file system that may hang. The directories of the
 * last path stay open, so paths are best walked in their order.
 */
#ifndef PEEKFS_REGION_PATH_WALK_H
#define PEEKFS_REGION_PATH_WALK_H

#include <stdbool.h>
#include <sys/stat.h>

#include "region/mounts.h"

struct path_walk;

/* 0 and *out for path_walk_free(); -ENOMEM. Not thread-safe. mounts: borrowed. */
int path_walk_new(const struct mounts *mounts, struct path_walk **out);
void path_walk_free(struct path_walk *walk); /* takes NULL */

/* What the path (absolute, n bytes) leads to: true and *stx, *mount and *open: whether the
 * directories on the way let everybody through. */
bool path_walk_to(struct path_walk *walk, const char *path, size_t n, struct statx *stx,
		  enum mount_class *mount, bool *open);
/* Whether the object that path_walk_to() went to last has an ACL; true also when that can't be
 * told. */
bool path_walk_has_acl(struct path_walk *walk);

#endif
