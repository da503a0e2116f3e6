/* SPDX-License-Identifier: MIT */
#include "view/trouble.h"

#include <errno.h>

#include "view/place.h"

#define STEPS_MAX                                                                                  \
	10000 /* for each variable, of all that one answer may take: it must come at once */

static bool is_trouble(int err)
{
	return err == -ERANGE || err == -ELOOP;
}

static bool is_in_trouble(struct spot *spot, uint64_t index)
{
	uint64_t count;
	int r = walk_has(&spot->walk, &spot->trail, index);

	if (r == 0)
		r = walk_down(&spot->walk, &spot->trail, index);
	if (r < 0)
		return is_trouble(r);
	r = walk_count(&spot->walk, &spot->trail, &count);
	walk_up(&spot->trail);
	return is_trouble(r) || spot->walk.cut;
}

bool trouble_find(struct object *object, struct diag *diag)
{
	struct binding *binding;
	bool found = false;
	struct node root;
	struct spot spot;

	if (object_fields(object, &binding) < 0)
		return false;
	root = (struct node){.binding = binding, .view = &view_record};
	if (spot_find(&root, &spot) == 0) {
		const struct type *type = spot_place(&spot)->type;
		unsigned left = WALK_STEPS_MAX;

		for (uint64_t i = 0; i < type->n_members && type->varies && !found && left; i++) {
			unsigned most = left < STEPS_MAX ? left : STEPS_MAX;

			spot.walk.steps = most;
			found = is_in_trouble(&spot, i);
			left -= most - spot.walk.steps;
		}
	}
	binding_unref(binding);
	if (found)
		*diag = spot.diag;
	return found;
}
