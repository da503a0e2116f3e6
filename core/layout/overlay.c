/* SPDX-License-Identifier: MIT */
/*
 * Hints laid over a type that is there already: `[[hex]] STU.flags;`.
 *
 * The member gets the type that the hints make of its own, wherever the struct is used: a struct's
 * members are one list, which all its names and copies share. What was declared with the struct
 * before keeps its offsets, for no hint changes a size. But a hint can make one file of a directory
 * and the other way round, so the nodes are counted anew at the end of the text, when everything
 * that is placed is known.
 */
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

/* The span of a type whose members' or elements' have changed. */
static uint64_t number(struct parser *p, const struct type *type, unsigned *count)
{
	struct ctype *own = (struct ctype *)ctype_of(type);
	struct member *members = (struct member *)type->members;
	uint64_t span = 1;

	if (!type_is_directory(type) || own->numbered || !arena_owns(p->kept, own))
		return type->span;
	if (type->kind == TYPE_ARRAY) {
		if (__builtin_mul_overflow(type->length, number(p, type->element, count), &span))
			span = LAYOUT_SPAN_MAX;
		span++;
	} else {
		*count += (unsigned)type->n_members;
		for (size_t i = 0; i < type->n_members && *count < RECOUNT_MAX; i++) {
			members[i].ordinal = span;
			span += number(p, members[i].type, count);
		}
	}
	if (span > LAYOUT_SPAN_MAX || *count >= RECOUNT_MAX)
		parse_limit(p, &p->token, "with these hints '%s' has too many files", type->name);
	own->type.span = span;
	own->numbered = true;
	return span;
}

void overlay_end(struct parser *p)
{
	unsigned count = 0;

	if (p->err || !p->spans_changed)
		return;
	for (const struct placed *placed = p->placed; placed && !p->err; placed = placed->next)
		number(p, &placed->type->type, &count);
	if (!p->placed && p->last_record)
		number(p, &p->last_record->type, &count);
}
