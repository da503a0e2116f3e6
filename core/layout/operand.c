/* SPDX-License-Identifier: MIT */
/* Operands: what binds tighter than any operator between two of them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "layout/fold.h"

static void size_constant(struct expr *out, const struct token *at, uint64_t value)
{
	expr_constant(out, at, value, 64, true);
}

/* Size of what an expression is, which is never evaluated for it. */
static void size_of_operand(struct parser *p, struct expr *out, const struct token *at)
{
	struct expr operand;

	parse_unary(p, &operand);
	if (p->err)
		return;
	if (operand.kind == EXPR_ADDRESS) {
		size_constant(out, at, sizeof(void *));
	} else if (operand.kind != EXPR_PLACE) {
		size_constant(out, at, operand.bits / 8);
	} else if (!operand.type) {
		parse_error(p, at, "the size of '%s' isn't known here", operand.name);
	} else if (ctype_is_bit_field(ctype_of(operand.type))) {
		parse_error(p, at, "a bit-field has no size in bytes");
	} else if (ctype_has_size(p, ctype_of(operand.type), at)) {
		size_constant(out, at,
			      at->kind == KEYWORD_SIZEOF ? operand.type->size
							 : operand.type->align);
	}
}

/* sizeof("text"): each of its bytes and the NUL. */
static void size_of_text(struct parser *p, struct expr *out, const struct token *at)
{
	bool enclosed = token_take(p, '(');
	size_t n = 0;

	parse_text(p, &n);
	if (enclosed)
		token_expect(p, ')', "')' after the text");
	size_constant(out, at, at->kind == KEYWORD_SIZEOF ? n + 1 : 1);
}

static void size_of(struct parser *p, struct expr *out)
{
	struct token at = p->token;
	const struct ctype *type;

	token_next(p);
	if (p->token.kind == TOKEN_STRING ||
	    (p->token.kind == '(' && token_peek(p)->kind == TOKEN_STRING)) {
		size_of_text(p, out, &at);
		return;
	}
	if (p->token.kind != '(' || !parse_begins_type(token_peek(p))) {
		size_of_operand(p, out, &at);
		return;
	}
	token_next(p);
	type = parse_type_name(p);
	token_expect(p, ')', "')' after the type");
	if (ctype_has_size(p, type, &at))
		size_constant(out, &at,
			      at.kind == KEYWORD_SIZEOF ? type->type.size : type->type.align);
}

static void no_member(struct parser *p, const struct type *type, const char *name)
{
	unsigned best = strlen(name) < 4 ? 2 : 3;
	const char *near = NULL;

	for (size_t i = 0; i < type->n_members && i < 1000; i++) {
		unsigned distance = name_distance(name, type->members[i].name, best - 1);

		if (distance < best) {
			best = distance;
			near = type->members[i].name;
		}
	}
	parse_error(p, &p->token, "'%s' has no field '%s'%s%s%s", type->name, name,
		    near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static void member(struct parser *p, struct expr *out, const struct token *at)
{
	struct place place = {.type = out->type, .offset = out->value};
	const struct symbol *symbol = p->token.symbol;
	uint64_t index;

	if (p->token.kind != TOKEN_NAME) {
		token_unexpected(p, "a field's name");
		return;
	}
	if (out->kind == EXPR_PLACE && !out->type) {
		expr_step(p, out, symbol->name, UINT64_MAX, NULL);
		token_next(p);
		return;
	}
	if (out->kind != EXPR_PLACE || !type_is_record(out->type)) {
		parse_error(p, at, "what stands before '%.*s%s' has no fields", (int)at->length,
			    at->text, symbol->name);
		return;
	}
	if (!ctype_has_size(p, ctype_of(out->type), &p->token))
		return;
	if (type_lookup(&place, symbol->name, &place, &index)) {
		no_member(p, out->type, symbol->name);
		return;
	}
	if (out->base == BASE_NOTHING) {
		out->type = place.type;
		out->value = place.offset;
	} else {
		expr_step(p, out, symbol->name, index, place.type);
	}
	token_next(p);
}

static void element(struct parser *p, struct expr *out)
{
	struct token at = p->token;
	struct expr index;
	const struct type *type = out->type;
	uint64_t length, offset;
	bool bounded;

	if (!parse_constant(p, &index) || !token_expect(p, ']', "']' after the index"))
		return;
	if (out->kind == EXPR_PLACE && !type) {
		expr_step(p, out, out->name, index.value, NULL);
		return;
	}
	if (out->kind != EXPR_PLACE || type->kind < TYPE_STRING || type->kind > TYPE_ARRAY) {
		parse_error(p, &at, "what stands before '[' is no array");
		return;
	}
	bounded = !ctype_of(type)->open && !ctype_of(type)->counted && !type->open;
	length = type->kind == TYPE_ARRAY ? type->length : type->size;
	if ((!index.is_unsigned && (int64_t)index.value < 0) ||
	    (bounded && index.value >= length)) {
		parse_error(p, &at, "index %ld is outside of '%s'", (long)index.value, type->name);
		return;
	}
	if (type->kind == TYPE_ARRAY && out->base != BASE_NOTHING) {
		expr_step(p, out, out->name, index.value, type->element);
		return;
	}
	out->type = type->kind == TYPE_ARRAY	? type->element
		    : type->kind == TYPE_STRING ? &ctype_char.type
						: &ctype_unsigned_char.type;
	if (__builtin_mul_overflow(index.value, out->type->size, &offset) ||
	    __builtin_add_overflow(out->value, offset, &out->value) || out->value > LAYOUT_SIZE_MAX)
		parse_error(p, &at, "index %lu is behind any memory", (unsigned long)index.value);
}

/* Turns the address of an object into the object. */
static void follow(struct parser *p, struct expr *out, const struct token *at)
{
	if (out->kind != EXPR_ADDRESS)
		parse_error(p, at, "pointers in live memory aren't followed");
	else if (!out->type) /* a program's void * */
		parse_error(p, at, "nothing is known of what this pointer leads to");
	else
		out->kind = EXPR_PLACE;
}

static void postfix(struct parser *p, struct expr *out)
{
	while (!p->err) {
		struct token at = p->token;

		if (token_take(p, '.')) {
			member(p, out, &at);
		} else if (token_take(p, TOKEN_ARROW)) {
			follow(p, out, &at);
			member(p, out, &at);
		} else if (at.kind == '[' && token_peek(p)->kind != '[') {
			token_next(p);
			element(p, out);
		} else {
			return;
		}
	}
}

static void offset_of(struct parser *p, struct expr *out)
{
	struct token at = p->token;
	struct expr place;

	expr_node(&place, EXPR_PLACE, &at);
	token_next(p);
	token_expect(p, '(', "'(' after offsetof");
	place.type = &parse_type_name(p)->type;
	if (!token_expect(p, ',', "',' after the type"))
		return;
	member(p, &place, &at);
	postfix(p, &place);
	token_expect(p, ')', "')' after the field");
	if (!p->err && ctype_is_bit_field(ctype_of(place.type)))
		parse_error(p, &at, "a bit-field has no offset in bytes");
	size_constant(out, &at, place.value);
}

static void unknown(struct parser *p, const struct symbol *symbol)
{
	const char *near = symbol_near(p, symbol, NAME_CONSTANT | NAME_VARIABLE);

	if (parse_is_open_field(p, symbol->name))
		parse_error(p, &p->token,
			    "'%s' is a field here, but inside a struct a bound is constant: write "
			    "the most there can be, and [[count(%s)]] for how many there are",
			    symbol->name, symbol->name);
	else
		parse_error(p, &p->token,
			    "no constant and no variable placed above is named '%s'%s%s%s",
			    symbol->name, near ? "; did you mean '" : "", near ? near : "",
			    near ? "'?" : "");
}

static void name(struct parser *p, struct expr *out)
{
	const struct symbol *symbol = p->token.symbol;

	if (rules_own_name(p, out)) {
		token_next(p);
		return;
	}
	switch (symbol->kind) {
	case NAME_CONSTANT:
		expr_constant(out, &p->token, symbol->value, symbol->bits, symbol->is_unsigned);
		break;
	case NAME_VARIABLE:
		expr_node(out, EXPR_PLACE, &p->token);
		out->depth = 1;
		out->base = BASE_VARIABLE;
		out->name = symbol->variable->name;
		out->index = symbol->variable->index;
		out->type = &symbol->variable->type->type;
		break;
	default:
		if (!rules_outer_name(p, out))
			unknown(p, symbol);
	}
	token_next(p);
}

/* A number that isn't one to calculate with. */
static void odd_number(struct parser *p)
{
	static const char *const faults[] = {
		[NUMBER_NOT_WHOLE] = "'%.*s' isn't a whole number of C",
		[NUMBER_TOO_LARGE] = "'%.*s' doesn't fit in 64 bits",
		[NUMBER_NO_CHARACTER] = "%.*s isn't a character constant",
	};
	char shown[80];

	snprintf(shown, sizeof(shown), "%.*s", (int)p->token.length, p->token.text);
	parse_error(p, &p->token, faults[p->token.odd], (int)strlen(shown), shown);
}

static void primary(struct parser *p, struct expr *out)
{
	switch (p->token.kind) {
	case TOKEN_NUMBER:
		if (p->token.odd)
			odd_number(p);
		expr_constant(out, &p->token, p->token.value, p->token.bits, p->token.is_unsigned);
		token_next(p);
		break;
	case TOKEN_NAME:
		name(p, out);
		break;
	case KEYWORD_OFFSETOF:
		offset_of(p, out);
		break;
	case '(':
		token_next(p);
		parse_expression(p, out);
		token_expect(p, ')', "')'");
		break;
	default:
		token_unexpected(p, "an expression");
	}
	postfix(p, out);
}

static void cast(struct parser *p, struct expr *out)
{
	struct token at = p->token;
	const struct ctype *type;
	struct expr a;

	token_next(p);
	type = parse_type_name(p);
	token_expect(p, ')', "')' after the type");
	parse_unary(p, &a);
	if (p->err)
		return;
	if (type->type.kind == TYPE_POINTER && type->state == CTYPE_COMPLETE) {
		if (a.kind != EXPR_CONSTANT && a.kind != EXPR_ADDRESS) {
			parse_error(p, &at, "only a constant can be cast to a pointer");
			return;
		}
		*out = a;
		out->kind = EXPR_ADDRESS;
		out->bits = 64;
		out->is_unsigned = true;
		out->type = type->type.target;
		out->base = BASE_NOTHING;
		return;
	}
	if (type->state != CTYPE_COMPLETE || type->type.kind > TYPE_ENUM ||
	    type->type.kind == TYPE_FLOAT || type->type.kind == TYPE_POINTER) {
		parse_error(p, &at, "a cast to '%s': only whole numbers are calculated with",
			    type->type.name);
		return;
	}
	if (a.kind == EXPR_ADDRESS)
		size_constant(&a, &at, a.value);
	if (!expr_load_address(&a) && !expr_load(p, &a))
		return;
	expr_node(out, EXPR_CAST, &at);
	out->type = &type->type;
	expr_promote(out->type, &out->bits, &out->is_unsigned);
	expr_fold(p, out, &a, NULL, NULL);
}

static void operation(struct parser *p, struct expr *out)
{
	struct token at = p->token;
	struct expr a;

	token_next(p);
	parse_unary(p, &a);
	if (p->err)
		return;
	if (at.kind == '*') {
		*out = a;
		follow(p, out, &at);
	} else if (at.kind == '&') {
		*out = a;
		out->kind = EXPR_ADDRESS;
		out->bits = 64;
		out->is_unsigned = true;
		if (a.kind != EXPR_PLACE || a.base != BASE_NOTHING)
			parse_error(p, &at, "only what stands at a constant address has one here");
	} else if (expr_load(p, &a)) {
		expr_node(out, EXPR_UNARY, &at);
		if (at.kind != '!') {
			out->bits = a.bits;
			out->is_unsigned = a.is_unsigned;
		}
		expr_fold(p, out, &a, NULL, NULL);
	}
}

void parse_unary(struct parser *p, struct expr *out)
{
	expr_constant(out, &p->token, 0, 32, false);
	if (!parse_enter(p)) {
		parse_leave(p);
		return;
	}
	switch (p->token.kind) {
	case '+':
	case '-':
	case '~':
	case '!':
	case '*':
	case '&':
		operation(p, out);
		break;
	case KEYWORD_SIZEOF:
	case KEYWORD_ALIGNOF:
		size_of(p, out);
		break;
	case '(':
		if (parse_begins_type(token_peek(p))) {
			cast(p, out);
			break;
		}
		/* fallthrough */
	default:
		primary(p, out);
	}
	parse_leave(p);
}
