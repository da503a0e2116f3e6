/* SPDX-License-Identifier: MIT */
/*
 * A layout: types and placed variables, from a text; and what becomes of it when it is laid over
 * a region of some size.
 *
 * A struct layout is the parsed text and knows no region. layout_bind() lays it over a size and
 * makes one more type: the *root*, a struct whose members are the placed variables at their
 * offsets. From there on a region is just a value of type root at offset 0, and everything that
 * walks, names, shows or edits struct members serves whole regions unchanged.
 *
 * An array whose length a field gives (`students[hdr.count] @ 64`) is numbered by what fits
 * (type->length), so that no ordinal moves when the count does; what is there, and where, is found
 * by walks through live memory (walk.h).
 *
 * Both are immutable and reference counted; every function is thread-safe.
 */
#ifndef PEEKFS_LAYOUT_LAYOUT_H
#define PEEKFS_LAYOUT_LAYOUT_H

#include "base/diag.h"
#include "layout/reader.h"
#include "layout/type.h"

struct layout;

/* Limits, declared so that a text can't ask for more; each has its own message. */
#define LAYOUT_TEXT_MAX	 (1u << 20)   /* bytes */
#define LAYOUT_DEPTH_MAX 64	      /* nesting of declarators, types and expressions */
#define LAYOUT_TYPES_MAX 65536	      /* types in one text */
#define LAYOUT_SPAN_MAX	 (1ull << 38) /* nodes of one bound layout: what an inode holds */
#define LAYOUT_OPEN_MAX	 4096	      /* elements of an array in a struct that has no bound */

/*
 * Parses C declarations and placed variables (what of C is read: parse.h and the files that it
 * names). Returns 0; -EINVAL with line, column and message in *diag; -E2BIG beyond a limit (also
 * with a message); -ENOMEM. *out is one reference, for layout_unref().
 */
int layout_parse(const char *text, size_t n, struct layout **out, struct diag *diag);
/*
 * The same, where types that the text names (`debuginfo struct STU`, `struct STU s @ 0`) but
 * doesn't declare are looked for by reader, which isn't kept; NULL: they are errors.
 */
int layout_parse_with(const char *text, size_t n, const struct reader *reader, struct layout **out,
		      struct diag *diag);
/*
 * The same for a text that is for regions to come, of which no program can be asked yet. If it
 * needs one, it is read up to there only: layout_awaits() names the first type that it doesn't
 * declare ("struct STU"), NULL where it is whole. What awaits types has its text and the match
 * declarations before that name, and is laid over nothing: parse its text by layout_parse_with(),
 * when there is a region.
 */
int layout_parse_ahead(const char *text, size_t n, struct layout **out, struct diag *diag);
const char *layout_awaits(const struct layout *layout);
/* A type that a reader found, in the order in which they were looked for: NULL when there is none.
 * What belongs to it lives as long as layout. */
struct layout_lookup {
	const struct layout_lookup *next;
	struct reader_name name;
	const struct type *type; /* with the hints that were laid over it */
};
const struct layout_lookup *layout_lookups(const struct layout *layout);
struct layout *layout_ref(struct layout *layout);
void layout_unref(struct layout *layout); /* takes NULL */
/* The text it was parsed from, terminated; *n (may be NULL) is its length. Lives as long as it. */
const char *layout_text(const struct layout *layout, size_t *n);

/*
 * Reads n bytes at offset of the region into to: 0, or a negative errno. Called for counts and
 * offsets that live memory gives. A value of 1, 2, 4 or 8 bytes is asked for as one read.
 */
typedef int layout_read_fn(void *context, uint64_t offset, void *to, size_t n);

struct bound;

/*
 * Lays the layout over a region of size bytes. A variable that doesn't fit, an offset beyond the
 * end and a tree of more than LAYOUT_SPAN_MAX nodes are refused.
 * Returns 0; -EINVAL with *diag (line and column of the variable); -E2BIG with *diag; -ENOMEM.
 * *out is one reference; it holds one of layout.
 */
int layout_bind(struct layout *layout, uint64_t size, struct bound **out, struct diag *diag);
struct bound *bound_ref(struct bound *bound);
void bound_unref(struct bound *bound);			/* takes NULL */
struct layout *bound_layout(const struct bound *bound); /* borrowed */
/* The region as one value: its type is a TYPE_STRUCT, offset 0, ordinal 0. */
struct place bound_root(const struct bound *bound);
uint64_t bound_size(const struct bound *bound);
/* For walk.c: what is known of its arrays; borrowed. */
struct marks *bound_marks(const struct bound *bound);

/*
 * How many children a placed variable has now: type_children(), or for an array with a count what
 * the count's expression says, at most length. Reads live memory only for such arrays. walk.h does
 * it for all that is below.
 * Returns 0; what read returned; -ERANGE with *diag when the expression has no value
 * (a division by zero, a negative count).
 */
int bound_count(const struct bound *bound, const struct place *place, layout_read_fn *read,
		void *context, uint64_t *count, struct diag *diag);

#endif
