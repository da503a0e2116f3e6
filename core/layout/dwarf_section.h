/* SPDX-License-Identifier: MIT */
/*
 * One debug section of a file, as dwarf_image.c fills it: how much of it is in memory, and what is
 * still to be read or unpacked (ELF gABI, "Compressed Sections": Elf64_Chdr; GNU's older
 * .zdebug_ sections: "ZLIB", the size in eight bytes, big-endian, the stream).
 *
 * Not thread-safe; different sections don't meet, but for the sum of their memory.
 */
#ifndef PEEKFS_LAYOUT_DWARF_SECTION_H
#define PEEKFS_LAYOUT_DWARF_SECTION_H

#include <stddef.h>

#include "layout/dwarf_headers.h"
#include "layout/unpacker.h"

struct dwarf_section {
	uint64_t offset;	 /* in the image: its owner's */
	uint64_t size;		 /* unpacked; 0: there is none */
	uint64_t filled;	 /* of size */
	uint64_t from, from_end; /* what is still to be read of the file */
	struct unpacker *packed; /* NULL: it isn't */
	int broken;		 /* why it can't be filled any further */
	/* what stands behind it: other sections of the name, of a .dwo file */
	struct piece *more;
	size_t n_more;
	void *bytes; /* NULL; else all of it, in place of what is in the file */
};

/*
 * Takes the section that the header tells of, which lies in the file; a second one of its name is
 * left out, or stands behind it where the image is of a .dwo file. *section was zeroed at first,
 * for dwarf_section_close(). old: it is packed GNU's older way. 0; -EINVAL it is broken, or packed
 * in a way that isn't known, which *reading->diag says then; -E2BIG; -EIO; -ENOMEM.
 */
int dwarf_section_take(struct dwarf_section *section, const struct reading *reading,
		       const struct header *header, bool old);
/* Puts size malloc()ed bytes, which it takes over, in place of what the file has; before it is
 * filled. */
void dwarf_section_replace(struct dwarf_section *section, void *bytes, uint64_t size);
/*
 * Fills it, from where it is filled, up to byte `upto` of it at least, or to its end; `to` is where
 * its first byte goes, fd the file. 0; -EIO, -EINVAL where it ends early or can't be unpacked, and
 * again whenever more is wanted; -E2BIG beyond DWARF_TOTAL_MAX.
 */
int dwarf_section_fill(struct dwarf_section *section, int fd, char *to, uint64_t upto);
void dwarf_section_close(struct dwarf_section *section); /* takes a zeroed one */

#endif
