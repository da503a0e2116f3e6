/* SPDX-License-Identifier: MIT */
/* The preprocessor's lines: #define, #pragma, #include ...; #if and its family: condition.c. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "layout/directive.h"
#include "layout/library.h"

void directive_skip_line(struct parser *p)
{
	for (;;) {
		char quote;

		token_skip_blanks(p, true);
		if (p->input.at >= p->input.end || *p->input.at == '\n' || p->err)
			return;
		quote = *p->input.at++;
		if (quote != '"' && quote != '\'')
			continue;
		while (p->input.at < p->input.end && *p->input.at != '\n') {
			char c = *p->input.at;

			if (token_skip_splice(p))
				continue;
			if (c == '\\' && p->input.end - p->input.at > 1 && p->input.at[1] != '\n')
				p->input.at++;
			p->input.at++;
			if (c == quote)
				break;
		}
	}
}

static bool at_line_end(struct parser *p)
{
	token_skip_blanks(p, true);
	return p->input.at >= p->input.end || *p->input.at == '\n';
}

unsigned directive_token(struct parser *p, struct token *out)
{
	if (at_line_end(p) || !token_scan(p, out))
		*out = (struct token){.line = p->line,
				      .column = (unsigned)(p->input.at - p->line_start) + 1,
				      .text = "\n"};
	return out->kind;
}

bool directive_name(struct parser *p, struct token *out)
{
	directive_token(p, out);
	return (out->kind == TOKEN_NAME && out->symbol) ||
	       parse_error(p, out, "a macro's name is missing here");
}

static void define_directive(struct parser *p)
{
	struct token name;

	if (directive_name(p, &name))
		macro_define(p, name.symbol, false);
}

static void undef_directive(struct parser *p)
{
	struct token name;

	if (directive_name(p, &name))
		name.symbol->macro = NULL;
}

struct input directive_word(struct parser *p, struct token *at)
{
	struct input word;

	token_skip_blanks(p, true);
	*at = (struct token){.line = p->line,
			     .column = (unsigned)(p->input.at - p->line_start) + 1};
	word.at = p->input.at;
	while (p->input.at < p->input.end &&
	       (*p->input.at == '_' || (*p->input.at | 0x20) >= 'a') &&
	       (*p->input.at | 0x20) <= 'z')
		p->input.at++;
	word.end = p->input.at;
	return word;
}

bool directive_is(struct input word, const char *name)
{
	size_t n = strlen(name);

	return (size_t)(word.end - word.at) == n && !memcmp(word.at, name, n);
}

/* pack(), pack(N), pack(push), pack(push, N), pack(pop), with names after push and pop. */
static void pack_directive(struct parser *p)
{
	struct token token;
	uint32_t pack = 0, *saved;
	bool push = false, pop = false;

	if (directive_token(p, &token) != '(') {
		parse_error(p, &token, "expected '(' after '#pragma pack'");
		return;
	}
	while (directive_token(p, &token) != ')' && !p->err) {
		bool name = token.kind == TOKEN_NAME;

		if (token.kind == TOKEN_NUMBER && token.value <= 16 &&
		    !(token.value & (token.value - 1)))
			pack = (uint32_t)token.value;
		else if (name && !strcmp(token.symbol->name, "push"))
			push = true;
		else if (name && !strcmp(token.symbol->name, "pop"))
			pop = true;
		else if (token.kind != ',' && !(name && (push || pop)))
			parse_error(p, &token,
				    "#pragma pack takes push, pop and a power of two up to 16");
	}
	if (push) {
		saved = vector_push(p, &p->packs, uint32_t);
		if (saved)
			*saved = p->pack;
	}
	if (pop && p->packs.n)
		p->pack = *(uint32_t *)vector_at(&p->packs, --p->packs.n);
	if (pack || (!push && !pop))
		p->pack = pack;
}

/* Pragmas that move bytes in ways that aren't followed here: better refused than wrong. */
static const char *const refused[] = {"scalar_storage_order", "ms_struct", "options", "align"};

/* Behind `#pragma`, or in the string of a _Pragma. */
static void pragma(struct parser *p)
{
	struct token word;

	if (directive_token(p, &word) != TOKEN_NAME)
		return;
	if (!strcmp(word.symbol->name, "pack"))
		pack_directive(p);
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		if (!strcmp(word.symbol->name, refused[i]))
			parse_error(p, &word,
				    "#pragma %s changes the layout in a way that isn't supported",
				    refused[i]);
	}
}

void macro_pragma_operator(struct parser *p)
{
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	struct token token = p->token;
	struct input outer;

	token_skip_blanks(p, false);
	if (!token_scan(p, &token) || token.kind != '(')
		goto wrong;
	token_skip_blanks(p, false);
	if (!token_scan(p, &token) || token.kind != TOKEN_STRING ||
	    text_unescape(&text, token.text + 1, token.length - 2))
		goto wrong;
	token_skip_blanks(p, false);
	if (!token_scan(p, &token) || token.kind != ')')
		goto wrong;
	if (!text.len)
		return;
	outer = p->input;
	p->input = (struct input){text.data, text.data + text.len};
	pragma(p);
	p->input = outer;
	return;
wrong:
	parse_error(p, &token, "_Pragma takes a string in brackets");
}

static void include_directive(struct parser *p, const struct token *at)
{
	struct input name;
	char close;

	token_skip_blanks(p, true);
	name.at = p->input.at;
	directive_skip_line(p);
	name.end = p->input.at;
	if (name.at == name.end || (*name.at != '<' && *name.at != '"'))
		return; /* a macro that names it */
	close = *name.at == '<' ? '>' : '"';
	name.at++;
	name.end = memchr(name.at, close, (size_t)(name.end - name.at));
	if (!name.end || library_header(p, name) || close == '>')
		return;
	parse_error(p, at,
		    "\"%.*s\" isn't read here: put its text in place of this line, or drop the "
		    "line if nothing of it is needed",
		    (int)(name.end - name.at), name.at);
}

static void error_directive(struct parser *p, const struct token *at)
{
	const char *start;

	token_skip_blanks(p, true);
	start = p->input.at;
	directive_skip_line(p);
	parse_error(p, at, "#error %.*s", (int)(p->input.at - start), start);
}

void macro_directive(struct parser *p)
{
	struct token at;
	struct input word = directive_word(p, &at);
	static const char *const ignored[] = {"", "line", "ident", "sccs", "warning"};

	p->line_begins = false;
	if (directive_is(word, "define")) {
		define_directive(p);
	} else if (directive_is(word, "undef")) {
		undef_directive(p);
	} else if (condition_is_if(word)) {
		condition_if(p, word, &at);
	} else if (condition_is_else(word) || directive_is(word, "endif")) {
		condition_branch(p, word, &at);
	} else if (directive_is(word, "error")) {
		error_directive(p, &at);
	} else if (directive_is(word, "pragma")) {
		pragma(p);
	} else if (directive_is(word, "include") || directive_is(word, "include_next") ||
		   directive_is(word, "import")) {
		include_directive(p, &at);
	} else {
		bool known = false;

		for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
			known |= directive_is(word, ignored[i]);
		if (!known)
			parse_error(p, &at, "#%.*s isn't a directive of C",
				    (int)(word.end - word.at), word.at);
	}
	if (!p->err)
		directive_skip_line(p);
}
