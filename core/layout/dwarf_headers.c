/* SPDX-License-Identifier: MIT */
#include "layout/dwarf_headers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int headers_bytes(int fd, void *to, uint64_t n, uint64_t offset)
{
	char *at = to;

	while (n) {
		ssize_t got = pread(fd, at, n, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -EIO : -EINVAL;
		at += got;
		offset += (uint64_t)got;
		n -= (uint64_t)got;
	}
	return 0;
}

int headers_read(const struct reading *reading, unsigned index, struct header *out)
{
	uint64_t at = reading->table + (uint64_t)index * reading->entry;
	Elf64_Shdr wide;
	Elf32_Shdr narrow;
	int r;

	if (reading->wide) {
		r = headers_bytes(reading->fd, &wide, sizeof(wide), at);
		if (r == 0)
			*out = (struct header){wide.sh_name, wide.sh_type, wide.sh_flags,
					       wide.sh_offset, wide.sh_size};
		return r;
	}
	r = headers_bytes(reading->fd, &narrow, sizeof(narrow), at);
	if (r == 0)
		*out = (struct header){narrow.sh_name, narrow.sh_type, narrow.sh_flags,
				       narrow.sh_offset, narrow.sh_size};
	return r;
}

bool headers_is_inside(const struct reading *reading, const struct header *header)
{
	return header->offset <= reading->file_size &&
	       header->size <= reading->file_size - header->offset;
}

static int read_names(struct reading *reading)
{
	struct header header;
	int r = headers_read(reading, reading->names_index, &header);

	if (r < 0)
		return r;
	if (!headers_is_inside(reading, &header) || header.size > HEADERS_NAMES_MAX)
		return -EINVAL;
	reading->names = calloc(1, header.size + 1);
	if (!reading->names)
		return -ENOMEM;
	reading->names_size = header.size;
	return headers_bytes(reading->fd, reading->names, header.size, header.offset);
}

static int read_elf_header(struct reading *reading)
{
	union {
		Elf64_Ehdr wide;
		Elf32_Ehdr narrow;
	} header = {0};
	unsigned least;
	int r = headers_bytes(reading->fd, &header, sizeof(header.narrow), 0);

	if (r < 0)
		return r;
	memcpy(reading->ident, header.wide.e_ident, EI_NIDENT);
	reading->wide = reading->ident[EI_CLASS] == ELFCLASS64;
	reading->type = header.wide.e_type; /* these two stand at one place in both */
	reading->machine = header.wide.e_machine;
	if (reading->wide) {
		r = headers_bytes(reading->fd, &header, sizeof(header.wide), 0);
		if (r < 0)
			return r;
		reading->table = header.wide.e_shoff;
		reading->n = header.wide.e_shnum;
		reading->entry = header.wide.e_shentsize;
		reading->names_index = header.wide.e_shstrndx;
	} else {
		reading->table = header.narrow.e_shoff;
		reading->n = header.narrow.e_shnum;
		reading->entry = header.narrow.e_shentsize;
		reading->names_index = header.narrow.e_shstrndx;
	}
	least = reading->wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
	return reading->entry < least || !reading->table ? -EINVAL : 0;
}

/* More sections than the header can say: ELF's "section header 0". */
static int read_counts(struct reading *reading)
{
	union {
		Elf64_Shdr wide;
		Elf32_Shdr narrow;
	} first;
	struct header header;
	int r;

	if (reading->n && reading->names_index != SHN_XINDEX)
		return 0;
	r = headers_read(reading, 0, &header);
	if (r == 0)
		r = headers_bytes(reading->fd, &first,
				  reading->wide ? sizeof(first.wide) : sizeof(first.narrow),
				  reading->table);
	if (r < 0)
		return r;
	if (!reading->n)
		reading->n = header.size < HEADERS_SECTIONS_MAX ? (unsigned)header.size
								: HEADERS_SECTIONS_MAX;
	if (reading->names_index == SHN_XINDEX)
		reading->names_index = reading->wide ? first.wide.sh_link : first.narrow.sh_link;
	return 0;
}

int headers_begin(struct reading *reading)
{
	int r = read_elf_header(reading);

	if (r == 0)
		r = read_counts(reading);
	if (r == 0)
		r = read_names(reading);
	return r;
}
