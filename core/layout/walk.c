/* SPDX-License-Identifier: MIT */
#include "layout/walk.h"

#include <errno.h>

#include "layout/walk_inside.h"

void walk_begin(struct walk *walk, const struct bound *bound, layout_read_fn *read, void *context,
		struct diag *diag)
{
	*walk = (struct walk){
		.bound = bound,
		.read = read,
		.context = context,
		.diag = diag,
		.size = bound_size(bound),
		.steps = WALK_STEPS_MAX,
	};
}

void trail_begin(const struct walk *walk, struct trail *trail)
{
	trail->n = 1;
	trail->at[0] = bound_root(walk->bound);
}

int walk_push(struct trail *trail, const struct place *place)
{
	if (trail->n == WALK_DEPTH_MAX)
		return -ELOOP;
	trail->at[trail->n++] = *place;
	return 0;
}

/* How long a struct that says it itself is; between its least and the room that there is. */
int walk_own_size(struct walk *walk, struct trail *trail, struct place *place, uint64_t room)
{
	const struct expr *expr = place->type->live->size;
	uint64_t size, least = type_least(place->type);
	int r = walk_push(trail, place);

	if (r < 0)
		return r;
	r = walk_natural(walk, trail, expr, "length", &size);
	walk_up(trail);
	if (r < 0)
		return r;
	if (size < least || size > room)
		return diag_set(walk->diag, -ERANGE, expr->line, expr->column,
				"a '%s' at %lu says that it has %lu bytes: not between %lu and the "
				"%lu that there are",
				place->type->name, (unsigned long)place->offset,
				(unsigned long)size, (unsigned long)least, (unsigned long)room);
	place->size = size;
	return 0;
}

/* A count, or what there is room for when it says more. */
uint64_t walk_at_most(struct walk *walk, const struct expr *expr, uint64_t count, uint64_t room)
{
	if (count <= room)
		return count;
	walk->cut = true;
	diag_set(walk->diag, 0, expr->line, expr->column,
		 "the count is %lu, but there is room for %lu", (unsigned long)count,
		 (unsigned long)room);
	return room;
}

/* Text and bytes of which a number says how many are used. */
static int used_size(struct walk *walk, struct trail *trail, struct place *place)
{
	uint64_t used;
	int r = walk_natural(walk, trail, place->type->live->count, "count", &used);

	if (r == 0)
		place->size = walk_at_most(walk, place->type->live->count, used, place->size);
	return r;
}

/* Does an array without bound at a struct's end reach beyond it? Where the struct doesn't say its
 * length, and a count or an end says how many there are. */
static bool reaches_out(const struct type *parent, const struct type *type)
{
	return type->open && type->live && (type->live->count || type->live->until) &&
	       !(parent->live && parent->live->size);
}

/* What room a place has, now that it is known where it stands; limit: where the room ends. */
static int fit(struct walk *walk, struct trail *trail, const struct member *member, uint64_t limit,
	       struct place *place)
{
	const struct type *type = place->type;
	const struct expr *at = member->rule ? member->rule->at : NULL;
	uint64_t room = place->offset <= limit ? limit - place->offset : 0;

	if (place->offset > limit || type_least(type) > room)
		return diag_set(walk->diag, -ERANGE, at ? at->line : 0, at ? at->column : 0,
				"'%s' is placed at %lu, but there it has no room before %lu",
				member->name, (unsigned long)place->offset, (unsigned long)limit);
	if (type->open)
		place->size = room;
	if (type->live && type->live->size)
		return walk_own_size(walk, trail, place, room);
	if (type->live && type->live->count && type_is_run(type))
		return used_size(walk, trail, place);
	return 0;
}

/* Where `at` puts a member. */
static int offset_of(struct walk *walk, struct trail *trail, const struct member *member,
		     uint64_t *offset)
{
	const struct rule *rule = member->rule;
	__int128 at = rule->absolute ? 0 : trail_end(trail)->offset;
	uint64_t value;
	int r = walk_number(walk, trail, rule->at, &value);

	if (r < 0)
		return r;
	at += rule->at->is_unsigned ? (__int128)value : (__int128)(int64_t)value;
	if (at < 0 || at > (__int128)walk->size)
		return diag_set(walk->diag, -ERANGE, rule->at->line, rule->at->column,
				"'%s' is placed %ld bytes from %s: outside the region's %lu",
				member->name, (long)value,
				rule->absolute || trail->n == 1 ? "the region's start"
								: "its struct's start",
				(unsigned long)walk->size);
	*offset = (uint64_t)at;
	return 0;
}

/* Whether the condition of a member, if it has one, holds. */
static int holds(struct walk *walk, struct trail *trail, const struct member *member)
{
	uint64_t value = 1;
	int r = 0;

	if (member->rule && member->rule->when)
		r = walk_number(walk, trail, member->rule->when, &value);
	return r < 0 ? r : value ? 0 : -ENOENT;
}

static int member_at(struct walk *walk, struct trail *trail, uint64_t index, struct place *out)
{
	const struct place *parent = trail_end(trail);
	const struct member *member = &parent->type->members[index];
	uint64_t limit = parent->offset + parent->size;
	struct place place = type_child(parent, index);
	int r;

	if (!member->rule && !place.type->varies) {
		*out = place;
		return 0;
	}
	r = holds(walk, trail, member);
	if (r == 0 && member->rule && member->rule->at)
		r = offset_of(walk, trail, member, &place.offset);
	if (r < 0)
		return r;
	if ((member->rule && member->rule->at) || reaches_out(parent->type, place.type))
		limit = walk->size;
	r = fit(walk, trail, member, limit, &place);
	if (r == 0)
		*out = place;
	return r;
}

int walk_down(struct walk *walk, struct trail *trail, uint64_t index)
{
	struct place child;
	int r = type_is_record(trail_end(trail)->type) ? member_at(walk, trail, index, &child)
						       : walk_element(walk, trail, index, &child);

	return r < 0 ? r : walk_push(trail, &child);
}

int walk_has(struct walk *walk, struct trail *trail, uint64_t index)
{
	const struct type *type = trail_end(trail)->type;
	uint64_t n = 0;
	int r;

	if (index >= type_children(type))
		return -ENOENT;
	if (type_is_record(type))
		return holds(walk, trail, &type->members[index]);
	if (type->stride)
		return 0;
	if (walk_is_walked(type))
		return walk_along(walk, trail, index, NULL, NULL);
	r = walk_most(walk, trail, &n);
	return r < 0 ? r : index < n ? 0 : -ENOENT;
}

int walk_count(struct walk *walk, struct trail *trail, uint64_t *count)
{
	const struct type *type = trail_end(trail)->type;
	int r;

	if (type->kind != TYPE_ARRAY) {
		*count = type_children(type);
		return 0;
	}
	if (type->stride) {
		*count = 0;
		return 0;
	}
	if (!walk_is_walked(type))
		return walk_most(walk, trail, count);
	r = walk_along(walk, trail, UINT64_MAX, NULL, count);
	return r == -ENOENT ? 0 : r;
}

int walk_lookup(struct walk *walk, struct trail *trail, const char *name, struct place *out,
		uint64_t *index)
{
	struct place found;
	uint64_t at = 0;
	int r = type_lookup(trail_end(trail), name, &found, &at);

	if (r == 0)
		r = walk_has(walk, trail, at);
	if (r < 0)
		return r;
	if (out)
		*out = found;
	if (index)
		*index = at;
	return 0;
}

int walk_find(struct walk *walk, uint64_t ordinal, struct trail *trail)
{
	const struct place *place;

	trail_begin(walk, trail);
	if (ordinal >= trail_end(trail)->type->span)
		return -ENOENT;
	while ((place = trail_end(trail))->ordinal != ordinal) {
		uint64_t index = type_child_holding(place->type, ordinal - place->ordinal);
		int r = walk_down(walk, trail, index);

		if (r < 0)
			return r;
	}
	return 0;
}
