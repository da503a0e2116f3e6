/* SPDX-License-Identifier: MIT */
/*
 * What the readers of debug information share, and nobody else sees: dwarf_elf.c, an ELF file and
 * its debug information; dwarf_open.c, which files they are; dwarf_split.c, .dwo files;
 * dwarf_unit.c, units; dwarf.c, entries.
 */
#ifndef PEEKFS_LAYOUT_DWARF_INSIDE_H
#define PEEKFS_LAYOUT_DWARF_INSIDE_H

#include <elfutils/libdw.h>
#include <gelf.h>
#include <string.h>

#include "layout/dwarf.h"
#include "layout/dwarf_image.h"
#include "layout/dwarf_package.h"

/* An ELF file and, where it has any, its debug information. */
struct image {
	int fd;
	Elf *elf;		  /* the file */
	struct dwarf_image *copy; /* of its debug sections */
	Elf *copied;
	Dwarf *dwarf;
};

/* A unit whose entries are in a .dwo file. */
struct split {
	Dwarf_CU *skeleton;
	Dwarf *dwarf; /* libdw's own, of the file; NULL: it isn't read */
	struct image image;
};

#define SPLIT_PARTS 2 /* the parts of a struct dwarf from which on they are .dwo files */

struct dwarf {
	struct image program;
	struct image apart;	/* the separate debug file, where there is one */
	struct image shared;	/* dwz's */
	struct image *parts[2]; /* those with debug information: itself, what it shares; or NULL */
	char *found_at;
	struct dwarf_files files; /* borrowed; open is NULL: there are none */
	struct split *splits;
	size_t n_splits;
	struct packaged packaged;
	char *missing; /* the first .dwo file that isn't there; NULL: none is missing */
};

_Static_assert(sizeof(Dwarf_Die) <= sizeof(((struct dwarf_entry *)0)->inside),
	       "an entry holds libdw's");

static inline Dwarf_Die *entry_die(const struct dwarf_entry *entry)
{
	return (Dwarf_Die *)(uintptr_t)entry->inside;
}

static inline void entry_put(struct dwarf_entry *entry, const Dwarf_Die *die, struct dwarf *dwarf)
{
	memcpy(entry->inside, die, sizeof(*die));
	entry->of = dwarf;
}

/* Begins with the file behind fd, which it takes over whatever comes of it: 0; -EINVAL it is no ELF
 * file of this machine's byte order, or not a modest one (dwarf_headers.h); -EIO; -ENOMEM. Either
 * way for image_close(). */
int image_begin(struct image *image, int fd);
/* Copies its debug information: 0; what dwarf_image_open() returns; -EINVAL with *diag. */
int image_load(struct image *image, struct diag *diag);
void image_close(struct image *image); /* takes one whose fd is -1 */

/* Has it debug information of its own? Not what objcopy --only-keep-debug left of sections. */
bool image_has_debug(const struct image *image);
/* Its build-id, of DWARF_BUILD_ID_MAX bytes at most: their number, 0 where it has none. */
size_t image_build_id(const struct image *image, unsigned char *id);
/* The section of that name in the copy, as it is filled so far: 0, borrowed; -ENOENT. */
int image_section(const struct image *image, const char *name, const unsigned char **bytes,
		  size_t *n);

/* Reads the .dwo file that a skeleton names, if that wasn't done: 1 and *part, see SPLIT_PARTS; 0
 * it can't be read; -ENOMEM. root: the skeleton's. */
int split_join(struct dwarf *dwarf, Dwarf_CU *skeleton, Dwarf_Die *root, unsigned *part);
/* Where a unit of a .dwo file covers code stands in its skeleton: replaces the root of such a unit
 * by that of the skeleton, leaves any other entry. */
void split_skeleton(const struct dwarf *dwarf, Dwarf_Die *die);
/* False: the entry is in a .dwo file that has no lists of locations. libdw would take those of the
 * program for its lists, and fault. */
bool split_has_lists(const struct dwarf *dwarf, const Dwarf_Die *die);
void split_close(struct split *split);

#endif
