/* SPDX-License-Identifier: MIT */
/* What hints make of a type. */
#include <string.h>

#include "base/cleanup.h"
#include "layout/hint_inside.h"
#include "layout/parse.h"

static bool is_said_by_name(const struct said *said, const char *name)
{
	for (const struct hint *hint = hint_table; hint < hint_table + HINTS; hint++) {
		if (hint_is_said(said, hint) && !strcmp(hint->name, name))
			return true;
	}
	return false;
}

/* Seconds and a fraction: how many of it a second has by its name; 0: it is no such struct. */
static uint32_t fraction_of(const struct type *type)
{
	static const struct {
		const char *ending;
		uint32_t per_second;
	} names[] = {{"nsec", 1000000000}, {"usec", 1000000}, {"msec", 1000}};
	const struct member *members = type->members;
	size_t n;

	if (type->kind != TYPE_STRUCT || type->n_members != 2)
		return 0;
	for (size_t i = 0; i < 2; i++) {
		const struct type *member = members[i].type;

		if (member->kind != TYPE_INTEGER || member->bits ||
		    (member->size != 4 && member->size != 8) || member->size * 2 != type->size ||
		    members[i].offset != i * member->size ||
		    member->big_endian != members[0].type->big_endian)
			return 0;
	}
	n = strlen(members[1].name);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (n >= 4 && !strcmp(members[1].name + n - 4, names[i].ending))
			return names[i].per_second;
	}
	return 0;
}

/* Whether all bytes of an array are text. */
static bool is_array_of_bytes(const struct type *type)
{
	return type->kind == TYPE_ARRAY && type->element->size == 1 &&
	       !type_is_directory(type->element);
}

/* Forms that say themselves in which order the bytes are, if nothing else does. */
static bool has_order(enum type_form form)
{
	return form == FORM_UUID || form == FORM_IP4;
}

static bool is_for(const struct said *said, const struct hint *hint, const struct type *type)
{
	bool is_bytes = hint->sizes == 0 && hint->kinds & KIND(ARRAY);

	if (hint->effect == WHOLE)
		return true;
	if (hint->effect == ORDER)
		return !type->bits &&
		       (hint->kinds & 1u << type->kind || is_said_by_name(said, "uuid") ||
			is_said_by_name(said, "ip4"));
	if (!(hint->kinds & 1u << type->kind) || (type->varies && type_is_directory(type)))
		return false;
	if (hint->form == FORM_TIME && type->kind == TYPE_STRUCT)
		return fraction_of(type);
	if (hint->form == FORM_TIME && type->kind == TYPE_FLOAT)
		return type->size == 4 || type->size == 8;
	if (hint->effect == KIND_TOO && type->kind == TYPE_INTEGER && type->target)
		return hint->kind == TYPE_INTEGER; /* a number that leads somewhere */
	if (is_bytes && type->kind == TYPE_ARRAY)
		return is_array_of_bytes(type);
	if (type->bits && hint->argument == AN_ENUM)
		return true;
	return !hint->sizes || (type->size < 32 && hint->sizes & SIZE(type->size) && !type->bits);
}

/* One that isn't for the type, or NULL. */
static const struct hint *misfit(const struct said *said, const struct type *type)
{
	for (const struct hint *hint = hint_table; hint < hint_table + HINTS; hint++) {
		if (hint_is_said(said, hint) && !is_for(said, hint, type))
			return hint;
	}
	return NULL;
}

/* What text and bytes are arrays of. */
static const struct ctype *byte_of(const struct type *type)
{
	return type->kind == TYPE_STRING  ? &ctype_char
	       : type->kind == TYPE_BYTES ? &ctype_unsigned_char
					  : NULL;
}

static const struct ctype *element_of(const struct said *said, const struct type *type);

/* Are they for it, or for what it is an array of? */
static bool fits(const struct said *said, const struct type *type)
{
	return !misfit(said, type) || element_of(said, type);
}

/* What it is an array of, if that is what they are for. */
static const struct ctype *element_of(const struct said *said, const struct type *type)
{
	const struct ctype *byte = byte_of(type);

	if (byte)
		return misfit(said, type) && !misfit(said, &byte->type) ? byte : NULL;
	if (type->kind != TYPE_ARRAY || !fits(said, type->element))
		return NULL;
	return ctype_of(type->element);
}

/* A copy of the type's hints that belongs to it alone; NULL after an error. */
static struct hints *own_hints(struct parser *p, struct type *type)
{
	struct hints *own = p->err ? NULL : parse_keep(p, sizeof(*own));

	if (!own)
		return NULL;
	if (type->hints)
		*own = *type->hints;
	type->hints = own;
	return own;
}

/* The enum's names for the values that the type can have. */
static void name_values(struct parser *p, struct type *type, const struct type *list)
{
	struct enumerator *own = parse_keep(p, list->n_enumerators * sizeof(*own));
	unsigned spare = 64 - (type->bits ? type->bits : (unsigned)type->size * 8);
	size_t n = 0;

	if (!own)
		return;
	for (size_t i = 0; i < list->n_enumerators; i++) {
		uint64_t value = list->enumerators[i].value, low = value << spare;
		int64_t extended = (int64_t)low >> spare;

		if (low >> spare != value && (uint64_t)extended != value)
			continue;
		own[n].name = list->enumerators[i].name;
		own[n++].value = type->is_signed ? (uint64_t)extended : low >> spare;
	}
	type->enumerators = own;
	type->n_enumerators = n;
}

/* What it had as its old kind is gone. */
static void become(struct type *type, enum type_kind kind)
{
	if (type->kind == kind)
		return;
	type->kind = kind;
	type->span = 1;
	type->members = NULL;
	type->n_members = 0;
	type->by_name = NULL;
	type->target = NULL;
}

static void set_form(const struct said *said, const struct hint *hint, struct type *type,
		     struct hints *own)
{
	if (hint->form == FORM_TIME) {
		own->per_second = said->hints.per_second      ? said->hints.per_second
				  : type->kind == TYPE_STRUCT ? fraction_of(type)
							      : 1;
		if (type->kind == TYPE_STRUCT) {
			type->big_endian = type->members[0].type->big_endian;
			type->is_signed = type->members[0].type->is_signed;
			become(type, TYPE_BYTES);
		}
	}
	if (hint->effect == KIND_TOO)
		become(type, hint->kind);
	else if (type->kind == TYPE_CHAR)
		become(type, TYPE_INTEGER);
	if (has_order(hint->form)) {
		type->big_endian = true;
		type->is_signed = false;
	}
	if (hint->form != FORM_PLAIN || !is_said_by_name(said, "hex"))
		own->form = hint->form;
	if (!hint_is_notation(hint->form))
		own->units = NULL;
}

static void set_units(const struct said *said, const struct hint *hint, const struct type *type,
		      struct hints *own)
{
	own->units = hint->argument == A_TEXT ? said->hints.units : "%";
	if (hint->form == FORM_PERCENT && type->kind == TYPE_FLOAT)
		own->form = FORM_PERCENT;
	else if (!hint_is_notation(own->form))
		own->form = FORM_PLAIN;
}

/* The type, which they are for, with what they make of it. */
static const struct ctype *made(struct parser *p, const struct said *said, const struct ctype *type)
{
	struct ctype *copy = ctype_copy(p, type);
	struct hints *own = own_hints(p, &copy->type);

	if (!own)
		return type;
	for (const struct hint *hint = hint_table; hint < hint_table + HINTS; hint++) {
		if (!hint_is_said(said, hint))
			continue;
		if (hint->effect == FORM || hint->effect == KIND_TOO)
			set_form(said, hint, &copy->type, own);
		else if (hint->effect == UNITS)
			set_units(said, hint, &copy->type, own);
		else if (hint->effect == ORDER)
			copy->type.big_endian = !strcmp(hint->name, "be");
		if (hint->argument == AN_ENUM)
			name_values(p, &copy->type, &said->list->type);
	}
	return copy;
}

/* Hints of values: on the type or, down to there, on its elements. */
static const struct ctype *of_values(struct parser *p, const struct said *said,
				     const struct ctype *type)
{
	const struct ctype *element;
	struct ctype *array;
	uint64_t length, span;

	element = type->state == CTYPE_COMPLETE ? element_of(said, &type->type) : NULL;
	if (!element) {
		const struct type *inner = &type->type;
		const struct hint *wrong = misfit(said, inner);

		if (type->state == CTYPE_COMPLETE && !wrong)
			return made(p, said, type);
		while (inner->kind == TYPE_ARRAY)
			inner = inner->element;
		wrong = wrong ? wrong : &hint_table[__builtin_ctz(said->set)];
		parse_error(p, &said->at[wrong - hint_table], "'%s' is for %s; '%s' is none",
			    wrong->name, wrong->meant, inner->name);
		return type;
	}
	array = ctype_copy(p, type);
	length = type->type.kind == TYPE_ARRAY ? type->type.length : type->type.size;
	array->type.kind = TYPE_ARRAY;
	array->type.length = length;
	array->type.element = &of_values(p, said, element)->type;
	if (__builtin_mul_overflow(length, array->type.element->span, &span) ||
	    span >= LAYOUT_SPAN_MAX)
		parse_error(p, &p->token, "'%s' has more files than the %llu of a layout",
			    type->type.name, LAYOUT_SPAN_MAX);
	array->type.span = span + 1;
	return array;
}

const struct ctype *hint_apply(struct parser *p, const struct said *said, const struct ctype *type)
{
	struct said values = *said;
	struct ctype *copy;
	struct hints *own;

	for (const struct hint *hint = hint_table; hint < hint_table + HINTS; hint++) {
		if (hint->effect == WHOLE)
			values.set &= ~(1u << (hint - hint_table));
	}
	if (p->err || !said->set)
		return type;
	if (type->state == CTYPE_INCOMPLETE) {
		hint_refuse(p, said, "type that isn't defined yet");
		return type;
	}
	if (values.set)
		type = of_values(p, &values, type);
	if (values.set == said->set)
		return type;
	copy = ctype_copy(p, type);
	own = own_hints(p, &copy->type);
	if (!own)
		return type;
	own->hidden |= is_said_by_name(said, "hidden");
	own->doc = said->hints.doc ? said->hints.doc : own->doc;
	return copy;
}
