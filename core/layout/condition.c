/* SPDX-License-Identifier: MIT */
/* #if and its family: which lines of the text are read at all. */
#include <string.h>

#include "base/cleanup.h"
#include "layout/directive.h"
#include "layout/library.h"

struct condition {
	bool taken; /* some branch was true */
	bool has_else;
	struct token at;
};

static bool is_seen(const struct macro *macro)
{
	return macro && !macro->hidden;
}

/* What gcc answers, and what isn't asked for layouts' sake: 0. */
static const char *const questions[] = {
	"__has_include", "__has_include_next", "__has_attribute", "__has_c_attribute",
	"__has_builtin", "__has_feature",      "__has_extension", "__has_cpp_attribute",
	"__has_warning", "__has_embed",
};

static bool is_question(const struct token *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
		if (strlen(questions[i]) == name->length &&
		    !memcmp(questions[i], name->text, name->length))
			return true;
	}
	return false;
}

/* `__has_include(<x>)` and the like, behind the word: what stands in the brackets is no C. */
static bool answer(struct parser *p, const struct token *name)
{
	struct input text;
	unsigned depth = 1;
	const char *at;

	token_skip_blanks(p, true);
	at = p->input.at;
	if (at >= p->input.end || *at != '(')
		return parse_error(p, name, "expected '(' after '%.*s'", (int)name->length,
				   name->text);
	text.at = ++at;
	for (; at < p->input.end && *at != '\n'; at++) {
		depth += *at == '(';
		depth -= *at == ')';
		if (!depth)
			break;
	}
	text.end = at;
	p->input.at = at < p->input.end && !depth ? at + 1 : at;
	if (depth)
		return parse_error(p, name, "the question '%.*s' has no ')'", (int)name->length,
				   name->text);
	if (text.end - text.at > 2 && (*text.at == '<' || *text.at == '"') &&
	    strncmp(name->text, "__has_include", strlen("__has_include")) == 0) {
		text.at++;
		text.end--;
		return library_header(p, text);
	}
	return false;
}

void macro_condition_name(struct parser *p, struct token *name)
{
	struct token word = *name;
	bool value = false;

	if (is_question(name)) {
		value = answer(p, name);
	} else if (name->length == 7 && !memcmp(name->text, "defined", 7)) {
		unsigned first = directive_token(p, &word);

		if (first == '(')
			directive_token(p, &word);
		if (word.kind != TOKEN_NAME) {
			parse_error(p, &word, "expected a macro's name after 'defined'");
			return;
		}
		value = is_seen(word.symbol->macro) || is_question(&word);
		if (first == '(' && directive_token(p, &word) != ')')
			parse_error(p, &word, "expected ')' after the macro's name");
	}
	name->kind = TOKEN_NUMBER;
	name->value = value;
	name->bits = 64;
}

/* The value of the expression on the rest of the line. */
static bool condition_value(struct parser *p, const struct token *at)
{
	struct token token = p->token;
	const char *start = p->input.at, *end = p->input.end, *line_start = p->line_start;
	unsigned line = p->line;
	struct expr value;
	bool known;

	directive_skip_line(p);
	p->input = (struct input){start, p->input.at};
	p->line = line;
	p->line_start = line_start;
	p->in_condition = true;
	token_next(p);
	if (p->token.kind == TOKEN_END)
		parse_error(p, at, "a condition is missing here");
	known = parse_constant(p, &value);
	if (known && p->token.kind != TOKEN_END)
		known = token_unexpected(p, "the end of the condition");
	p->in_condition = false;
	p->input.end = end;
	if (known)
		p->token = token;
	return known && value.value;
}

static bool defined(struct parser *p)
{
	struct token name;

	return directive_name(p, &name) && (is_seen(name.symbol->macro) || is_question(&name));
}

bool condition_is_if(struct input word)
{
	return directive_is(word, "if") || directive_is(word, "ifdef") ||
	       directive_is(word, "ifndef");
}

/* Does an #elif or #else let the text that follows it be read? */
static bool opens(struct parser *p, struct input word, const struct token *at,
		  struct condition *condition)
{
	bool value = !condition->taken;

	if (condition->has_else)
		return parse_error(p, at, "#%.*s after #else", (int)(word.end - word.at), word.at);
	condition->has_else = directive_is(word, "else");
	if (value && directive_is(word, "elif"))
		value = condition_value(p, at);
	else if (value && directive_is(word, "elifdef"))
		value = defined(p);
	else if (value && directive_is(word, "elifndef"))
		value = !defined(p);
	condition->taken |= value;
	return value;
}

bool condition_is_else(struct input word)
{
	return directive_is(word, "else") || directive_is(word, "elif") ||
	       directive_is(word, "elifdef") || directive_is(word, "elifndef");
}

/* Passes over text up to the branch of the innermost #if that counts, or behind its #endif. */
static void skip_group(struct parser *p)
{
	struct condition *condition = vector_at(&p->conditions, p->conditions.n - 1);
	unsigned nested = 0;

	while (!p->err) {
		struct input word;
		struct token at;

		p->line_begins = false;
		directive_skip_line(p);
		token_skip_blanks(p, false);
		if (p->input.at >= p->input.end)
			return;
		if (!p->line_begins || *p->input.at != '#')
			continue;
		p->input.at++;
		word = directive_word(p, &at);
		if (condition_is_if(word)) {
			nested++;
		} else if (directive_is(word, "endif")) {
			if (!nested) {
				p->conditions.n--;
				return;
			}
			nested--;
		} else if (!nested && condition_is_else(word) && opens(p, word, &at, condition)) {
			return;
		}
	}
}

void condition_if(struct parser *p, struct input word, const struct token *at)
{
	struct condition *condition;
	bool value;

	if (directive_is(word, "if"))
		value = condition_value(p, at);
	else
		value = defined(p) == directive_is(word, "ifdef");
	condition = p->err ? NULL : vector_push(p, &p->conditions, struct condition);
	if (!condition)
		return;
	condition->taken = value;
	condition->at = *at;
	if (!value)
		skip_group(p);
}

void condition_branch(struct parser *p, struct input word, const struct token *at)
{
	if (!p->conditions.n) {
		parse_error(p, at, "#%.*s without #if", (int)(word.end - word.at), word.at);
	} else if (directive_is(word, "endif")) {
		p->conditions.n--;
	} else {
		opens(p, word, at, vector_at(&p->conditions, p->conditions.n - 1));
		skip_group(p);
	}
}

void macro_end(struct parser *p)
{
	const struct condition *condition;

	if (p->err || !p->conditions.n)
		return;
	condition = vector_at(&p->conditions, p->conditions.n - 1);
	parse_error(p, &condition->at, "this #if has no #endif");
}
