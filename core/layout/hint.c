/* SPDX-License-Identifier: MIT */
#include "layout/hint.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "layout/lookup.h"
#include "layout/parse.h"

#define UNITS_MAX 32 /* bytes */

#define KIND(kind) (1u << TYPE_##kind)
#define INTEGERS   (KIND(INTEGER) | KIND(ENUM))
#define NUMBERS	   (INTEGERS | KIND(WIDE) | KIND(BOOL) | KIND(FLOAT) | KIND(POINTER))
#define TEXTS	   (KIND(STRING) | KIND(BYTES))
#define RECORDS	   (KIND(STRUCT) | KIND(UNION))
#define RUNS	   (TEXTS | RECORDS | KIND(ARRAY))
#define SIZE(n)	   (1u << (n))
#define WORDS	   (SIZE(1) | SIZE(2) | SIZE(4) | SIZE(8))

enum argument { NO_ARGUMENT, A_UNIT_OF_TIME, AN_ENUM, A_TEXT };

enum effect {
	FORM,	  /* the form */
	KIND_TOO, /* the form and the kind */
	ORDER,	  /* of bytes */
	UNITS,	  /* what stands behind a number */
	WHOLE,	  /* is of the field, be it a directory or not */
};

static const struct hint {
	const char *name;
	enum effect effect;
	enum type_form form;
	enum type_kind kind;
	enum argument argument;
	unsigned kinds;	   /* of types that it is for */
	unsigned sizes;	   /* of those: SIZE(bytes) .., 0: any */
	const char *meant; /* what those are */
} hints[] = {
	{"hex", FORM, FORM_HEX, 0, 0,
	 INTEGERS | KIND(WIDE) | KIND(CHAR) | KIND(POINTER) | KIND(BYTES), 0, "whole numbers"},
	{"oct", FORM, FORM_OCT, 0, 0, INTEGERS | KIND(CHAR), 0, "whole numbers"},
	{"dec", KIND_TOO, FORM_DEC, TYPE_INTEGER, 0, INTEGERS | KIND(CHAR), 0, "whole numbers"},
	{"char", KIND_TOO, FORM_PLAIN, TYPE_CHAR, 0, KIND(INTEGER) | KIND(CHAR), SIZE(1),
	 "numbers of one byte"},
	{"string", KIND_TOO, FORM_PLAIN, TYPE_STRING, 0, TEXTS | KIND(ARRAY), 0, "arrays of bytes"},
	{"bytes", KIND_TOO, FORM_PLAIN, TYPE_BYTES, 0, RUNS, 0, "arrays of bytes and structs"},
	{"uuid", KIND_TOO, FORM_UUID, TYPE_BYTES, 0, RUNS, SIZE(16), "16 bytes"},
	{"ip4", KIND_TOO, FORM_IP4, TYPE_INTEGER, 0, KIND(INTEGER) | RUNS, SIZE(4), "4 bytes"},
	{"ip6", KIND_TOO, FORM_IP6, TYPE_BYTES, 0, RUNS, SIZE(16), "16 bytes"},
	{"mac", KIND_TOO, FORM_MAC, TYPE_BYTES, 0, RUNS, SIZE(6), "6 bytes"},
	{"time", FORM, FORM_TIME, 0, A_UNIT_OF_TIME, KIND(INTEGER) | KIND(FLOAT) | KIND(STRUCT), 0,
	 "numbers, struct timespec and struct timeval"},
	{"enum", KIND_TOO, FORM_PLAIN, TYPE_ENUM, AN_ENUM, INTEGERS | KIND(CHAR), WORDS,
	 "whole numbers"},
	{"flags", KIND_TOO, FORM_FLAGS, TYPE_ENUM, AN_ENUM, INTEGERS | KIND(CHAR), WORDS,
	 "whole numbers"},
	{"percent", UNITS, FORM_PERCENT, 0, 0, KIND(INTEGER) | KIND(WIDE) | KIND(FLOAT), 0,
	 "numbers"},
	{"units", UNITS, 0, 0, A_TEXT, KIND(INTEGER) | KIND(WIDE) | KIND(FLOAT), 0, "numbers"},
	{"be", ORDER, 0, 0, 0, NUMBERS, 0, "numbers"},
	{"le", ORDER, 0, 0, 0, NUMBERS, 0, "numbers"},
	{"hidden", WHOLE, 0, 0, 0, ~0u, 0, ""},
	{"doc", WHOLE, 0, 0, A_TEXT, ~0u, 0, ""},
};
_Static_assert(ARRAY_SIZE(hints) == HINTS, "hint.h says how many there are");

static bool is_said(const struct said *said, const struct hint *hint)
{
	return said->set >> (hint - hints) & 1;
}

static bool is_said_by_name(const struct said *said, const char *name)
{
	for (const struct hint *hint = hints; hint < hints + HINTS; hint++) {
		if (is_said(said, hint) && !strcmp(hint->name, name))
			return true;
	}
	return false;
}

void hint_unknown(struct parser *p, const struct token *name)
{
	char known[200] = "";
	size_t n = 0;

	for (size_t i = 0; i < HINTS && n < sizeof(known); i++)
		n += (size_t)snprintf(known + n, sizeof(known) - n, " %s", hints[i].name);
	parse_error(p, name, "no hint is named '%.*s'; there are:%s", (int)name->length, name->text,
		    known);
}

void hint_refuse(struct parser *p, const struct said *said, const char *what)
{
	for (size_t i = 0; i < HINTS; i++) {
		if (said->set >> i & 1)
			parse_error(p, &said->at[i], "'%s' belongs to a field, not to a %s",
				    hints[i].name, what);
	}
}

/* Arguments. */

static void unit_of_time(struct parser *p, struct said *said)
{
	static const struct {
		const char *name;
		uint32_t per_second;
	} units[] = {{"s", 1}, {"ms", 1000}, {"us", 1000000}, {"ns", 1000000000}};

	if (!token_take(p, '('))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (token_is(&p->token, units[i].name))
			said->hints.per_second = units[i].per_second;
	}
	if (!said->hints.per_second)
		token_unexpected(p, "a unit of time (s, ms, us or ns)");
	token_next(p);
	token_expect(p, ')', "')' after the unit");
}

static void an_enum(struct parser *p, struct said *said, const struct hint *hint)
{
	const struct symbol *symbol;
	const struct ctype *type;
	struct token name;
	struct ctype *tag;
	const char *near;

	if (!token_expect(p, '(', "'(' and the name of an enum"))
		return;
	token_take(p, KEYWORD_ENUM);
	name = p->token;
	if (!token_expect(p, TOKEN_NAME, "the name of an enum"))
		return;
	symbol = name.symbol;
	tag = symbol->tag || symbol->kind == NAME_TYPE ? symbol->tag
						       : ctype_tag(p, KEYWORD_ENUM, &name);
	if (tag)
		lookup_tag(p, tag, &name);
	type = symbol->tag && symbol->tag->type.kind == TYPE_ENUM ? symbol->tag
	       : symbol->kind == NAME_TYPE			  ? symbol->type
								  : NULL;
	if (!type || type->type.kind != TYPE_ENUM || type->state != CTYPE_COMPLETE) {
		near = symbol_near(p, symbol, NAME_TAG);
		parse_error(p, &name,
			    "'%s' needs an enum that is defined before; '%s' is none%s%s%s",
			    hint->name, symbol->name, near ? "; did you mean '" : "",
			    near ? near : "", near ? "'?" : "");
	}
	said->list = type;
	token_expect(p, ')', "')' after the enum");
}

static const char *a_text(struct parser *p)
{
	const char *text = NULL;
	size_t n;

	if (token_expect(p, '(', "'(' and a string"))
		text = parse_text(p, &n);
	if (text && strlen(text) != n)
		parse_error(p, &p->token, "a NUL in the text");
	token_expect(p, ')', "')' after the text");
	return text;
}

static bool are_units(const char *text)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < n;) {
		size_t length = text_utf8(text + i, n - i);

		if (!length || (unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
		i += length;
	}
	return n && n <= UNITS_MAX && text[0] != ' ' && text[n - 1] != ' ';
}

static void argument(struct parser *p, struct said *said, const struct hint *hint,
		     const struct token *name)
{
	const char *text;

	switch (hint->argument) {
	case NO_ARGUMENT:
		break;
	case A_UNIT_OF_TIME:
		unit_of_time(p, said);
		break;
	case AN_ENUM:
		an_enum(p, said, hint);
		break;
	case A_TEXT:
		text = a_text(p);
		if (hint->effect == WHOLE)
			said->hints.doc = text;
		else if (text && !are_units(text))
			parse_error(p, name, "units are a word of at most %d bytes, such as \"ms\"",
				    UNITS_MAX);
		else
			said->hints.units = text;
	}
}

/* Forms of plain numbers, which have units. */
static bool is_notation(enum type_form form)
{
	return form == FORM_HEX || form == FORM_OCT || form == FORM_DEC;
}

/* Can't both be followed. */
static bool exclude(const struct hint *a, const struct hint *b)
{
	if (a == b || a->effect == WHOLE || b->effect == WHOLE)
		return false;
	if (a->effect == ORDER || b->effect == ORDER)
		return a->effect == b->effect;
	if (a->effect == UNITS || b->effect == UNITS)
		return !is_notation(a->form) && !is_notation(b->form);
	/* what an enum has no name for may well be hex */
	return !(a->argument == AN_ENUM && b->form == FORM_HEX) &&
	       !(b->argument == AN_ENUM && a->form == FORM_HEX);
}

bool hint_take(struct parser *p, struct said *said, const struct token *name)
{
	const struct hint *hint = hints;

	while (hint < hints + HINTS && !token_is(name, hint->name))
		hint++;
	if (hint == hints + HINTS)
		return false;
	for (const struct hint *other = hints; other < hints + HINTS; other++) {
		if (is_said(said, other) && exclude(hint, other))
			parse_error(p, name, "'%s' and '%s' don't go together", other->name,
				    hint->name);
	}
	said->set |= 1u << (hint - hints);
	said->at[hint - hints].line = name->line;
	said->at[hint - hints].column = name->column;
	argument(p, said, hint, name);
	return true;
}

/* What they make of a type. */

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
		    members[i].offset != i * member->size)
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
	for (const struct hint *hint = hints; hint < hints + HINTS; hint++) {
		if (is_said(said, hint) && !is_for(said, hint, type))
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
	if (!is_notation(hint->form))
		own->units = NULL;
}

static void set_units(const struct said *said, const struct hint *hint, const struct type *type,
		      struct hints *own)
{
	own->units = hint->argument == A_TEXT ? said->hints.units : "%";
	if (hint->form == FORM_PERCENT && type->kind == TYPE_FLOAT)
		own->form = FORM_PERCENT;
	else if (!is_notation(own->form))
		own->form = FORM_PLAIN;
}

/* The type, which they are for, with what they make of it. */
static const struct ctype *made(struct parser *p, const struct said *said, const struct ctype *type)
{
	struct ctype *copy = ctype_copy(p, type);
	struct hints *own = own_hints(p, &copy->type);

	if (!own)
		return type;
	for (const struct hint *hint = hints; hint < hints + HINTS; hint++) {
		if (!is_said(said, hint))
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
		wrong = wrong ? wrong : &hints[__builtin_ctz(said->set)];
		parse_error(p, &said->at[wrong - hints], "'%s' is for %s; '%s' is none",
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

	for (const struct hint *hint = hints; hint < hints + HINTS; hint++) {
		if (hint->effect == WHOLE)
			values.set &= ~(1u << (hint - hints));
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

bool hint_equal(const struct hints *a, const struct hints *b)
{
	static const struct hints none;
	const char *units, *other;

	a = a ? a : &none;
	b = b ? b : &none;
	units = a->units ? a->units : "";
	other = b->units ? b->units : "";
	return a->form == b->form && a->hidden == b->hidden && a->per_second == b->per_second &&
	       !strcmp(units, other);
}
