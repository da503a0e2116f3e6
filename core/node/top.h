/* SPDX-License-Identifier: MIT */
/* The directories above the fields: views like all others, but they make objects of regions. */
#ifndef PEEKFS_NODE_TOP_H
#define PEEKFS_NODE_TOP_H

#include "view/view.h"

/* The root has ordinal 1, so that its inode number is FUSE's; the other directories of the tree's
 * own binding have ordinal 0. */
extern const struct view_ops view_root;
extern const struct view_ops view_regions; /* regions */
extern const struct view_ops view_pids;	   /* by-pid */
extern const struct view_ops view_pid;	   /* by-pid/PID; ordinal: the pid */
extern const struct view_ops view_ids;	   /* by-id */

/* Of an object's plain binding. */
extern const struct view_ops view_region;   /* regions/NAME; ordinal 0 */
extern const struct view_ops view_pid_link; /* by-pid/PID/NAME; ordinal: the pid */
extern const struct view_ops view_id_link;  /* by-id/MAJ:MIN:INO; ordinal 0 */
extern const struct view_ops view_laid;	    /* fields, tables: of the layout in effect */

/* The inode number of an object's `fields`; its plain binding has a slot. */
uint64_t top_fields(const struct binding *plain);

/* The node of a region that a scan has found; its object is found or made. 0, -ENOMEM. */
int top_region(struct env *env, struct region *region, const struct view_ops *view,
	       uint64_t ordinal, struct node *child);

#endif
