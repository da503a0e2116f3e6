/* SPDX-License-Identifier: MIT */
#include "layout/dwarf_section.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "layout/dwarf_image.h"

#define STEP (1u << 20) /* bytes that are filled at once, at least */

/* Bytes of the file. */
struct piece {
	uint64_t offset, size;
};

static atomic_uint_fast64_t total; /* that are filled */

/* The header that a packed section begins with: how it is packed, and how large what is in it is.
 */
static int read_packing(const struct reading *reading, bool old, struct dwarf_section *section,
			uint32_t *type)
{
	unsigned char magic[12];
	union {
		Elf64_Chdr wide;
		Elf32_Chdr narrow;
	} header;
	uint64_t least = old		 ? sizeof(magic)
			 : reading->wide ? sizeof(header.wide)
					 : sizeof(header.narrow);
	int r;

	if (section->from_end - section->from < least)
		return -EINVAL;
	r = headers_bytes(reading->fd, old ? (void *)magic : &header, least, section->from);
	if (r < 0)
		return r;
	section->from += least;
	if (old) {
		if (memcmp(magic, "ZLIB", 4) != 0)
			return -EINVAL;
		*type = ELFCOMPRESS_ZLIB;
		section->size = 0;
		for (int i = 4; i < 12; i++)
			section->size = section->size << 8 | magic[i];
	} else {
		*type = reading->wide ? header.wide.ch_type : header.narrow.ch_type;
		section->size = reading->wide ? header.wide.ch_size : header.narrow.ch_size;
	}
	/* no deflated byte gives more than 1032, nor does any honest one of zstd's */
	return section->size / 1032 > section->from_end - section->from ? -EINVAL : 0;
}

static int begin_unpacking(const struct reading *reading, bool old, struct dwarf_section *section)
{
	uint32_t type;
	int r = read_packing(reading, old, section, &type);

	if (r < 0)
		return r;
	r = unpacker_new(type, section->from, section->from_end, &section->packed);
	if (r != -ENOTSUP)
		return r;
	return diag_set(reading->diag, -EINVAL, 0, 0,
			"its debug information is compressed in a way that isn't known (type %u): "
			"zlib and zstd are",
			type);
}

/* A compiler makes a section of its own of each type (-fdebug-types-section), which a linker would
 * put behind one another, but no linker sees a .dwo file. */
static int take_more(struct dwarf_section *section, const struct header *header)
{
	struct piece *more = reallocarray(section->more, section->n_more + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	section->more = more;
	more[section->n_more++] = (struct piece){header->offset, header->size};
	/* both are inside of the file; but that may be a hole of any size */
	if (__builtin_add_overflow(section->size, header->size, &section->size))
		return -E2BIG;
	return 0;
}

int dwarf_section_take(struct dwarf_section *section, const struct reading *reading,
		       const struct header *header, bool old)
{
	bool packed = old || header->flags & SHF_COMPRESSED;

	if (section->packed || (section->size && !*reading->suffix))
		return 0; /* a second one of that name */
	if (section->size)
		return packed ? 0 : take_more(section, header);
	section->from = header->offset;
	section->from_end = header->offset + header->size;
	section->size = header->size;
	return packed ? begin_unpacking(reading, old, section) : 0;
}

/* All of a section that isn't packed: of several sections of the file. */
static int read_pieces(const struct dwarf_section *section, int fd, char *to)
{
	uint64_t n = section->from_end - section->from;
	int r = headers_bytes(fd, to, n, section->from);

	for (size_t i = 0; r == 0 && i < section->n_more; i++) {
		to += n;
		n = section->more[i].size;
		r = headers_bytes(fd, to, n, section->more[i].offset);
	}
	return r;
}

void dwarf_section_replace(struct dwarf_section *section, void *bytes, uint64_t size)
{
	free(section->bytes);
	section->bytes = bytes;
	section->size = size;
	section->n_more = 0;
}

static int read_on(struct dwarf_section *section, int fd, char *to, uint64_t n)
{
	int r;

	if (section->bytes) {
		memcpy(to, (char *)section->bytes + section->filled, n);
		return 0;
	}
	r = headers_bytes(fd, to, n, section->from);

	section->from += n;
	return r;
}

int dwarf_section_fill(struct dwarf_section *section, int fd, char *to, uint64_t upto)
{
	if (upto > section->size)
		upto = section->size;
	while (section->filled < upto && !section->broken) {
		uint64_t n = upto - section->filled, rest = section->size - section->filled;

		if (n < STEP)
			n = rest < STEP ? rest : STEP;
		if (n > 64 * STEP)
			n = 64 * STEP;
		if (section->n_more)
			n = rest;
		if (atomic_fetch_add(&total, n) + n > DWARF_TOTAL_MAX) {
			atomic_fetch_sub(&total, n);
			return -E2BIG;
		}
		section->broken = section->n_more   ? read_pieces(section, fd, to)
				  : section->packed ? unpacker_read(section->packed, fd,
								    to + section->filled, n)
						    : read_on(section, fd, to + section->filled, n);
		section->filled += n;
	}
	return section->broken;
}

void dwarf_section_close(struct dwarf_section *section)
{
	unpacker_free(section->packed);
	free(section->more);
	free(section->bytes);
	atomic_fetch_sub(&total, section->filled);
}
