/* SPDX-License-Identifier: MIT */
/* struct, union and enum, their tags and what follows them; the bodies: body.c, enum.c. */
#include <stdio.h>
#include <string.h>

#include "layout/lookup.h"
#include "layout/parse.h"

/* What struct, union and enum begin. */
static const struct tag_word {
	const char *text;
	enum type_kind kind;
} tag_words[] = {
	[KEYWORD_STRUCT - KEYWORD_STRUCT] = {"struct", TYPE_STRUCT},
	[KEYWORD_UNION - KEYWORD_STRUCT] = {"union", TYPE_UNION},
	[KEYWORD_ENUM - KEYWORD_STRUCT] = {"enum", TYPE_ENUM},
};

static const struct tag_word *tag_word(unsigned keyword)
{
	return &tag_words[keyword - KEYWORD_STRUCT];
}

static struct ctype *new_tag(struct parser *p, unsigned keyword, const struct symbol *tag)
{
	const struct tag_word *word = tag_word(keyword);
	struct ctype *type = ctype_new(p, word->kind);
	char name[READER_NAME_MAX + 16];
	int n = snprintf(name, sizeof(name), "%s%s%s", word->text, tag ? " " : "",
			 tag ? tag->name : "");

	type->state = CTYPE_INCOMPLETE;
	type->tagless = !tag;
	type->builtin = p->in_library;
	type->hole = (unsigned short)n;
	if (p->err)
		return type;
	type->type.name = arena_copy(p->kept, name, (size_t)n);
	if (!type->type.name)
		parse_no_memory(p);
	return type;
}

/* Is it what the word in front of its tag says? One that a reader found may be bytes: then its name
 * tells. */
static bool is_of_word(const struct type *type, const struct tag_word *word)
{
	size_t n = strlen(word->text);

	return type->kind == word->kind ||
	       (type->kind == TYPE_BYTES && !strncmp(type->name, word->text, n) &&
		type->name[n] == ' ');
}

struct ctype *ctype_tag(struct parser *p, unsigned keyword, const struct token *tag)
{
	const struct tag_word *word = tag_word(keyword);
	struct ctype *type = tag->symbol->tag;

	if (!type || (type->builtin && !p->in_library && p->token.kind == '{'))
		type = tag->symbol->tag = new_tag(p, keyword, tag->symbol);
	else if (!is_of_word(&type->type, word))
		parse_error(p, tag, "'%s' is a %.*s, not a %s", tag->symbol->name,
			    (int)strcspn(type->type.name, " "), type->type.name, word->text);
	return type;
}

static void define(struct parser *p, struct ctype *type, unsigned keyword, const struct token *at,
		   const struct ctype *underlying, struct attributes *attributes)
{
	if ((type->state == CTYPE_COMPLETE && !type->forward) || type->defining) {
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

void parse_tag(struct parser *p, struct specifiers *out)
{
	struct attributes attributes = {0};
	const struct ctype *underlying = NULL;
	struct token word = p->token, tag;
	struct ctype *type;

	token_next(p);
	parse_attributes(p, &attributes);
	if (lookup_take_tag(p, &tag))
		type = ctype_tag(p, word.kind, &tag);
	else
		type = new_tag(p, word.kind, NULL);
	if (word.kind == KEYWORD_ENUM && p->token.kind == ':' &&
	    parse_begins_type(token_peek(p))) { /* else the width of a bit-field */
		struct specifiers specifiers;

		token_next(p);
		parse_specifiers(p, &specifiers);
		underlying = specifiers.type;
	}
	if (p->token.kind == '{')
		define(p, type, word.kind, &tag, underlying, &attributes);
	else if (type->tagless)
		token_unexpected(p, "a name or '{'");
	else if (underlying && type->state == CTYPE_INCOMPLETE)
		parse_underlying(p, type, underlying, &tag);
	attributes_known(p, &attributes);
	if (attributes.rules.at.kind && type->state != CTYPE_COMPLETE)
		parse_error(p, &attributes.rules.at, "'%.*s' must stand where the %s is defined",
			    (int)attributes.rules.at.length, attributes.rules.at.text,
			    tag_word(word.kind)->text);
	hint_refuse(p, &attributes.said, tag_word(word.kind)->text);
	out->type = type;
	out->anonymous = type->tagless && word.kind != KEYWORD_ENUM;
	out->declares = true;
}
