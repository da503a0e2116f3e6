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

struct placed;

enum expr_kind {
	EXPR_CONSTANT,
	EXPR_PLACE,   /* an object: value is its offset within variable (NULL: within nothing) */
	EXPR_ADDRESS, /* a constant address, value, of something of type */
	EXPR_LOAD,    /* the number that stands in a place */
	EXPR_CAST,    /* a, converted to type */
	EXPR_UNARY,   /* op a */
	EXPR_BINARY,  /* a op b */
	EXPR_CONDITIONAL, /* a ? b : c */
};

struct expr {
	enum expr_kind kind;
	unsigned char bits; /* 32 or 64: the width of the value's type */
	bool is_unsigned;
	unsigned short depth;
	unsigned op; /* a token's kind */
	unsigned line, column;
	uint64_t value; /* sign- or zero-extended to 64 bits */
	const struct type *type;
	const struct placed *variable;
	const struct expr *a, *b, *c;
};

/* Where loads come from; read is NULL where only constants have a value. */
struct expr_memory {
	layout_read_fn *read;
	void *context;
	uint64_t size; /* of the region */
};

/*
 * The value, extended to 64 bits by the expression's own signedness.
 * 0; -ERANGE with *diag when it has none; what read returned (with *diag).
 */
int expr_value(const struct expr *expr, const struct expr_memory *memory, uint64_t *value,
	       struct diag *diag);

/* Sets bits and is_unsigned to what a value of the (integer-like) type becomes when it is used. */
void expr_promote(const struct type *type, unsigned char *bits, bool *is_unsigned);

/* The type that a and b are converted to before an operator joins them. */
void expr_common(const struct expr *a, const struct expr *b, unsigned char *bits,
		 bool *is_unsigned);
/* The low bits of value, extended to 64 as the type says. */
uint64_t expr_extend(uint64_t value, unsigned bits, bool is_unsigned);

#endif
