/* SPDX-License-Identifier: MIT */
/*
 * A search for a name in debug information: which units may have it (debug_evidence.c), and reading
 * those (debug_scope.c). debug_lookup.c does one after the other; nobody else includes this.
 */
#ifndef PEEKFS_LAYOUT_DEBUG_SEARCH_H
#define PEEKFS_LAYOUT_DEBUG_SEARCH_H

#include "layout/debug_inside.h"

#define STRINGS_MAX 16 /* places of the name among the strings; with more all units are read */

/* What is looked for, and how far it goes. */
struct search {
	struct dwarf *dwarf;
	enum reader_word word;
	const char *path; /* the whole name, without blanks */
	const char *last; /* its last part */
	bool inside_functions;
	bool anywhere;	    /* in any namespace, where the name has none */
	const void *wanted; /* the entry whose path is asked for; else NULL */
	/* the scope that is being read */
	char scope[1024];
	size_t scope_length;
	bool second_try;
	uint64_t left; /* entries that the unit may have at most: in a true one, each has a byte */
	uint32_t strings[STRINGS_MAX];
	size_t n_strings; /* beyond STRINGS_MAX: too many */
};

/* Is an entry of that tag what the word in front of a name says? */
bool search_is_type(enum reader_word word, unsigned tag);
/* Is it the same name, whatever blanks either has? */
bool search_same_name(const char *name, const char *wanted);
/* Reads a unit until what is looked for comes along: 1 and *out, and search->scope is where it
 * stands; 0; -EINVAL. */
int search_unit(struct search *search, const struct dwarf_unit *unit, struct dwarf_entry *out);
/* Where an entry stands, by reading its unit until it comes along: 1 and search->scope; 0;
 * -EINVAL. */
int search_path(struct search *search, const struct dwarf_entry *entry);

struct bytes {
	const unsigned char *at;
	size_t n;
};

/* The sections that say whether a unit may have the name: of the program's file, and of what dwz
 * put elsewhere. */
struct evidence {
	struct {
		struct bytes info, types, table;
	} part[2];
};

/* Finds the sections, and the name among their strings. */
void evidence_gather(struct search *search, struct evidence *out);
/* Can the name be in the unit? */
bool evidence_allows(const struct search *search, const struct evidence *evidence,
		     const struct dwarf_unit *unit);

#endif
