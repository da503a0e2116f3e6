/* SPDX-License-Identifier: MIT */
#include "view/image.h"

#include <errno.h>
#include <string.h>

const unsigned char *image_at(const struct image *image, uint64_t offset, uint64_t n)
{
	if (offset < image->offset || offset - image->offset > image->size ||
	    n > image->size - (offset - image->offset))
		return NULL;
	return image->bytes + (offset - image->offset);
}

int image_read(void *context, uint64_t offset, void *to, size_t n)
{
	const struct image *image = context;
	const unsigned char *bytes = image_at(image, offset, n);

	if (!bytes)
		return image->read ? image->read(image->context, offset, to, n) : -EIO;
	memcpy(to, bytes, n);
	return 0;
}
