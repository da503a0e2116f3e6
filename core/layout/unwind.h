/* SPDX-License-Identifier: MIT */
/*
 * The frames of a thread that stood still, from the innermost outwards: each with the registers
 * that are known there, where variables are found by (evaluate.h).
 */
#ifndef PEEKFS_LAYOUT_UNWIND_H
#define PEEKFS_LAYOUT_UNWIND_H

#include "layout/cfi.h"
#include "layout/evaluate.h"

#define UNWIND_DEPTH_MAX 256

struct unwind_ops {
	/* The call frame information of the file that holds the code address, and its bias:
	 * 0 and *cfi, borrowed; a negative errno when there is none. */
	int (*cfi)(void *context, uint64_t pc, struct cfi **cfi, uint64_t *bias);
	/* A frame. pc is the address whose variables are in scope: of a caller, the one before the
	 * address that it returns to. False: that was enough. */
	bool (*frame)(void *context, const struct machine *machine, uint64_t pc, unsigned depth);
	void *context;
};

/*
 * Walks from the machine's frame on, whose registers, pc and read are set, and which it changes.
 * Ends where nothing is known of the caller: how many frames there were.
 */
unsigned unwind(struct machine *machine, const struct unwind_ops *ops);

#endif
