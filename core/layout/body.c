/* SPDX-License-Identifier: MIT */
/* What stands between the braces of struct, union and enum. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "layout/lookup.h"
#include "layout/parse.h"
#include "layout/record.h"
#include "layout/walk.h"

void parse_static_assert(struct parser *p)
{
	struct token at = p->token, message = {.text = ""};
	struct expr value;

	token_next(p);
	token_expect(p, '(', "'('");
	if (!parse_constant(p, &value))
		return;
	if (token_take(p, ',')) {
		message = p->token;
		if (!token_expect(p, TOKEN_STRING, "a string"))
			return;
		while (token_take(p, TOKEN_STRING))
			;
	}
	if (!value.value)
		parse_error(p, &at, "this static assertion doesn't hold%s%.*s",
			    message.length ? ": " : "",
			    message.length > 120 ? 120 : (int)message.length, message.text);
	token_expect(p, ')', "')'");
	token_expect(p, ';', "';'");
}

static bool width_fits(struct parser *p, const struct ctype *type, const struct expr *width,
		       bool named, const struct token *at)
{
	unsigned most = type->type.kind == TYPE_BOOL	   ? 1
			: type->bit_int && type->type.bits ? type->type.bits
							   : (unsigned)type->type.size * 8;

	if (type->state != CTYPE_COMPLETE || type->type.kind > TYPE_ENUM ||
	    type->type.kind == TYPE_FLOAT || type->type.kind == TYPE_POINTER)
		return parse_error(p, at, "a bit-field of '%s': only whole numbers have bit-fields",
				   type->type.name);
	if (type->type.big_endian)
		return parse_error(p, at, "bit-fields of big-endian numbers aren't supported");
	if ((!width->is_unsigned && (int64_t)width->value < 0) || width->value > most)
		return parse_error(p, at, "a bit-field of %ld bits; '%s' has %u",
				   (long)width->value, type->type.name, most);
	if (!width->value && named)
		return parse_error(p, at, "a bit-field of no bits can't have a name");
	return true;
}

/* May a member be of that type? `last` tells later whether an open array is the last. */
static bool may_be_member(struct parser *p, const struct ctype *type, const struct token *name)
{
	if (type->state == CTYPE_INCOMPLETE && !lookup_tag(p, type, name))
		return parse_error(p, name,
				   "'%s' isn't defined here; only a pointer to it can be "
				   "a field",
				   type->type.name);
	if (type->state != CTYPE_COMPLETE)
		return parse_error(p, name, "a field can't be of type '%s'", type->type.name);
	if (type->counted)
		return parse_error(p, name,
				   "the bound of '%s' is read from live memory: that is for placed "
				   "variables, inside a struct it must be constant; write the most "
				   "there can be, and [[count(..)]]",
				   name->symbol ? name->symbol->name : "a field");
	return true;
}

/* What '@' places stands apart from the fields around it, and may be as long as it likes. */
static const struct ctype *placed_type(struct parser *p, const struct ctype *type,
				       const struct token *name)
{
	bool walked = type->type.kind == TYPE_ARRAY && walk_is_walked(&type->type);

	return type->open || walked ? rules_open(p, type, name) : type;
}

static bool add_field(struct parser *p, const struct specifiers *specifiers)
{
	struct attributes attributes = specifiers->attributes;
	const struct ctype *type;
	struct expr width = {.value = 0};
	struct token name;
	struct deferred *at = NULL;
	struct field *field;
	bool is_bits;

	type = parse_declarator(p, specifiers->type, &attributes, &name);
	is_bits = token_take(p, ':');
	if (is_bits && (!parse_constant(p, &width) ||
			!width_fits(p, type, &width, name.kind == TOKEN_NAME, &name)))
		return false;
	parse_attributes(p, &attributes);
	if (name.kind != TOKEN_NAME && !is_bits)
		return token_unexpected(p, "a field's name");
	if (p->err || !may_be_member(p, type, &name))
		return false;
	if (p->token.kind == '@' && !is_bits)
		at = rule_placement(p);
	parse_attributes(p, &attributes);
	type = attributes_apply(p, &attributes, type);
	if (is_bits && type_form(&type->type) == FORM_IP4)
		return parse_error(p, &name, "an address has 4 bytes, it is no bit-field");
	type = rules_apply(p, &attributes.rules, type);
	if (at)
		type = placed_type(p, type, &name);
	else if (type->type.kind == TYPE_ARRAY && type->type.element->live &&
		 type->type.element->live->size && !type->open)
		return parse_error(p, &name,
				   "how long '%s' is isn't known, as its elements say their own "
				   "length: place it with '@'",
				   name.symbol->name);
	if (is_bits && type->type.big_endian)
		return parse_error(p, &name, "bit-fields of big-endian numbers aren't supported");
	field = vector_push(p, &p->fields, struct field);
	if (!field)
		return false;
	*field = (struct field){
		.type = type,
		.is_bits = is_bits,
		.bits = (unsigned char)width.value,
		.packed = attributes.packed,
		.align = attributes.align,
		.rule = rules_member(p, &attributes.rules, at ? at->out : NULL),
		.line = name.line,
		.column = name.column,
	};
	if (name.kind == TOKEN_NAME) {
		field->name = parse_keep_name(p, name.symbol);
		name.symbol->is_field = true;
	}
	return !p->err;
}

bool parse_is_open_field(const struct parser *p, const char *name)
{
	for (size_t i = 0; i < p->fields.n; i++) {
		const struct field *field = vector_at(&p->fields, i);

		if (field->name && !strcmp(field->name, name))
			return true;
	}
	return false;
}

static void add_lifted(struct parser *p, const struct specifiers *specifiers, struct deferred *kept,
		       const struct token *at)
{
	const struct rule *rule = rules_member(p, &specifiers->attributes.rules, NULL);
	struct field *field = vector_push(p, &p->fields, struct field);

	rules_lift(kept, specifiers->type, p->scope);
	if (field)
		*field = (struct field){
			.type = specifiers->type,
			.rule = rule,
			.packed = specifiers->attributes.packed,
			.align = specifiers->attributes.align,
			.line = at->line,
			.column = at->column,
		};
}

static void declare_fields(struct parser *p)
{
	struct deferred **kept = p->deferred_end; /* where those of a struct here will be */
	struct specifiers specifiers;
	struct token at = p->token;

	if (!parse_specifiers(p, &specifiers))
		return;
	if (specifiers.storage != STORAGE_NONE) {
		parse_error(p, &at, "a field can't be '%.*s'", (int)at.length, at.text);
		return;
	}
	if (p->token.kind == ';') {
		if (specifiers.anonymous)
			add_lifted(p, &specifiers, *kept, &at);
		else if (!specifiers.declares)
			token_unexpected(p, "a field's name");
	} else {
		while (add_field(p, &specifiers) && token_take(p, ','))
			;
	}
	token_expect(p, ';', "';'");
}

static bool is_before_others(const struct field *fields, size_t i, size_t n)
{
	for (i++; i < n; i++) {
		if (!fields[i].rule || !fields[i].rule->at)
			return true;
	}
	return false;
}

/*
 * An array without bound has none of its elements inside the struct as C knows it. Where the struct
 * says how long it is, or a field how many there are, it has those.
 */
static void close_open_arrays(struct parser *p, const struct ctype *record, struct field *fields,
			      size_t n)
{
	for (size_t i = 0; i < n && !p->err; i++) {
		struct token at = {.line = fields[i].line, .column = fields[i].column};
		struct ctype *closed;

		if (!fields[i].type->open)
			continue;
		if (is_before_others(fields, i, n) && record->type.kind == TYPE_STRUCT)
			parse_error(p, &at, "only the last field can be an array without bound");
		if (record->type.live || fields[i].type->type.live) {
			fields[i].type = rules_open(p, fields[i].type, &at);
			continue;
		}
		closed = ctype_copy(p, fields[i].type);
		closed->open = false;
		fields[i].type = closed;
	}
}

void parse_fields(struct parser *p, struct ctype *record, struct attributes *attributes)
{
	struct scope *scope = parse_scratch(p, sizeof(*scope));
	size_t first = p->fields.n, n;
	struct field *fields;

	if (!scope)
		return;
	*scope = (struct scope){record, p->scope};
	p->scope = scope;
	token_next(p);
	while (!p->err && p->token.kind != '}') {
		if (p->token.kind == KEYWORD_STATIC_ASSERT)
			parse_static_assert(p);
		else if (p->token.kind == TOKEN_END)
			token_unexpected(p, "'}'");
		else if (!token_take(p, ';'))
			declare_fields(p);
	}
	p->scope = scope->outer;
	token_next(p);
	parse_attributes(p, attributes);
	rules_record(p, &attributes->rules, record);
	if (!p->err) {
		n = p->fields.n - first;
		fields = n ? vector_at(&p->fields, first) : NULL;
		close_open_arrays(p, record, fields, n);
		record_finish(p, record, fields, n, attributes);
	}
	p->fields.n = first;
}

/* The values of an enum so far. */
struct values {
	struct expr next; /* a constant: what the next one is if nothing is said */
	bool negative;
	uint64_t most; /* of those that aren't negative */
	int64_t least;
};

static void note(struct parser *p, struct values *values, const struct token *at)
{
	struct expr *value = &values->next;

	if (!value->is_unsigned && (int64_t)value->value < 0) {
		values->negative = true;
		if ((int64_t)value->value < values->least)
			values->least = (int64_t)value->value;
	} else if (value->value > values->most) {
		values->most = value->value;
	}
	if (values->negative && values->most > INT64_MAX)
		parse_error(p, at, "no type holds both this value and the negative ones before it");
}

/* One more, in a type that holds it. */
static void advance(struct expr *value)
{
	bool was_negative = !value->is_unsigned && (int64_t)value->value < 0;

	value->value++;
	if (was_negative)
		return;
	if (value->bits == 32 && value->value > (value->is_unsigned ? UINT32_MAX : INT32_MAX))
		value->bits = 64;
	if (value->bits == 64 && value->value > INT64_MAX)
		value->is_unsigned = true;
}

static bool fits_int(const struct expr *value)
{
	return value->is_unsigned ? value->value <= INT32_MAX
				  : (int64_t)value->value == (int32_t)value->value;
}

/* Constants that are no int have the type of their enum, as soon as it has one. */
static void type_constants(struct parser *p, const struct type *type)
{
	for (size_t i = 0; i < type->n_enumerators; i++) {
		const char *name = type->enumerators[i].name;
		struct symbol *symbol = symbol_intern(p, name, strlen(name));

		if (!symbol || (symbol->bits == 32 && !symbol->is_unsigned))
			continue;
		symbol->bits = type->size > 4 ? 64 : 32;
		symbol->is_unsigned = !type->is_signed;
	}
}

static void enumerator(struct parser *p, struct values *values)
{
	struct token name = p->token;
	struct attributes attributes = {0};
	struct enumerator *item;
	struct symbol *symbol = name.symbol;

	if (!token_expect(p, TOKEN_NAME, "a name for a value"))
		return;
	parse_attributes(p, &attributes);
	if (token_take(p, '=') && !parse_constant(p, &values->next))
		return;
	if (!symbol_is_free(p, &name))
		return;
	note(p, values, &name);
	symbol->kind = NAME_CONSTANT;
	symbol->builtin = p->in_library;
	symbol->value = values->next.value;
	symbol->bits = values->next.bits;
	symbol->is_unsigned = values->next.is_unsigned;
	if (fits_int(&values->next)) {
		symbol->bits = values->next.bits = 32;
		symbol->is_unsigned = values->next.is_unsigned = false;
	}
	item = vector_push(p, &p->enumerators, struct enumerator);
	if (!item)
		return;
	item->name = parse_keep_name(p, symbol);
	item->value = values->next.value;
	if (values->next.is_unsigned && values->next.value == UINT64_MAX)
		values->next.value = 0;
	else
		advance(&values->next);
}

/* gcc: unsigned int, or int when a value is negative; wider when it must be, narrower if packed. */
static void fit_enum(struct type *type, const struct values *values, bool packed)
{
	unsigned bits = packed ? 8 : 32;

	type->is_signed = values->negative;
	for (; bits < 64; bits *= 2) {
		if (values->negative ? values->least >= -(INT64_C(1) << (bits - 1)) &&
					       values->most < UINT64_C(1) << (bits - 1)
				     : values->most < UINT64_C(1) << bits)
			break;
	}
	type->size = type->align = bits / 8;
}

/* The values that a type of so many bits doesn't hold are refused. */
static void fix_enum(struct parser *p, struct type *type, const struct values *values,
		     const struct ctype *underlying, const struct token *at)
{
	const struct type *of = &underlying->type;
	unsigned bits = (unsigned)of->size * 8 - of->is_signed;
	int64_t lowest = of->is_signed ? (int64_t)(UINT64_MAX << bits) : 0;

	if (underlying->state != CTYPE_COMPLETE || underlying->bit_int ||
	    (of->kind != TYPE_INTEGER && of->kind != TYPE_CHAR && of->kind != TYPE_BOOL)) {
		parse_error(p, at, "an enum can't be of type '%s'", of->name);
		return;
	}
	if ((bits < 64 && values->most >> bits) || (values->negative && !of->is_signed) ||
	    values->least < lowest)
		parse_error(p, at, "a value of this enum doesn't fit in '%s'", of->name);
	type->is_signed = of->is_signed;
	type->size = of->size;
	type->align = of->align;
}

void parse_underlying(struct parser *p, struct ctype *type, const struct ctype *underlying,
		      const struct token *at)
{
	struct values none = {.next = {.kind = EXPR_CONSTANT}};

	fix_enum(p, &type->type, &none, underlying, at);
	type->state = CTYPE_COMPLETE;
	type->forward = true;
}

void parse_enumerators(struct parser *p, struct ctype *ctype, const struct ctype *underlying,
		       struct attributes *attributes)
{
	struct type *type = &ctype->type;
	struct values values = {.next = {.kind = EXPR_CONSTANT, .bits = 32, .depth = 1}};
	struct enumerator *kept;
	struct token at = p->token;
	size_t first = p->enumerators.n, n;

	do {
		token_next(p);
		if (p->token.kind == '}')
			break;
		enumerator(p, &values);
	} while (p->token.kind == ',' && !p->err);
	token_expect(p, '}', "',' or '}' after the value");
	parse_attributes(p, attributes);
	n = p->enumerators.n - first;
	if (!n)
		parse_error(p, &at, "an enum needs at least one value");
	kept = p->err ? NULL : parse_keep(p, n * sizeof(*kept));
	if (!kept)
		return;
	memcpy(kept, vector_at(&p->enumerators, first), n * sizeof(*kept));
	p->enumerators.n = first;
	type->enumerators = kept;
	type->n_enumerators = n;
	if (underlying)
		fix_enum(p, type, &values, underlying, &at);
	else
		fit_enum(type, &values, attributes->packed);
	if (attributes->last_align)
		type->align = attributes->last_align;
	type_constants(p, type);
	ctype->state = CTYPE_COMPLETE;
}
