/* SPDX-License-Identifier: MIT */
#include "layout/token.h"

#include <string.h>
#include <sys/random.h>

#include "layout/library.h"

void token_begin(struct parser *p, const char *text, size_t n)
{
	static const char mark[] = "\xef\xbb\xbf"; /* some editors begin a text of UTF-8 with it */

	if (n >= strlen(mark) && !memcmp(text, mark, strlen(mark))) {
		text += strlen(mark);
		n -= strlen(mark);
	}
	p->input = (struct input){text, text + n};
	p->line = 1;
	p->line_start = text;
	p->line_begins = true;
	/* Names can be chosen to fall into one bucket only by who knows the seed. */
	if (getrandom(&p->symbols.seed, sizeof(p->symbols.seed), GRND_NONBLOCK) < 0)
		p->symbols.seed = (uintptr_t)p;
	symbol_declare_words(p);
	symbol_declare_types(p);
	library_begin(p);
	macro_begin(p);
}

/* The next token after what the preprocessor does; at the end one that stands behind the text. */
static void fetch(struct parser *p, struct token *out)
{
	if (p->settling) { /* its last token stays */
		*out = *p->replay;
		if (p->replay + 1 < p->replay_end)
			p->replay++;
		return;
	}
	for (;;) {
		token_skip_blanks(p, false);
		if (p->input.at >= p->input.end && macro_leave(p))
			continue;
		if (p->line_begins && !p->expansions.n && !p->in_library &&
		    p->input.at < p->input.end && *p->input.at == '#') {
			p->input.at++;
			macro_directive(p);
			continue;
		}
		p->line_begins = p->line_begins && p->expansions.n;
		if (!token_scan(p, out))
			break;
		if (p->expansions.n && !macro_spend(p, out))
			break;
		if (out->kind != TOKEN_NAME)
			return;
		if (!p->in_library && macro_expand(p, out))
			continue;
		if (out->symbol->keyword == KEYWORD_PRAGMA) {
			macro_pragma_operator(p);
			continue;
		}
		if (p->in_condition)
			macro_condition_name(p, out);
		else if (out->symbol->keyword)
			out->kind = out->symbol->keyword;
		else if (out->symbol->piece)
			library_load(p, out->symbol);
		return;
	}
	*out = (struct token){.line = p->line,
			      .column = (unsigned)(p->input.at - p->line_start) + 1,
			      .text = "the end"};
}

void token_next(struct parser *p)
{
	struct token token;

	if (p->err)
		return;
	if (p->has_ahead) {
		p->token = p->ahead;
		p->has_ahead = false;
		return;
	}
	fetch(p, &token);
	if (!p->err)
		p->token = token;
}

const struct token *token_peek(struct parser *p)
{
	struct token token;

	if (p->err)
		return &p->token;
	if (!p->has_ahead) {
		fetch(p, &token);
		if (p->err)
			return &p->token;
		p->ahead = token;
		p->has_ahead = true;
	}
	return &p->ahead;
}

bool token_is(const struct token *token, const char *word)
{
	return token->symbol && token->length == strlen(word) &&
	       !memcmp(token->text, word, token->length);
}

bool token_take(struct parser *p, unsigned kind)
{
	if (p->token.kind != kind)
		return false;
	token_next(p);
	return true;
}

bool token_unexpected(struct parser *p, const char *what)
{
	const struct token *token = &p->token;

	if (token->kind == TOKEN_END)
		return parse_error(p, token, "expected %s, but the text ends here", what);
	return parse_error(p, token, "expected %s before '%.*s'", what,
			   token->length > 60 ? 60 : (int)token->length, token->text);
}

bool token_expect(struct parser *p, unsigned kind, const char *what)
{
	return token_take(p, kind) || token_unexpected(p, what);
}
