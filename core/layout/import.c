/* SPDX-License-Identifier: MIT */
/*
 * Types of a reader become the text's own. They are copied with all that they lead to, so that
 * hints can be laid over their members and nothing of the reader has to stay; each only once in a
 * text, however many names lead to it. Types lead to each other in circles, and one behind the
 * other without end: so there is no recursion but a list of what isn't filled yet.
 */
#include <string.h>

#include "layout/lookup.h"

/* A type that was copied, and the copy. */
struct import {
	const struct type *from;
	struct ctype *to;
};

static size_t slot_of(const struct imports *imports, const struct type *from)
{
	size_t mask = imports->n_slots - 1;
	size_t at = ((uintptr_t)from * UINT64_C(0x9e3779b97f4a7c15)) >> 20 & mask;

	while (imports->slots[at].from && imports->slots[at].from != from)
		at = (at + 1) & mask;
	return at;
}

static bool make_room(struct parser *p)
{
	struct imports old = p->imports, *imports = &p->imports;
	size_t n = old.n_slots ? 2 * old.n_slots : 64;
	struct import *slots = parse_scratch(p, n * sizeof(*slots));

	if (!slots)
		return false;
	imports->slots = slots;
	imports->n_slots = n;
	for (size_t i = 0; i < old.n_slots; i++)
		if (old.slots[i].from)
			slots[slot_of(imports, old.slots[i].from)] = old.slots[i];
	return true;
}

/* The copy of a type, made now and filled later if it is new. */
static struct ctype *copy_of(struct parser *p, const struct type *from)
{
	struct imports *imports = &p->imports;
	struct import *slot, **todo;
	struct ctype *to;

	if (2 * imports->n >= imports->n_slots && !make_room(p))
		return &p->spare;
	slot = &imports->slots[slot_of(imports, from)];
	if (slot->from)
		return slot->to;
	to = ctype_new(p, from->kind);
	if (p->err)
		return to;
	*to = *ctype_of(from);
	to->pending = NULL;
	*slot = (struct import){from, to};
	imports->n++;
	todo = vector_push(p, &imports->todo, struct import *);
	if (todo)
		*todo = parse_scratch(p, sizeof(**todo));
	if (!p->err)
		**todo = *slot;
	return to;
}

static const char *copy_name(struct parser *p, const char *name)
{
	char *copy = p->err ? NULL : arena_copy(p->kept, name, strlen(name));

	if (!copy)
		parse_no_memory(p);
	return copy;
}

/* Expressions of debug information have no types: what live memory has is what they load. */
static const struct expr *copy_expr(struct parser *p, const struct expr *from)
{
	struct expr *to = from ? parse_keep(p, sizeof(*to)) : NULL;

	if (!to)
		return NULL;
	*to = *from;
	to->name = from->name ? copy_name(p, from->name) : NULL;
	to->type = NULL;
	to->a = copy_expr(p, from->a);
	to->b = copy_expr(p, from->b);
	to->c = copy_expr(p, from->c);
	return to;
}

static const struct rule *copy_rule(struct parser *p, const struct rule *from)
{
	struct rule *to = from ? parse_keep(p, sizeof(*to)) : NULL;

	if (!to)
		return NULL;
	*to = *from;
	to->when = copy_expr(p, from->when);
	to->at = copy_expr(p, from->at);
	return to;
}

static void fill_record(struct parser *p, const struct type *from, struct type *to)
{
	struct member *members = parse_keep(p, from->n_members * sizeof(*members));
	const struct member **by_name = parse_keep(p, from->n_members * sizeof(struct member *));

	if (!members || !by_name)
		return;
	for (size_t i = 0; i < from->n_members && !p->err; i++) {
		members[i] = from->members[i];
		members[i].name = copy_name(p, from->members[i].name);
		members[i].type = &copy_of(p, from->members[i].type)->type;
		members[i].rule = copy_rule(p, from->members[i].rule);
		by_name[i] = members + (from->by_name[i] - from->members);
	}
	to->members = members;
	to->by_name = by_name;
}

static void fill_enum(struct parser *p, const struct type *from, struct type *to)
{
	struct enumerator *list = parse_keep(p, from->n_enumerators * sizeof(*list));

	for (size_t i = 0; i < from->n_enumerators && !p->err; i++)
		list[i] = (struct enumerator){copy_name(p, from->enumerators[i].name),
					      from->enumerators[i].value};
	to->enumerators = list;
}

static void fill(struct parser *p, const struct type *from, struct type *to)
{
	to->name = copy_name(p, from->name);
	switch (from->kind) {
	case TYPE_STRUCT:
	case TYPE_UNION:
		fill_record(p, from, to);
		break;
	case TYPE_ENUM:
		fill_enum(p, from, to);
		break;
	case TYPE_ARRAY:
		to->element = &copy_of(p, from->element)->type;
		break;
	case TYPE_POINTER:
		to->target = from->target ? &copy_of(p, from->target)->type : NULL;
		break;
	default:
		break;
	}
}

const struct ctype *import_type(struct parser *p, const struct type *from)
{
	struct ctype *to = copy_of(p, from);

	while (p->imports.todo.n && !p->err) {
		struct import next =
			**(struct import **)vector_at(&p->imports.todo, --p->imports.todo.n);

		fill(p, next.from, &next.to->type);
	}
	return p->err ? NULL : to;
}
