/* SPDX-License-Identifier: MIT */
/* What the files that make types of debug information share; nobody else includes it. */
#ifndef PEEKFS_LAYOUT_DEBUG_INSIDE_H
#define PEEKFS_LAYOUT_DEBUG_INSIDE_H

#include "layout/debug.h"
#include "layout/parse.h"
#include "layout/record.h"

#define MAKER_DEPTH_MAX	  200 /* typedefs of typedefs ... that are followed */
#define MAKER_TARGETS_MAX 64  /* records made for the sake of pointers to them, a find */
#define MAKER_MEMBERS_MAX 65536
#define MAKER_STEPS_MAX	  (2u << 20) /* members and enumerators that a find reads */
#define MAKER_SEARCH_MAX  64	     /* definitions elsewhere that it searches */

/* Which entries have become which types. */
struct memo {
	const void *key;
	const struct ctype *type;
};

/*
 * Makes types of entries. It is a parser without a text: what makes types from C makes them here
 * too, errors stick to p, and there is no place to point to.
 */
struct maker {
	struct parser p;
	struct dwarf *dwarf;
	unsigned depth;
	struct memo *memos; /* open addressing by key; n_slots a power of two, or 0 */
	size_t n_memos, n_slots;
	struct vector targets;	  /* struct target: records that pointers lead to, not made yet */
	size_t n_targets;	  /* made in this find */
	bool in_targets;	  /* they are made now: what is elsewhere isn't searched for them */
	unsigned steps, searches; /* of this find */
	bool left_out; /* something was, so that what holds it is less than it could be */
};

/* The type that an entry is. Never NULL; incomplete where nothing is known of it. */
const struct ctype *maker_type(struct maker *m, const struct dwarf_entry *entry);
/* The same, and the records that its pointers lead to, as many as may be. */
const struct ctype *maker_finish(struct maker *m, const struct dwarf_entry *entry);
/* Remembers it; what stood for that key is replaced. */
void maker_memorize(struct maker *m, const void *key, const struct ctype *type);
/* What stands for that key, or NULL. */
const struct ctype *maker_recall(const struct maker *m, const void *key);
/* Counts a step; false, and an error, when there were too many. */
bool maker_step(struct maker *m);
/* Forgets which entries are which types; the types stay. */
void maker_forget(struct maker *m);
/* A name that may be any bytes as an identifier (for a file): NULL when the arena is at its end. */
const char *maker_identifier(struct maker *m, const char *name);
/* The same with any characters, behind word, for a type. */
const char *maker_name(struct maker *m, const char *word, const char *name);
/* A new type of that name. */
struct ctype *maker_named(struct maker *m, enum type_kind kind, const char *word, const char *name);
/* One of which nothing is known; name may be NULL. */
const struct ctype *maker_incomplete(struct maker *m, const char *name);
/* What DW_AT_byte_size says; false when it says nothing, or what no region can hold. */
bool maker_size(const struct dwarf_entry *entry, uint64_t *size);
/* The type of an entry of that kind, as maker_type(). */
const struct ctype *maker_base(struct maker *m, const struct dwarf_entry *entry);
const struct ctype *maker_enum(struct maker *m, const struct dwarf_entry *entry);
const struct ctype *maker_array(struct maker *m, const struct dwarf_entry *entry);
/* C's own type of that name, "long unsigned int" as gcc writes it; NULL when it isn't made of C's
 * words. */
const struct ctype *maker_words(const char *name);
/* size bytes of which nothing else is known. */
const struct ctype *maker_bytes(struct maker *m, uint64_t size, const char *name);
/* Fills a struct or union that is still incomplete from its entry, or from the definition elsewhere
 * that its declaration stands for. Leaves it incomplete when there is none. */
void maker_fill_record(struct maker *m, struct ctype *record, const struct dwarf_entry *entry);

/* What a number of an entry is in the size and sign of type. */
uint64_t maker_fit(uint64_t value, const struct type *type);
/*
 * Puts a member of record at the end of p.fields, with a rule (NULL: none): 1; 0 it is none that
 * can be shown; -EINVAL it doesn't lie within the record.
 */
int maker_add_member(struct maker *m, const struct type *record, const struct dwarf_entry *entry,
		     const struct rule *rule);
/* Makes bytes of those of a record's n fields whose type is incomplete: up to the next field. */
void maker_size_unsized(struct maker *m, const struct type *record, struct field *fields, size_t n);
/* The same for all members of a variant part; false when what they are can't be told truly. */
bool maker_add_variants(struct maker *m, const struct type *record, const struct dwarf_entry *part);

/* The entry that defines a name: 1 and *out, 0, -EINVAL. */
int debug_lookup(struct dwarf *dwarf, const struct reader_name *name, struct dwarf_entry *out);
/* The definition that a declaration (DW_AT_declaration) stands for. */
int debug_definition(struct dwarf *dwarf, const struct dwarf_entry *declaration,
		     struct dwarf_entry *out);

#endif
