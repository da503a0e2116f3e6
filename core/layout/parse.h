/* SPDX-License-Identifier: MIT */
/*
 * What the files that read C text share; nobody else includes it.
 *
 * A text is read in one pass, token by token, with one token of lookahead. scan.c and token.c make
 * the tokens, directive.c, condition.c, define.c, expand.c and substitute.c do what the
 * preprocessor does; declaration.c, specifier.c, tag.c, declarator.c, body.c, attribute.c, hint.c,
 * expression.c and operand.c are the grammar; ctype.c, record.c, word.c and builtin.c the types.
 *
 * Errors are sticky. The first one is kept with its place (parse_error()) and from then on every
 * token is TOKEN_END, so that all loops end by themselves and no function has to hand an error up.
 * What a function returns after an error may be anything that isn't a trap: types are then `int`,
 * allocations that fail are errors too and their callers return early.
 *
 * Every recursion goes through parse_enter(), which counts one depth for all of them: a text can
 * nest LAYOUT_DEPTH_MAX deep and no deeper.
 */
#ifndef PEEKFS_LAYOUT_PARSE_H
#define PEEKFS_LAYOUT_PARSE_H

#include <errno.h>

#include "base/diag.h"
#include "layout/arena.h"
#include "layout/ctype.h"
#include "layout/expr.h"
#include "layout/hint.h"
#include "layout/layout.h"
#include "layout/match.h"
#include "layout/reader.h"
#include "layout/rule.h"
#include "layout/token.h"

#define LAYOUT_ARENA_MAX       (64u << 20)  /* bytes that one text may turn into */
#define LAYOUT_EXPAND_MAX      250000	    /* tokens that macros of one text may make */
#define LAYOUT_EXPAND_TEXT_MAX (16u << 20)  /* bytes of text that they are read from */
#define LAYOUT_PARAMETERS_MAX  256	    /* of one macro: C asks for 127 (C23 5.2.5.2) */
#define LAYOUT_SIZE_MAX	       (1ull << 56) /* bytes of one type: no overflow when counted in bits */
#define LAYOUT_NAME_MAX	       255	    /* bytes of an identifier: it becomes a file name */
#define LAYOUT_RULE_MAX	       4096u	    /* words of an expression that is read at the end */

/* A growing array of items of one size, malloc()ed. Starts zeroed. */
struct vector {
	char *data;
	size_t n, capacity, item;
};

/* A placed variable as it was declared. */
struct placed {
	struct placed *next; /* in order of declaration */
	const char *name;
	const struct ctype *type; /* maybe open, or with a count */
	uint64_t offset;
	const struct rule *rule; /* NULL: none */
	uint64_t index;		 /* how many were placed before */
	unsigned line, column;
};

/* import.c: which types of readers have become which of the text. */
struct imports {
	struct import *slots; /* open addressing by the reader's type */
	size_t n, n_slots;
	struct vector todo; /* those that aren't filled yet */
};

struct parser {
	int err; /* 0, or what parse_error() was given */
	struct diag *diag;
	struct arena *kept;	     /* what the layout owns */
	const struct reader *reader; /* for types that the text doesn't declare; may be NULL */
	struct imports imports;
	struct layout_lookup *lookups, **lookups_end;
	struct arena scratch; /* what only reading needs */

	/* token.c */
	struct token token, ahead;
	bool has_ahead;
	bool line_begins;
	bool in_condition;
	bool spans_changed;  /* by hints that were laid over types */
	unsigned in_library; /* declarations of library.c are being read */
	struct input input;
	struct vector expansions;
	size_t floor;	      /* expansions below it are left alone, for now */
	unsigned expanded;    /* words that macros made */
	size_t expanded_text; /* bytes of the text that they are read from */
	unsigned line;
	const char *line_start;
	unsigned site_line, site_column; /* of the outermost macro in use */
	struct symbols symbols;
	struct vector conditions; /* #if groups that are open */
	struct input unread;	  /* a header whose declarations aren't known */

	unsigned depth;
	unsigned types;
	uint32_t pack; /* #pragma pack, bytes; 0: none */
	struct vector packs;
	struct vector derivations, fields, enumerators; /* stacks of nested declarations */
	struct ctype spare;				/* what ctype_new() gives after an error */
	struct ctype *pending;				/* pointers to what was incomplete */
	const struct ctype *last_record;
	struct placed *placed, **placed_end;
	struct match *matches, **matches_end;
	uint64_t n_placed;

	/* rule.c, rule_settle.c */
	const struct scope *scope;
	struct deferred *deferred, **deferred_end;
	const struct deferred *settling;	 /* whose tokens are read now */
	const struct token *replay, *replay_end; /* what of them is to come */
	struct vector kept_tokens;
};

/* Keeps the first error; its place is a token's (evaluated twice). False, for conditions. */
#define parse_error(p, at, ...) parse_refuse(-EINVAL, (p), (at), __VA_ARGS__)
/* The same for a limit of layout.h. */
#define parse_limit(p, at, ...) parse_refuse(-E2BIG, (p), (at), __VA_ARGS__)
#define parse_refuse(with, p, at, ...)                                                             \
	((p)->err ? false                                                                          \
		  : (parse_stop(p,                                                                 \
				diag_set((p)->diag, with, (at)->line, (at)->column, __VA_ARGS__)), \
		     false))
/* Ends the parse with that error, which *diag tells already. */
void parse_stop(struct parser *p, int err);
/* An arena gave none: its reason as the error. */
void parse_no_memory(struct parser *p);
/* Zeroed memory of the layout, or of this parse only; NULL after setting the error. */
void *parse_keep(struct parser *p, size_t n);
void *parse_scratch(struct parser *p, size_t n);
/* A symbol's name, kept with the layout. */
const char *parse_keep_name(struct parser *p, const struct symbol *symbol);
/* The bytes of the string at p->token and of those that follow it, as one: kept, with a NUL behind
 * them; NULL after an error. */
const char *parse_text(struct parser *p, size_t *n);
/* One level deeper; false (and an error) when that is too deep. Paired with parse_leave(). */
bool parse_enter(struct parser *p);
void parse_leave(struct parser *p);
/* A zeroed item of type T at the end, or NULL after setting the error. Moves the others. */
#define vector_push(p, vector, T) ((T *)vector_grow((p), (vector), sizeof(T)))
void *vector_grow(struct parser *p, struct vector *vector, size_t item);
static inline void *vector_at(const struct vector *vector, size_t i)
{
	return vector->data + i * vector->item;
}

/* The grammar. Each begins at p->token and leaves it behind what it took. */
void parse_translation_unit(struct parser *p);
/* Declarations up to the end of the text, or of the piece of it. */
void parse_declarations(struct parser *p);

enum storage { STORAGE_NONE, STORAGE_TYPEDEF, STORAGE_EXTERN, STORAGE_OTHER };

/* What attributes say; see attribute.c. */
struct attributes {
	bool packed;
	unsigned char mode; /* bytes of the integer that it shall be; 0: not said */
	/* bytes; 0: not said. Of several, gcc takes the largest for a member, the last for a type.
	 */
	uint32_t align, last_align;
	uint32_t vector;      /* bytes of a vector; 0: none */
	struct token unknown; /* one that might move bytes, where it isn't a function's */
	struct rules rules;
	struct said said; /* ours */
};

struct specifiers {
	const struct ctype *type;
	enum storage storage;
	bool is_constant; /* constexpr */
	bool anonymous;	  /* a struct or union without tag was defined here */
	bool declares;	  /* a tag: a declaration even without a declarator */
	struct attributes attributes;
};

/* Could the token begin a declaration? */
bool parse_begins_type(const struct token *token);
bool parse_specifiers(struct parser *p, struct specifiers *out);
/* The one that begins with struct, union or enum: a tag, a body, or both. */
void parse_tag(struct parser *p, struct specifiers *out);
/* A declarator: *name is NULL where there is none. Returns the whole type. */
const struct ctype *parse_declarator(struct parser *p, const struct ctype *base,
				     struct attributes *attributes, struct token *name);
/* `type-name` of C, as in sizeof(type-name). */
const struct ctype *parse_type_name(struct parser *p);
/* The body of struct, union or enum, from its '{'; attributes may follow the '}'. */
void parse_fields(struct parser *p, struct ctype *record, struct attributes *attributes);
/* Is it a field of a struct whose '}' hasn't come yet? */
bool parse_is_open_field(const struct parser *p, const char *name);
void parse_enumerators(struct parser *p, struct ctype *type, const struct ctype *underlying,
		       struct attributes *attributes);
/* An enum that a type was given for: complete even without its values. */
void parse_underlying(struct parser *p, struct ctype *type, const struct ctype *underlying,
		      const struct token *at);
/* Skips a balanced group from its opening bracket at p->token. */
void parse_skip_group(struct parser *p);
/* Is p->token the `match` of a declaration (match.h)? If so: takes it. */
bool parse_begins_match(struct parser *p);
void parse_match(struct parser *p);
/* `static_assert(...);` with p->token at the keyword. */
void parse_static_assert(struct parser *p);

/* Any attributes here: __attribute__((..)), [[..]], _Alignas(..), __packed, asm(..). */
void parse_attributes(struct parser *p, struct attributes *attributes);
/* An error when one of them isn't known: it might move bytes. */
void attributes_known(struct parser *p, const struct attributes *attributes);
/* The type with what attributes and hints ask for. */
const struct ctype *attributes_apply(struct parser *p, const struct attributes *attributes,
				     const struct ctype *type);

/* `[[hint]] type.member.member;` with p->token at the first '.'. */
void parse_overlay(struct parser *p, const struct specifiers *specifiers);
/* After the text: numbers the members of what is placed anew, where an overlay asks for it. */
void overlay_end(struct parser *p);

/* An expression without comma or assignment: a number, an object or an address. */
void parse_expression(struct parser *p, struct expr *out);
/* One that is a number, maybe one that live memory holds. */
void parse_number(struct parser *p, struct expr *out);
/* Makes a number the constant that it is; false and an error when it has no value. */
bool expr_settle(struct parser *p, struct expr *out);
/* Both at once. */
bool parse_constant(struct parser *p, struct expr *out);

/* May the name be declared as something new? Else an error. */
bool symbol_is_free(struct parser *p, const struct token *name);
/* How many letters of a must change, be added or dropped to make b; more than limit: any number
 * above it. */
unsigned name_distance(const char *a, const char *b, unsigned limit);
/* "did you mean" for an unknown name: a name of one of these kinds near it, or NULL. */
const char *symbol_near(struct parser *p, const struct symbol *symbol, unsigned kinds);

#endif
