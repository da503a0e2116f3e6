/* SPDX-License-Identifier: MIT */
/*
 * Records at one moment, while others write them.
 *
 * Nothing locks shared memory, so a record is looked at until it has stood still for many looks. A
 * writer that never pauses for as long, about two microseconds, would keep that up for ever, so the
 * tries are bounded. What is left then is *torn*: its scalars are whole, as they always are, but
 * maybe of different moments.
 *
 * Many records are read as one piece, twice. Those that differ, few as a rule, are read anew, each
 * by itself. The pieces go by way of the kernel's copying, which costs two thirds of what mapping
 * them and loading words does: it moves whole words as long as both sides are aligned alike, which
 * the pieces are, and if a kernel didn't, the halves would have to be the same ones twice.
 *
 * What stands still may be half written all the same: if a writer is held up in the middle of a
 * change, that is what its memory is, for as long. A single record is watched for longer to find
 * that out; for each of many there is no time.
 */
#ifndef PEEKFS_VIEW_RECORD_H
#define PEEKFS_VIEW_RECORD_H

#include "region/memory.h"

/* Reads size bytes at offset to bytes. 0 and *torn; -EIO behind the end of the region; errors of
 * memory_read(). On failure nothing is said about bytes. */
int record_read(struct memory *memory, uint64_t offset, size_t size, unsigned char *bytes,
		bool *torn);

/* The same, but watched as memory_moment() does: up to 40 milliseconds. */
int record_watch(struct memory *memory, uint64_t offset, size_t size, unsigned char *bytes,
		 bool *torn);

/* The records of an array, or one and the same part of each. Belongs to one thread at a time. */
struct records {
	struct memory *memory;
	uint64_t offset; /* of the part that is read, in the first record */
	uint64_t stride; /* from one record to the next */
	size_t size;	 /* of the part */
	size_t most;	 /* records that are read at once */
	/* What was read last. */
	size_t step; /* from one to the next in bytes */
	unsigned char *bytes;
	bool *torn;
	unsigned char *room, *again;
	size_t room_size;
};

/* Fills *records, for records_destroy(): so many records at once as piece bytes hold, at least one.
 * 0, -ENOMEM. */
int records_init(struct records *records, struct memory *memory, uint64_t offset, uint64_t stride,
		 size_t size, size_t piece);
void records_destroy(struct records *records); /* takes a zeroed one */
/* Reads n (at most most) records from the index-th on: how many, fewer only before one that can't
 * be read. Errors of record_read(), of the first. */
ssize_t records_read(struct records *records, uint64_t index, size_t n);

static inline const unsigned char *records_at(const struct records *records, size_t i)
{
	return records->bytes + i * records->step;
}

#endif
