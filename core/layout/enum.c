/* SPDX-License-Identifier: MIT */
/* What stands between the braces of an enum. */
#include <string.h>

#include "layout/parse.h"

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
