/* SPDX-License-Identifier: MIT */
#include "layout/hint.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "layout/hint_inside.h"
#include "layout/lookup.h"
#include "layout/parse.h"

#define UNITS_MAX 32 /* bytes */

#define INTEGERS (KIND(INTEGER) | KIND(ENUM))
#define NUMBERS	 (INTEGERS | KIND(WIDE) | KIND(BOOL) | KIND(FLOAT) | KIND(POINTER))
#define TEXTS	 (KIND(STRING) | KIND(BYTES))
#define RECORDS	 (KIND(STRUCT) | KIND(UNION))
#define RUNS	 (TEXTS | RECORDS | KIND(ARRAY))
#define WORDS	 (SIZE(1) | SIZE(2) | SIZE(4) | SIZE(8))

const struct hint hint_table[HINTS] = {
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

void hint_unknown(struct parser *p, const struct token *name)
{
	char known[200] = "";
	size_t n = 0;

	for (size_t i = 0; i < HINTS && n < sizeof(known); i++)
		n += (size_t)snprintf(known + n, sizeof(known) - n, " %s", hint_table[i].name);
	parse_error(p, name, "no hint is named '%.*s'; there are:%s", (int)name->length, name->text,
		    known);
}

void hint_refuse(struct parser *p, const struct said *said, const char *what)
{
	for (size_t i = 0; i < HINTS; i++) {
		if (said->set >> i & 1)
			parse_error(p, &said->at[i], "'%s' belongs to a field, not to a %s",
				    hint_table[i].name, what);
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

/* Can't both be followed. */
static bool exclude(const struct hint *a, const struct hint *b)
{
	if (a == b || a->effect == WHOLE || b->effect == WHOLE)
		return false;
	if (a->effect == ORDER || b->effect == ORDER)
		return a->effect == b->effect;
	if (a->effect == UNITS || b->effect == UNITS)
		return !hint_is_notation(a->form) && !hint_is_notation(b->form);
	/* what an enum has no name for may well be hex */
	return !(a->argument == AN_ENUM && b->form == FORM_HEX) &&
	       !(b->argument == AN_ENUM && a->form == FORM_HEX);
}

bool hint_take(struct parser *p, struct said *said, const struct token *name)
{
	const struct hint *hint = hint_table;

	while (hint < hint_table + HINTS && !token_is(name, hint->name))
		hint++;
	if (hint == hint_table + HINTS)
		return false;
	for (const struct hint *other = hint_table; other < hint_table + HINTS; other++) {
		if (hint_is_said(said, other) && exclude(hint, other))
			parse_error(p, name, "'%s' and '%s' don't go together", other->name,
				    hint->name);
	}
	said->set |= 1u << (hint - hint_table);
	said->at[hint - hint_table].line = name->line;
	said->at[hint - hint_table].column = name->column;
	argument(p, said, hint, name);
	return true;
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
