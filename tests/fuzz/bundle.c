/* SPDX-License-Identifier: MIT */
/*
 * And how they are mutated: mostly within one section of one part, or within its headers, whose
 * size stays. So what says where something is stays true, and what is changed is read.
 */
#include "bundle.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#define SECTIONS_MAX 64

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

void bundle_read(const uint8_t *data, size_t size, struct bundle *out)
{
	size_t at = 0;

	*out = (struct bundle){.n = 1, .parts[0] = {.size = size}};
	if (size >= SELFMAG && memcmp(data, ELFMAG, SELFMAG) == 0)
		return;
	for (out->n = 0; out->n == 0 || (out->n < BUNDLE_PARTS && at < size); out->n++) {
		struct bundle_part *part = &out->parts[out->n];
		size_t length = at < size ? data[at++] : 0;
		uint32_t n = 0;

		length = least(length, size - at);
		memcpy(part->name, data + at, length);
		part->name[length] = '\0';
		at += length;
		memcpy(&n, data + at, least(sizeof(n), size - at));
		at += least(sizeof(n), size - at);
		part->at = at;
		part->size = least(n, size - at);
		at += part->size;
	}
}

int bundle_find(const struct bundle *bundle, const char *path)
{
	size_t length = strlen(path);

	for (size_t i = 0; i < bundle->n; i++) {
		size_t n = strlen(bundle->parts[i].name);

		if (n <= length && strcmp(path + length - n, bundle->parts[i].name) == 0)
			return (int)i;
	}
	return -1;
}

/* What is mutated by itself: bytes of a part. */
struct range {
	size_t at, size;
};

static void add(struct range *ranges, size_t *n, size_t within, uint64_t at, uint64_t size)
{
	if (*n < SECTIONS_MAX && size && at < within && size <= within - at)
		ranges[(*n)++] = (struct range){(size_t)at, (size_t)size};
}

/* The sections and headers of an ELF file: how many. */
static size_t find_ranges(const uint8_t *file, size_t size, struct range ranges[SECTIONS_MAX])
{
	Elf64_Ehdr header;
	size_t n = 0;

	if (size < sizeof(header))
		return 0;
	memcpy(&header, file, sizeof(header));
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_shentsize != sizeof(Elf64_Shdr))
		return 0;
	add(ranges, &n, size, 0, sizeof(header));
	add(ranges, &n, size, header.e_phoff, (uint64_t)header.e_phnum * sizeof(Elf64_Phdr));
	add(ranges, &n, size, header.e_shoff, (uint64_t)header.e_shnum * sizeof(Elf64_Shdr));
	for (unsigned i = 1; i < header.e_shnum; i++) {
		uint64_t at = header.e_shoff + i * sizeof(Elf64_Shdr);
		Elf64_Shdr section;

		if (at > size || sizeof(section) > size - at)
			break;
		memcpy(&section, file + at, sizeof(section));
		if (section.sh_type != SHT_NOBITS)
			add(ranges, &n, size, section.sh_offset, section.sh_size);
	}
	return n;
}

static void mutate_range(uint8_t *bytes, size_t size)
{
	uint8_t *copy = malloc(size);

	if (!copy)
		return;
	memcpy(copy, bytes, size);
	memcpy(bytes, copy, LLVMFuzzerMutate(copy, size, size));
	free(copy);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
	struct range ranges[SECTIONS_MAX];
	const struct bundle_part *part;
	struct bundle bundle;
	size_t n;

	bundle_read(data, size, &bundle);
	part = &bundle.parts[seed / 16 % bundle.n];
	n = find_ranges(data + part->at, part->size, ranges);
	if (seed % 16 == 0 || !n)
		return LLVMFuzzerMutate(data, size, most);
	n = seed / 1024 % n;
	mutate_range(data + part->at + ranges[n].at, ranges[n].size);
	return size;
}
