/* SPDX-License-Identifier: MIT */
/*
 * Directories below `fields` when another layout is set.
 *
 * They are nodes of the layout that made them, and no node ever changes its meaning. But who stands
 * in one asks for names relative to it, and can't be told to walk the path again from its start. So
 * he is answered by the directory that the layout in effect makes of the same path, if it makes
 * one.
 */
#ifndef PEEKFS_NODE_RENEW_H
#define PEEKFS_NODE_RENEW_H

#include "view/view.h"

/* The directory of today in place of one of a layout that was replaced: 0 and *now, to put; -ESTALE
 * there is none, or memory doesn't say what its path was. Thread-safe. */
int renew_directory(const struct node *old, struct node *now);

#endif
