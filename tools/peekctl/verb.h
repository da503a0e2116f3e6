/* SPDX-License-Identifier: MIT */
/*
 * The verbs of peekctl: one table, one small file each. To add one: write VERB.c with its struct
 * verb, declare it below, add it to the list in main.c and the file to meson.build. The options of
 * all verbs stand in options.c; a verb names those that it takes.
 */
#ifndef PEEKFS_PEEKCTL_VERB_H
#define PEEKFS_PEEKCTL_VERB_H

#include <stdbool.h>
#include <stddef.h>

/* What main() returns. */
enum status {
	STATUS_OK,
	STATUS_FAILED, /* it could not be done; a message said why */
	STATUS_USAGE,  /* what was asked for isn't something that can be asked for */
};

/* What the options asked for. Texts are NULL when they weren't given. */
struct wishes {
	bool all;
	bool json;
	bool raw;
	bool no_headings;
	bool clear;
	bool force;
	bool asynchronous;
	bool invalidate;
	bool populate;
	bool locked;
	bool allocate;
	bool hold;
	const char *output;
	const char *layout;
	const char *mode;
};

enum column_kind {
	COLUMN_TEXT,
	COLUMN_NUMBER, /* a number in JSON too */
	COLUMN_HEX,    /* at the right, but a string in JSON */
	COLUMN_BOOL,
};

struct column {
	const char *name;
	enum column_kind kind;
	const char *help;
};

struct verb {
	const char *name;
	const char *arguments; /* as the usage shows them */
	const char *summary;   /* a line */
	const char *options;   /* the keys of those that it takes, see options.c */
	const char *details;   /* further lines of its --help; NULL */
	int least, most;       /* how many arguments; most -1: any number */
	bool values;	       /* behind the first argument '-' begins a value and no option */
	const struct column *columns;
	size_t n_columns;
	int (*run)(const struct wishes *wishes, int n, char **args); /* an enum status */
};

extern const struct verb verb_ls;
extern const struct verb verb_mappers;
extern const struct verb verb_where;
extern const struct verb verb_show;
extern const struct verb verb_set;
extern const struct verb verb_layout;
extern const struct verb verb_create;
extern const struct verb verb_resize;
extern const struct verb verb_sync;
extern const struct verb verb_rm;

#endif
