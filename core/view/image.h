/* SPDX-License-Identifier: MIT */
/* Bytes that were read at one moment, so that a walk sees that moment: of what lies outside of
 * them, memory as it is. */
#ifndef PEEKFS_VIEW_IMAGE_H
#define PEEKFS_VIEW_IMAGE_H

#include "layout/layout.h"

struct image {
	uint64_t offset, size; /* of the region, bytes */
	const unsigned char *bytes;
	layout_read_fn *read; /* reads others; NULL: there are none */
	void *context;
};

/* The n bytes at offset if all of them are in the image, else NULL. */
const unsigned char *image_at(const struct image *image, uint64_t offset, uint64_t n);
/* A layout_read_fn, whose context is the image. */
int image_read(void *image, uint64_t offset, void *to, size_t n);

#endif
