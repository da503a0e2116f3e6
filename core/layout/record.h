/* SPDX-License-Identifier: MIT */
/* Where the compiler puts the members of a struct or union. For the files behind parse.h. */
#ifndef PEEKFS_LAYOUT_RECORD_H
#define PEEKFS_LAYOUT_RECORD_H

#include "layout/parse.h"

/* A member as it was declared, then as it was placed. */
struct field {
	const char *name; /* NULL: an unnamed bit-field, or a struct whose members are lifted */
	const struct ctype *type;
	bool is_bits;
	bool packed;
	unsigned char bits;
	uint32_t align; /* asked for by attributes, bytes; 0: none */
	unsigned line, column;
	const struct rule *rule; /* NULL: none */
	uint64_t position;	 /* in bits from the start; record_finish() sets it */
};

/*
 * Completes a struct or union of these fields: offsets, size, alignment, members, span.
 * attributes: those of the type.
 */
void record_finish(struct parser *p, struct ctype *record, struct field *fields, size_t n,
		   const struct attributes *attributes);

/* The same where size, alignment and every field's position are known already: only members and
 * span. */
void record_complete(struct parser *p, struct ctype *record, struct field *fields, size_t n);

#endif
