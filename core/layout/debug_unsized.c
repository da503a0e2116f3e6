/* SPDX-License-Identifier: MIT */
/*
 * Members of a class that the program only declares, so that nobody knows its size: clang leaves
 * classes out whose code is in another library (std::string is one) unless it is told
 * -fstandalone-debug. Their place is known, and what stands there until the next member is theirs
 * or nobody's: it is shown as that many bytes, as nullptr_t is, rather than not at all.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "layout/debug_inside.h"

static bool is_unsized(const struct field *field)
{
	return field->type->state != CTYPE_COMPLETE;
}

static int by_number(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

	return (one > other) - (one < other);
}

/* The first of n sorted numbers that is above value, or end. */
static uint64_t next_above(const uint64_t *sorted, size_t n, uint64_t value, uint64_t end)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sorted[middle] <= value)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n ? sorted[low] : end;
}

void maker_size_unsized(struct maker *m, const struct type *record, struct field *fields, size_t n)
{
	CLEANUP(free_ptr) uint64_t *places = NULL;
	size_t i;

	for (i = 0; i < n && !is_unsized(&fields[i]); i++)
		;
	if (i == n)
		return;
	places = calloc(n, sizeof(*places));
	if (!places) {
		parse_no_memory(&m->p);
		return;
	}
	for (size_t j = 0; j < n; j++)
		places[j] = fields[j].position / 8;
	qsort(places, n, sizeof(*places), by_number);
	for (; i < n; i++) {
		uint64_t at = fields[i].position / 8;

		if (is_unsized(&fields[i]))
			fields[i].type =
				maker_bytes(m, next_above(places, n, at, record->size) - at,
					    fields[i].type->type.name);
	}
}
