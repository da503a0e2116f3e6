/* SPDX-License-Identifier: MIT */
/*
 * A stream that is read in order, some pieces ahead.
 *
 * Making a piece costs about as much as handing it to its reader by way of the kernel, and there is
 * more than one processor. So while pieces are handed over, the next ones are made by a thread that
 * does nothing else, one for all streams. Several, because waking somebody for each would cost what
 * it gains. The thread is a help and never a need: a piece that it hasn't begun when it is wanted
 * is made by who wants it. So a stream that is slow, or stuck, doesn't hold up others; and a region
 * that may be stuck is left to its readers altogether.
 *
 * The thread comes with the second piece of a stream and goes when nothing was wanted for a second.
 */
#ifndef PEEKFS_NODE_AHEAD_H
#define PEEKFS_NODE_AHEAD_H

#include "view/view.h"

struct ahead;

/* Begins the stream of a node: 0 and *out, for ahead_free(); what the view's begin() returns. Takes
 * a reference of node's binding. */
int ahead_new(const struct node *node, struct ahead **out);
/* Takes NULL. Never waits: what is being made is thrown away when it is done. */
void ahead_free(struct ahead *ahead);
/* The next piece in place of what out holds; nothing in it is the end. Errors of the view's next(),
 * after which it may be called again. One thread at a time. */
int ahead_next(struct ahead *ahead, struct buf *out);

/* Waits until nothing is being made: no binding is referenced from here then. */
void ahead_settle(void);

#endif
