/* SPDX-License-Identifier: MIT */
/*
 * Declarators. C writes a type inside out around the name; reading it leaves what is derived in a
 * list, nearest to the name first, and the type is made from the list's end: for `*a[3]` an array
 * of 3, then a pointer, so the pointer is made first.
 */
#include <string.h>

#include "layout/parse.h"

enum derivation_kind { DERIVE_POINTER, DERIVE_ARRAY, DERIVE_FUNCTION };

struct derivation {
	enum derivation_kind kind;
	bool open;
	struct expr bound;
	struct token at;
};

void parse_skip_group(struct parser *p)
{
	unsigned depth = 0;

	if (p->token.kind != '(' && p->token.kind != '{' && p->token.kind != '[') {
		token_unexpected(p, "an opening bracket");
		return;
	}
	do {
		unsigned kind = p->token.kind;

		if (kind == TOKEN_END) {
			token_unexpected(p, "a closing bracket");
			return;
		}
		if (kind == '(' || kind == '{' || kind == '[')
			depth++;
		if (kind == ')' || kind == '}' || kind == ']')
			depth--;
		token_next(p);
	} while (depth && !p->err);
}

static struct derivation *push(struct parser *p, enum derivation_kind kind, const struct token *at)
{
	struct derivation *derivation;

	if (p->derivations.n > (size_t)LAYOUT_DEPTH_MAX * LAYOUT_DEPTH_MAX)
		parse_limit(p, at, "a type nested deeper than 64 levels");
	derivation = p->err ? NULL : vector_push(p, &p->derivations, struct derivation);
	if (derivation) {
		derivation->kind = kind;
		derivation->at = *at;
	}
	return derivation;
}

static void bound(struct parser *p, const struct token *at)
{
	struct derivation derivation = {.kind = DERIVE_ARRAY, .at = *at}, *kept;

	token_next(p);
	while (p->token.kind == KEYWORD_QUALIFIER || p->token.kind == KEYWORD_STORAGE)
		token_next(p);
	derivation.open = p->token.kind == ']';
	if (!derivation.open) {
		derivation.at = p->token;
		parse_number(p, &derivation.bound);
	}
	token_expect(p, ']', "']' after the bound");
	kept = push(p, DERIVE_ARRAY, at);
	if (kept)
		*kept = derivation;
}

/* Is this '(' the start of a declarator in brackets, and not of a function's parameters? */
static bool is_nested(struct parser *p)
{
	const struct token *next = token_peek(p);

	return next->kind == '*' || next->kind == '(' || next->kind == KEYWORD_ATTRIBUTE ||
	       (next->kind == TOKEN_NAME && next->symbol->kind != NAME_TYPE);
}

static void declarator(struct parser *p, struct attributes *attributes, struct token *name)
{
	struct token first = p->token;
	unsigned pointers = 0;

	if (!parse_enter(p)) {
		parse_leave(p);
		return;
	}
	parse_attributes(p, attributes);
	for (; token_take(p, '*'); pointers++) {
		while (p->token.kind == KEYWORD_QUALIFIER || p->token.kind == KEYWORD_ATOMIC)
			token_next(p);
		parse_attributes(p, attributes);
	}
	if (p->token.kind == '(' && is_nested(p)) {
		token_next(p);
		declarator(p, attributes, name);
		token_expect(p, ')', "')' after the declarator");
	} else if (p->token.kind == TOKEN_NAME) {
		*name = p->token;
		token_next(p);
	}
	for (;;) {
		struct token at = p->token;

		parse_attributes(p, attributes);
		if (p->token.kind == '[') {
			bound(p, &at);
		} else if (p->token.kind == '(') {
			parse_skip_group(p);
			push(p, DERIVE_FUNCTION, &at);
		} else {
			break;
		}
	}
	while (pointers-- && !p->err)
		push(p, DERIVE_POINTER, &first);
	parse_leave(p);
}

static const struct ctype *make_array(struct parser *p, const struct ctype *element,
				      const struct derivation *derivation)
{
	const struct expr *value = &derivation->bound;
	struct expr *count;
	struct diag why;

	if (derivation->open)
		return ctype_array(p, element, 0, NULL, true, &derivation->at);
	if (value->kind == EXPR_CONSTANT) {
		if (!value->is_unsigned && (int64_t)value->value < 0)
			parse_error(p, &derivation->at, "an array of %ld elements",
				    (long)value->value);
		return ctype_array(p, element, value->value, NULL, false, &derivation->at);
	}
	if (!expr_reads_memory(value)) {
		uint64_t ignored;

		expr_value(value, NULL, &ignored, &why);
		parse_error(p, &derivation->at, "%s", why.message);
		return element;
	}
	count = parse_keep(p, sizeof(*count));
	if (!count)
		return element;
	*count = *value;
	return ctype_array(p, element, 0, count, false, &derivation->at);
}

static const struct ctype *make(struct parser *p, const struct ctype *type,
				const struct derivation *derivation)
{
	switch (derivation->kind) {
	case DERIVE_POINTER:
		return ctype_pointer(p, type);
	case DERIVE_FUNCTION:
		return ctype_function(p, type);
	default:
		return make_array(p, type, derivation);
	}
}

const struct ctype *parse_declarator(struct parser *p, const struct ctype *base,
				     struct attributes *attributes, struct token *name)
{
	size_t first = p->derivations.n;
	const struct ctype *type = base;

	*name = (struct token){.kind = TOKEN_END, .line = p->token.line, .column = p->token.column};
	declarator(p, attributes, name);
	while (p->derivations.n > first && !p->err) {
		struct derivation derivation =
			*(struct derivation *)vector_at(&p->derivations, p->derivations.n - 1);

		type = make(p, type, &derivation);
		p->derivations.n--;
	}
	return p->err ? &ctype_int : type;
}

const struct ctype *parse_type_name(struct parser *p)
{
	struct specifiers specifiers;
	const struct ctype *type = &ctype_int;
	struct token name;

	if (!parse_enter(p)) {
		parse_leave(p);
		return type;
	}
	if (parse_specifiers(p, &specifiers)) {
		type = parse_declarator(p, specifiers.type, &specifiers.attributes, &name);
		if (name.kind != TOKEN_END)
			parse_error(p, &name, "a type is expected here, without a name");
	}
	parse_leave(p);
	return type;
}
