/* SPDX-License-Identifier: MIT */
#include "layout/expr.h"

#include <errno.h>

#include "layout/parse.h"
#include "layout/walk.h"

void expr_promote(const struct type *type, unsigned char *bits, bool *is_unsigned)
{
	unsigned width = type->bits ? type->bits : (unsigned)type->size * 8;

	*bits = width > 32 ? 64 : 32;
	*is_unsigned = !type->is_signed && width >= 32 && type->kind != TYPE_BOOL;
}

uint64_t expr_extend(uint64_t value, unsigned bits, bool is_unsigned)
{
	if (bits == 64)
		return value;
	return is_unsigned ? (uint32_t)value : (uint64_t)(int64_t)(int32_t)value;
}

void expr_common(const struct expr *a, const struct expr *b, unsigned char *bits, bool *is_unsigned)
{
	*bits = a->bits > b->bits ? a->bits : b->bits;
	*is_unsigned = (a->is_unsigned && a->bits == *bits) || (b->is_unsigned && b->bits == *bits);
}

bool expr_reads_memory(const struct expr *expr)
{
	return expr && (expr->kind == EXPR_LOAD || expr_reads_memory(expr->a) ||
			expr_reads_memory(expr->b) || expr_reads_memory(expr->c));
}

static bool in_range(int64_t value, unsigned bits)
{
	return bits == 64 || value == (int32_t)value;
}

static const char *divide(unsigned op, uint64_t a, uint64_t b, unsigned bits, bool is_unsigned,
			  uint64_t *out)
{
	if (!b)
		return "division by zero";
	if (is_unsigned)
		*out = op == '/' ? a / b : a % b;
	else if ((int64_t)b == -1 && (int64_t)a == (bits == 64 ? INT64_MIN : INT32_MIN))
		return "the quotient is too large for its type";
	else
		*out = (uint64_t)(op == '/' ? (int64_t)a / (int64_t)b : (int64_t)a % (int64_t)b);
	return NULL;
}

static const char *add(unsigned op, uint64_t a, uint64_t b, unsigned bits, bool is_unsigned,
		       uint64_t *out)
{
	int64_t x = (int64_t)a, y = (int64_t)b, result;
	bool overflow;

	if (is_unsigned) {
		*out = op == '+' ? a + b : op == '-' ? a - b : a * b;
		return NULL;
	}
	overflow = op == '+'   ? __builtin_add_overflow(x, y, &result)
		   : op == '-' ? __builtin_sub_overflow(x, y, &result)
			       : __builtin_mul_overflow(x, y, &result);
	if (overflow || !in_range(result, bits))
		return "the result is too large for its type";
	*out = (uint64_t)result;
	return NULL;
}

static bool compare(unsigned op, uint64_t a, uint64_t b, bool is_unsigned)
{
	bool less = is_unsigned ? a < b : (int64_t)a < (int64_t)b;

	switch (op) {
	case '<':
		return less;
	case TOKEN_GE:
		return !less;
	case TOKEN_LE:
		return less || a == b;
	case '>':
		return !less && a != b;
	case TOKEN_EQ:
		return a == b;
	default:
		return a != b;
	}
}

/* a op b in the type of (bits, is_unsigned); what went wrong, or NULL. */
static const char *binary(unsigned op, uint64_t a, uint64_t b, unsigned bits, bool is_unsigned,
			  uint64_t *out)
{
	switch (op) {
	case '+':
	case '-':
	case '*':
		return add(op, a, b, bits, is_unsigned, out);
	case '/':
	case '%':
		return divide(op, a, b, bits, is_unsigned, out);
	case '&':
		*out = a & b;
		return NULL;
	case '|':
		*out = a | b;
		return NULL;
	case '^':
		*out = a ^ b;
		return NULL;
	default:
		*out = compare(op, a, b, is_unsigned);
		return NULL;
	}
}

static const char *shift(const struct expr *expr, uint64_t a, uint64_t by, uint64_t *out)
{
	if (by >= expr->bits)
		return "the shift is as wide as its type, or negative";
	if (expr->op == TOKEN_SHL)
		*out = a << by;
	else
		*out = expr->is_unsigned ? a >> by : (uint64_t)((int64_t)a >> by);
	return NULL;
}

static int no_value(const struct expr *expr, struct diag *diag, const char *why)
{
	return diag_set(diag, -ERANGE, expr->line, expr->column, "%s", why);
}

static int binary_value(const struct expr *expr, const struct expr_memory *memory, uint64_t *value,
			struct diag *diag)
{
	uint64_t a, b = 0;
	unsigned char bits;
	bool is_unsigned;
	const char *why;
	int err = expr_value(expr->a, memory, &a, diag);

	if (!err && expr->op == (a ? TOKEN_OR : TOKEN_AND)) {
		*value = a != 0;
		return 0;
	}
	if (!err)
		err = expr_value(expr->b, memory, &b, diag);
	if (err)
		return err;
	if (expr->op == TOKEN_OR || expr->op == TOKEN_AND) {
		*value = b != 0;
		return 0;
	}
	if (expr->op == TOKEN_SHL || expr->op == TOKEN_SHR) {
		why = shift(expr, a, b, value);
	} else {
		expr_common(expr->a, expr->b, &bits, &is_unsigned);
		why = binary(expr->op, expr_extend(a, bits, is_unsigned),
			     expr_extend(b, bits, is_unsigned), bits, is_unsigned, value);
	}
	return why ? no_value(expr, diag, why) : 0;
}

static int unary_value(const struct expr *expr, uint64_t a, uint64_t *value, struct diag *diag)
{
	const char *why = NULL;

	switch (expr->op) {
	case '-':
		why = add('-', 0, a, expr->bits, expr->is_unsigned, value);
		break;
	case '~':
		*value = ~a;
		break;
	case '!':
		*value = !a;
		break;
	default:
		*value = a;
	}
	return why ? no_value(expr, diag, why) : 0;
}

/* a as a value of a narrower or wider integer type; of a _BitInt as of any other. */
static uint64_t cast_value(const struct type *type, uint64_t a)
{
	unsigned bits = type->bits ? type->bits : (unsigned)type->size * 8;

	if (type->kind == TYPE_BOOL)
		return a != 0;
	if (bits >= 64)
		return a;
	a &= (UINT64_C(1) << bits) - 1;
	if (type->is_signed && a >> (bits - 1))
		a |= ~UINT64_C(0) << bits;
	return a;
}

static int load_value(const struct expr *expr, const struct expr_memory *memory, uint64_t *value,
		      struct diag *diag)
{
	if (!memory)
		return diag_set(diag, -ERANGE, expr->line, expr->column,
				"'%s' is read from live memory, but a constant is needed here",
				expr->name);
	return walk_load(memory->walk, memory->trail, expr, value, diag);
}

int expr_value(const struct expr *expr, const struct expr_memory *memory, uint64_t *value,
	       struct diag *diag)
{
	uint64_t result = 0;
	int err = memory && expr->kind != EXPR_CONSTANT ? walk_step(memory->walk, expr) : 0;

	if (err)
		return err;
	switch (expr->kind) {
	case EXPR_CONSTANT:
		result = expr->value;
		break;
	case EXPR_LOAD:
		err = load_value(expr, memory, &result, diag);
		break;
	case EXPR_CAST:
		err = expr_value(expr->a, memory, &result, diag);
		result = cast_value(expr->type, result);
		break;
	case EXPR_UNARY:
		err = expr_value(expr->a, memory, &result, diag);
		if (!err)
			err = unary_value(expr, result, &result, diag);
		break;
	case EXPR_BINARY:
		err = binary_value(expr, memory, &result, diag);
		break;
	case EXPR_CONDITIONAL:
		err = expr_value(expr->a, memory, &result, diag);
		if (!err)
			err = expr_value(result ? expr->b : expr->c, memory, &result, diag);
		break;
	default:
		err = no_value(expr, diag, "an object, where a number is needed");
	}
	if (!err)
		*value = expr_extend(result, expr->bits, expr->is_unsigned);
	return err;
}
