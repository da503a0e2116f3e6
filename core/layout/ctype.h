/* SPDX-License-Identifier: MIT */
/* A struct type with what only its making needs to know. For the files behind parse.h. */
#ifndef PEEKFS_LAYOUT_CTYPE_H
#define PEEKFS_LAYOUT_CTYPE_H

#include "layout/token.h"
#include "layout/type.h"

struct arena;
struct expr;

enum ctype_state {
	CTYPE_COMPLETE,
	CTYPE_INCOMPLETE, /* a struct, union or enum before its '}' */
	CTYPE_VOID,
	CTYPE_FUNCTION,
};

struct ctype {
	struct type type;
	enum ctype_state state;
	unsigned short depth;  /* of nesting: 1 for a scalar */
	unsigned short hole;   /* where in the name a declarator would stand */
	bool open;	       /* an array with no bound: `[]` */
	bool counted;	       /* an array whose bound is read from live memory: `[hdr.count]` */
	bool defining;	       /* its body is being read */
	bool numbered;	       /* by overlay_end() */
	bool tagless;	       /* a typedef's name becomes its name */
	bool forward;	       /* an enum that is complete, and whose values may still come */
	bool builtin;	       /* of library.c: the text may define its tag anew */
	bool bit_int;	       /* _BitInt(N): has bits, and is no bit-field */
	struct ctype *pending; /* a pointer: the next one to settle */
};

extern const struct ctype ctype_int, ctype_char, ctype_unsigned_char;

/* Every type that is derived from one in the parser comes from here; none fails, see parse.h. */
struct ctype *ctype_new(struct parser *p, enum type_kind kind);
const struct ctype *ctype_pointer(struct parser *p, const struct ctype *target);
const struct ctype *ctype_function(struct parser *p, const struct ctype *result);
/* length elements; or a count that memory gives; or open. `at` is where errors point to. */
const struct ctype *ctype_array(struct parser *p, const struct ctype *element, uint64_t length,
				const struct expr *count, bool open, const struct token *at);
/* from's name with `middle` where a declarator would stand; NULL when the arena is at its end. */
const char *ctype_derive_name(struct arena *arena, const struct ctype *from, const char *middle);
/* Is its size known? Else an error at that place. */
bool ctype_has_size(struct parser *p, const struct ctype *type, const struct token *at);
/* A copy to be changed. */
struct ctype *ctype_copy(struct parser *p, const struct ctype *type);
/* _BitInt(bits); an error at that place where the ABI has none. */
const struct ctype *ctype_bit_int(struct parser *p, uint64_t bits, bool is_unsigned,
				  const struct token *at);
/* A _Complex number: a struct of its two parts. */
const struct ctype *ctype_complex(struct parser *p, const struct ctype *part,
				  const struct token *at);
/* A vector of gcc's, of that many bytes: an array that is aligned to its size. */
const struct ctype *ctype_vector(struct parser *p, const struct ctype *element, uint32_t bytes,
				 const struct token *at);
/* The same type under a typedef's name, where a name can say more than the type's own. */
const struct ctype *ctype_named(struct parser *p, const struct ctype *type, const char *name);
/* The struct, union or enum (keyword) with that tag, incomplete if it is new (tag.c). */
struct ctype *ctype_tag(struct parser *p, unsigned keyword, const struct token *tag);
/* What the words of a specifier mean: counts of each KEYWORD_VOID ..; NULL when they don't mix. */
const struct ctype *ctype_of_words(const unsigned char counts[KEYWORD_WORDS]);
/* int, unsigned, long or unsigned long. */
const struct ctype *ctype_of_number(unsigned bits, bool is_unsigned);
/* A copy that becomes one which leads to target. */
void ctype_lead(struct parser *p, struct ctype *type, const struct ctype *target);
/* Ends with no pointer's target incomplete. */
void ctype_settle(struct parser *p);
/* Same shape and meaning, for a typedef that is repeated. */
bool ctype_equal(const struct ctype *a, const struct ctype *b);

static inline const struct ctype *ctype_of(const struct type *type)
{
	return (const struct ctype *)type; /* its first member */
}

static inline bool ctype_is_bit_field(const struct ctype *type)
{
	return type->type.bits && type->type.kind != TYPE_FLOAT && !type->bit_int;
}

#endif
