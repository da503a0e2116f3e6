/* SPDX-License-Identifier: MIT */
#include "view/overview.h"

#include <stdlib.h>
#include <string.h>

int overview_look(struct env *env, struct region *region, struct overview_row *out)
{
	struct overview_row row = {.region = region};
	struct layout_state state;
	struct object *object;
	int r = 0;

	if (region->approachable) {
		r = env->object(env, region, &object);
		if (r < 0)
			return r;
		row.known = memory_resident(object_memory(object), &row.resident) == 0;
		r = object_layout_state(object, &state);
		object_unref(object);
		if (r < 0)
			return r;
		row.layout = layout_origin_name(state.origin);
		layout_state_destroy(&state);
	}
	*out = row;
	return 0;
}

static int by_resident(const void *a, const void *b)
{
	const struct overview_row *left = a, *right = b;

	if (left->known != right->known)
		return left->known ? -1 : 1;
	if (left->resident != right->resident)
		return left->resident > right->resident ? -1 : 1;
	if (left->region->size != right->region->size)
		return left->region->size > right->region->size ? -1 : 1;
	return strcmp(left->region->name, right->region->name);
}

int overview_all(struct env *env, const struct snapshot *snapshot, bool noise,
		 struct overview_row *rows, size_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < snapshot->n_regions; i++) {
		int r;

		if (snapshot->regions[i]->noise && !noise)
			continue;
		r = overview_look(env, snapshot->regions[i], &rows[n++]);
		if (r < 0)
			return r;
	}
	qsort(rows, n, sizeof(*rows), by_resident);
	*out = n;
	return 0;
}
