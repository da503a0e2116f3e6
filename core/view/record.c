/* SPDX-License-Identifier: MIT */
#include "view/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNED 64 /* a cache line: what copying moves at once, at most */

static int told(int r, bool *torn)
{
	if (r >= 0)
		*torn = r == 0;
	return r < 0 ? r : 0;
}

int record_read(struct memory *memory, uint64_t offset, size_t size, unsigned char *bytes,
		bool *torn)
{
	return told(memory_still(memory, bytes, size, offset, MEMORY_LOOKS, MEMORY_TRIES), torn);
}

int record_watch(struct memory *memory, uint64_t offset, size_t size, unsigned char *bytes,
		 bool *torn)
{
	return told(memory_moment(memory, bytes, size, offset), torn);
}

/* Whether what lies between the parts is so little that it is read along with them. */
static bool is_dense(const struct records *records)
{
	return records->stride - records->size <= records->size + 256;
}

int records_init(struct records *records, struct memory *memory, uint64_t offset, uint64_t stride,
		 size_t size, size_t piece)
{
	struct records made = {.memory = memory, .offset = offset, .stride = stride, .size = size};

	made.step = is_dense(&made) ? stride : size;
	made.most = made.step && made.step < piece ? piece / made.step : 1;
	/* The part may be shorter than the step, and its start is aligned as in memory. */
	if (__builtin_mul_overflow(made.most, made.step, &made.room_size) ||
	    __builtin_add_overflow(made.room_size, 2 * ALIGNED - 1, &made.room_size))
		return -ENOMEM;
	made.room_size -= made.room_size % ALIGNED;
	made.room = aligned_alloc(ALIGNED, made.room_size);
	made.again = aligned_alloc(ALIGNED, made.room_size);
	made.torn = calloc(made.most, sizeof(*made.torn));
	*records = made;
	if (made.room && made.again && made.torn)
		return 0;
	records_destroy(records);
	return -ENOMEM;
}

void records_destroy(struct records *records)
{
	free(records->room);
	free(records->again);
	free(records->torn);
	*records = (struct records){0};
}

/* The n bytes at offset, and at `to` how far behind a multiple of ALIGNED they are. */
static int read_piece(struct memory *memory, unsigned char *to, size_t n, uint64_t offset)
{
	size_t into = offset % ALIGNED;
	ssize_t got = memory_read(memory, to, n + into, offset - into);

	if (got < 0)
		return (int)got;
	return (size_t)got == n + into ? 0 : -EIO;
}

/* Each record that isn't the same in both pieces, once more. */
static int read_moved(struct records *records, uint64_t start, size_t n)
{
	unsigned char *again = records->again + (records->bytes - records->room);
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		size_t at = i * records->step;

		records->torn[i] = false;
		if (memcmp(records->bytes + at, again + at, records->size) != 0)
			r = record_read(records->memory, start + at, records->size,
					records->bytes + at, &records->torn[i]);
	}
	return r;
}

static int read_dense(struct records *records, uint64_t start, size_t n)
{
	size_t length = (n - 1) * records->step + records->size;
	int r = read_piece(records->memory, records->room, length, start);

	if (r == 0)
		r = read_piece(records->memory, records->again, length, start);
	if (r < 0)
		return r;
	records->bytes = records->room + start % ALIGNED;
	if (memcmp(records->bytes, records->again + start % ALIGNED, length) != 0)
		return read_moved(records, start, n);
	memset(records->torn, 0, n * sizeof(*records->torn));
	return 0;
}

static int read_parts(struct records *records, uint64_t start, size_t n)
{
	int r = 0;

	records->bytes = records->room;
	for (size_t i = 0; i < n && r == 0; i++)
		r = record_read(records->memory, start + i * records->stride, records->size,
				records->room + i * records->step, &records->torn[i]);
	return r;
}

ssize_t records_read(struct records *records, uint64_t index, size_t n)
{
	uint64_t start = records->offset + index * records->stride;

	for (;;) {
		int r = records->step == records->stride ? read_dense(records, start, n)
							 : read_parts(records, start, n);

		if (r == 0)
			return (ssize_t)n;
		if (r != -EIO || n == 1)
			return r;
		n /= 2;
	}
}
