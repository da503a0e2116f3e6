/* SPDX-License-Identifier: MIT */
/*
 * How the caller's frame is found from a frame: call frame information, DWARF 5, 6.4, as
 * .eh_frame has it in every program, with debug information or without (System V ABI, AMD64
 * supplement, 4.2.4). Like dwarf.c it only reads, by read(2), a private copy.
 *
 * One thread at a time may use a struct cfi and what came out of it.
 */
#ifndef PEEKFS_LAYOUT_CFI_H
#define PEEKFS_LAYOUT_CFI_H

#include "layout/dwarf.h"

struct cfi;

/* Of the program file behind fd, which stays the caller's and must stay open: 0 and *out for
 * cfi_close(); -ENODATA it has none; -EINVAL it is no ELF file, or has gigabytes of it; -EIO;
 * -ENOMEM. */
int cfi_open(int fd, struct cfi **out);
void cfi_close(struct cfi *cfi); /* takes NULL */

struct cfi_frame;

/* The rules for the code address, as the file has it: 0 and *out for cfi_frame_free(); -ENODATA
 * nothing is said of it; -EINVAL. */
int cfi_frame_at(struct cfi *cfi, uint64_t address, struct cfi_frame **out);
void cfi_frame_free(struct cfi_frame *frame); /* takes NULL */

/* The number of the column that holds where the frame returns to. */
unsigned cfi_frame_return(const struct cfi_frame *frame);
/* Whether a signal interrupted the caller: then it goes on at that very address. */
bool cfi_frame_is_signal(const struct cfi_frame *frame);

/* The canonical frame address. 0 and *out, which lives as long as the frame; -EINVAL. */
int cfi_frame_cfa(const struct cfi_frame *frame, const struct dwarf_operation **out, size_t *n);

enum cfi_rule {
	CFI_UNDEFINED,
	CFI_SAME,	/* the caller's register is the frame's */
	CFI_EXPRESSION, /* the operations say where it is, or what */
};
#define CFI_ROOM 3 /* operations that a caller provides for a simple rule */

/* The caller's register: 0 and *rule; for CFI_EXPRESSION *out is room, or lives as long as the
 * frame. -EINVAL. */
int cfi_frame_register(const struct cfi_frame *frame, unsigned number,
		       struct dwarf_operation room[static CFI_ROOM], enum cfi_rule *rule,
		       const struct dwarf_operation **out, size_t *n);

#endif
