/* SPDX-License-Identifier: MIT */
/* The headers of an ELF file of either class, read piece by piece: for dwarf_image.c, and for who
 * is about to hand a file to libelf. */
#ifndef PEEKFS_LAYOUT_DWARF_HEADERS_H
#define PEEKFS_LAYOUT_DWARF_HEADERS_H

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"

#define HEADERS_SECTIONS_MAX 65536     /* that are read of a file, where its first header tells */
#define HEADERS_NAMES_MAX    (1 << 20) /* bytes of their names */

/* A section header of either class, as far as it matters. */
struct header {
	uint32_t name, type;
	uint64_t flags, offset, size;
};

/* The file, while its headers are read. */
struct reading {
	int fd;		    /* set by the caller, as the next */
	uint64_t file_size; /* bytes */
	unsigned char ident[EI_NIDENT];
	uint16_t type, machine;
	bool wide;		  /* ELFCLASS64 */
	uint64_t table, programs; /* where the section headers and program headers stand */
	unsigned n, entry, names_index, n_programs, program_entry;
	char *names; /* to be freed */
	uint64_t names_size;
	const char *suffix; /* the image's */
	struct diag *diag;
};

/*
 * Can the file be handed to libelf and libdw? They read as a whole, into memory: all headers, the
 * names of sections, notes, and call frame information, which may be gigabytes of a hole in a file
 * that somebody made for that. 0; -EINVAL one of those is larger than any program's, or it is no
 * ELF file; -EIO; -ENOMEM.
 */
int headers_modest(int fd);

/* n bytes at offset: 0; -EIO; -EINVAL the file ends before. */
int headers_bytes(int fd, void *to, uint64_t n, uint64_t offset);
/* The file's own header, and the names of its sections: 0; -EINVAL, -EIO, -ENOMEM. */
int headers_begin(struct reading *reading);
/* The index-th section's: 0; -EIO, -EINVAL. */
int headers_read(const struct reading *reading, unsigned index, struct header *out);
/* The section's name, borrowed; "" where it stands nowhere. */
const char *headers_name(const struct reading *reading, const struct header *header);
/* Does the section lie in the file? */
bool headers_is_inside(const struct reading *reading, const struct header *header);

#endif
