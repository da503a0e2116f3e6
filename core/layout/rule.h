/* SPDX-License-Identifier: MIT */
/*
 * What a text lets live memory decide: `[[if(..)]]`, `[[count(..)]]`, `@` in a struct and the like,
 * while it is read. For the files behind parse.h; layout/walk.h says what becomes of it.
 *
 * A rule may name what is declared only later: a field behind its own, a variable placed below. So
 * its tokens are kept where it stands, and read as an expression at the end of the text.
 */
#ifndef PEEKFS_LAYOUT_RULE_H
#define PEEKFS_LAYOUT_RULE_H

#include "layout/ctype.h"

struct attributes;
struct parser;

/* The structs whose bodies are being read, from the inside out. */
struct scope {
	struct ctype *record;
	const struct scope *outer;
};

/* An expression that is read at the end. */
struct deferred {
	struct deferred *next;
	struct expr *out;	    /* what it is then; others point to it already */
	const struct token *tokens; /* what it is made of, and the one that ended it */
	size_t n;
	const struct ctype *record; /* whose fields it sees first; NULL: none's */
	const struct scope *outer;  /* the structs that this one stands in */
	const struct type *itself;  /* what `self` is of; NULL: it isn't */
};

/* Those of one declaration, NULL where there is none. */
struct rules {
	const struct expr *when; /* of several: all must hold */
	struct deferred *count, *until, *size, *base;
	const struct ctype *target; /* what an integer leads to */
	bool from_self, absolute;
	struct token at; /* the last of them; kind 0: there is none */
};

/* If name is an attribute of ours: takes what stands in its brackets and returns true. p->token
 * stands behind the name. */
bool rule_attribute(struct parser *p, struct rules *rules, const struct token *name);
/* Takes `@ expression` in a struct: the expression. */
struct deferred *rule_placement(struct parser *p);

/* The type with what the rules say of its values; at: of the declaration. */
const struct ctype *rules_apply(struct parser *p, const struct rules *rules,
				const struct ctype *type);
/* What they say of the member; NULL: nothing. at may be NULL. */
const struct rule *rules_member(struct parser *p, const struct rules *rules, const struct expr *at);
/* What they say of a struct whose body has been read. */
void rules_record(struct parser *p, const struct rules *rules, struct ctype *record);
/* Once it is complete: how long one must be that says its own length. */
void rules_least(struct parser *p, struct ctype *record);
/* The type of a member that takes what room there is. */
const struct ctype *rules_open(struct parser *p, const struct ctype *type, const struct token *at);
/* Members of a struct without a name become the outer one's. from: the first expression that was
 * kept since it began; may be NULL. */
void rules_lift(struct deferred *from, const struct ctype *inner, const struct scope *outer);
/* The rule of a member that is lifted out of a struct which has one itself. Either may be NULL. */
const struct rule *rules_both(struct parser *p, const struct rule *inner, const struct rule *outer);

/* At the end of the text: reads what was kept. */
void rules_settle(struct parser *p);
/* While that is read: what a name stands for besides constants and variables, in two steps; false:
 * nothing. p->token is the name, and stays. */
bool rules_own_name(struct parser *p, struct expr *out);
bool rules_outer_name(struct parser *p, struct expr *out);

#endif
