/* SPDX-License-Identifier: MIT */
/*
 * Types while a text is read.
 *
 * A name has a hole: the place where C writes what is declared, `int (*)[3]` between `*` and `)`.
 * Deriving puts the new declarator there, so names come out as C writes them without a tree.
 */
#include "layout/ctype.h"

#include <stdio.h>
#include <string.h>

#include "layout/lookup.h"
#include "layout/parse.h"

struct ctype *ctype_new(struct parser *p, enum type_kind kind)
{
	struct ctype *type;

	if (++p->types > LAYOUT_TYPES_MAX)
		parse_limit(p, &p->token, "the text makes more than 65536 types");
	type = p->err ? NULL : parse_keep(p, sizeof(*type));
	if (!type)
		type = &p->spare;
	*type = (struct ctype){
		.type = {.kind = kind, .align = 1, .span = 1, .name = ""},
		.depth = 1,
	};
	return type;
}

static void add_pending(struct parser *p, struct ctype *type)
{
	type->pending = p->pending;
	p->pending = type;
}

struct ctype *ctype_copy(struct parser *p, const struct ctype *type)
{
	struct ctype *copy = ctype_new(p, type->type.kind);

	if (p->err)
		return copy;
	*copy = *type;
	if (type->type.kind == TYPE_POINTER ||
	    (type->type.kind == TYPE_INTEGER && type->type.target))
		add_pending(p, copy);
	return copy;
}

void ctype_lead(struct parser *p, struct ctype *type, const struct ctype *target)
{
	bool is_pending = type->type.kind == TYPE_POINTER || type->type.target;

	if (p->err)
		return;
	type->type.target = &target->type;
	if (!is_pending)
		add_pending(p, type);
}

const char *ctype_derive_name(struct arena *arena, const struct ctype *from, const char *middle)
{
	const char *name = from->type.name;
	size_t n = strlen(name) + strlen(middle) + 1;
	char *text = arena_alloc(arena, n);

	if (text)
		snprintf(text, n, "%.*s%s%s", from->hole, name, middle, name + from->hole);
	return text;
}

/* Makes type one derived from `from`: its name and its depth. */
static void derive(struct parser *p, struct ctype *type, const struct ctype *from,
		   const char *middle, unsigned forward)
{
	const char *name = p->err ? NULL : ctype_derive_name(p->kept, from, middle);

	if (from->depth >= LAYOUT_DEPTH_MAX)
		parse_limit(p, &p->token, "a type nested deeper than 64 levels");
	if (!name) {
		parse_no_memory(p);
		return;
	}
	type->type.name = name;
	type->hole = (unsigned short)(from->hole + forward);
	type->depth = (unsigned short)(from->depth + 1);
}

const struct ctype *ctype_pointer(struct parser *p, const struct ctype *target)
{
	struct ctype *type = ctype_new(p, TYPE_POINTER);
	const char *name = target->type.name;
	/* what stands behind the hole, of an array or a function, binds tighter than a '*' */
	bool around = target->type.kind != TYPE_POINTER && name[target->hole];
	bool space = !target->hole || name[target->hole - 1] != '*';

	if (around)
		derive(p, type, target, space ? " (*)" : "(*)", space ? 3 : 2);
	else
		derive(p, type, target, space ? " *" : "*", space ? 2 : 1);
	type->type.size = type->type.align = sizeof(void *);
	type->type.target = &target->type;
	add_pending(p, type);
	return p->err ? &ctype_int : type;
}

const struct ctype *ctype_function(struct parser *p, const struct ctype *result)
{
	struct ctype *type = ctype_new(p, TYPE_STRUCT);

	derive(p, type, result, "()", 0);
	type->state = CTYPE_FUNCTION;
	return p->err ? &ctype_int : type;
}

/* Whether an array of it is text, bytes or a directory. */
static enum type_kind array_kind(const struct type *element)
{
	if (element->kind == TYPE_CHAR)
		return TYPE_STRING;
	if (element->kind == TYPE_INTEGER && !element->hints && element->size == 1 &&
	    !element->is_signed)
		return TYPE_BYTES;
	return TYPE_ARRAY;
}

bool ctype_has_size(struct parser *p, const struct ctype *type, const struct token *at)
{
	if (p->err)
		return false;
	if (type->state == CTYPE_INCOMPLETE && !lookup_tag(p, type, at))
		return parse_error(p, at, "'%s' isn't defined yet: its size isn't known here",
				   type->type.name);
	if (type->state != CTYPE_COMPLETE)
		return parse_error(p, at, "'%s' has no size", type->type.name);
	if (type->open)
		return parse_error(p, at, "'%s' has no size: its bound is left out",
				   type->type.name);
	if (type->counted)
		return parse_error(p, at, "'%s' has no constant size: a field gives its bound",
				   type->type.name);
	return true;
}

static bool may_be_element(struct parser *p, const struct ctype *element, const struct token *at)
{
	const struct type *type = &element->type;

	if (element->state == CTYPE_INCOMPLETE && !lookup_tag(p, element, at))
		return parse_error(p, at, "an array of '%s', which isn't defined yet", type->name);
	if (element->state != CTYPE_COMPLETE)
		return parse_error(p, at, "C has no array of '%s'", type->name);
	if (element->open || element->counted)
		return parse_error(p, at, "of an array's bounds only the first can be %s",
				   element->open ? "left out" : "given by a field");
	if (type->size % type->align)
		return parse_error(p, at,
				   "'%s' is aligned to %u bytes but has only %lu: C has no "
				   "array of it",
				   type->name, type->align, (unsigned long)type->size);
	return true;
}

const struct ctype *ctype_array(struct parser *p, const struct ctype *element, uint64_t length,
				const struct expr *count, bool open, const struct token *at)
{
	struct ctype *type = ctype_new(p, array_kind(&element->type));
	uint64_t size, span;
	char middle[32] = "[]";

	if (p->err || !may_be_element(p, element, at))
		return &ctype_int;
	if (!open && !count)
		snprintf(middle, sizeof(middle), "[%lu]", (unsigned long)length);
	derive(p, type, element, middle, 0);
	if (__builtin_mul_overflow(length, element->type.size, &size) || size > LAYOUT_SIZE_MAX)
		parse_error(p, at, "%lu times '%s' is larger than any memory",
			    (unsigned long)length, element->type.name);
	type->type.size = size;
	type->type.align = element->type.align;
	type->open = open;
	if (type->type.kind != TYPE_ARRAY) {
		if (count)
			parse_error(p, at,
				    "text and bytes have a constant length, or [] for all that "
				    "is left");
		return p->err ? &ctype_int : type;
	}
	if (__builtin_mul_overflow(length, element->type.span, &span) || span >= LAYOUT_SPAN_MAX)
		parse_error(p, at, "%lu times '%s' are more files than the %llu of a layout",
			    (unsigned long)length, element->type.name, LAYOUT_SPAN_MAX);
	type->type.span = span + 1;
	type->type.element = &element->type;
	type->type.length = length;
	type->type.varies = element->type.varies || count;
	type->counted = count;
	if (count) {
		struct live *live = parse_keep(p, sizeof(*live));

		if (live)
			live->count = count;
		type->type.live = live;
	}
	return p->err ? &ctype_int : type;
}

const struct ctype *ctype_named(struct parser *p, const struct ctype *type, const char *name)
{
	struct ctype *copy;

	if (!type->tagless && (type->type.kind >= TYPE_POINTER || type->state != CTYPE_COMPLETE))
		return type;
	copy = ctype_copy(p, type);
	copy->type.name = arena_copy(p->kept, name, strlen(name));
	if (!copy->type.name) {
		parse_no_memory(p);
		return type;
	}
	copy->hole = (unsigned short)strlen(name);
	copy->tagless = false;
	return copy;
}

void ctype_settle(struct parser *p)
{
	for (struct ctype *type = p->pending; type; type = type->pending) {
		const struct type *target = type->type.target;

		if (target && ctype_of(target)->state != CTYPE_COMPLETE)
			type->type.target = NULL;
	}
}

static bool list_equal(const struct type *a, const struct type *b)
{
	return a->kind == TYPE_ENUM ? a->enumerators == b->enumerators
				    : a->members && a->members == b->members;
}

bool ctype_equal(const struct ctype *first, const struct ctype *second)
{
	const struct type *a = &first->type, *b = &second->type;

	if (first == second)
		return true;
	if (a->kind != b->kind || a->size != b->size || a->align != b->align ||
	    a->is_signed != b->is_signed || a->big_endian != b->big_endian ||
	    !hint_equal(a->hints, b->hints) || a->live != b->live ||
	    first->state != second->state || first->open != second->open)
		return false;
	switch (a->kind) {
	case TYPE_ENUM:
	case TYPE_STRUCT:
	case TYPE_UNION:
		return list_equal(a, b);
	case TYPE_ARRAY:
		return a->length == b->length &&
		       ctype_equal(ctype_of(a->element), ctype_of(b->element));
	case TYPE_POINTER:
		return ctype_equal(ctype_of(a->target), ctype_of(b->target));
	default:
		return true;
	}
}
