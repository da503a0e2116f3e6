/* SPDX-License-Identifier: MIT */
/*
 * Integer expressions of C, with C's types: operands promoted to int, unsigned, long or unsigned
 * long, unsigned arithmetic modulo 2^N, signed overflow an error.
 *
 * What is constant is folded when it is made; what is left reads live memory (a place), or has no
 * value (1/0), and is a tree of at most LAYOUT_DEPTH_MAX levels. Immutable once made.
 */
#ifndef PEEKFS_LAYOUT_EXPR_H
#define PEEKFS_LAYOUT_EXPR_H

#include "base/diag.h"
#include "layout/layout.h"

struct walk;
struct trail;

enum expr_kind {
	EXPR_CONSTANT,
	EXPR_PLACE,	  /* an object: see enum expr_base */
	EXPR_ADDRESS,	  /* a constant address, value, of something of type */
	EXPR_LOAD,	  /* the number that stands in a place */
	EXPR_CAST,	  /* a, converted to type */
	EXPR_UNARY,	  /* op a */
	EXPR_BINARY,	  /* a op b */
	EXPR_CONDITIONAL, /* a ? b : c */
};

/*
 * What an object is reached from. Of BASE_NOTHING, as in offsetof, value is its offset. All others
 * are found by walking live memory (walk.h), as what is between may stand anywhere; value is then
 * what to add within text and bytes, which have no children.
 */
enum expr_base {
	BASE_NOTHING,
	BASE_VARIABLE, /* a placed variable */
	BASE_STRUCT,   /* the struct that the expression belongs to */
	BASE_AROUND,   /* name is a member of the nearest struct around that which has it */
	BASE_ITSELF,   /* what the expression is about */
	BASE_STEP,     /* the child of the object a that is called name, or is its index-th */
};

struct expr {
	enum expr_kind kind;
	unsigned char bits; /* 32 or 64: the width of the value's type */
	bool is_unsigned;
	unsigned short depth;
	unsigned op; /* a token's kind */
	unsigned line, column;
	uint64_t value;		 /* sign- or zero-extended to 64 bits */
	const struct type *type; /* of an object NULL: only live memory tells */
	enum expr_base base;
	const char *name; /* for messages; and see enum expr_base */
	uint64_t index;	  /* a variable's number, a child's */
	const struct expr *a, *b, *c;
};

/* Where loads come from. */
struct expr_memory {
	struct walk *walk;
	struct trail *trail; /* down to what the expression belongs to; left as it was */
};

/*
 * The value, extended to 64 bits by the expression's own signedness. memory: NULL where only
 * constants have a value.
 * 0; -ERANGE with *diag when it has none; -E2BIG (walk.h); what read returned (with *diag).
 */
int expr_value(const struct expr *expr, const struct expr_memory *memory, uint64_t *value,
	       struct diag *diag);

/* Does live memory decide it? expr may be NULL: no. */
bool expr_reads_memory(const struct expr *expr);

/* Sets bits and is_unsigned to what a value of the (integer-like) type becomes when it is used. */
void expr_promote(const struct type *type, unsigned char *bits, bool *is_unsigned);

/* The type that a and b are converted to before an operator joins them. */
void expr_common(const struct expr *a, const struct expr *b, unsigned char *bits,
		 bool *is_unsigned);
/* The low bits of value, extended to 64 as the type says. */
uint64_t expr_extend(uint64_t value, unsigned bits, bool is_unsigned);

#endif
