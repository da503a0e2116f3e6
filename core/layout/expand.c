/* SPDX-License-Identifier: MIT */
/*
 * Macros and what they stand for, by C's own rules (C23 6.10.5).
 *
 * A macro is text. Using one means to read its text next; while it is read the name is no macro,
 * so nothing recurs. Where it takes arguments, or joins words by ##, that text is made first:
 *
 *  - Each argument is collected as text, one blank where there was any.
 *  - Where a parameter stands alone, the argument is put in with its own macros expanded, as if
 *    nothing else were there (p->floor keeps that from reaching into what follows). Beside # and
 *    ## it is put in as it was written.
 *  - A name that was met while its macro is being read must stay a name for ever, also when it is
 *    read again as part of an argument. Such a name is painted: PAINT stands before it in the text.
 *
 * Each word that is read in all this counts against LAYOUT_EXPAND_MAX, the text in which they stand
 * against LAYOUT_EXPAND_TEXT_MAX (a word can be long, and the blanks before it), and the text that
 * is made against LAYOUT_ARENA_MAX, so that no few lines can make a work of hours.
 */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "layout/directive.h"

/* One argument, as it was written and expanded (NULL: not yet). */
struct argument {
	struct input raw, expanded;
	bool is_given;
};

struct invocation {
	const struct macro *macro;
	struct argument *arguments; /* one for each parameter */
};

bool macro_spend(struct parser *p, const struct token *at)
{
	if (++p->expanded > LAYOUT_EXPAND_MAX)
		parse_limit(p, at, "macros expand to more than 250000 words");
	return !p->err;
}

/* What was gathered, kept for as long as the text is read. */
static struct input keep_text(struct parser *p, struct buf *text)
{
	char *kept;

	if (buf_status(text)) {
		parse_no_memory(p);
		return (struct input){"", ""};
	}
	kept = arena_copy(&p->scratch, text->len ? text->data : "", text->len);
	if (!kept) {
		parse_no_memory(p);
		return (struct input){"", ""};
	}
	return (struct input){kept, kept + text->len};
}

static bool read_next(struct parser *p, struct input text, struct symbol *macro)
{
	struct expansion *expansion;

	p->expanded_text += (size_t)(text.end - text.at);
	if (p->expanded_text > LAYOUT_EXPAND_TEXT_MAX)
		return parse_limit(p, &p->token, "macros expand to more than 16 MiB of text");
	expansion = vector_push(p, &p->expansions, struct expansion);
	if (!expansion)
		return false;
	expansion->outer = p->input;
	expansion->macro = macro;
	if (macro)
		macro->busy = true;
	p->input = text;
	return true;
}

static void leave(struct parser *p)
{
	struct expansion *expansion = vector_at(&p->expansions, --p->expansions.n);

	if (expansion->macro)
		expansion->macro->busy = false;
	p->input = expansion->outer;
}

bool macro_leave(struct parser *p)
{
	if (p->expansions.n <= p->floor || p->err)
		return false;
	leave(p);
	return true;
}

/* A token's text behind what is there; a blank keeps it from growing together with that. */
static void put_token(struct buf *out, const struct token *token, bool apart)
{
	if (apart && out->len)
		buf_putc(out, ' ');
	if (token->painted)
		buf_putc(out, PAINT);
	buf_put(out, token->text, token->length);
}

/* Takes the '(' that makes a name one with arguments, from wherever it comes. */
static bool opens(struct parser *p)
{
	for (;;) {
		token_skip_blanks(p, p->in_condition && !p->expansions.n);
		if (p->input.at < p->input.end)
			break;
		if (!macro_leave(p))
			return false;
	}
	if (*p->input.at != '(')
		return false;
	p->input.at++;
	return true;
}

/* One more token of the arguments. */
static bool argument_token(struct parser *p, const struct token *name, struct token *out,
			   bool *apart)
{
	const char *start = p->input.at;

	for (;;) {
		token_skip_blanks(p, p->in_condition && !p->expansions.n);
		*apart = p->input.at != start;
		if (p->input.at < p->input.end && *p->input.at != '\n')
			break;
		if (p->input.at < p->input.end || !macro_leave(p))
			return parse_error(p, name, "the arguments of '%s' have no ')'",
					   name->symbol->name);
		start = NULL;
	}
	if (p->line_begins && !p->expansions.n && *p->input.at == '#')
		return parse_error(p, name,
				   "a line with '#' among the arguments of '%s': put it before",
				   name->symbol->name);
	if (!token_scan(p, out) || !macro_spend(p, out))
		return false;
	if (out->symbol && out->symbol->busy && out->symbol->macro)
		out->painted = true;
	return true;
}

static bool more_arguments(struct parser *p, const struct invocation *use, size_t n,
			   const struct token *name)
{
	const struct macro *macro = use->macro;

	if (n < macro->n_parameters)
		return true;
	return parse_error(p, name, "'%s' takes %u argument%s, here are more", name->symbol->name,
			   macro->n_parameters, macro->n_parameters == 1 ? "" : "s");
}

/* Everything up to the ')' that ends them. */
static bool collect(struct parser *p, struct invocation *use, const struct token *name)
{
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	const struct macro *macro = use->macro;
	unsigned depth = 0;
	size_t n = 0;
	bool any = false, apart;
	struct token token;

	while (argument_token(p, name, &token, &apart)) {
		bool ends = !depth && token.kind == ')';

		if (ends && !any && !macro->n_parameters)
			break;
		if (ends || (!depth && token.kind == ',' &&
			     !(macro->variadic && n + 1 == macro->n_parameters))) {
			if (!more_arguments(p, use, n, name))
				return false;
			use->arguments[n].raw = keep_text(p, &text);
			use->arguments[n++].is_given = true;
			buf_reset(&text);
			if (!ends)
				continue;
			if (n + macro->variadic < macro->n_parameters)
				return parse_error(p, name, "'%s' takes %u arguments, not %zu",
						   name->symbol->name, macro->n_parameters, n);
			break;
		}
		any = true;
		put_token(&text, &token, apart);
		depth += token.kind == '(';
		depth -= token.kind == ')';
	}
	p->line_begins = false;
	return !p->err;
}

/* The argument with its macros expanded, as if nothing stood behind it. */
static struct input expanded(struct parser *p, struct argument *argument)
{
	CLEANUP(buf_destroy) struct buf out = BUF_INIT;
	size_t floor = p->floor;
	struct token token;

	if (argument->expanded.at)
		return argument->expanded;
	argument->expanded = (struct input){"", ""};
	if (parse_enter(p) && read_next(p, argument->raw, NULL)) {
		p->floor = p->expansions.n;
		for (;;) {
			token_skip_blanks(p, false);
			if (p->input.at >= p->input.end) {
				if (!macro_leave(p))
					break;
				continue;
			}
			if (!token_scan(p, &token) || !macro_spend(p, &token))
				break;
			if (token.kind == TOKEN_NAME && macro_expand(p, &token))
				continue;
			put_token(&out, &token, true);
		}
		while (p->expansions.n >= p->floor)
			leave(p);
		p->floor = floor;
		argument->expanded = keep_text(p, &out);
	}
	parse_leave(p);
	return argument->expanded;
}

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

static void substitute(struct parser *p, const struct invocation *use, struct buf *out);

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
	if (parse_enter(p) && !is_empty(expanded(p, rest))) {
		behind = p->input;
		p->input = text;
		substitute(p, use, out);
		p->input = behind;
	}
	parse_leave(p);
}

/* The body with the arguments put in; p->input is the body. */
static void substitute(struct parser *p, const struct invocation *use, struct buf *out)
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
			put_token(out, &token, !join);
		} else if (join && comma && is_rest(use, argument)) {
			/* `, ## __VA_ARGS__`: gcc's; nothing at all when there are none */
			if (is_empty(argument->raw))
				out->len--;
			else
				put_text(out, expanded(p, argument), false);
		} else if (join || joins_next(p)) {
			put_text(out, argument->raw, join);
		} else {
			put_text(out, expanded(p, argument), false);
		}
		join = false;
	}
}

/* The text that a macro stands for here. */
static struct input replacement(struct parser *p, const struct invocation *use)
{
	CLEANUP(buf_destroy) struct buf out = BUF_INIT;
	size_t floor = p->floor;

	if (!read_next(p, use->macro->body, NULL))
		return (struct input){"", ""};
	p->floor = p->expansions.n;
	substitute(p, use, &out);
	leave(p);
	p->floor = floor;
	return keep_text(p, &out);
}

static bool expand_with(struct parser *p, const struct token *name)
{
	struct symbol *symbol = name->symbol;
	struct invocation use = {.macro = symbol->macro};
	struct input text;
	size_t n = use.macro->n_parameters;

	use.arguments = parse_scratch(p, (n + 1) * sizeof(struct argument));
	if (!use.arguments)
		return false;
	for (size_t i = 0; i < n; i++)
		use.arguments[i].raw = (struct input){"", ""};
	if (use.macro->takes_arguments && (!opens(p) || !collect(p, &use, name)))
		return false;
	text = replacement(p, &use);
	return !p->err && read_next(p, text, symbol);
}

bool macro_expand(struct parser *p, struct token *name)
{
	struct symbol *symbol = name->symbol;
	const struct macro *macro = symbol->macro;

	if (!macro || name->painted)
		return false;
	if (symbol->busy) {
		name->painted = true;
		return false;
	}
	if (!p->expansions.n) {
		p->site_line = name->line;
		p->site_column = name->column;
	}
	if (macro->takes_arguments || macro->joins)
		return expand_with(p, name);
	return read_next(p, macro->body, symbol);
}

/* The names between the brackets of a #define. */
static bool parameters(struct parser *p, struct macro *macro)
{
	CLEANUP(buf_destroy) struct buf names = BUF_INIT;
	static const char rest[] = "__VA_ARGS__";
	struct token token;
	struct input name;

	while (directive_token(p, &token) != ')') {
		if (p->err || macro->variadic)
			return parse_error(p, &token, "expected ')' after the parameters");
		if (macro->n_parameters >= LAYOUT_PARAMETERS_MAX)
			return parse_limit(p, &token, "a macro of more than 256 parameters");
		if (macro->n_parameters && token.kind != ',')
			return parse_error(p, &token, "expected ',' or ')' after the parameter");
		if (macro->n_parameters)
			directive_token(p, &token);
		name = (struct input){token.text, token.text + token.length};
		if (token.kind == TOKEN_ELLIPSIS) {
			macro->variadic = true;
			name = (struct input){rest, rest + strlen(rest)};
		} else if (token.kind != TOKEN_NAME) {
			return parse_error(p, &token, "a macro's parameter is missing here");
		}
		token_skip_blanks(p, true);
		if (p->input.end - p->input.at >= 3 && !memcmp(p->input.at, "...", 3)) {
			p->input.at += 3; /* gcc's `name...` */
			macro->variadic = true;
		}
		buf_put(&names, &name, sizeof(name));
		macro->n_parameters++;
	}
	if (buf_status(&names))
		parse_no_memory(p);
	if (names.data && !p->err) {
		struct input *kept = parse_scratch(p, names.len);

		if (!kept)
			return false;
		memcpy(kept, names.data, names.len);
		macro->parameters = kept;
	}
	return !p->err;
}

void macro_define(struct parser *p, struct symbol *symbol, bool hidden)
{
	struct macro *macro = parse_scratch(p, sizeof(*macro));

	if (!macro)
		return;
	macro->hidden = hidden;
	macro->takes_arguments = p->input.at < p->input.end && *p->input.at == '(';
	if (macro->takes_arguments) {
		p->input.at++;
		if (!parameters(p, macro))
			return;
	}
	token_skip_blanks(p, true);
	macro->body.at = p->input.at;
	directive_skip_line(p);
	macro->body.end = p->input.at;
	macro->joins = memmem(macro->body.at, (size_t)(macro->body.end - macro->body.at), "##", 2);
	symbol->macro = macro;
}
