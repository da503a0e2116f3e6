/* SPDX-License-Identifier: MIT */
#include "layout/cfi.h"

#include <elfutils/libdw.h>
#include <errno.h>
#include <gelf.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "layout/dwarf_headers.h"

struct cfi {
	Elf *elf;
	Dwarf_CFI *table;
	bool is_x86_64;
};

struct cfi_frame {
	Dwarf_Frame *frame;
	int return_column;
	bool is_signal;
	bool is_x86_64;
};

static bool is_x86_64(Elf *elf)
{
	GElf_Ehdr header;

	return gelf_getehdr(elf, &header) && header.e_machine == EM_X86_64;
}

int cfi_open(int fd, struct cfi **out)
{
	struct cfi *cfi = calloc(1, sizeof(*cfi));
	int r;

	if (!cfi)
		return -ENOMEM;
	elf_version(EV_CURRENT);
	r = headers_modest(fd);
	cfi->elf = r < 0 ? NULL : elf_begin(fd, ELF_C_READ, NULL);
	if (r == 0 && (!cfi->elf || elf_kind(cfi->elf) != ELF_K_ELF))
		r = -EINVAL;
	if (r == 0) {
		cfi->is_x86_64 = is_x86_64(cfi->elf);
		cfi->table = dwarf_getcfi_elf(cfi->elf);
	}
	if (r == 0 && !cfi->table)
		r = -ENODATA;
	if (r < 0)
		cfi_close(cfi);
	else
		*out = cfi;
	return r;
}

void cfi_close(struct cfi *cfi)
{
	if (!cfi)
		return;
	if (cfi->table)
		dwarf_cfi_end(cfi->table);
	if (cfi->elf)
		elf_end(cfi->elf);
	free(cfi);
}

int cfi_frame_at(struct cfi *cfi, uint64_t address, struct cfi_frame **out)
{
	struct cfi_frame *frame = calloc(1, sizeof(*frame));
	Dwarf_Addr start, end;

	if (!frame)
		return -ENOMEM;
	if (dwarf_cfi_addrframe(cfi->table, address, &frame->frame) != 0) {
		free(frame);
		return -ENODATA;
	}
	frame->return_column = dwarf_frame_info(frame->frame, &start, &end, &frame->is_signal);
	if (frame->return_column < 0) {
		cfi_frame_free(frame);
		return -EINVAL;
	}
	frame->is_x86_64 = cfi->is_x86_64;
	*out = frame;
	return 0;
}

void cfi_frame_free(struct cfi_frame *frame)
{
	if (!frame)
		return;
	free(frame->frame);
	free(frame);
}

unsigned cfi_frame_return(const struct cfi_frame *frame)
{
	return (unsigned)frame->return_column;
}

bool cfi_frame_is_signal(const struct cfi_frame *frame)
{
	return frame->is_signal;
}

/* dwarf.c asserts that they are alike. */
static const struct dwarf_operation *operations(const Dwarf_Op *ops)
{
	return (const struct dwarf_operation *)(const void *)ops;
}

int cfi_frame_cfa(const struct cfi_frame *frame, const struct dwarf_operation **out, size_t *n)
{
	Dwarf_Op *ops;
	size_t count;

	if (dwarf_frame_cfa(frame->frame, &ops, &count) != 0)
		return -EINVAL;
	*out = operations(ops);
	*n = count;
	return 0;
}

/*
 * Of a register that a file's rules don't mention libdw says what the ABI does, and on x86-64 it
 * mixes up two (elfutils 0.188): it takes rax for the one that callees keep, in place of rbx. No
 * rule of a compiler says of rax that it is kept, or of rbx that it is lost.
 */
static enum cfi_rule unmentioned(const struct cfi_frame *frame, unsigned number, enum cfi_rule rule)
{
	enum { RAX = 0, RBX = 3 };

	if (frame->is_x86_64 && number == RAX)
		return CFI_UNDEFINED;
	if (frame->is_x86_64 && number == RBX)
		return CFI_SAME;
	return rule;
}

int cfi_frame_register(const struct cfi_frame *frame, unsigned number,
		       struct dwarf_operation room[static CFI_ROOM], enum cfi_rule *rule,
		       const struct dwarf_operation **out, size_t *n)
{
	Dwarf_Op *mine = (Dwarf_Op *)(void *)room, *ops;
	size_t count;

	if (dwarf_frame_register(frame->frame, (int)number, mine, &ops, &count) != 0)
		return -EINVAL;
	if (count == 0) {
		*rule = unmentioned(frame, number, ops ? CFI_UNDEFINED : CFI_SAME);
		return 0;
	}
	*rule = CFI_EXPRESSION;
	*out = operations(ops);
	*n = count;
	return 0;
}
