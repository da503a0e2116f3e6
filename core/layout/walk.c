/* SPDX-License-Identifier: MIT */
#include "layout/walk.h"

#include <errno.h>
#include <string.h>

#include "layout/expr.h"
#include "layout/marks.h"

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

static int push(struct trail *trail, const struct place *place)
{
	if (trail->n == WALK_DEPTH_MAX)
		return -ELOOP;
	trail->at[trail->n++] = *place;
	return 0;
}

static void copy_trail(const struct trail *from, unsigned n, struct trail *to)
{
	to->n = n;
	memcpy(to->at, from->at, n * sizeof(*to->at));
}

int walk_step(struct walk *walk, const struct expr *expr)
{
	if (walk->steps) {
		walk->steps--;
		return 0;
	}
	return diag_set(walk->diag, -E2BIG, expr->line, expr->column,
			"finding this out takes more than the %u steps that one answer may take",
			WALK_STEPS_MAX);
}

/* ---- expressions ---- */

int walk_number(struct walk *walk, struct trail *trail, const struct expr *expr, uint64_t *value)
{
	const struct expr_memory memory = {walk, trail};
	int r;

	if (walk->nested == WALK_NESTED_MAX)
		return diag_set(walk->diag, -ELOOP, expr->line, expr->column,
				"this needs itself, or more than %u others in a chain",
				WALK_NESTED_MAX);
	walk->nested++;
	r = expr_value(expr, &memory, value, walk->diag);
	walk->nested--;
	return r;
}

/* The same, and it can't be negative. what: of which message. */
static int natural(struct walk *walk, struct trail *trail, const struct expr *expr,
		   const char *what, uint64_t *value)
{
	uint64_t number;
	int r = walk_number(walk, trail, expr, &number);

	if (r < 0)
		return r;
	if (!expr->is_unsigned && (int64_t)number < 0)
		return diag_set(walk->diag, -ERANGE, expr->line, expr->column,
				"the %s is %ld: below zero", what, (long)number);
	*value = number;
	return 0;
}

static int not_there(const struct expr *expr, struct diag *diag)
{
	return diag_set(diag, -ERANGE, expr->line, expr->column, "'%s' isn't there now",
			expr->name);
}

/* The number of places down to the innermost struct. */
static unsigned innermost(const struct trail *trail)
{
	unsigned n = trail->n;

	while (n > 1 && !type_is_record(trail->at[n - 1].type))
		n--;
	return n;
}

/* Cuts the trail to the nearest struct around that has a member of that name. */
static int around(struct walk *walk, const struct trail *trail, const struct expr *expr,
		  struct trail *out, struct diag *diag)
{
	uint64_t index;
	int r = 0;

	for (unsigned n = innermost(trail); n > 1 && r == 0; n--) {
		if (type_is_record(trail->at[n - 1].type) &&
		    type_lookup(&trail->at[n - 1], expr->name, NULL, &index) == 0) {
			copy_trail(trail, n, out);
			return walk_down(walk, out, index);
		}
		r = walk_step(walk, expr);
	}
	return r < 0 ? r
		     : diag_set(diag, -ERANGE, expr->line, expr->column,
				"no struct around this one has a field '%s'", expr->name);
}

static int child_of(struct walk *walk, const struct expr *expr, struct trail *out,
		    struct diag *diag)
{
	const struct place *parent = trail_end(out);
	uint64_t index = expr->index;
	int r = 0;

	if (expr->name && type_is_record(parent->type))
		r = type_lookup(parent, expr->name, NULL, &index);
	if (r < 0 || index >= type_children(parent->type))
		return not_there(expr, diag);
	return walk_down(walk, out, index);
}

/* The trail to the object that an expression names. */
static int trail_of(struct walk *walk, const struct trail *trail, const struct expr *expr,
		    struct trail *out, struct diag *diag)
{
	int r = 0;

	switch (expr->base) {
	case BASE_VARIABLE:
		copy_trail(trail, 1, out);
		r = walk_down(walk, out, expr->index);
		break;
	case BASE_STRUCT:
		copy_trail(trail, innermost(trail), out);
		break;
	case BASE_ITSELF:
		copy_trail(trail, trail->n, out);
		break;
	case BASE_AROUND:
		r = around(walk, trail, expr, out, diag);
		break;
	case BASE_STEP:
		if (expr->a->base == BASE_STEP)
			r = walk_step(walk, expr);
		if (r == 0)
			r = trail_of(walk, trail, expr->a, out, diag);
		if (r == 0)
			r = child_of(walk, expr, out, diag);
		break;
	default:
		return diag_set(diag, -ERANGE, expr->line, expr->column,
				"nothing can be read through a constant address");
	}
	return r == -ENOENT ? not_there(expr, diag) : r;
}

int walk_load(struct walk *walk, struct trail *trail, const struct expr *expr, uint64_t *value,
	      struct diag *diag)
{
	struct trail found;
	const struct type *type = expr->type;
	unsigned char bytes[16];
	const struct place *place;
	int r = trail_of(walk, trail, expr, &found, diag);

	if (r < 0)
		return r;
	place = trail_end(&found);
	if (!type || type->kind == place->type->kind)
		type = place->type;
	if (type->kind > TYPE_ENUM || type->kind == TYPE_FLOAT || type->size > sizeof(bytes))
		return diag_set(diag, -ERANGE, expr->line, expr->column,
				"'%s' is of type '%s', where a whole number is needed", expr->name,
				type->name);
	if (expr->value > place->size || type->size > place->size - expr->value)
		return diag_set(diag, -ERANGE, expr->line, expr->column,
				"what is read of '%s' lies behind its end", expr->name);
	r = walk->read(walk->context, place->offset + expr->value, bytes, type->size);
	if (r < 0)
		return diag_set(diag, r, expr->line, expr->column, "'%s' can't be read",
				expr->name);
	*value = type_decode(type, bytes);
	return 0;
}

/* ---- members ---- */

/* How long a struct that says it itself is; between its least and the room that there is. */
static int own_size(struct walk *walk, struct trail *trail, struct place *place, uint64_t room)
{
	const struct expr *expr = place->type->live->size;
	uint64_t size;
	int r = push(trail, place);

	if (r < 0)
		return r;
	r = natural(walk, trail, expr, "length", &size);
	walk_up(trail);
	if (r < 0)
		return r;
	if (size < place->type->size || size > room)
		return diag_set(walk->diag, -ERANGE, expr->line, expr->column,
				"a '%s' at %lu says that it has %lu bytes: not between %lu and the "
				"%lu that there are",
				place->type->name, (unsigned long)place->offset,
				(unsigned long)size, (unsigned long)place->type->size,
				(unsigned long)room);
	place->size = size;
	return 0;
}

/* A count, or what there is room for when it says more. */
static uint64_t at_most(struct walk *walk, const struct expr *expr, uint64_t count, uint64_t room)
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
	int r = natural(walk, trail, place->type->live->count, "count", &used);

	if (r == 0)
		place->size = at_most(walk, place->type->live->count, used, place->size);
	return r;
}

/* Does an array without bound at a struct's end reach beyond it? Where the struct doesn't say its
 * length, and a count says how many there are. */
static bool reaches_out(const struct type *parent, const struct type *type)
{
	return type->open && type->live && type->live->count &&
	       !(parent->live && parent->live->size);
}

/* What room a place has, now that it is known where it stands; limit: where the room ends. */
static int fit(struct walk *walk, struct trail *trail, const struct member *member, uint64_t limit,
	       struct place *place)
{
	const struct type *type = place->type;
	const struct expr *at = member->rule ? member->rule->at : NULL;
	uint64_t room = place->offset <= limit ? limit - place->offset : 0;

	if (place->offset > limit || type->size > room)
		return diag_set(walk->diag, -ERANGE, at ? at->line : 0, at ? at->column : 0,
				"'%s' is placed at %lu, but there it has no room before %lu",
				member->name, (unsigned long)place->offset, (unsigned long)limit);
	if (type->open)
		place->size = room;
	if (type->live && type->live->size)
		return own_size(walk, trail, place, room);
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

/* ---- elements ---- */

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
static int most(struct walk *walk, struct trail *trail, uint64_t *count)
{
	const struct place *array = trail_end(trail);
	const struct type *type = array->type;
	uint64_t n = type->length, used;
	int r;

	if (type->open && type->element->size && n > array->size / type->element->size)
		n = array->size / type->element->size;
	if (type->live && type->live->count) {
		r = natural(walk, trail, type->live->count, "count", &used);
		if (r < 0)
			return r;
		n = at_most(walk, type->live->count, used, n);
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
	uint64_t room = array->offset + array->size - element->offset, ends = 0;
	int r;

	if (element->type->size > room)
		return -ENOENT;
	if (live && live->until) {
		r = push(trail, element);
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
	r = own_size(walk, trail, element, room);
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
static int run(struct walk *walk, struct trail *trail, uint64_t index, struct place *out,
	       uint64_t *n)
{
	struct stroll stroll = {.array = *trail_end(trail)};
	uint64_t end;
	int r = most(walk, trail, &end);

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
	if (n)
		*n = stroll.at;
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
		r = own_size(walk, trail, &place, walk->size - place.offset);
	if (r == 0)
		*out = place;
	return r;
}

static int element_at(struct walk *walk, struct trail *trail, uint64_t index, struct place *out)
{
	const struct place *array = trail_end(trail);
	struct place place;

	if (array->type->stride)
		return overlapping_at(walk, trail, index, out);

	if (walk_is_walked(array->type))
		return run(walk, trail, index, out, NULL);
	place = type_child(array, index);
	if (array->type->open && (place.offset - array->offset > array->size ||
				  place.size > array->size - (place.offset - array->offset)))
		return -ENOENT;
	*out = place;
	return 0;
}

/* ---- the walk ---- */

int walk_down(struct walk *walk, struct trail *trail, uint64_t index)
{
	struct place child;
	int r = type_is_record(trail_end(trail)->type) ? member_at(walk, trail, index, &child)
						       : element_at(walk, trail, index, &child);

	return r < 0 ? r : push(trail, &child);
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
		return run(walk, trail, index, NULL, NULL);
	r = most(walk, trail, &n);
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
		return most(walk, trail, count);
	r = run(walk, trail, UINT64_MAX, NULL, count);
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
