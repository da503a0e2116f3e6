/* SPDX-License-Identifier: MIT */
/*
 * What a DWARF expression says of a thread that stood still: DWARF 5, 2.5 and 2.6. Whole places
 * only: what is in pieces, was a value at the function's entry, or is thread-local, is given up.
 */
#ifndef PEEKFS_LAYOUT_EVALUATE_H
#define PEEKFS_LAYOUT_EVALUATE_H

#include "layout/dwarf.h"

#define MACHINE_REGISTERS 32

/* A frame of a thread: its registers, and the memory that is known. */
struct machine {
	uint32_t known;			   /* a bit for each register whose value is known */
	uint64_t value[MACHINE_REGISTERS]; /* by the numbers that DWARF gives them */
	uint64_t pc;
	bool has_cfa; /* DWARF 5, 6.4: the canonical frame address */
	uint64_t cfa;
	uint64_t bias;			    /* of an address in the process over the file's */
	const struct dwarf_operation *base; /* DW_AT_frame_base; NULL: none */
	size_t n_base;
	/* 0, or a negative errno when these bytes aren't known. */
	int (*read)(void *context, uint64_t address, void *to, size_t n);
	void *context;
};

struct location {
	bool in_memory; /* at address value; else value is what stands there, in a register say */
	uint64_t value;
};

/*
 * Runs n operations, with *start (may be NULL) on the stack: 0 and *out; -EINVAL it is no
 * expression; -ENODATA a register or memory that isn't known; -EOPNOTSUPP given up, see above.
 * An expression of no operations is -ENODATA: the place was optimized away.
 */
int evaluate(const struct machine *machine, const struct dwarf_operation *operations, size_t n,
	     const uint64_t *start, struct location *out);

#endif
