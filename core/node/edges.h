/* SPDX-License-Identifier: MIT */
/*
 * Lines that a read cuts in two.
 *
 * A text of lines of one length is read from anywhere, and each read makes the lines it asks for.
 * But a read ends where its buffer does, or the kernel's page, mostly in the middle of a line, and
 * the rest of the line would come from a later moment: half a number of now and half of then. So
 * the lines at both ends of a read are kept, with what was given of them, for the read that goes on
 * where this one ended; or, as the kernel asks for pages ahead and out of order, ends where this
 * one began. A part that was given already is asked for to be seen anew, and so is what is older
 * than EDGES_AGE: memory of then is no news.
 */
#ifndef PEEKFS_NODE_EDGES_H
#define PEEKFS_NODE_EDGES_H

#include "view/view.h"

#define EDGES_KEPT 8		/* lines */
#define EDGES_AGE  500000000u	/* ns */
#define EDGES_LINE (256u << 10) /* longer ones aren't kept */

/* Of one open file. Zeros are one, without any line. */
struct edges {
	size_t line; /* bytes of one; 0: not yet known */
	struct edge {
		char *text;	 /* NULL: none */
		size_t n;	 /* bytes of it */
		uint64_t start;	 /* where in the file */
		size_t from, to; /* what was given of it */
		uint64_t made;	 /* clock_ns() */
	} kept[EDGES_KEPT];
};

void edges_destroy(struct edges *edges);
/* As the read() of node's view, which has line(); lock is held while a line is looked for or made
 * that may be kept. Errors of both; -ENOMEM. */
ssize_t edges_read(struct edges *edges, pthread_mutex_t *lock, const struct node *node, void *to,
		   size_t n, uint64_t offset);

#endif
