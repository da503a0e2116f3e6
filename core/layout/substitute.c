/* SPDX-License-Identifier: MIT */
/* A macro's body with the arguments in place of its parameters, # and ## done (C23 6.10.5). */
#include <string.h>

#include "layout/expand.h"

/* The argument that stands for a parameter of that name, NULL if it is none. */
static struct argument *argument_of(const struct invocation *use, const struct token *token)
{
	if (token->kind != TOKEN_NAME)
		return NULL;
	for (unsigned i = 0; i < use->macro->n_parameters; i++) {
		const struct input *parameter = &use->macro->parameters[i];

		if ((size_t)(parameter->end - parameter->at) == token->length &&
		    !memcmp(parameter->at, token->text, token->length))
			return &use->arguments[i];
	}
	return NULL;
}

static bool is_rest(const struct invocation *use, const struct argument *argument)
{
	return use->macro->variadic && argument == &use->arguments[use->macro->n_parameters - 1];
}

static bool is_empty(struct input text)
{
	return text.at == text.end;
}

/* #parameter */
static void put_string(struct buf *out, struct input text, bool join)
{
	char quote = 0;

	buf_puts(out, join ? "\"" : " \"");
	for (; text.at < text.end; text.at++) {
		char c = *text.at;

		if (c == PAINT)
			continue;
		if (c == '"' || (c == '\\' && quote))
			buf_putc(out, '\\');
		buf_putc(out, c);
		if (c == '\\' && quote && text.end - text.at > 1) {
			c = *++text.at;
			if (c == '"' || c == '\\')
				buf_putc(out, '\\');
			buf_putc(out, c);
		} else if (c == quote) {
			quote = 0;
		} else if (!quote && (c == '"' || c == '\'')) {
			quote = c;
		}
	}
	buf_putc(out, '"');
}

static void put_text(struct buf *out, struct input text, bool join)
{
	if (join && text.at < text.end && *text.at == PAINT)
		text.at++;
	if (!join)
		buf_putc(out, ' ');
	buf_put(out, text.at, (size_t)(text.end - text.at));
}

/* Does a ## follow? */
static bool joins_next(struct parser *p)
{
	token_skip_blanks(p, false);
	return p->input.end - p->input.at >= 2 && p->input.at[0] == '#' && p->input.at[1] == '#';
}

/* __VA_OPT__(text): the text when there are further arguments, else nothing. */
static void optional(struct parser *p, const struct invocation *use, struct buf *out)
{
	struct argument *rest = &use->arguments[use->macro->n_parameters - 1];
	struct input text, behind;
	struct token token;
	unsigned depth = 1;

	token_skip_blanks(p, false);
	if (p->input.at >= p->input.end || *p->input.at != '(')
		return;
	text.at = ++p->input.at;
	do {
		token_skip_blanks(p, false);
		text.end = p->input.at;
		if (!token_scan(p, &token))
			return;
		depth += token.kind == '(';
		depth -= token.kind == ')';
	} while (depth);
	if (parse_enter(p) && !is_empty(argument_expanded(p, rest))) {
		behind = p->input;
		p->input = text;
		macro_substitute(p, use, out);
		p->input = behind;
	}
	parse_leave(p);
}

void macro_substitute(struct parser *p, const struct invocation *use, struct buf *out)
{
	const struct macro *macro = use->macro;
	bool join = false, comma = false;
	struct token token;

	for (;; comma = token.kind == ',') {
		struct argument *argument;

		if (joins_next(p)) {
			p->input.at += 2;
			join = true;
			token_skip_blanks(p, false);
		}
		if (!token_scan(p, &token) || !macro_spend(p, &token))
			return;
		if (token.kind == '#' && macro->takes_arguments) {
			token_skip_blanks(p, false);
			argument = token_scan(p, &token) ? argument_of(use, &token) : NULL;
			if (argument)
				put_string(out, argument->raw, join);
			else
				parse_error(p, &token, "'#' in a macro stands before a parameter");
			token.kind = TOKEN_STRING;
			join = false;
			continue;
		}
		if (macro->variadic && token_is(&token, "__VA_OPT__")) {
			optional(p, use, out);
			continue;
		}
		argument = argument_of(use, &token);
		if (!argument) {
			macro_put_token(out, &token, !join);
		} else if (join && comma && is_rest(use, argument)) {
			/* `, ## __VA_ARGS__`: gcc's; nothing at all when there are none */
			if (is_empty(argument->raw))
				out->len--;
			else
				put_text(out, argument_expanded(p, argument), false);
		} else if (join || joins_next(p)) {
			put_text(out, argument->raw, join);
		} else {
			put_text(out, argument_expanded(p, argument), false);
		}
		join = false;
	}
}
