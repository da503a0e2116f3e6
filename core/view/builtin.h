/* SPDX-License-Identifier: MIT */
/* Layouts of files that every machine has: texts as rule files hold them. */
#ifndef PEEKFS_VIEW_BUILTIN_H
#define PEEKFS_VIEW_BUILTIN_H

struct builtin {
	const char *name; /* NULL ends the table */
	const char *text;
};

extern const struct builtin builtins[];

#endif
