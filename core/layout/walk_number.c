/* SPDX-License-Identifier: MIT */
/* The numbers that expressions say of live memory: walk.h. */
#include <errno.h>
#include <string.h>

#include "layout/walk_inside.h"

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
int walk_natural(struct walk *walk, struct trail *trail, const struct expr *expr, const char *what,
		 uint64_t *value)
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
