/* SPDX-License-Identifier: MIT */
/* An error that a person must read: what is wrong and where in their text. */
#ifndef PEEKFS_BASE_DIAG_H
#define PEEKFS_BASE_DIAG_H

struct diag {
	unsigned line;	 /* from 1; 0 when the message is about no place in a text */
	unsigned column; /* from 1, in bytes */
	char message[256];
};

/*
 * Fills *diag (which may be NULL) and returns err, so that a failing function ends in one line:
 * `return diag_set(diag, -EINVAL, line, column, "no type is named '%s'", name);`
 * The message is one line that terminals and logs can take, whatever the arguments hold: control
 * characters and what isn't UTF-8 are \xNN in it. Arguments may be of *diag itself.
 */
__attribute__((format(printf, 5, 6))) int diag_set(struct diag *diag, int err, unsigned line,
						   unsigned column, const char *format, ...);
/* "out of memory", about no place in a text: -ENOMEM. */
int diag_no_memory(struct diag *diag);

/* What a person is told, with "line 2, column 5: " before it where it is about a place: for free();
 * NULL: no memory. */
char *diag_text(const struct diag *diag);

#endif
