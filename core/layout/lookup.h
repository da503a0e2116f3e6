/* SPDX-License-Identifier: MIT */
/* Types that the text names but doesn't declare: asked of the reader. For the files behind parse.h.
 */
#ifndef PEEKFS_LAYOUT_LOOKUP_H
#define PEEKFS_LAYOUT_LOOKUP_H

#include "layout/parse.h"

/* `debuginfo struct STU;`, with p->token behind the word. The ';' may be left out. */
void lookup_statement(struct parser *p);
/* Is p->token that word? It is a word only where a declaration can begin. */
bool lookup_begins(struct parser *p);

/*
 * A struct, union or enum of which the text has only the tag: filled with what the reader finds, at
 * most once. False when it stays incomplete; then there is an error if the reader could say why.
 */
bool lookup_tag(struct parser *p, const struct ctype *type, const struct token *at);
/* A name that isn't declared: whether the reader found a type of that name, which it now is. No
 * error where it didn't. */
bool lookup_name(struct parser *p, const struct token *name);

/* Does p->token begin a name of C++ or Rust, shop::ring<item, 4>, that the reader may know? */
bool lookup_begins_path(struct parser *p);
/* Takes it: the reader's type, or NULL after an error that says why there is none. */
const struct ctype *lookup_path(struct parser *p);
/* Takes a tag at p->token, such a name too: its token, whose symbol stands for all of it. False
 * where there is none. */
bool lookup_take_tag(struct parser *p, struct token *tag);

/* import.c: the reader's type and all that it leads to, copied; NULL after an error. */
const struct ctype *import_type(struct parser *p, const struct type *from);

#endif
