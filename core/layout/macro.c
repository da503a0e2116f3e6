/* SPDX-License-Identifier: MIT */
/*
 * The preprocessor, as far as headers of declarations need it: object-like macros by C's own
 * rules, #if and its family, #pragma pack. #include is passed over: what system headers would
 * bring is known (ctype.c).
 *
 * A macro is the run of text behind its name. Using it means reading that text next; while it is
 * read the name is no macro, so nothing recurs. A budget of LAYOUT_EXPAND_MAX ends doubling chains.
 */
#include <string.h>

#include "base/cleanup.h"
#include "layout/directive.h"

static const struct {
	const char *name, *body;
	bool hidden;
} predefined[] = {
	{"__PEEKFS__", "1", false},
	{"__STDC__", "1", false},
	{"__STDC_VERSION__", "201710L", false},
	{"__GNUC__", "12", false},
	{"__GNUC_MINOR__", "2", false},
	{"__linux__", "1", false},
	{"__gnu_linux__", "1", false},
	{"__unix__", "1", false},
#ifdef __x86_64__
	{"__x86_64__", "1", false},
	{"__x86_64", "1", false},
	{"__amd64__", "1", false},
#endif
#ifdef __aarch64__
	{"__aarch64__", "1", false},
#endif
	{"__LP64__", "1", false},
	{"_LP64", "1", false},
	{"__WORDSIZE", "64", false},
	{"__CHAR_BIT__", "8", false},
	{"CHAR_BIT", "8", false},
	{"__SIZEOF_POINTER__", "8", false},
	{"__SIZEOF_LONG__", "8", false},
	{"__ORDER_LITTLE_ENDIAN__", "1234", false},
	{"__ORDER_BIG_ENDIAN__", "4321", false},
	{"__BYTE_ORDER__", "__ORDER_LITTLE_ENDIAN__", false},
	{"__BYTE_ORDER", "1234", false},
	{"BYTE_ORDER", "1234", false},
	{"__LITTLE_ENDIAN", "1234", false},
	{"LITTLE_ENDIAN", "1234", false},
	{"__LITTLE_ENDIAN_BITFIELD", "1", false},
	/* To glibc a value that __BYTE_ORDER could have, to the kernel's headers a fact when it is
	 * defined: so it has a value, but #ifdef doesn't see it. */
	{"__BIG_ENDIAN", "4321", true},
	{"BIG_ENDIAN", "4321", true},
	{"INT8_MAX", "127", false},
	{"INT16_MAX", "32767", false},
	{"INT32_MAX", "2147483647", false},
	{"INT64_MAX", "9223372036854775807L", false},
	{"UINT8_MAX", "255", false},
	{"UINT16_MAX", "65535", false},
	{"UINT32_MAX", "4294967295u", false},
	{"UINT64_MAX", "18446744073709551615ul", false},
	{"INT_MAX", "2147483647", false},
	{"UINT_MAX", "4294967295u", false},
	{"SIZE_MAX", "18446744073709551615ul", false},
	{"NAME_MAX", "255", false},
	{"PATH_MAX", "4096", false},
	{"NULL", "((void *)0)", false},
	{"true", "1", false},
	{"false", "0", false},
};

static void define(struct parser *p, struct symbol *symbol, struct input body, bool takes_arguments,
		   bool hidden)
{
	struct macro *macro = parse_scratch(p, sizeof(*macro));

	if (!macro)
		return;
	macro->body = body;
	macro->takes_arguments = takes_arguments;
	macro->hidden = hidden;
	symbol->macro = macro;
}

void macro_begin(struct parser *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(predefined); i++) {
		const char *name = predefined[i].name, *body = predefined[i].body;
		struct symbol *symbol = symbol_intern(p, name, strlen(name));

		if (symbol)
			define(p, symbol, (struct input){body, body + strlen(body)}, false,
			       predefined[i].hidden);
	}
}

bool macro_spend(struct parser *p, const struct token *at)
{
	if (++p->expanded > LAYOUT_EXPAND_MAX)
		parse_limit(p, at, "macros expand to more than 250000 words");
	return !p->err;
}

bool macro_expand(struct parser *p, const struct token *name)
{
	const struct macro *macro = name->symbol->macro;
	struct expansion *expansion;

	if (!macro || name->symbol->busy)
		return false;
	if (macro->takes_arguments) {
		token_skip_blanks(p, false);
		if (p->input.at < p->input.end && *p->input.at == '(')
			parse_error(p, name,
				    "the macro '%s' takes arguments, which isn't supported: write "
				    "what it stands for",
				    name->symbol->name);
		return false;
	}
	if (!p->expansions.n) {
		p->site_line = name->line;
		p->site_column = name->column;
	}
	expansion = vector_push(p, &p->expansions, struct expansion);
	if (!expansion)
		return false;
	expansion->outer = p->input;
	expansion->macro = name->symbol;
	name->symbol->busy = true;
	p->input = macro->body;
	return true;
}

bool macro_leave(struct parser *p)
{
	struct expansion *expansion;

	if (!p->expansions.n || p->err)
		return false;
	expansion = vector_at(&p->expansions, --p->expansions.n);
	expansion->macro->busy = false;
	p->input = expansion->outer;
	return true;
}

/* To the newline that ends the line, over comments, strings and joined lines. */
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

/* The next token of the line, macros unexpanded; TOKEN_END where the line ends. */
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
	struct input body;
	bool takes_arguments;

	if (!directive_name(p, &name))
		return;
	takes_arguments = p->input.at < p->input.end && *p->input.at == '(';
	token_skip_blanks(p, true);
	body.at = p->input.at;
	directive_skip_line(p);
	body.end = p->input.at;
	define(p, name.symbol, body, takes_arguments, false);
}

static void undef_directive(struct parser *p)
{
	struct token name;

	if (directive_name(p, &name))
		name.symbol->macro = NULL;
}

/* The word that names a directive; empty when there is none. */
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
	struct token at, pragma;
	struct input word = directive_word(p, &at);
	static const char *const ignored[] = {"",     "include", "include_next", "import",
					      "line", "ident",	 "warning"};

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
		if (directive_token(p, &pragma) == TOKEN_NAME &&
		    !strcmp(pragma.symbol->name, "pack"))
			pack_directive(p);
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
