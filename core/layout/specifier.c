/* SPDX-License-Identifier: MIT */
/* Declaration specifiers: words, typedef names, struct, union and enum with their bodies. */
#include <stdio.h>
#include <string.h>

#include "layout/parse.h"
#include "layout/record.h"

bool parse_begins_type(struct parser *p, const struct token *token)
{
	(void)p;
	switch (token->kind) {
	case KEYWORD_STRUCT:
	case KEYWORD_UNION:
	case KEYWORD_ENUM:
	case KEYWORD_QUALIFIER:
	case KEYWORD_ATOMIC:
	case KEYWORD_TYPEOF:
	case KEYWORD_UNSUPPORTED:
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

static const char *word_of(unsigned keyword)
{
	return keyword == KEYWORD_STRUCT ? "struct" : keyword == KEYWORD_UNION ? "union" : "enum";
}

static struct ctype *new_tag(struct parser *p, unsigned keyword, const struct symbol *tag)
{
	struct ctype *type = ctype_new(p, keyword == KEYWORD_STRUCT  ? TYPE_STRUCT
					  : keyword == KEYWORD_UNION ? TYPE_UNION
								     : TYPE_ENUM);
	char name[LAYOUT_NAME_MAX + 16];
	int n = snprintf(name, sizeof(name), "%s%s%s", word_of(keyword), tag ? " " : "",
			 tag ? tag->name : "");

	type->state = CTYPE_INCOMPLETE;
	type->tagless = !tag;
	type->hole = (unsigned short)n;
	if (p->err)
		return type;
	type->type.name = arena_copy(p->kept, name, (size_t)n);
	if (!type->type.name)
		parse_no_memory(p);
	return type;
}

/* The type that the tag names, made when it is new. */
static struct ctype *tagged(struct parser *p, unsigned keyword, const struct token *tag)
{
	struct ctype *type = tag->symbol->tag;
	const char *word = word_of(keyword);

	if (!type) {
		type = tag->symbol->tag = new_tag(p, keyword, tag->symbol);
	} else if (type->type.kind != (keyword == KEYWORD_STRUCT  ? TYPE_STRUCT
				       : keyword == KEYWORD_UNION ? TYPE_UNION
								  : TYPE_ENUM)) {
		parse_error(p, tag, "'%s' is a %.*s, not a %s", tag->symbol->name,
			    (int)strcspn(type->type.name, " "), type->type.name, word);
	}
	return type;
}

static void define(struct parser *p, struct ctype *type, unsigned keyword, const struct token *at,
		   const struct ctype *underlying, struct attributes *attributes)
{
	if (type->state == CTYPE_COMPLETE || type->defining) {
		parse_error(p, at, "'%s' is defined twice", type->type.name);
		return;
	}
	type->defining = true;
	if (keyword == KEYWORD_ENUM)
		parse_enumerators(p, type, underlying, attributes);
	else
		parse_fields(p, type, attributes);
	type->defining = false;
}

/* struct, union or enum: a tag, a body, or both. */
static void tag_specifier(struct parser *p, struct specifiers *out)
{
	struct attributes attributes = {0};
	const struct ctype *underlying = NULL;
	struct token word = p->token, tag;
	struct ctype *type;

	token_next(p);
	parse_attributes(p, &attributes);
	tag = p->token;
	if (token_take(p, TOKEN_NAME))
		type = tagged(p, word.kind, &tag);
	else
		type = new_tag(p, word.kind, NULL);
	if (word.kind == KEYWORD_ENUM && p->token.kind == ':' &&
	    parse_begins_type(p, token_peek(p))) { /* else the width of a bit-field */
		struct specifiers specifiers;

		token_next(p);
		parse_specifiers(p, &specifiers);
		underlying = specifiers.type;
	}
	if (p->token.kind == '{')
		define(p, type, word.kind, &tag, underlying, &attributes);
	else if (type->tagless)
		token_unexpected(p, "a name or '{'");
	if (attributes.meant)
		parse_error(p, &attributes.hint, "'%.*s' belongs to a field, not to a %s",
			    (int)attributes.hint.length, attributes.hint.text, word_of(word.kind));
	out->type = type;
	out->anonymous = type->tagless && word.kind != KEYWORD_ENUM;
	out->declares = true;
}

/* typeof(type or object) */
static const struct ctype *type_of(struct parser *p)
{
	const struct ctype *type = &ctype_int;
	struct token at = p->token;
	struct expr expr;

	token_next(p);
	token_expect(p, '(', "'(' after typeof");
	if (parse_begins_type(p, &p->token)) {
		type = parse_type_name(p);
	} else {
		parse_expression(p, &expr);
		if (!p->err && expr.kind == EXPR_PLACE)
			type = ctype_of(expr.type);
		else
			parse_error(p, &at, "typeof takes a type or a placed variable");
	}
	token_expect(p, ')', "')'");
	return type;
}

static void unknown_type(struct parser *p)
{
	const struct symbol *symbol = p->token.symbol;
	const char *near;

	if (symbol->tag) {
		parse_error(p, &p->token, "no type is named '%s'; did you mean '%s'?", symbol->name,
			    symbol->tag->type.name);
		return;
	}
	near = symbol_near(p, symbol, NAME_TYPE);
	parse_error(p, &p->token, "no type is named '%s'%s%s%s", symbol->name,
		    near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

struct words {
	unsigned char counts[KEYWORD_WORDS];
	unsigned total;
	struct token first;
};

/* One specifier; false when there is none. */
static bool specifier(struct parser *p, struct specifiers *out, struct words *words,
		      bool *is_atomic)
{
	const struct token *token = &p->token;

	if (token->kind >= KEYWORD_VOID && token->kind < KEYWORD_END) {
		if (out->type)
			return token_unexpected(p, "a name");
		if (!words->total++)
			words->first = *token;
		if (words->counts[token->kind - KEYWORD_VOID] < 3)
			words->counts[token->kind - KEYWORD_VOID]++;
		token_next(p);
		return true;
	}
	switch (token->kind) {
	case KEYWORD_TYPEDEF:
	case KEYWORD_EXTERN:
	case KEYWORD_STORAGE:
		if (token->kind != KEYWORD_STORAGE || out->storage == STORAGE_NONE)
			out->storage = token->kind == KEYWORD_TYPEDEF  ? STORAGE_TYPEDEF
				       : token->kind == KEYWORD_EXTERN ? STORAGE_EXTERN
								       : STORAGE_OTHER;
		/* fallthrough */
	case KEYWORD_QUALIFIER:
		token_next(p);
		return true;
	case KEYWORD_ATOMIC:
		token_next(p);
		*is_atomic = true;
		if (p->token.kind == '(' && !out->type && !words->total) {
			token_next(p);
			out->type = parse_type_name(p);
			token_expect(p, ')', "')' after the type");
		}
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
		break;
	}
	if (out->type || words->total)
		return false;
	switch (token->kind) {
	case KEYWORD_STRUCT:
	case KEYWORD_UNION:
	case KEYWORD_ENUM:
		if (parse_enter(p))
			tag_specifier(p, out);
		parse_leave(p);
		return true;
	case KEYWORD_TYPEOF:
		out->type = type_of(p);
		return true;
	case TOKEN_NAME:
		if (token->symbol->kind != NAME_TYPE)
			return false;
		out->type = token->symbol->type;
		token_next(p);
		return true;
	default:
		return false;
	}
}

bool parse_specifiers(struct parser *p, struct specifiers *out)
{
	struct words words = {.total = 0};
	bool is_atomic = false;

	*out = (struct specifiers){.type = NULL};
	while (!p->err && specifier(p, out, &words, &is_atomic))
		;
	if (words.total && !p->err) {
		out->type = ctype_of_words(words.counts);
		if (!out->type)
			parse_error(p, &words.first, "these words don't make a type of C");
	}
	if (!out->type && p->token.kind == TOKEN_NAME)
		unknown_type(p);
	else if (!out->type)
		token_unexpected(p, "a declaration");
	if (p->err || !out->type)
		out->type = &ctype_int;
	else if (is_atomic)
		out->type = atomic(p, out->type);
	return !p->err;
}
