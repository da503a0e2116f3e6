/* SPDX-License-Identifier: MIT */
/* The elements of an array: how many there are, and those that are found only by walking: walk.h.
 */
#include <errno.h>

#include "layout/marks.h"
#include "layout/walk_inside.h"

/* The expression that an array is walked for; NULL: it isn't. */
static const struct expr *why_walked(const struct type *array)
{
	const struct live *live = array->element->live;

	if (array->stride)
		return NULL;
	if (array->live && array->live->until)
		return array->live->until;
	return live ? live->size : NULL;
}

bool walk_is_walked(const struct type *array)
{
	return why_walked(array);
}

/* How many elements there can be at most, by what is known without walking along them. */
int walk_most(struct walk *walk, struct trail *trail, uint64_t *count)
{
	const struct place *array = trail_end(trail);
	const struct type *type = array->type;
	uint64_t n = type->length, least = type_least(type->element), used;
	int r;

	if (type->open && least && n > array->size / least)
		n = array->size / least;
	if (type->live && type->live->count) {
		r = walk_natural(walk, trail, type->live->count, "count", &used);
		if (r < 0)
			return r;
		n = walk_at_most(walk, type->live->count, used, n);
	}
	*count = n;
	return 0;
}

/*
 * One element of a walked array, whose offset is known: its size. -ENOENT when the array ends
 * before it.
 */
static int measure(struct walk *walk, struct trail *trail, struct place *element)
{
	const struct place *array = trail_end(trail);
	const struct live *live = array->type->live;
	uint64_t end = array->offset + array->size, room = end - element->offset, ends = 0;
	int r;

	/* it may have been longer when its marks were made */
	if (element->offset > end || type_least(element->type) > room)
		return -ENOENT;
	if (live && live->until) {
		r = walk_push(trail, element);
		if (r < 0)
			return r;
		r = walk_number(walk, trail, live->until, &ends);
		walk_up(trail);
		if (r < 0)
			return r;
		if (ends)
			return -ENOENT;
	}
	if (!element->type->live || !element->type->live->size)
		return 0;
	r = walk_own_size(walk, trail, element, room);
	if (r == -ERANGE)
		walk->cut = true;
	return r == -ERANGE ? -ENOENT : r;
}

/* A walk along an array, and where it is. */
struct stroll {
	struct place array, element;
	uint64_t at;	/* the element's index */
	uint64_t proof; /* of the element that must be passed before what was found is true */
};

/* Where to begin on the way to an element: at the array's start, at a mark, or where the walk was
 * last. */
static void begin(const struct walk *walk, struct stroll *stroll, uint64_t index)
{
	const struct place *array = &stroll->array;

	stroll->element = type_child(array, 0);
	stroll->at = stroll->proof = 0;
	if (walk->remembers && marks_before(bound_marks(walk->bound), array->ordinal, array->offset,
					    index, &stroll->at, &stroll->element.offset))
		stroll->proof = stroll->at + MARKS_EVERY;
	if (walk->last.ordinal != array->ordinal || walk->last.array != array->offset ||
	    walk->last.index > index || walk->last.index < stroll->at)
		return;
	stroll->proof = 0;
	stroll->at = walk->last.index;
	stroll->element.offset = walk->last.offset;
}

/* Is what a mark said of the array not so any more? r: what its element is. */
static bool is_astray(const struct walk *walk, const struct stroll *stroll, int r)
{
	const struct place *array = &stroll->array;

	if (!walk->remembers)
		return false;
	if (r == -ENOENT && stroll->at < stroll->proof) {
		marks_drop(bound_marks(walk->bound), array->ordinal, array->offset);
		return true;
	}
	return r == 0 && stroll->at && stroll->at % MARKS_EVERY == 0 &&
	       !marks_pass(bound_marks(walk->bound), array->ordinal, array->offset, stroll->at,
			   stroll->element.offset);
}

/* Is there an element where the walk is? */
static int look(struct walk *walk, struct trail *trail, struct stroll *stroll)
{
	const struct expr *why = why_walked(stroll->array.type);
	int r = why->kind == EXPR_CONSTANT ? walk_step(walk, why) : 0;

	stroll->element.size = stroll->element.type->size;
	return r < 0 ? r : measure(walk, trail, &stroll->element);
}

static void remember(struct walk *walk, const struct stroll *stroll)
{
	walk->last.array = stroll->array.offset;
	walk->last.ordinal = stroll->array.ordinal;
	walk->last.index = stroll->at;
	walk->last.offset = stroll->element.offset;
}

/* Walks to the index-th element of a walked array, or to the end: *n elements are before it. */
int walk_along(struct walk *walk, struct trail *trail, uint64_t index, struct place *out,
	       uint64_t *count)
{
	struct stroll stroll = {.array = *trail_end(trail)};
	uint64_t end;
	int r = walk_most(walk, trail, &end);

	if (r < 0)
		return r;
	begin(walk, &stroll, index < end ? index : end);
	while (stroll.at < end) {
		r = look(walk, trail, &stroll);
		if (is_astray(walk, &stroll, r)) {
			walk->last.ordinal = 0;
			begin(walk, &stroll, 0);
			continue;
		}
		if (r < 0)
			break;
		remember(walk, &stroll);
		if (stroll.at == index)
			break;
		stroll.at++;
		stroll.element.offset += stroll.element.size;
	}
	if (r < 0 && r != -ENOENT)
		return r;
	if (count)
		*count = stroll.at;
	if (r < 0 || stroll.at == end)
		return -ENOENT;
	if (out) {
		*out = stroll.element;
		out->ordinal = type_child(&stroll.array, index).ordinal;
	}
	return 0;
}

/* One of those that may stand anywhere. */
static int overlapping_at(struct walk *walk, struct trail *trail, uint64_t index, struct place *out)
{
	struct place place = type_child(trail_end(trail), index);
	int r = 0;

	if (place.type->live && place.type->live->size)
		r = walk_own_size(walk, trail, &place, walk->size - place.offset);
	if (r == 0)
		*out = place;
	return r;
}

int walk_element(struct walk *walk, struct trail *trail, uint64_t index, struct place *out)
{
	const struct place *array = trail_end(trail);
	struct place place;

	if (array->type->stride)
		return overlapping_at(walk, trail, index, out);

	if (walk_is_walked(array->type))
		return walk_along(walk, trail, index, out, NULL);
	place = type_child(array, index);
	if (array->type->open && (place.offset - array->offset > array->size ||
				  place.size > array->size - (place.offset - array->offset)))
		return -ENOENT;
	*out = place;
	return 0;
}
