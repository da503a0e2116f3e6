/* SPDX-License-Identifier: MIT */
/*
 * Where a path leads to, as we see it, and whether everybody may go there: walked directory by
 * directory, following no link and never into a file system that may hang. The directories of the
 * last path stay open, so paths are best walked in their order.
 */
#ifndef PEEKFS_REGION_WALK_H
#define PEEKFS_REGION_WALK_H

#include <stdbool.h>
#include <sys/stat.h>

#include "region/mounts.h"

struct walk;

/* 0 and *out for walk_free(); -ENOMEM. Not thread-safe. mounts: borrowed. */
int walk_new(const struct mounts *mounts, struct walk **out);
void walk_free(struct walk *walk); /* takes NULL */

/* What the path (absolute, n bytes) leads to: true and *stx, *mount and *open: whether the
 * directories on the way let everybody through. */
bool walk_to(struct walk *walk, const char *path, size_t n, struct statx *stx,
	     enum mount_class *mount, bool *open);
/* Whether the object that walk_to() went to last has an ACL; true also when that can't be told. */
bool walk_has_acl(struct walk *walk);

#endif
