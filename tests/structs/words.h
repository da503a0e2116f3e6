/* SPDX-License-Identifier: MIT */
/*
 * What the files that make random structs share; nobody else includes it. words.c has the types
 * that a member can be of, structs.c declares members of them, show.c writes for each the statement
 * that shows it. What they write goes into structs.text and structs.show; a failure to find memory
 * ends the process.
 */
#ifndef PEEKFS_TESTS_WORDS_H
#define PEEKFS_TESTS_WORDS_H

#include "structs.h"

/* How a value is shown: by the macro of that name in truth.h. */
enum sort {
	NUMBER,
	CHAR,
	UCHAR,
	BOOL,
	FLOAT,
	WIDE,
	ENUM,
	POINTER,
	HEX,
	SWAPPED,
	SWAPPED_FLOAT,
	TIME
};

/* A type that a declaration can begin with. */
struct word {
	char *text;
	unsigned char bits;	  /* of a bit-field of it at most; 0: it can't be one */
	bool number;		  /* has a sign */
	bool no_array;		  /* aligned more than its size: C has no array of it */
	unsigned char dimensions; /* of a typedef of an array; each has at least 2 elements */
	enum sort sort;		  /* of what it is in the end */
	unsigned which;		  /* of an enum: its number */
};

void *must(void *memory);

/* A random number below n; true once in n times; a power of two up to that of most. */
unsigned below(struct structs *s, unsigned n);
bool one_in(struct structs *s, unsigned n);
unsigned power(struct structs *s, unsigned most);

void add_leaf(struct structs *s, enum leaf_kind kind, const char *path);

/* One of C's types, or one that was made before; valid until the next is made. */
const struct word *some_word(struct structs *s);
/* Declares an enum, or a typedef, as one word more. */
void put_enum(struct structs *s);
void put_typedef(struct structs *s);
/* A bound of at least 2, in one of the ways that C can say it. */
void put_bound(struct structs *s);

/*
 * Statements of the program that shows every member, see truth.h; structs.access is how C names
 * what the member is in. name: of the member; dimensions: of an array of the word.
 */
void show_member(struct structs *s, const char *name, unsigned dimensions, const struct word *word);
void show_bits(struct structs *s, const char *name, const struct word *word);
/* A member of the number-th struct from above. */
void show_earlier(struct structs *s, const char *name, unsigned dimensions, size_t number);
/* Goes down to a struct that is a member, or to the elements of an array of it; and back. */
void show_enter(struct structs *s, const char *name, bool array);
void show_leave(struct structs *s, bool array, size_t length);

#endif
