/* SPDX-License-Identifier: MIT */
/*
 * What is packed in a file, from its first byte on: zlib's streams (RFC 1950) and zstd's frames
 * (RFC 8878), several behind one another too, as linkers may leave them. Belongs to one thread at a
 * time.
 */
#ifndef PEEKFS_LAYOUT_UNPACKER_H
#define PEEKFS_LAYOUT_UNPACKER_H

#include <stdint.h>

struct unpacker;

/*
 * type: ELFCOMPRESS_ZLIB or ELFCOMPRESS_ZSTD (ELF gABI, "Compressed Sections"), of what stands in a
 * file from byte `from` to `end`. 0 and *out, for unpacker_free(); -ENOTSUP another type; -ENOMEM.
 */
int unpacker_new(uint32_t type, uint64_t from, uint64_t end, struct unpacker **out);
void unpacker_free(struct unpacker *unpacker); /* takes NULL */
/* The next n bytes: 0; -EINVAL it is broken, or they aren't there; -EIO. After an error nothing is
 * said of what it would give. */
int unpacker_read(struct unpacker *unpacker, int fd, char *to, uint64_t n);

#endif
