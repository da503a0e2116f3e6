/* SPDX-License-Identifier: MIT */
/*
 * Packages of .dwo files, as dwp and llvm-dwp make them: the sections of all units behind one
 * another, with an index that says which part of each is which unit's (DWARF 5, 7.3.5; before,
 * GNU's "DWARF package file format", version 2). Strings are all units' together.
 *
 * An image is made of one unit, so its parts are taken as if they were the sections of a .dwo file,
 * and of the strings, which may be hundreds of megabytes, those that the unit's offsets lead to.
 */
#ifndef PEEKFS_LAYOUT_DWARF_PACKAGE_H
#define PEEKFS_LAYOUT_DWARF_PACKAGE_H

#include "layout/dwarf_section.h"

#define PACKAGE_COLUMNS_MAX 8	       /* kinds of sections that an index may tell of */
#define PACKAGE_MOVES_MAX   (4u << 20) /* places of strings that are gone to, for a program */

/* What is wanted of a package, and what its program has cost so far. */
struct packaged {
	uint64_t id; /* of the unit */
	uint32_t moves;
};

/* Where in each section a unit's part is. */
struct package {
	unsigned version; /* 5, or GNU's 2 */
	unsigned n;
	struct package_part {
		uint32_t kind, offset, size;
	} parts[PACKAGE_COLUMNS_MAX];
};

/*
 * Finds the unit of that id. headers_begin() was called. 0; -ENOENT it isn't there; -ENOTSUP the
 * package has units of types (-fdebug-types-section), which aren't read; -EINVAL it is no package,
 * or broken; -EIO.
 */
int package_find(const struct reading *reading, uint64_t id, struct package *out);
/* Makes the header of a section, of the name without ".dwo", that of the unit's part; all of the
 * strings stay. 0; -EINVAL the part isn't in the section, or that is compressed. */
int package_narrow(const struct package *package, const char *name, struct header *header);
/*
 * Replaces both, which were taken of the package behind fd, by the strings that are used and
 * offsets that lead to these; *moves counts. 0; -EINVAL an offset leads nowhere; -E2BIG they have
 * more bytes than a unit's can, or there were PACKAGE_MOVES_MAX; -EIO; -ENOMEM.
 */
int package_strings(const struct package *package, int fd, struct dwarf_section *offsets,
		    struct dwarf_section *strings, uint32_t *moves);

#endif
