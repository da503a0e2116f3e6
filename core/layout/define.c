/* SPDX-License-Identifier: MIT */
/* What a #define makes of a name. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "layout/directive.h"

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
