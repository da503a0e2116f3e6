/* SPDX-License-Identifier: MIT */
/* Typed places in live memory: what the views below `fields` have in common. */
#ifndef PEEKFS_VIEW_PLACE_H
#define PEEKFS_VIEW_PLACE_H

#include "layout/walk.h"
#include "view/view.h"

/* Bytes up to its NUL of a string that has no length of its own. */
#define PLACE_TEXT_MAX (1u << 20)

#define LOOKAHEAD_BYTES 512

/* Reads for a walk. Who reads on and on gets numbers out of what was read ahead, word by word. */
struct lookahead {
	struct memory *memory;
	uint64_t size;	 /* of the region */
	uint64_t last;	 /* what was asked for last */
	uint64_t offset; /* of what is there */
	size_t n;	 /* bytes of it */
	unsigned char bytes[LOOKAHEAD_BYTES];
};

/* A layout_read_fn, whose context is the lookahead. */
int lookahead_read(void *ahead, uint64_t offset, void *to, size_t n);

/* A place, and what is around it, in the live memory of a node's region. */
struct spot {
	struct walk walk;
	struct trail trail;
	struct lookahead ahead;
	struct diag diag; /* why, after -ERANGE, -E2BIG and -ELOOP */
};

/* Finds the spot that a node of a layout stands for: 0; errors of walk_find(). It points into
 * itself, and is of this moment. */
int spot_find(const struct node *node, struct spot *out);
static inline const struct place *spot_place(const struct spot *spot)
{
	return trail_end(&spot->trail);
}

/* The same, for who needs its place alone. */
int place_find(const struct node *node, struct place *out);

/* The type with the size that this very place has. */
struct type place_type(const struct place *place);

/*
 * How long a string of no length of its own is: bytes before its NUL, or to the room's end. 0;
 * -EFBIG there is no NUL in PLACE_TEXT_MAX bytes; what read returned.
 */
int place_text_size(layout_read_fn *read, void *context, const struct place *place, uint64_t *size);

/*
 * Reads all n bytes at offset; n = 1, 2, 4 or 8 at a multiple of n in one load. 0; -EIO when there
 * are fewer; errors of memory_read(). A layout_read_fn, whose context is the struct memory.
 */
int place_read(void *memory, uint64_t offset, void *to, size_t n);

/*
 * Writes the bits of n (at most 16) bytes at offset that are set in mask; aligned as above in one
 * store, or else the bytes from the first to the last that mask touches. 0; -EIO when they are
 * behind the end by now; errors of memory_write().
 */
int place_write(struct memory *memory, uint64_t offset, const void *bytes, const void *mask,
		size_t n);
/* All n bytes as they are. */
int place_write_run(struct memory *memory, uint64_t offset, const void *bytes, size_t n);

#endif
