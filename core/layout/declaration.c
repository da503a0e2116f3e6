/* SPDX-License-Identifier: MIT */
/* Declarations at the outermost level: types, constants and placed variables. */
#include <string.h>

#include "layout/lookup.h"
#include "layout/parse.h"

static void declare_typedef(struct parser *p, const struct token *name, const struct ctype *type)
{
	struct symbol *symbol = name->symbol;

	if (type->counted) {
		parse_error(p, name, "a typedef's bound must be constant");
		return;
	}
	if (symbol->kind == NAME_TYPE && !symbol->builtin) {
		if (!ctype_equal(symbol->type, ctype_named(p, type, symbol->name)))
			parse_error(p, name, "'%s' is already the type '%s'", symbol->name,
				    symbol->type->type.name);
		return;
	}
	if (!symbol_is_free(p, name))
		return;
	symbol->kind = NAME_TYPE;
	symbol->builtin = p->in_library;
	symbol->type = ctype_named(p, type, symbol->name);
	/* a struct without tag, or aligned anew, is the last one in its new form */
	if (p->last_record && symbol->type->type.kind == p->last_record->type.kind &&
	    symbol->type->type.members == p->last_record->type.members)
		p->last_record = symbol->type;
}

/* `@ OFFSET`: a constant's value, or else the expression, kept. */
static void placement(struct parser *p, const struct token *name, uint64_t *offset,
		      const struct expr **at)
{
	struct expr expr, *kept;

	token_next(p);
	parse_number(p, &expr);
	if (p->err)
		return;
	if (!expr_reads_memory(&expr)) {
		if (!expr_settle(p, &expr))
			return;
		if (!expr.is_unsigned && (int64_t)expr.value < 0)
			parse_error(p, name, "'%s' is placed at %ld, before the region's start",
				    name->symbol->name, (long)expr.value);
		*offset = expr.value;
		return;
	}
	kept = parse_keep(p, sizeof(*kept));
	if (!kept)
		return;
	*kept = expr;
	*at = kept;
}

/* A variable; its type is what the attributes before and behind the placement make of it. */
static void place_variable(struct parser *p, const struct token *name, const struct ctype *type,
			   struct attributes *attributes)
{
	const struct expr *at = NULL;
	struct placed *placed;
	uint64_t offset = 0;

	if (type->state == CTYPE_INCOMPLETE && !lookup_tag(p, type, name))
		parse_error(p, name, "'%s' is of type '%s', which isn't defined",
			    name->symbol->name, type->type.name);
	if (type->state != CTYPE_COMPLETE)
		parse_error(p, name, "'%s' can't be of type '%s'", name->symbol->name,
			    type->type.name);
	placement(p, name, &offset, &at);
	parse_attributes(p, attributes);
	type = attributes_apply(p, attributes, type);
	type = rules_apply(p, &attributes->rules, type);
	if (p->err || !symbol_is_free(p, name))
		return;
	placed = parse_keep(p, sizeof(*placed));
	if (!placed)
		return;
	*placed = (struct placed){
		.name = parse_keep_name(p, name->symbol),
		.type = type,
		.offset = offset,
		.rule = rules_member(p, &attributes->rules, at),
		.index = p->n_placed++,
		.line = name->line,
		.column = name->column,
	};
	*p->placed_end = placed;
	p->placed_end = &placed->next;
	name->symbol->kind = NAME_VARIABLE;
	name->symbol->builtin = false;
	name->symbol->variable = placed;
}

/* `= ...` up to the ',' or ';' behind it. */
static void skip_initialiser(struct parser *p)
{
	token_next(p);
	while (!p->err && p->token.kind != ',' && p->token.kind != ';' &&
	       p->token.kind != TOKEN_END) {
		if (p->token.kind == '(' || p->token.kind == '{' || p->token.kind == '[')
			parse_skip_group(p);
		else
			token_next(p);
	}
}

/* C23's `constexpr int N = 4;`: N is a constant from here on. */
static void declare_constant(struct parser *p, const struct token *name, const struct ctype *type)
{
	struct symbol *symbol = name->symbol;
	struct expr value;

	token_next(p);
	if (!parse_constant(p, &value) || !symbol_is_free(p, name))
		return;
	symbol->kind = NAME_CONSTANT;
	symbol->builtin = false;
	symbol->value = value.value;
	expr_promote(&type->type, &symbol->bits, &symbol->is_unsigned);
}

/* One declarator of a declaration; false when the declaration ends with it, without a ';'. */
static bool declare(struct parser *p, const struct specifiers *specifiers)
{
	struct attributes attributes = specifiers->attributes;
	const struct ctype *type;
	struct token name;

	type = parse_declarator(p, specifiers->type, &attributes, &name);
	if (name.kind != TOKEN_NAME)
		return token_unexpected(p, specifiers->declares ? "';' or a name" : "a name");
	parse_attributes(p, &attributes);
	if (type->state == CTYPE_FUNCTION) /* none of them says anything about bytes */
		attributes.unknown.length = 0;
	if (type->state == CTYPE_FUNCTION && specifiers->storage != STORAGE_TYPEDEF) {
		if (p->token.kind != '{')
			return true;
		parse_skip_group(p);
		return false;
	}
	if (p->token.kind == '@' && specifiers->storage != STORAGE_TYPEDEF) {
		place_variable(p, &name, type, &attributes);
		return !p->err;
	}
	type = attributes_apply(p, &attributes, type);
	if (attributes.rules.at.kind)
		parse_error(p, &attributes.rules.at, "'%.*s' is for fields and placed variables",
			    (int)attributes.rules.at.length, attributes.rules.at.text);
	if (attributes.last_align && type->state == CTYPE_COMPLETE &&
	    specifiers->storage == STORAGE_TYPEDEF) {
		struct ctype *aligned = ctype_copy(p, type);

		aligned->type.align = attributes.last_align;
		type = aligned;
	}
	if (specifiers->storage == STORAGE_TYPEDEF)
		declare_typedef(p, &name, type);
	else if (p->token.kind == '=' && specifiers->is_constant && type->type.kind == TYPE_INTEGER)
		declare_constant(p, &name, type);
	else if (p->token.kind == '=')
		skip_initialiser(p);
	else if (p->token.kind == '{' && specifiers->declares)
		parse_error(
			p, &name,
			"expected '{' before '%s': is the word before it a macro, whose #define "
			"isn't here?",
			name.symbol->name);
	else if (specifiers->storage == STORAGE_NONE)
		parse_error(p, &name,
			    "nothing says where '%s' stands: write '%s @ OFFSET', or leave it out",
			    name.symbol->name, name.symbol->name);
	return !p->err;
}

static void declaration(struct parser *p)
{
	struct specifiers specifiers;

	if (!parse_specifiers(p, &specifiers))
		return;
	if (p->token.kind == '.') {
		parse_overlay(p, &specifiers);
		return;
	}
	if (specifiers.declares && token_take(p, ';'))
		return;
	do {
		if (!declare(p, &specifiers))
			return;
	} while (token_take(p, ','));
	token_expect(p, ';', "';'");
}

void parse_declarations(struct parser *p)
{
	token_next(p);
	while (!p->err && p->token.kind != TOKEN_END) {
		if (p->token.kind == KEYWORD_STATIC_ASSERT)
			parse_static_assert(p);
		else if (parse_begins_match(p))
			parse_match(p);
		else if (lookup_begins(p))
			lookup_statement(p);
		else if (!token_take(p, ';'))
			declaration(p);
	}
}

void parse_translation_unit(struct parser *p)
{
	parse_declarations(p);
	macro_end(p);
	if (!p->err && !p->placed && !p->last_record)
		parse_error(p, &p->token,
			    "no variable is placed and no struct is declared: nothing says what "
			    "the region holds");
	rules_settle(p);
	if (!p->err)
		ctype_settle(p);
	overlay_end(p);
}
