/* SPDX-License-Identifier: MIT */
/*
 * Where pointers and offsets lead.
 *
 * A pointer is an address in the processes that map the region; each mapping of the region that
 * holds it makes an offset of it. An `offset_from` counts from what it says; 0 is null, but from
 * itself 1 is, as Boost.Interprocess has it (0 is a record that points to itself).
 *
 * It leads to a record if just there one of its target's type begins (of no type, as void has none:
 * any struct), which is there now. If none is placed there, it leads to what stands there by offset
 * (layout/by_offset.h), if it is right. Otherwise it leads nowhere: null, another region's, beyond
 * the end, to what no compiler would align so. Where several mappings make different offsets of one
 * address and these lead to different records, nobody can tell which is meant, and it leads nowhere
 * as well.
 */
#ifndef PEEKFS_VIEW_LEAD_H
#define PEEKFS_VIEW_LEAD_H

#include "view/place.h"

/* Finds what the value at the spot's place leads to now; the search takes from the reads that the
 * spot's walk has left, but LEAD_READS_MAX at most. 0 and *out; -ENOENT nowhere; -E2BIG it takes
 * too long to find out; errors of reading. */
#define LEAD_READS_MAX (1u << 17)
int lead_find(const struct node *node, struct spot *spot, struct trail *out);
/* The same of a node, as a node to put and its path below `fields`, in place of what path holds. */
int lead_follow(const struct node *node, struct node *out, struct buf *path);

#endif
