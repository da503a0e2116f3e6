/* SPDX-License-Identifier: MIT */
/* What stands between the braces of a struct or union. */
#include <string.h>

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
		rules_least(p, record);
	}
	p->fields.n = first;
}
