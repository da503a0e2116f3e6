/* SPDX-License-Identifier: MIT */
/* One use of a macro. For expand.c and substitute.c, and nobody else. */
#ifndef PEEKFS_LAYOUT_EXPAND_H
#define PEEKFS_LAYOUT_EXPAND_H

#include "base/buf.h"
#include "layout/parse.h"

/* One argument, as it was written and expanded (NULL: not yet). */
struct argument {
	struct input raw, expanded;
};

struct invocation {
	const struct macro *macro;
	struct argument *arguments; /* one for each parameter */
};

/* The argument with its macros expanded, as if nothing stood behind it; kept for as long as the
 * text is read. Empty after an error. */
struct input argument_expanded(struct parser *p, struct argument *argument);
/* A token's text behind what is there; apart: a blank keeps it from growing together with that. No
 * memory shows in out. */
void macro_put_token(struct buf *out, const struct token *token, bool apart);

/* Appends the body with the arguments put in. p->input is the body, and p->floor is set so that
 * nothing behind it is read. */
void macro_substitute(struct parser *p, const struct invocation *use, struct buf *out);

#endif
