/* SPDX-License-Identifier: MIT */
/*
 * A private copy of an ELF file's debug sections: an ELF file in memory, of these sections only,
 * uncompressed, that comes true as far as it is asked for.
 *
 * libdw wants all sections at once and unpacks what is compressed in full before it answers
 * anything; what is looked for mostly stands in the first part. So it is given a file whose large
 * sections are zeros at first, and whoever walks on says before how far (dwarf_image_fill()).
 * A copy because the file is somebody else's, who may cut it or write to it meanwhile.
 *
 * Not thread-safe; different images don't meet, but for the sum of their memory.
 */
#ifndef PEEKFS_LAYOUT_DWARF_IMAGE_H
#define PEEKFS_LAYOUT_DWARF_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"

#define DWARF_SIZE_MAX	(2ull << 30) /* bytes of debug sections of one file, uncompressed */
#define DWARF_TOTAL_MAX (3ull << 30) /* bytes that all images have filled at a time */

struct dwarf_image;
struct packaged;

/*
 * Makes the image of the file behind fd, which is duplicated and kept. Sections of strings and
 * abbreviations are filled, the others are as they are asked for. 0 and *out; with *diag: -EINVAL
 * the file's headers or a section are broken, or compressed in a way that isn't known; -E2BIG
 * beyond the limits. -ENOMEM, -EIO.
 */
int dwarf_image_open(int fd, struct dwarf_image **out, struct diag *diag);
/*
 * The same of the sections of a .dwo file, ".debug_info.dwo" and so on, all of them filled; the
 * file isn't kept. packaged: it is a package of them, and that is wanted of it (dwarf_package.h);
 * NULL: it isn't. The image is a memfd besides, of which *copy is a descriptor: the
 * caller's, to be closed.
 */
int dwarf_image_open_split(int fd, struct packaged *packaged, struct dwarf_image **out, int *copy,
			   struct diag *diag);
void dwarf_image_close(struct dwarf_image *image); /* takes NULL */

/* What may be written to behind the image's last byte. */
#define DWARF_IMAGE_SPARE 64

/* The ELF file: writable only by the image itself, and by who puts back what was there. */
char *dwarf_image_bytes(const struct dwarf_image *image, size_t *n);

/* Fills the section of that name up to byte `upto` (SIZE_MAX: all of it), if there is one. 0; -EIO,
 * -EINVAL where it ends early or can't be unpacked; -E2BIG beyond DWARF_TOTAL_MAX. */
int dwarf_image_fill(struct dwarf_image *image, const char *name, uint64_t upto);
/* All sections whose name begins so. */
int dwarf_image_fill_all(struct dwarf_image *image, const char *prefix);

#endif
