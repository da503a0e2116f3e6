/* SPDX-License-Identifier: MIT */
/* The grammar of expressions, above their operands. What is constant is folded on the way up. */
#include <string.h>

#include "base/cleanup.h"
#include "layout/fold.h"

static const struct expr *keep(struct parser *p, const struct expr *expr)
{
	struct expr *kept = parse_keep(p, sizeof(*kept));

	if (kept)
		*kept = *expr;
	return kept;
}

void expr_constant(struct expr *out, const struct token *at, uint64_t value, unsigned char bits,
		   bool is_unsigned)
{
	*out = (struct expr){
		.kind = EXPR_CONSTANT,
		.bits = bits,
		.is_unsigned = is_unsigned,
		.depth = 1,
		.line = at->line,
		.column = at->column,
		.value = expr_extend(value, bits, is_unsigned),
	};
}

void expr_step(struct parser *p, struct expr *expr, const char *name, uint64_t index,
	       const struct type *type)
{
	const struct expr *parent = keep(p, expr);

	if (expr->depth >= LAYOUT_DEPTH_MAX)
		parse_limit(p, &p->token, "an expression of more than 64 levels");
	expr->a = parent;
	expr->base = BASE_STEP;
	expr->depth++;
	expr->name = arena_copy(p->kept, name, strlen(name));
	if (!expr->name)
		parse_no_memory(p);
	expr->index = index;
	expr->type = type;
	expr->value = 0;
}

static struct token place_of(const struct expr *expr)
{
	return (struct token){.line = expr->line, .column = expr->column};
}

/* Without a cast, arithmetic with pointers would look like C's and count in other units. */
bool expr_load_address(struct expr *expr)
{
	if (expr->kind != EXPR_PLACE || expr->base == BASE_NOTHING || !expr->type ||
	    expr->type->kind != TYPE_POINTER)
		return false;
	expr->kind = EXPR_LOAD;
	expr->bits = 64;
	expr->is_unsigned = true;
	return true;
}

/* The number that an object holds; an error if it holds none. */
bool expr_load(struct parser *p, struct expr *expr)
{
	struct token at = place_of(expr);

	if (p->err)
		return false;
	if (expr->kind == EXPR_ADDRESS)
		return parse_error(p, &at, "an address, where a number is needed");
	if (expr->kind != EXPR_PLACE)
		return true;
	if (expr->base == BASE_NOTHING)
		return parse_error(p, &at, "nothing can be read through a constant address");
	if (!expr->type) {
		expr->kind = EXPR_LOAD;
		expr->bits = 64;
		return true;
	}
	switch (expr->type->kind) {
	case TYPE_INTEGER:
	case TYPE_CHAR:
	case TYPE_BOOL:
	case TYPE_ENUM:
		expr->kind = EXPR_LOAD;
		expr_promote(expr->type, &expr->bits, &expr->is_unsigned);
		return true;
	default:
		return parse_error(p, &at, "'%s' is of type '%s', where a whole number is needed",
				   expr->name, expr->type->name);
	}
}

/* Replaces a node by its value if nothing needs to be read for it. Else it becomes a tree. */
void expr_fold(struct parser *p, struct expr *expr, const struct expr *a, const struct expr *b,
	       const struct expr *c)
{
	uint64_t value;
	unsigned depth = a->depth;

	expr->a = a;
	expr->b = b;
	expr->c = c;
	if (a->kind == EXPR_CONSTANT && !expr_value(expr, NULL, &value, NULL)) {
		expr->kind = EXPR_CONSTANT;
		expr->value = value;
		expr->depth = 1;
		expr->a = expr->b = expr->c = NULL;
		return;
	}
	if (b && b->depth > depth)
		depth = b->depth;
	if (c && c->depth > depth)
		depth = c->depth;
	if (depth >= LAYOUT_DEPTH_MAX)
		parse_limit(p, &p->token, "an expression of more than 64 levels");
	expr->depth = (unsigned short)(depth + 1);
	expr->a = keep(p, a);
	expr->b = b ? keep(p, b) : NULL;
	expr->c = c ? keep(p, c) : NULL;
}

void expr_node(struct expr *out, enum expr_kind kind, const struct token *at)
{
	*out = (struct expr){
		.kind = kind, .op = at->kind, .bits = 32, .line = at->line, .column = at->column};
}

/* How tightly an operator binds; 0 for what is none. */
static unsigned precedence(unsigned kind)
{
	static const struct {
		unsigned kind, precedence;
	} operators[] = {
		{'*', 10},	{'/', 10}, {'%', 10}, {'+', 9},	     {'-', 9},	     {TOKEN_SHL, 8},
		{TOKEN_SHR, 8}, {'<', 7},  {'>', 7},  {TOKEN_LE, 7}, {TOKEN_GE, 7},  {TOKEN_EQ, 6},
		{TOKEN_NE, 6},	{'&', 5},  {'^', 4},  {'|', 3},	     {TOKEN_AND, 2}, {TOKEN_OR, 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(operators); i++) {
		if (operators[i].kind == kind)
			return operators[i].precedence;
	}
	return 0;
}

static void join(struct parser *p, struct expr *a, const struct token *at, const struct expr *b)
{
	struct expr left = *a;

	expr_node(a, EXPR_BINARY, at);
	switch (precedence(at->kind)) {
	case 8:
		a->bits = left.bits;
		a->is_unsigned = left.is_unsigned;
		break;
	case 1:
	case 2:
	case 6:
	case 7:
		break; /* int */
	default:
		expr_common(&left, b, &a->bits, &a->is_unsigned);
	}
	expr_fold(p, a, &left, b, NULL);
}

/* Operators that bind at least as tightly as `least`. */
static void binary(struct parser *p, unsigned least, struct expr *out)
{
	parse_unary(p, out);
	while (!p->err) {
		struct token at = p->token;
		unsigned binds = precedence(at.kind);
		struct expr b;

		if (!binds || binds < least)
			return;
		token_next(p);
		binary(p, binds + 1, &b);
		if (expr_load(p, out) && expr_load(p, &b))
			join(p, out, &at, &b);
	}
}

void parse_expression(struct parser *p, struct expr *out)
{
	struct expr condition, b, c;
	struct token at;

	expr_constant(out, &p->token, 0, 32, false);
	if (!parse_enter(p)) {
		parse_leave(p);
		return;
	}
	binary(p, 1, out);
	at = p->token;
	if (token_take(p, '?') && expr_load(p, out)) {
		condition = *out;
		parse_expression(p, &b);
		token_expect(p, ':', "':' and what else the value is");
		parse_expression(p, &c);
		if (expr_load(p, &b) && expr_load(p, &c)) {
			expr_node(out, EXPR_CONDITIONAL, &at);
			expr_common(&b, &c, &out->bits, &out->is_unsigned);
			expr_fold(p, out, &condition, &b, &c);
		}
	}
	parse_leave(p);
}

void parse_number(struct parser *p, struct expr *out)
{
	parse_expression(p, out);
	expr_load(p, out);
}

bool expr_settle(struct parser *p, struct expr *out)
{
	struct diag why;
	uint64_t value;

	if (expr_value(out, NULL, &value, &why)) {
		struct token at = {.line = why.line, .column = why.column};

		return parse_error(p, &at, "%s", why.message);
	}
	out->kind = EXPR_CONSTANT;
	out->value = value;
	return true;
}

bool parse_constant(struct parser *p, struct expr *out)
{
	parse_number(p, out);
	return !p->err && expr_settle(p, out);
}
