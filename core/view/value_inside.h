/* SPDX-License-Identifier: MIT */
/* What the files behind value.h share, and nobody else sees. */
#ifndef PEEKFS_VIEW_VALUE_INSIDE_H
#define PEEKFS_VIEW_VALUE_INSIDE_H

#include "view/value.h"

#define VALUE_FORM_MAX 16 /* bytes of the largest value that has a form of its own */

/* A person's text, or a part of it; not terminated. */
struct text {
	const char *at;
	size_t n;
};

/*
 * A form that has its own text: what hint.h calls time, flags, ip4 and so on. The others (hex, oct,
 * dec, percent) are ways to write the number of a kind.
 */
struct form {
	/* Appends the text of the value at bytes. */
	void (*put)(const struct type *type, const unsigned char *bytes, struct buf *out);
	/* Trimmed text to type->size zeroed bytes; errors as of value_parse(). */
	int (*parse)(const struct type *type, struct text text, unsigned char *bytes,
		     struct diag *diag);
	/* Characters of its longest text. */
	unsigned (*width)(const struct type *type);
};

/* Of their kinds: TYPE_WIDE, and a TYPE_FLOAT that value_is_odd(). */
extern const struct form form_wide, form_floating;
extern const struct form form_time, form_flags, form_ip4, form_ip6, form_mac, form_uuid;
/* NULL: it has none. */
const struct form *value_form(const struct type *type);

/* The text of a number as its kind and notation have it, without units. */
void value_put_number(const struct type *type, uint64_t bits, struct buf *out);
/* Such a text, trimmed, to *bits: errors as of value_parse(). */
int value_parse_number(const struct type *type, struct text text, uint64_t *bits,
		       struct diag *diag);
/* 0x and so many digits. */
void value_put_hex(struct buf *out, uint64_t bits, unsigned digits);
/* Is it a number of C? Such as a form takes too. */
bool value_is_number(struct text text);
/* An error: the number, or what stands for it, doesn't fit. */
int value_out_of_range(const struct type *type, struct text text, struct diag *diag);

/* Without blanks around it. */
struct text value_trim(struct text text);

/* The start of a person's text for a message, in a form that can't hurt. */
#define SHOWN 40
struct shown {
	char text[SHOWN + 4];
};
struct shown text_show(struct text text);

/* Why the text is no float of the type: err, which reading it gave, with *diag. */
int value_no_float(const struct type *type, struct text text, int err, struct diag *diag);

#endif
