/* SPDX-License-Identifier: MIT */
/* What a person calls a node of a region. Thread-safe. */
#ifndef PEEKFS_NODE_PATH_H
#define PEEKFS_NODE_PATH_H

#include "view/view.h"

/* Appends its path below regions/: NAME/layout, NAME/fields/records/0/.json. What can't be told
 * (the region is gone, memory doesn't say where the field is) is a question mark. */
void node_path(const struct node *node, struct buf *out);

#endif
