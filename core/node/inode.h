/* SPDX-License-Identifier: MIT */
/* Inode numbers: slot (20 bits), view (6), ordinal (38). The root is 1 by being slot 0, view 0,
 * ordinal 1; no other node of slot 0, view 0 exists. */
#ifndef PEEKFS_NODE_INODE_H
#define PEEKFS_NODE_INODE_H

#include "view/view.h"

#define INODE_SLOTS	   (1u << 20)
#define INODE_ORDINAL_BITS 38
#define INODE_VIEW_BITS	   6

_Static_assert(LAYOUT_SPAN_MAX == 1ull << INODE_ORDINAL_BITS, "an ordinal fits its bits");

uint64_t inode_pack(uint32_t slot, const struct view_ops *view, uint64_t ordinal);
uint32_t inode_slot(uint64_t ino);
const struct view_ops *inode_view(uint64_t ino); /* NULL: there is no such view */
uint64_t inode_ordinal(uint64_t ino);

#endif
