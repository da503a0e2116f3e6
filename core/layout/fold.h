/* SPDX-License-Identifier: MIT */
/* Nodes of expressions while they are read. For operand.c and expression.c. */
#ifndef PEEKFS_LAYOUT_FOLD_H
#define PEEKFS_LAYOUT_FOLD_H

#include "layout/parse.h"

/* A constant of the low bits of value. */
void expr_constant(struct expr *out, const struct token *at, uint64_t value, unsigned char bits,
		   bool is_unsigned);
/* A node of type int that a token makes; the rest is the caller's. */
void expr_node(struct expr *out, enum expr_kind kind, const struct token *at);
/* Turns an object into the number that it holds; false and an error if it holds none. */
bool expr_load(struct parser *p, struct expr *expr);
/* The same of a pointer, for a cast: the address that it holds; false if it is none. */
bool expr_load_address(struct expr *expr);
/*
 * Gives a node its operands (b and c may be NULL): it becomes its value if nothing needs to be
 * read for it, else a tree.
 */
void expr_fold(struct parser *p, struct expr *expr, const struct expr *a, const struct expr *b,
	       const struct expr *c);
/* The object's child of that name, or its index-th; type may be NULL. */
void expr_step(struct parser *p, struct expr *expr, const char *name, uint64_t index,
	       const struct type *type);
/* An operand with what stands before and behind it. */
void parse_unary(struct parser *p, struct expr *out);

#endif
