/* SPDX-License-Identifier: MIT */
/* Declaration specifiers: words, typedef names, typeof; struct, union and enum are in tag.c. */
#include <string.h>

#include "base/cleanup.h"
#include "layout/lookup.h"
#include "layout/parse.h"

bool parse_begins_type(const struct token *token)
{
	switch (token->kind) {
	case KEYWORD_STRUCT:
	case KEYWORD_UNION:
	case KEYWORD_ENUM:
	case KEYWORD_QUALIFIER:
	case KEYWORD_ATOMIC:
	case KEYWORD_TYPEOF:
	case KEYWORD_UNSUPPORTED:
	case KEYWORD_COMPLEX:
	case KEYWORD_BITINT:
		return true;
	case TOKEN_NAME:
		return token->symbol->kind == NAME_TYPE;
	default:
		return token->kind >= KEYWORD_VOID && token->kind < KEYWORD_END;
	}
}

/* An _Atomic type is aligned so that one instruction moves it, as gcc has it. */
static const struct ctype *atomic(struct parser *p, const struct ctype *type)
{
	uint64_t size = type->type.size;
	struct ctype *copy;

	if (type->state != CTYPE_COMPLETE || size > 16 || size & (size - 1) ||
	    size <= type->type.align)
		return type;
	copy = ctype_copy(p, type);
	copy->type.align = (uint32_t)size;
	return copy;
}

/* typeof(type or object) */
static const struct ctype *type_of(struct parser *p)
{
	const struct ctype *type = &ctype_int;
	struct token at = p->token;
	struct expr expr;

	token_next(p);
	token_expect(p, '(', "'(' after typeof");
	if (parse_begins_type(&p->token)) {
		type = parse_type_name(p);
	} else {
		parse_expression(p, &expr);
		if (expr.kind == EXPR_PLACE && expr.type)
			type = ctype_of(expr.type);
		else if (expr.kind == EXPR_ADDRESS)
			parse_error(p, &at, "typeof of an address isn't supported: name the type");
		else
			type = ctype_of_number(expr.bits, expr.is_unsigned);
	}
	token_expect(p, ')', "')'");
	return type;
}

/* Words that begin a declaration of C++ and mean nothing in C. */
static bool is_cplusplus(const struct symbol *symbol)
{
	static const char *const words[] = {"class",  "namespace", "template",	"using",
					    "public", "private",   "protected", "virtual"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(symbol->name, words[i]))
			return true;
	return false;
}

static void unknown_type(struct parser *p)
{
	const struct symbol *symbol = p->token.symbol;
	const char *near;

	if (is_cplusplus(symbol)) {
		parse_error(p, &p->token,
			    "'%s' is C++, and a layout is C: write plain structs, or let "
			    "`debuginfo NAME;` look the type up in the program",
			    symbol->name);
		return;
	}
	if (symbol->tag) {
		parse_error(p, &p->token, "no type is named '%s'; did you mean '%s'?", symbol->name,
			    symbol->tag->type.name);
		return;
	}
	near = symbol_near(p, symbol, NAME_TYPE);
	if (p->unread.at)
		parse_error(p, &p->token,
			    "no type is named '%s', and what <%.*s> declares isn't known here: "
			    "put the declaration before this%s%s%s",
			    symbol->name, (int)(p->unread.end - p->unread.at), p->unread.at,
			    near ? ", unless you mean '" : "", near ? near : "", near ? "'" : "");
	else
		parse_error(p, &p->token, "no type is named '%s'%s%s%s", symbol->name,
			    near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

struct words {
	unsigned char counts[KEYWORD_WORDS];
	unsigned total;
	struct token first;
	bool is_atomic;
	struct token complex; /* _Complex, if it stands there */
	struct token bit_int; /* _BitInt */
	uint64_t bits;	      /* of it */
};

/* _BitInt(N) */
static void bit_int(struct parser *p, struct words *words)
{
	struct expr bits;

	words->bit_int = p->token;
	token_next(p);
	token_expect(p, '(', "'(' after _BitInt");
	if (parse_constant(p, &bits))
		words->bits = bits.value;
	token_expect(p, ')', "')' after the number of bits");
}

/* A struct that gets a hint for a member: the word can be left out, and the reader may know it. */
static bool overlaid(struct parser *p, struct specifiers *out)
{
	const struct token name = p->token;

	if (!name.symbol->tag && name.symbol->kind == NAME_NONE && p->reader &&
	    !lookup_name(p, &name))
		lookup_tag(p, ctype_tag(p, KEYWORD_STRUCT, &name), &name);
	out->type = name.symbol->kind == NAME_TYPE ? name.symbol->type : name.symbol->tag;
	if (out->type)
		token_next(p);
	return out->type;
}

/* One of the words of which types are made. */
static bool word_specifier(struct parser *p, const struct specifiers *out, struct words *words)
{
	unsigned char *count = &words->counts[p->token.kind - KEYWORD_VOID];

	if (out->type)
		return token_unexpected(p, "a name");
	if (!words->total++)
		words->first = p->token;
	if (*count < 3)
		(*count)++;
	token_next(p);
	return true;
}

/* typedef and extern; static and the like, which don't replace them. */
static void storage_specifier(struct parser *p, struct specifiers *out)
{
	const struct token *token = &p->token;

	if (token->kind == KEYWORD_TYPEDEF)
		out->storage = STORAGE_TYPEDEF;
	else if (token->kind == KEYWORD_EXTERN)
		out->storage = STORAGE_EXTERN;
	else if (out->storage == STORAGE_NONE)
		out->storage = STORAGE_OTHER;
	out->is_constant |= token_is(token, "constexpr");
	token_next(p);
}

/* The qualifier, or _Atomic(type). */
static void atomic_specifier(struct parser *p, struct specifiers *out, struct words *words)
{
	words->is_atomic = true;
	token_next(p);
	if (out->type || words->total || !token_take(p, '('))
		return;
	out->type = parse_type_name(p);
	token_expect(p, ')', "')' after the type");
}

/* A type that isn't made of words, unless there is a type already; false when there is none. */
static bool type_specifier(struct parser *p, struct specifiers *out, const struct words *words)
{
	const struct token *token = &p->token;

	if (out->type || words->total || words->bits)
		return false;
	switch (token->kind) {
	case KEYWORD_STRUCT:
	case KEYWORD_UNION:
	case KEYWORD_ENUM:
		if (parse_enter(p))
			parse_tag(p, out);
		parse_leave(p);
		return true;
	case KEYWORD_TYPEOF:
		out->type = type_of(p);
		return true;
	case TOKEN_NAME:
		if (lookup_begins_path(p)) {
			out->type = lookup_path(p);
			return out->type;
		}
		if (p->err) /* of a peek: there is no token any more */
			return false;
		if (token->symbol->kind != NAME_TYPE)
			return token_peek(p)->kind == '.' && !p->err && overlaid(p, out);
		out->type = token->symbol->type;
		token_next(p);
		return true;
	default:
		return false;
	}
}

/* One specifier; false when there is none. */
static bool specifier(struct parser *p, struct specifiers *out, struct words *words)
{
	const struct token *token = &p->token;

	if (token->kind >= KEYWORD_VOID && token->kind < KEYWORD_END)
		return word_specifier(p, out, words);
	switch (token->kind) {
	case KEYWORD_TYPEDEF:
	case KEYWORD_EXTERN:
	case KEYWORD_STORAGE:
		storage_specifier(p, out);
		return true;
	case KEYWORD_QUALIFIER:
		token_next(p);
		return true;
	case KEYWORD_ATOMIC:
		atomic_specifier(p, out, words);
		return true;
	case KEYWORD_COMPLEX:
		words->complex = *token;
		token_next(p);
		return true;
	case KEYWORD_BITINT:
		if (out->type || words->bits)
			return token_unexpected(p, "a name");
		bit_int(p, words);
		return true;
	case KEYWORD_UNSUPPORTED:
		return parse_error(p, token, "'%.*s' isn't supported", (int)token->length,
				   token->text);
	case KEYWORD_ATTRIBUTE:
	case KEYWORD_ALIGNAS:
	case KEYWORD_ALIGNED:
	case KEYWORD_PACKED:
	case '[':
		parse_attributes(p, &out->attributes);
		return !p->err && p->token.kind != '[';
	default:
		return type_specifier(p, out, words);
	}
}

/* What the words make together. */
static const struct ctype *type_of_words(struct parser *p, struct words *words)
{
	unsigned char *n_unsigned = &words->counts[KEYWORD_UNSIGNED - KEYWORD_VOID];
	unsigned char n_signed = words->counts[KEYWORD_SIGNED - KEYWORD_VOID];
	const struct ctype *type;

	if (words->bits && words->total == *n_unsigned + n_signed && words->total < 2)
		return ctype_bit_int(p, words->bits, *n_unsigned, &words->bit_int);
	if (words->complex.length && !words->total) /* gcc's */
		words->counts[KEYWORD_DOUBLE - KEYWORD_VOID] = 1;
	type = words->bits ? NULL : ctype_of_words(words->counts);
	if (!type)
		parse_error(p, &words->first, "these words don't make a type of C");
	return type;
}

bool parse_specifiers(struct parser *p, struct specifiers *out)
{
	struct words words = {.total = 0};

	*out = (struct specifiers){.type = NULL};
	while (!p->err && specifier(p, out, &words))
		;
	if (!p->err && !out->type && !words.total && p->token.kind == TOKEN_NAME &&
	    lookup_name(p, &p->token))
		while (!p->err && specifier(p, out, &words))
			;
	if (!p->err && !out->type && (words.total || words.bits || words.complex.length))
		out->type = type_of_words(p, &words);
	if (!out->type && p->token.kind == TOKEN_NAME)
		unknown_type(p);
	else if (!out->type)
		token_unexpected(p, "a declaration");
	if (p->err || !out->type) {
		out->type = &ctype_int;
		return false;
	}
	if (words.complex.length)
		out->type = ctype_complex(p, out->type, &words.complex);
	if (words.is_atomic)
		out->type = atomic(p, out->type);
	return !p->err;
}
