/* SPDX-License-Identifier: MIT */
#include "view/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOOKS	    16 /* at a record after the first, in about two microseconds */
#define PIECE_LOOKS 2  /* at a piece, which by its size take as long */

int record_read(struct memory *memory, uint64_t offset, size_t size, unsigned char *bytes,
		bool *torn)
{
	int r = memory_still(memory, bytes, size, offset, LOOKS, RECORD_TRIES);

	if (r < 0)
		return r;
	*torn = r == 0;
	return 0;
}

/* Whether what lies between the parts is so little that it is read along with them. */
static bool is_dense(const struct records *records)
{
	return records->stride - records->size <= records->size + 256;
}

int records_init(struct records *records, struct memory *memory, uint64_t offset, uint64_t stride,
		 size_t size, size_t piece)
{
	size_t room;
	struct records made = {.memory = memory, .offset = offset, .stride = stride, .size = size};

	made.step = is_dense(&made) ? stride : size;
	made.most = made.step && made.step < piece ? piece / made.step : 1;
	if (__builtin_mul_overflow(made.most, made.step, &room))
		return -ENOMEM;
	made.bytes = malloc(room + 1);
	made.torn = calloc(made.most, sizeof(*made.torn));
	*records = made;
	if (made.bytes && made.torn)
		return 0;
	records_destroy(records);
	return -ENOMEM;
}

void records_destroy(struct records *records)
{
	free(records->bytes);
	free(records->torn);
	*records = (struct records){0};
}

/* Records i to i + n - 1 of the piece, the i-th of which stands at start. If they don't stand still
 * together, each half by itself. */
static int read_some(struct records *records, uint64_t start, size_t i, size_t n)
{
	unsigned char *to = records->bytes + i * records->step;
	int r = memory_still(records->memory, to, (n - 1) * records->step + records->size, start,
			     PIECE_LOOKS, 1);

	if (r > 0)
		memset(records->torn + i, 0, n * sizeof(*records->torn));
	if (r != 0)
		return r < 0 ? r : 0;
	if (n == 1)
		return record_read(records->memory, start, records->size, to, &records->torn[i]);
	r = read_some(records, start, i, n / 2);
	if (r == 0)
		r = read_some(records, start + n / 2 * records->step, i + n / 2, n - n / 2);
	return r;
}

static int read_parts(struct records *records, uint64_t start, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++)
		r = read_some(records, start + i * records->stride, i, 1);
	return r;
}

ssize_t records_read(struct records *records, uint64_t index, size_t n)
{
	uint64_t start = records->offset + index * records->stride;

	for (;;) {
		int r = records->step == records->stride ? read_some(records, start, 0, n)
							 : read_parts(records, start, n);

		if (r == 0)
			return (ssize_t)n;
		if (r != -EIO || n == 1)
			return r;
		n /= 2;
	}
}
