/* SPDX-License-Identifier: MIT */
/*
 * A value as it is being written, through one open file. A write at offset 0 is a whole value and
 * is stored or refused in that write; one at the end of what came so far is the next piece of it,
 * and the value grown by it is stored or refused in turn. What may still become a value waits for
 * the flush.
 */
#ifndef PEEKFS_NODE_DRAFT_H
#define PEEKFS_NODE_DRAFT_H

#include "base/buf.h"
#include "base/diag.h"
#include "view/view.h"

/* Not thread-safe. */
struct draft {
	const struct node *node; /* borrowed, both; its view stores */
	const struct caller *caller;
	bool appends;	   /* a write without an offset of its own goes behind the value there is */
	bool written;	   /* something was */
	struct buf value;  /* that */
	bool pending;	   /* value isn't stored yet: more may follow */
	struct buf before; /* what there was before the first piece of it was stored */
	bool stored;	   /* a piece of it was */
	bool truncated;	   /* and nothing was written since */
	bool emptied;	   /* ever: what is appended goes behind nothing */
	unsigned sets;	   /* of a layout: how often it was set when it was truncated */
};

/* For draft_end(). */
void draft_init(struct draft *draft, const struct node *node, const struct caller *caller,
		bool appends);

/* Truncated: acted upon only when nothing is written after it, and by draft_end(). */
void draft_empty(struct draft *draft);

/* n bytes at offset, not 0 of them: 0; -EINVAL it neither begins a value nor goes on with one,
 * -EFBIG, errors of the view, all with *diag where a person must read more; -ENOMEM. */
int draft_write(struct draft *draft, const void *from, size_t n, uint64_t offset,
		struct diag *diag);

/* Whether what was written is a value of that many bytes. */
bool draft_ends_at(const struct draft *draft, uint64_t size);

/* Nothing follows for now: stores what waits. 0, or why it was refused, as draft_write() does. */
int draft_flush(struct draft *draft, struct diag *diag);

/* Nothing will follow: flushes, or clears what was truncated, and frees what draft holds. The same
 * answer. */
int draft_end(struct draft *draft);

#endif
