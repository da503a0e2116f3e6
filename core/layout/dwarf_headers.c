/* SPDX-License-Identifier: MIT */
#include "layout/dwarf_headers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOTES_MAX  (1u << 20) /* bytes of one section of notes, or of a link */
#define FRAMES_MAX (256u << 20)

int headers_bytes(int fd, void *to, uint64_t n, uint64_t offset)
{
	char *at = to;

	while (n) {
		ssize_t got = pread(fd, at, n, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) /* EINVAL: no file is so large */
			return got < 0 && errno != EINVAL ? -EIO : -EINVAL;
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

const char *headers_name(const struct reading *reading, const struct header *header)
{
	return header->name < reading->names_size ? reading->names + header->name : "";
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
	int r = headers_bytes(reading->fd, &header, sizeof(header.narrow), 0);

	if (r < 0)
		return r;
	memcpy(reading->ident, header.wide.e_ident, EI_NIDENT);
	if (memcmp(reading->ident, ELFMAG, SELFMAG) != 0)
		return -EINVAL;
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
		reading->programs = header.wide.e_phoff;
		reading->n_programs = header.wide.e_phnum;
		reading->program_entry = header.wide.e_phentsize;
	} else {
		reading->table = header.narrow.e_shoff;
		reading->n = header.narrow.e_shnum;
		reading->entry = header.narrow.e_shentsize;
		reading->names_index = header.narrow.e_shstrndx;
		reading->programs = header.narrow.e_phoff;
		reading->n_programs = header.narrow.e_phnum;
		reading->program_entry = header.narrow.e_phentsize;
	}
	return 0;
}

/* More sections than the header can say: ELF's "section header 0". */
static int read_counts(struct reading *reading)
{
	union {
		Elf64_Shdr wide;
		Elf32_Shdr narrow;
	} first;
	unsigned least = reading->wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
	struct header header;
	int r;

	if (reading->entry < least || !reading->table)
		return -EINVAL;
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

/* A program header of either class, as far as it matters. */
static int read_program(const struct reading *reading, unsigned index, uint32_t *type,
			uint64_t *size)
{
	uint64_t at = reading->programs + (uint64_t)index * reading->program_entry;
	Elf64_Phdr wide;
	Elf32_Phdr narrow;
	int r;

	if (reading->wide) {
		r = headers_bytes(reading->fd, &wide, sizeof(wide), at);
		*type = r < 0 ? PT_NULL : wide.p_type;
		*size = r < 0 ? 0 : wide.p_filesz;
		return r;
	}
	r = headers_bytes(reading->fd, &narrow, sizeof(narrow), at);
	*type = r < 0 ? PT_NULL : narrow.p_type;
	*size = r < 0 ? 0 : narrow.p_filesz;
	return r;
}

/* Without sections, libdw takes call frame information for all that is left of its segment. */
static int check_programs(const struct reading *reading)
{
	if (reading->n_programs == PN_XNUM)
		return -EINVAL;
	for (unsigned i = 0; reading->programs && i < reading->n_programs; i++) {
		uint64_t size;
		uint32_t type;

		if (read_program(reading, i, &type, &size) < 0)
			continue; /* libelf will see for itself */
		if ((type == PT_NOTE && size > NOTES_MAX) ||
		    (type == PT_GNU_EH_FRAME && size > FRAMES_MAX) ||
		    (type == PT_LOAD && !reading->table && size > FRAMES_MAX))
			return -EINVAL;
	}
	return 0;
}

static uint64_t most_of(const struct reading *reading, const struct header *header)
{
	const char *name = headers_name(reading, header);

	if (header->type == SHT_NOTE || !strcmp(name, ".gnu_debuglink"))
		return NOTES_MAX;
	return strcmp(name, ".eh_frame") != 0 ? UINT64_MAX : FRAMES_MAX;
}

static int check_sections(struct reading *reading)
{
	struct header header;
	int r = headers_begin(reading);

	if (r == 0 && reading->n >= HEADERS_SECTIONS_MAX)
		r = -EINVAL;
	if (r == 0)
		r = headers_read(reading, reading->names_index, &header);
	if (r == 0 && header.flags & SHF_COMPRESSED)
		r = -EINVAL;
	for (unsigned i = 1; r == 0 && i < reading->n; i++) {
		r = headers_read(reading, i, &header);
		if (r == 0 && header.type != SHT_NOBITS && header.size > most_of(reading, &header))
			r = -EINVAL;
	}
	return r;
}

int headers_modest(int fd)
{
	struct reading reading = {.fd = fd};
	struct stat about;
	int r = fstat(fd, &about) < 0 ? -EIO : read_elf_header(&reading);

	if (r < 0)
		return r;
	reading.file_size = (uint64_t)about.st_size;
	r = check_programs(&reading);
	if (r == 0 && reading.table)
		r = check_sections(&reading);
	free(reading.names);
	return r;
}
