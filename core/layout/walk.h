/* SPDX-License-Identifier: MIT */
/*
 * Walks through live memory: what is there now, and where.
 *
 * Of most types all is known when they are made, and type.h walks them. A type that *varies* leaves
 * something to memory: whether a member is there (`when`), where it stands (`at`), how many
 * elements are used (`count`), which of them is the first that isn't there (`until`), how long a
 * struct is (`size`). Each is an expression, and what it names is found by a walk again: it may
 * name members of the struct that it stands in, of the structs around that one, and placed
 * variables. So what a walk hands from step to step isn't a place but a *trail*: the place, and
 * those around it, up to the region itself.
 *
 * Numbers never move. An ordinal counts all that could be there at most (type.h), so that the path
 * to a node is known from its number alone, and memory is asked only for what varies on that path.
 * Names and numbers of what isn't there answer -ENOENT; what has no sensible place or length
 * answers -ERANGE when it is looked into, and not before.
 *
 * An array is *walked* when its end or the places of its elements are known only by going there
 * from its start, one by one: with `until`, and of structs with `size`. Where such a walk ended
 * because a length can't be (0, shorter than the struct, beyond the end), what is before is there.
 *
 * Nothing is believed. Every place lies within the region, every number is checked before it is
 * added to another; a rule that needs itself, or others in a chain, WALK_NESTED_MAX deep, is
 * -ELOOP.
 *
 * And an answer comes soon: all walks of one request together take WALK_STEPS_MAX steps at most,
 * then -E2BIG. A step is what an expression is made of, but for its constants: a number that is
 * read, an operator, a struct that is passed on the way to a name; so neither long arrays nor long
 * expressions make it late.
 */
#ifndef PEEKFS_LAYOUT_WALK_H
#define PEEKFS_LAYOUT_WALK_H

#include "layout/layout.h"

#define WALK_STEPS_MAX	(1u << 20)
#define WALK_NESTED_MAX 8
#define WALK_DEPTH_MAX	(LAYOUT_DEPTH_MAX + 8)

struct expr;

/* One request: it sees memory at one moment, or as good as. Belongs to one thread. */
struct walk {
	const struct bound *bound;
	layout_read_fn *read;
	void *context;
	struct diag *diag; /* why something has no sensible value; may be NULL */
	uint64_t size;	   /* of the region */
	unsigned steps;	   /* that may still be taken */
	bool remembers;	   /* the memory is the region's own: marks.h holds of it */
	unsigned nested;
	/* Where the walk along an array was last, as listings go on from there. */
	struct {
		uint64_t array, ordinal; /* the array's offset and number; ordinal 0: nowhere */
		uint64_t index, offset;	 /* of an element that is there */
	} last;
	bool cut; /* an array ended at a length that can't be, or a count had no room; *diag says
		     why */
};

/* The places from the region itself down to one: the last. */
struct trail {
	unsigned n;
	struct place at[WALK_DEPTH_MAX];
};

/* Begins a request. read and context as in bound_count(). */
void walk_begin(struct walk *walk, const struct bound *bound, layout_read_fn *read, void *context,
		struct diag *diag);

/* The trail of the region itself. */
void trail_begin(const struct walk *walk, struct trail *trail);

static inline const struct place *trail_end(const struct trail *trail)
{
	return &trail->at[trail->n - 1];
}

/*
 * All below: 0; -ENOENT it isn't there now; what read returned; -ERANGE, -E2BIG, -ELOOP, each with
 * *walk->diag. The trail is as it was unless said otherwise, and after an error in any case.
 */

/* Goes down to the index-th child, which is the trail's end then. An element beyond a count is a
 * place all the same, if it has room; whether it counts is walk_has()'s to say. */
int walk_down(struct walk *walk, struct trail *trail, uint64_t index);
/* Back to the place around. */
static inline void walk_up(struct trail *trail)
{
	trail->n--;
}

/* Whether the index-th child is there. Where it is isn't asked. */
int walk_has(struct walk *walk, struct trail *trail, uint64_t index);

/* How many children there are, or of a struct: could be; 0 of elements that may overlap (type.h:
 * stride), which are there when they are asked for. Of a walked array it takes its whole
 * length; who wants them in order asks walk_has() until -ENOENT. */
int walk_count(struct walk *walk, struct trail *trail, uint64_t *count);

/* The child of that name, if it is there. Of *out, type and ordinal are right, the place isn't. */
int walk_lookup(struct walk *walk, struct trail *trail, const char *name, struct place *out,
		uint64_t *index);

/* The trail to the place of that ordinal, from the region down. */
int walk_find(struct walk *walk, uint64_t ordinal, struct trail *trail);

/* The number of a pointer or an integer's base: where what it counts from is. */
int walk_number(struct walk *walk, struct trail *trail, const struct expr *expr, uint64_t *value);

/* For expr.c: takes a step; 0, or -E2BIG with *walk->diag at the expression. */
int walk_step(struct walk *walk, const struct expr *expr);
/* For expr.c: the number that stands at an object. */
int walk_load(struct walk *walk, struct trail *trail, const struct expr *expr, uint64_t *value,
	      struct diag *diag);

/* Are the array's elements found only one after the other? */
bool walk_is_walked(const struct type *array);

#endif
