/* SPDX-License-Identifier: MIT */
/*
 * Where a layout's types come from when its text doesn't declare them: the seam between the text's
 * parser, which is pure, and whoever knows programs.
 */
#ifndef PEEKFS_LAYOUT_READER_H
#define PEEKFS_LAYOUT_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"

#define READER_NAME_MAX 1020 /* bytes of a name with its scopes and arguments */

struct type;

enum reader_word {
	READER_NAME, /* a typedef's, or in other languages than C any type's */
	READER_STRUCT,
	READER_UNION,
	READER_ENUM,
};

/* A type as a text names it. */
struct reader_name {
	enum reader_word word;
	const char *name; /* "STU", "ns::pair<int,char>"; not terminated */
	size_t length;
};

/* "struct ", "union ", "enum " or "". */
const char *reader_word_text(enum reader_word word);

/* A type that was found, and what keeps it alive until the parser has copied it. */
struct reader_found {
	const struct type *type; /* the type member of a struct ctype; complete */
	void *owner;
	void (*release)(void *owner); /* called once, before layout_parse_with() returns */
};

struct reader_ops {
	/*
	 * Looks for the type. 0 and *out; -ENOENT there is none, with *diag (line and column 0: the
	 * parser puts them in) when more can be said than that; -EAGAIN nobody is to be asked yet:
	 * the parser ends there, with that; any other error with *diag. Called
	 * in the thread that parses, for each name once in a text. May take seconds.
	 */
	int (*find)(void *context, const struct reader_name *name, struct reader_found *out,
		    struct diag *diag);
};

struct reader {
	const struct reader_ops *ops;
	void *context;
};

#endif
