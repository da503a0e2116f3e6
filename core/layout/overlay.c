/* SPDX-License-Identifier: MIT */
/*
 * Hints laid over a type that is there already: `[[hex]] STU.flags;`.
 *
 * The member gets the type that the hints make of its own, wherever the struct is used: a struct's
 * members are one list, which all its names and copies share. What was declared with the struct
 * before keeps its offsets, for no hint changes a size. But a hint can make one file of a directory
 * and the other way round, so the nodes are counted anew at the end of the text, when everything
 * that is placed is known, and what pointers lead to from there (by_offset.h).
 */
#include <stdlib.h>

#include "layout/lookup.h"
#include "layout/parse.h"

#define RECOUNT_MAX (8u << 20) /* members that are counted anew: a moment's work */

static struct member *find_member(struct parser *p, const struct ctype *record,
				  const struct token *name)
{
	const struct place place = {.type = &record->type};
	struct member *member;
	uint64_t index;

	if (record->state == CTYPE_INCOMPLETE && !lookup_tag(p, record, name)) {
		parse_error(p, name, "'%s' isn't defined yet", record->type.name);
		return NULL;
	}
	if (!type_is_record(&record->type) ||
	    type_lookup(&place, name->symbol->name, NULL, &index) < 0) {
		parse_error(p, name, "'%s' has no '%s'", record->type.name, name->symbol->name);
		return NULL;
	}
	member = (struct member *)&record->type.members[index];
	if (arena_owns(p->kept, member))
		return member;
	parse_error(p, name, "'%s' is everybody's: lay the hint over the field that has one",
		    record->type.name);
	return NULL;
}

void parse_overlay(struct parser *p, const struct specifiers *specifiers)
{
	const struct attributes *attributes = &specifiers->attributes;
	const struct ctype *type = specifiers->type, *hinted;
	struct member *member = NULL;

	if (attributes->rules.at.kind)
		parse_error(p, &attributes->rules.at,
			    "'%.*s' is for declarations: only a hint such as [[hex]] is laid over "
			    "a field that has one",
			    (int)attributes->rules.at.length, attributes->rules.at.text);
	else if (!attributes->said.set)
		parse_error(p, &p->token,
			    "a hint such as [[hex]] stands before the path of a field");
	while (token_take(p, '.')) {
		struct token name = p->token;

		if (!token_expect(p, TOKEN_NAME, "a field's name"))
			return;
		while (type->type.kind == TYPE_ARRAY)
			type = ctype_of(type->type.element);
		member = find_member(p, type, &name);
		if (!member)
			return;
		type = ctype_of(member->type);
	}
	hinted = attributes_apply(p, attributes, type);
	if (!member || p->err)
		return;
	p->spans_changed |= hinted->type.span != type->type.span;
	member->type = &hinted->type;
	token_expect(p, ';', "';'");
}

struct numbering {
	struct parser *p;
	unsigned count; /* members that were counted */
	struct vector
		targets; /* const struct type *: what pointers lead to, maybe counted by now */
};

static void add_target(struct numbering *n, const struct type *type)
{
	const struct type *target = NULL, **kept;

	if (type->kind == TYPE_POINTER || type->kind == TYPE_INTEGER)
		target = type->target;
	if (!target || !type_is_directory(target) || ctype_of(target)->numbered)
		return;
	kept = vector_push(n->p, &n->targets, const struct type *);
	if (kept)
		*kept = target;
}

/* The span of a type whose members' or elements' have changed. */
static uint64_t number(struct numbering *n, const struct type *type)
{
	struct ctype *own = (struct ctype *)ctype_of(type);
	struct member *members = (struct member *)type->members;
	uint64_t span = 1;

	add_target(n, type);
	if (!type_is_directory(type) || own->numbered || !arena_owns(n->p->kept, own))
		return type->span;
	own->numbered = true;
	if (type->kind == TYPE_ARRAY) {
		if (__builtin_mul_overflow(type->length, number(n, type->element), &span))
			span = LAYOUT_SPAN_MAX;
		span++;
	} else {
		n->count += (unsigned)type->n_members;
		for (size_t i = 0; i < type->n_members && n->count < RECOUNT_MAX; i++) {
			members[i].ordinal = span;
			span += number(n, members[i].type);
		}
	}
	if (span > LAYOUT_SPAN_MAX || n->count >= RECOUNT_MAX)
		parse_limit(n->p, &n->p->token, "with these hints '%s' has too many files",
			    type->name);
	own->type.span = span;
	return span;
}

void overlay_end(struct parser *p)
{
	struct numbering n = {.p = p};

	if (p->err || !p->spans_changed)
		return;
	for (const struct placed *placed = p->placed; placed && !p->err; placed = placed->next)
		number(&n, &placed->type->type);
	if (!p->placed && p->last_record)
		number(&n, &p->last_record->type);
	while (n.targets.n && !p->err)
		number(&n, *(const struct type **)vector_at(&n.targets, --n.targets.n));
	free(n.targets.data);
}
