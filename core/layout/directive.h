/* SPDX-License-Identifier: MIT */
/* Lines of the preprocessor. For directive.c, condition.c and define.c. */
#ifndef PEEKFS_LAYOUT_DIRECTIVE_H
#define PEEKFS_LAYOUT_DIRECTIVE_H

#include "layout/parse.h"

/* The word that names a directive, empty when there is none; *at is where it stands. */
struct input directive_word(struct parser *p, struct token *at);
bool directive_is(struct input word, const char *name);
/* The next token of the line, macros unexpanded; TOKEN_END where the line ends. */
unsigned directive_token(struct parser *p, struct token *out);
/* A macro's name; false and an error when there is none. */
bool directive_name(struct parser *p, struct token *out);
/* To the newline that ends the line, over comments, strings and joined lines. */
void directive_skip_line(struct parser *p);

/* #if, #ifdef, #ifndef; the others that are branches of one. */
bool condition_is_if(struct input word);
bool condition_is_else(struct input word);
void condition_if(struct parser *p, struct input word, const struct token *at);
void condition_branch(struct parser *p, struct input word, const struct token *at);

#endif
