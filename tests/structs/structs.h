/* SPDX-License-Identifier: MIT */
/*
 * Random C: struct declarations of every kind that a layout can hold, with a list of what is in
 * them. Two readers of the same text (a compiler and ours) can then be compared leaf by leaf. The
 * list comes from the generator, so that a reader can't hide what it has lost.
 */
#ifndef PEEKFS_TESTS_STRUCTS_H
#define PEEKFS_TESTS_STRUCTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum leaf_kind {
	LEAF_OTHER,    /* has an offset and a size */
	LEAF_NUMBER,   /* and a sign */
	LEAF_BITS,     /* has bits and a sign */
	LEAF_FLEXIBLE, /* has an offset */
	LEAF_CONSTANT, /* of an enum: has a value; path is its name, record the number of its enum
			*/
};

struct leaf {
	enum leaf_kind kind;
	unsigned record; /* which of structs.records */
	char *path;	 /* as C writes it: "a.b[1].c" */
};

struct record {
	char *name;	   /* as a type is written: "struct S3", "T3" */
	size_t first, end; /* its leaves */
	bool flexible;
	unsigned weight; /* structs that it is made of, so that they don't grow beyond all bounds */
};

struct structs {
	struct buf text;
	struct buf show; /* a function show_N() for each record, which shows all its members:
			    truth.h */
	struct record *records;
	struct leaf *leaves;
	size_t n_records, n_leaves;
	/* what only the generator needs */
	uint64_t random;
	bool quirks;
	unsigned names, weight, loops;
	struct buf access; /* how C names what is declared now */
	size_t cap_records, cap_leaves;
	struct word *words;
	size_t n_words;
};

/*
 * n structs and unions that a seed stands for. quirks: with the constructs on which gcc and clang
 * are known to disagree (see core/layout/record.c). Ends the process when memory does.
 */
void structs_make(struct structs *structs, uint64_t seed, size_t n, bool quirks);
void structs_destroy(struct structs *structs);
/* The path of a leaf as directories: '.' and '[' become '/'. */
void structs_path(const struct leaf *leaf, char *to, size_t n);

#endif
