/* SPDX-License-Identifier: MIT */
#include "view/locate.h"

#include <errno.h>

struct search {
	struct spot *spot;
	uint64_t offset;
	locate_fn *found;
	void *context;
};

static bool holds(const struct place *place, uint64_t offset)
{
	return offset >= place->offset && offset - place->offset < place->size;
}

static int search(struct search *s);

/* Errors that end the search; all others mean that the child isn't there to be found. */
static bool is_end(int r)
{
	return r < 0 && r != -ENOENT && r != -ERANGE && r != -ELOOP;
}

/* A string that has no length of its own holds what is before its NUL, and that. */
static int measure(struct search *s)
{
	struct trail *trail = &s->spot->trail;
	struct place *place = &trail->at[trail->n - 1];
	struct walk *walk = &s->spot->walk;
	uint64_t room = place->size;
	int r;

	if (place->type->kind != TYPE_STRING || !place->type->open || !holds(place, s->offset))
		return 0;
	r = place_text_size(walk->read, walk->context, place, &place->size);
	if (r == -EFBIG)
		place->size = 0;
	else if (r == 0 && place->size < room)
		place->size++;
	return r == -EFBIG ? 0 : r;
}

/* In the child of that index. 0: not there. */
static int search_child(struct search *s, uint64_t index)
{
	struct trail *trail = &s->spot->trail;
	int r = walk_down(&s->spot->walk, trail, index);

	if (r == 0)
		r = measure(s);
	if (r < 0)
		return is_end(r) ? r : 0;
	r = holds(trail_end(trail), s->offset) ? search(s) : 0;
	if (r == 0)
		walk_up(trail);
	return r;
}

static int search_members(struct search *s)
{
	const struct place record = *spot_place(s->spot);
	int r = 0;

	for (uint64_t i = 0; i < record.type->n_members && r == 0; i++) {
		const struct member *member = &record.type->members[i];
		struct place plain = type_child(&record, i);

		if (member->rule || member->type->varies || holds(&plain, s->offset))
			r = search_child(s, i);
	}
	return r;
}

/* Elements that are walked to stand in order, so the last one that begins before is the one. */
static int search_walked(struct search *s)
{
	struct walk *walk = &s->spot->walk;
	struct trail *trail = &s->spot->trail;

	for (uint64_t i = 0;; i++) {
		int r = walk_down(walk, trail, i);
		struct place element;

		if (r < 0)
			return is_end(r) ? r : 0;
		element = *trail_end(trail);
		if (holds(&element, s->offset)) {
			r = search(s);
			if (r == 0)
				walk_up(trail);
			return r;
		}
		walk_up(trail);
		if (element.offset > s->offset)
			return 0;
	}
}

static int search_elements(struct search *s)
{
	const struct place *array = spot_place(s->spot);
	uint64_t size = array->type->element->size, index;
	int r;

	if (walk_is_walked(array->type))
		return search_walked(s);
	if (!size)
		return 0;
	index = (s->offset - array->offset) / size;
	r = walk_has(&s->spot->walk, &s->spot->trail, index);
	if (r < 0)
		return is_end(r) ? r : 0;
	return search_child(s, index);
}

static int search(struct search *s)
{
	const struct type *type = spot_place(s->spot)->type;

	if (!s->spot->walk.steps) /* unions in unions are many places, all at one offset */
		return -E2BIG;
	s->spot->walk.steps--;
	if (s->found(s->context, s->spot))
		return 1;
	if (!type_is_directory(type))
		return 0;
	return type->kind == TYPE_ARRAY ? search_elements(s) : search_members(s);
}

int locate(struct spot *spot, uint64_t offset, locate_fn *found, void *context)
{
	struct search s = {spot, offset, found, context};

	return holds(spot_place(spot), offset) ? search(&s) : 0;
}

void locate_path(const struct trail *trail, unsigned first, struct buf *out)
{
	for (unsigned i = first ? first : 1; i < trail->n; i++) {
		const struct place *parent = &trail->at[i - 1];
		uint64_t distance = trail->at[i].ordinal - parent->ordinal;

		if (i > first && i > 1)
			buf_putc(out, '/');
		type_child_name(parent->type, type_child_holding(parent->type, distance), out);
	}
}

void locate_link(const struct trail *from, const struct trail *to, struct buf *out)
{
	unsigned common = 1, up;

	while (common < from->n - 1 && common < to->n &&
	       from->at[common].ordinal == to->at[common].ordinal)
		common++;
	up = from->n - 1 - common;
	for (unsigned i = 0; i < up; i++)
		buf_puts(out, i ? "/.." : "..");
	if (common < to->n && up)
		buf_putc(out, '/');
	if (common < to->n)
		locate_path(to, common, out);
	else if (!up)
		buf_putc(out, '.');
}
