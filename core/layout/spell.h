/* SPDX-License-Identifier: MIT */
/* How a layout would declare what a pointer points to. */
#ifndef PEEKFS_LAYOUT_SPELL_H
#define PEEKFS_LAYOUT_SPELL_H

#include "base/buf.h"
#include "layout/dwarf.h"

/* How much a type tells, most first. */
enum spell_worth {
	SPELL_RECORD, /* a struct, a union, an array of them */
	SPELL_SCALAR,
	SPELL_TEXT,    /* char: often only an address */
	SPELL_NOTHING, /* void, functions, what has no name that a layout could use */
};

struct spelled {
	enum spell_worth worth;
	uint64_t size;		  /* bytes of one; 0: not known */
	uint64_t elements;	  /* of an array with a bound; else 0 */
	struct buf type;	  /* "struct STU" */
	struct buf bounds;	  /* "[10][3]", or "" */
	struct buf lookup;	  /* what `debuginfo` must look up: "struct STU"; or "" */
	struct dwarf_entry found; /* that it will find, where there is a lookup */
};

/* What an entry, the target of a pointer, is called. Fills *out, for spell_free(); -ENOMEM. */
int spell(const struct dwarf_entry *target, struct spelled *out);
void spell_free(struct spelled *spelled); /* takes a zeroed one */
/* Whether a layout's text can have that identifier as a name: other languages have names that are
 * keywords here. */
bool spell_may_name(const char *name, size_t n);

#endif
