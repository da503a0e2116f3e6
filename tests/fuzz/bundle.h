/* SPDX-License-Identifier: MIT */
/*
 * Several files in one input. Each part is the length of its name in a byte, the name, its size in
 * four bytes (little-endian), its bytes; the first is the program. The file at a path is the first
 * part whose name the path ends with. An input that begins as an ELF file does is one part, and the
 * file at each path. corpus_dwarf.sh makes some.
 *
 * A part that is cut short has what there is of it, so that every input is a bundle.
 */
#ifndef PEEKFS_TESTS_BUNDLE_H
#define PEEKFS_TESTS_BUNDLE_H

#include <stddef.h>
#include <stdint.h>

#define BUNDLE_PARTS 6

struct bundle {
	size_t n;
	struct bundle_part {
		char name[256];
		size_t at, size; /* of its bytes, in the input */
	} parts[BUNDLE_PARTS];
};

/* At least one part. */
void bundle_read(const uint8_t *data, size_t size, struct bundle *out);
/* The part that stands at the path, or -1. */
int bundle_find(const struct bundle *bundle, const char *path);

#endif
