/* SPDX-License-Identifier: MIT */
/*
 * A whole record at one moment, while others write it.
 *
 * Nothing locks shared memory, so a record is read twice, and is what it was if both are equal; if
 * not, the second becomes the first of the next try. A writer that never pauses for as long as two
 * reads take would keep that up for ever, so the tries are bounded: then each scalar is read by
 * itself, by one load where it can be, and the record is *torn*: its scalars are whole, but maybe
 * of different moments.
 */
#ifndef PEEKFS_VIEW_RECORD_H
#define PEEKFS_VIEW_RECORD_H

#include "layout/type.h"
#include "region/memory.h"

#define RECORD_TRIES 64

/*
 * Reads place->type->size bytes to bytes. again is room for as many more. 0 and *torn; -EIO behind
 * the end of the region; errors of memory_read(). On failure nothing is said about bytes.
 */
int record_read(struct memory *memory, const struct place *place, unsigned char *bytes,
		unsigned char *again, bool *torn);

#endif
