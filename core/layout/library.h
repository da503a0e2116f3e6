/* SPDX-License-Identifier: MIT */
/*
 * What #include of a system header would bring: structs, unions and the typedefs of them, as C
 * text that is read when the first of its names is met. Scalars are in builtin.c, constants in
 * predefined.c. For the files behind parse.h.
 */
#ifndef PEEKFS_LAYOUT_LIBRARY_H
#define PEEKFS_LAYOUT_LIBRARY_H

#include "layout/parse.h"

/* Makes the names known, without reading anything. */
void library_begin(struct parser *p);
/* Reads the declarations that bring the name, once. p->token stays what it is. */
void library_load(struct parser *p, struct symbol *symbol);
/*
 * Is it a header (the name between < and >) whose declarations are known? One that isn't is
 * remembered, for the message when a name is missing: p->unread.
 */
bool library_header(struct parser *p, struct input name);

/* One piece of the text. NULL behind the last. */
struct library_piece {
	const char *names; /* separated by blanks */
	const char *text;
};
const struct library_piece *library_piece(size_t index);

#endif
