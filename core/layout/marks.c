/* SPDX-License-Identifier: MIT */
#include "layout/marks.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"

#define ROWS 4 /* arrays whose marks are kept at once */

/* Mark i is of element (i + 1) x MARKS_EVERY. */
struct row {
	uint64_t ordinal, array;
	uint64_t made; /* clock_ns() of the first */
	unsigned n, capacity;
	uint64_t *offsets;
};

struct marks {
	pthread_mutex_t lock;
	struct row rows[ROWS];
};

struct marks *marks_new(void)
{
	struct marks *marks = calloc(1, sizeof(*marks));

	if (marks)
		pthread_mutex_init(&marks->lock, NULL);
	return marks;
}

void marks_free(struct marks *marks)
{
	if (!marks)
		return;
	for (unsigned i = 0; i < ROWS; i++)
		free(marks->rows[i].offsets);
	pthread_mutex_destroy(&marks->lock);
	free(marks);
}

/* The row of an array, without marks that are too old; NULL: it has none. Locked. */
static struct row *row_of(struct marks *marks, uint64_t ordinal, uint64_t array)
{
	for (unsigned i = 0; i < ROWS; i++) {
		struct row *row = &marks->rows[i];

		if (!row->n || row->ordinal != ordinal || row->array != array)
			continue;
		if (clock_ns() - row->made > MARKS_AGE)
			row->n = 0;
		return row;
	}
	return NULL;
}

/* One for a new array: free, or of the oldest marks. Locked. */
static struct row *new_row(struct marks *marks, uint64_t ordinal, uint64_t array)
{
	struct row *oldest = &marks->rows[0];

	for (unsigned i = 1; i < ROWS && oldest->n; i++) {
		if (!marks->rows[i].n || marks->rows[i].made < oldest->made)
			oldest = &marks->rows[i];
	}
	oldest->n = 0;
	oldest->ordinal = ordinal;
	oldest->array = array;
	return oldest;
}

bool marks_before(struct marks *marks, uint64_t ordinal, uint64_t array, uint64_t index,
		  uint64_t *at, uint64_t *offset)
{
	struct row *row;
	bool found = false;

	pthread_mutex_lock(&marks->lock);
	row = row_of(marks, ordinal, array);
	if (row && row->n > 1 && index / MARKS_EVERY > 1) {
		uint64_t nearest = index / MARKS_EVERY < row->n ? index / MARKS_EVERY : row->n;

		*at = (nearest - 1) * MARKS_EVERY;
		*offset = row->offsets[nearest - 2];
		found = true;
	}
	pthread_mutex_unlock(&marks->lock);
	return found;
}

/* Room for one more. Locked. */
static bool reserve(struct row *row)
{
	unsigned capacity = row->capacity ? 2 * row->capacity : 16;
	uint64_t *offsets;

	if (row->n < row->capacity)
		return true;
	if (row->n == MARKS_MAX)
		return false;
	offsets = realloc(row->offsets, capacity * sizeof(*offsets));
	if (!offsets)
		return false;
	row->offsets = offsets;
	row->capacity = capacity;
	return true;
}

bool marks_pass(struct marks *marks, uint64_t ordinal, uint64_t array, uint64_t at, uint64_t offset)
{
	uint64_t i = at / MARKS_EVERY - 1;
	struct row *row;
	bool right = true;

	pthread_mutex_lock(&marks->lock);
	row = row_of(marks, ordinal, array);
	if (!row)
		row = new_row(marks, ordinal, array);
	if (i < row->n) {
		right = row->offsets[i] == offset;
		row->n = right ? row->n : 0;
	} else if (i == row->n && reserve(row)) {
		if (!row->n)
			row->made = clock_ns();
		row->offsets[row->n++] = offset;
	}
	pthread_mutex_unlock(&marks->lock);
	return right;
}

void marks_drop(struct marks *marks, uint64_t ordinal, uint64_t array)
{
	struct row *row;

	pthread_mutex_lock(&marks->lock);
	row = row_of(marks, ordinal, array);
	if (row)
		row->n = 0;
	pthread_mutex_unlock(&marks->lock);
}
