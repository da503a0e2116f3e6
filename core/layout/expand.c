/* SPDX-License-Identifier: MIT */
/*
 * Macros and what they stand for, by C's own rules (C23 6.10.5).
 *
 * A macro is text. Using one means to read its text next; while it is read the name is no macro,
 * so nothing recurs. Where it takes arguments, or joins words by ##, that text is made first:
 *
 *  - Each argument is collected as text, one blank where there was any.
 *  - Where a parameter stands alone, the argument is put in (substitute.c) with its own macros
 *    expanded, as if nothing else were there: p->floor keeps that from reaching into what follows.
 *    Beside # and ## it is put in as it was written.
 *  - A name that was met while its macro is being read must stay a name for ever, also when it is
 *    read again as part of an argument. Such a name is painted: PAINT stands before it in the text.
 *
 * Each word that is read in all this counts against LAYOUT_EXPAND_MAX, the text in which they stand
 * against LAYOUT_EXPAND_TEXT_MAX (a word can be long, and the blanks before it), and the text that
 * is made against LAYOUT_ARENA_MAX, so that no few lines can make a work of hours.
 */
#include "layout/expand.h"

#include "base/cleanup.h"

bool macro_spend(struct parser *p, const struct token *at)
{
	if (++p->expanded > LAYOUT_EXPAND_MAX)
		parse_limit(p, at, "macros expand to more than 250000 words");
	return !p->err;
}

/* What was gathered, kept for as long as the text is read. */
static struct input keep_text(struct parser *p, struct buf *text)
{
	const char *bytes = buf_cstr(text);
	const char *kept = bytes ? arena_copy(&p->scratch, bytes, text->len) : NULL;

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

void macro_put_token(struct buf *out, const struct token *token, bool apart)
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
			use->arguments[n++].raw = keep_text(p, &text);
			buf_reset(&text);
			if (!ends)
				continue;
			if (n + macro->variadic < macro->n_parameters)
				return parse_error(p, name, "'%s' takes %u arguments, not %zu",
						   name->symbol->name, macro->n_parameters, n);
			break;
		}
		any = true;
		macro_put_token(&text, &token, apart);
		depth += token.kind == '(';
		depth -= token.kind == ')';
	}
	p->line_begins = false;
	return !p->err;
}

struct input argument_expanded(struct parser *p, struct argument *argument)
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
			macro_put_token(&out, &token, true);
		}
		while (p->expansions.n >= p->floor)
			leave(p);
		p->floor = floor;
		argument->expanded = keep_text(p, &out);
	}
	parse_leave(p);
	return argument->expanded;
}

/* The text that a macro stands for here. */
static struct input replacement(struct parser *p, const struct invocation *use)
{
	CLEANUP(buf_destroy) struct buf out = BUF_INIT;
	size_t floor = p->floor;

	if (!read_next(p, use->macro->body, NULL))
		return (struct input){"", ""};
	p->floor = p->expansions.n;
	macro_substitute(p, use, &out);
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
