/* SPDX-License-Identifier: MIT */
/* The table of hints. For hint.c, which reads what is said, and hint_apply.c, which does it. */
#ifndef PEEKFS_LAYOUT_HINT_INSIDE_H
#define PEEKFS_LAYOUT_HINT_INSIDE_H

#include "layout/hint.h"

#define KIND(kind) (1u << TYPE_##kind)
#define SIZE(n)	   (1u << (n))

enum argument { NO_ARGUMENT, A_UNIT_OF_TIME, AN_ENUM, A_TEXT };

enum effect {
	FORM,	  /* the form */
	KIND_TOO, /* the form and the kind */
	ORDER,	  /* of bytes */
	UNITS,	  /* what stands behind a number */
	WHOLE,	  /* is of the field, be it a directory or not */
};

extern const struct hint {
	const char *name;
	enum effect effect;
	enum type_form form;
	enum type_kind kind;
	enum argument argument;
	unsigned kinds;	   /* of types that it is for */
	unsigned sizes;	   /* of those: SIZE(bytes) .., 0: any */
	const char *meant; /* what those are */
} hint_table[HINTS];

static inline bool hint_is_said(const struct said *said, const struct hint *hint)
{
	return said->set >> (hint - hint_table) & 1;
}

/* Forms of plain numbers, which have units. */
static inline bool hint_is_notation(enum type_form form)
{
	return form == FORM_HEX || form == FORM_OCT || form == FORM_DEC;
}

#endif
