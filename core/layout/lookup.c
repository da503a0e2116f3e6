/* SPDX-License-Identifier: MIT */
#include "layout/lookup.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

static void remember(struct parser *p, const struct reader_name *name, const struct ctype *type)
{
	struct layout_lookup *lookup = parse_keep(p, sizeof(*lookup));
	char *copy = lookup ? arena_copy(p->kept, name->name, name->length) : NULL;

	if (!copy) {
		parse_no_memory(p);
		return;
	}
	*lookup = (struct layout_lookup){.name = *name, .type = &type->type};
	lookup->name.name = copy;
	*p->lookups_end = lookup;
	p->lookups_end = (struct layout_lookup **)&lookup->next;
}

/* Asks the reader: the type, or NULL. No error where it isn't there, if diag is to say why. */
static const struct ctype *ask(struct parser *p, const struct reader_name *name, struct diag *diag)
{
	struct reader_found found = {0};
	const struct ctype *type;
	int r;

	*diag = (struct diag){0};
	r = p->reader->ops->find(p->reader->context, name, &found, diag);
	if (r == -ENOMEM)
		parse_stop(p, diag_set(p->diag, r, 0, 0, "out of memory"));
	if (r == -EAGAIN)
		parse_stop(p, r);
	if (r < 0)
		return NULL;
	type = import_type(p, found.type);
	found.release(found.owner);
	if (type)
		remember(p, name, type);
	return p->err ? NULL : type;
}

static void refuse(struct parser *p, const struct reader_name *name, const struct token *at,
		   const struct diag *why)
{
	parse_error(p, at, "'%s%.*s' isn't declared here, and %s", reader_word_text(name->word),
		    (int)name->length, name->name, why->message);
}

bool lookup_begins(struct parser *p)
{
	static const char word[] = "debuginfo";
	const struct token *token = &p->token;
	unsigned next;

	if (token->kind != TOKEN_NAME || token->symbol->kind != NAME_NONE ||
	    token->length != sizeof(word) - 1 || memcmp(token->text, word, token->length) != 0)
		return false;
	next = token_peek(p)->kind;
	return next == TOKEN_NAME || next == KEYWORD_STRUCT || next == KEYWORD_UNION ||
	       next == KEYWORD_ENUM;
}

/* A name that is put together of tokens, the same however it is spaced. */
struct path {
	size_t n;
	bool too_long;
	char text[READER_NAME_MAX];
};

static bool in_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_';
}

static void add_token(struct path *path, const struct token *token)
{
	bool blank = path->n && token->length && in_word(path->text[path->n - 1]) &&
		     in_word(token->text[0]); /* unsigned int */

	path->too_long |= path->n + blank + token->length > sizeof(path->text);
	if (path->too_long)
		return;
	if (blank)
		path->text[path->n++] = ' ';
	memcpy(path->text + path->n, token->text, token->length);
	path->n += token->length;
}

/* Arguments of a template, from the '<' on; they may hold anything that closes what it opens. */
static void add_arguments(struct parser *p, struct path *path)
{
	unsigned depth = 0;

	do {
		if (p->token.kind == TOKEN_END || p->token.kind == ';') {
			token_unexpected(p, "'>'");
			return;
		}
		depth += p->token.kind == '<';
		depth -= p->token.kind == TOKEN_SHR ? 2 : p->token.kind == '>';
		add_token(path, &p->token);
		token_next(p);
	} while (depth && depth < LAYOUT_DEPTH_MAX && !p->err);
}

/* Reads NAME, NAME::NAME<...>: *whole stands for all of it, *last is the last NAME. */
static bool qualified_name(struct parser *p, struct token *whole, struct token *last)
{
	struct path path = {.n = 0};
	struct token scope;

	*whole = p->token;
	for (;;) {
		*last = p->token;
		if (!token_expect(p, TOKEN_NAME, "a type's name"))
			return false;
		add_token(&path, last);
		if (p->token.kind == '<')
			add_arguments(p, &path);
		scope = p->token;
		if (p->err || !token_take(p, TOKEN_SCOPE))
			break;
		add_token(&path, &scope);
	}
	if (path.too_long)
		parse_error(p, whole, "a type's name of more than %d bytes", READER_NAME_MAX);
	if (p->err)
		return false;
	whole->symbol = symbol_intern(p, path.text, path.n);
	return whole->symbol;
}

bool lookup_begins_path(struct parser *p)
{
	static const char template[] = "template";
	const struct token *token = &p->token;
	unsigned next;

	if (token->kind != TOKEN_NAME || !p->reader || p->in_library ||
	    !strcmp(token->symbol->name, template))
		return false;
	next = token_peek(p)->kind;
	return next == TOKEN_SCOPE || next == '<';
}

bool lookup_take_tag(struct parser *p, struct token *tag)
{
	struct token last;

	if (lookup_begins_path(p))
		return qualified_name(p, tag, &last);
	*tag = p->token;
	return token_take(p, TOKEN_NAME);
}

/* Makes the name known in the text as the type: by its tag, as in C, or where no word told which
 * kind it is, by itself. */
static void declare(struct parser *p, enum reader_word word, const struct token *at,
		    const struct ctype *type)
{
	struct symbol *symbol = at->symbol;
	struct ctype *tag = symbol->tag;
	bool is_tagged =
		type_is_record(&type->type) || type->type.kind == TYPE_ENUM || word != READER_NAME;

	if (tag && tag->state == CTYPE_COMPLETE && is_tagged && word != READER_NAME) {
		parse_error(p, at, "'%s' is declared above", tag->type.name);
		return;
	}
	if (is_tagged && !tag) {
		tag = symbol->tag = ctype_new(p, type->type.kind);
		*tag = *type;
	} else if (is_tagged && tag->state == CTYPE_INCOMPLETE) {
		*tag = *type;
	}
	if (word == READER_NAME && symbol_is_free(p, at)) {
		symbol->kind = NAME_TYPE;
		symbol->builtin = false;
		symbol->type = type;
	}
	p->last_record = type;
}

void lookup_statement(struct parser *p)
{
	struct reader_name name = {.word = READER_NAME};
	const struct ctype *type;
	struct token whole, last;
	struct diag why;

	token_next(p);
	switch (p->token.kind) {
	case KEYWORD_STRUCT:
		name.word = READER_STRUCT;
		break;
	case KEYWORD_UNION:
		name.word = READER_UNION;
		break;
	case KEYWORD_ENUM:
		name.word = READER_ENUM;
		break;
	default:
		break;
	}
	if (name.word != READER_NAME ||
	    (p->token.length == 5 && !memcmp(p->token.text, "class", 5) &&
	     token_peek(p)->kind == TOKEN_NAME))
		token_next(p);
	if (!qualified_name(p, &whole, &last))
		return;
	name.name = whole.symbol->name;
	name.length = whole.symbol->length;
	token_take(p, ';');
	if (!p->reader) {
		parse_error(p, &last, "no program's debug information is at hand here");
		return;
	}
	type = ask(p, &name, &why);
	if (!type) {
		refuse(p, &name, &last, &why);
		return;
	}
	declare(p, name.word, &whole, type);
	/* its last name is enough where nothing else is called so */
	if (whole.symbol != last.symbol && last.symbol->kind == NAME_NONE && !last.symbol->tag)
		declare(p, name.word, &last, type);
}

bool lookup_tag(struct parser *p, const struct ctype *type, const struct token *at)
{
	struct reader_name name = {
		.word = type->type.kind == TYPE_UNION  ? READER_UNION
			: type->type.kind == TYPE_ENUM ? READER_ENUM
						       : READER_STRUCT,
	};
	const char *word = reader_word_text(name.word);
	size_t n = strlen(word);
	const struct ctype *found;
	struct diag why;

	if (type->state != CTYPE_INCOMPLETE || type->defining || type->tagless || !p->reader ||
	    p->err || p->in_library || strncmp(type->type.name, word, n) != 0)
		return false;
	name.name = type->type.name + n;
	name.length = strlen(name.name);
	found = ask(p, &name, &why);
	if (!found && why.message[0])
		refuse(p, &name, at, &why);
	if (!found)
		return false;
	*(struct ctype *)type = *found; /* made by the parser: see new_tag() */
	return true;
}

const struct ctype *lookup_path(struct parser *p)
{
	struct reader_name wanted = {.word = READER_NAME};
	const struct ctype *type;
	struct token whole, last;
	struct diag why;

	if (!qualified_name(p, &whole, &last))
		return NULL;
	if (whole.symbol->kind == NAME_TYPE)
		return whole.symbol->type;
	if (whole.symbol->tag) /* `debuginfo struct PATH;` */
		return whole.symbol->tag;
	wanted.name = whole.symbol->name;
	wanted.length = whole.symbol->length;
	type = ask(p, &wanted, &why);
	if (type)
		declare(p, READER_NAME, &whole, type);
	else
		refuse(p, &wanted, &whole, &why);
	return type;
}

bool lookup_name(struct parser *p, const struct token *name)
{
	struct reader_name wanted = {READER_NAME, name->symbol->name, name->symbol->length};
	const struct ctype *type;
	struct diag why;

	if (!p->reader || p->err || p->in_library || name->symbol->kind != NAME_NONE)
		return false;
	type = ask(p, &wanted, &why);
	if (!type)
		return false;
	name->symbol->kind = NAME_TYPE;
	name->symbol->type = type;
	return true;
}
