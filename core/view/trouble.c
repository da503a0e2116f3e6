/* SPDX-License-Identifier: MIT */
#include "view/trouble.h"

#include <errno.h>

#include "view/place.h"

#define STEPS_MAX                                                                                  \
	10000 /* for each variable, of all that one answer may take: it must come at once */
#define LOOKS_MAX 1000 /* members and elements within variables, of which each has its share */

static bool is_trouble(int err)
{
	return err == -ERANGE || err == -ELOOP;
}

static bool is_in_trouble(struct spot *spot, uint64_t index, unsigned *looks);

/* In one of the count children of the place that the trail leads to. */
static bool has_trouble(struct spot *spot, uint64_t count, unsigned *looks)
{
	const struct type *type = spot_place(spot)->type;

	if (!type->varies || !type_is_directory(type))
		return false;
	for (uint64_t i = 0; i < count && *looks; i++) {
		--*looks;
		if (is_in_trouble(spot, i, looks))
			return true;
	}
	return false;
}

static bool is_in_trouble(struct spot *spot, uint64_t index, unsigned *looks)
{
	uint64_t count = 0;
	bool found;
	int r = walk_has(&spot->walk, &spot->trail, index);

	if (r == 0)
		r = walk_down(&spot->walk, &spot->trail, index);
	if (r < 0)
		return is_trouble(r);
	r = walk_count(&spot->walk, &spot->trail, &count);
	found = is_trouble(r) || spot->walk.cut || has_trouble(spot, count, looks);
	walk_up(&spot->trail);
	return found;
}

/* An array that would take what room there is, and not even one element has it. */
static bool has_no_room(struct spot *spot, const struct member *member)
{
	const struct type *type = member->type;
	uint64_t room = spot->walk.size - member->offset;

	if (type->kind != TYPE_ARRAY || type->length || type_least(type->element) <= room)
		return false;
	diag_set(&spot->diag, 0, 0, 0,
		 "'%s' is empty: one '%s' has %lu bytes, and there are %lu from %lu on",
		 member->name, type->element->name, (unsigned long)type_least(type->element),
		 (unsigned long)room, (unsigned long)member->offset);
	return true;
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

		for (uint64_t i = 0; i < type->n_members && !found; i++) {
			unsigned most = left < STEPS_MAX ? left : STEPS_MAX,
				 looks = LOOKS_MAX / (unsigned)type->n_members;

			found = has_no_room(&spot, &type->members[i]);
			if (found || !type->varies || !left)
				continue;
			spot.walk.steps = most;
			found = is_in_trouble(&spot, i, &looks);
			left -= most - spot.walk.steps;
		}
	}
	binding_unref(binding);
	if (found)
		*diag = spot.diag;
	return found;
}
