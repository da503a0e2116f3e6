/* SPDX-License-Identifier: MIT */
/*
 * Whether what the mount shows of a record is what a program says that its record is. Nothing here
 * is peekfs's: values, escapes, JSON and tables are read by code of the tests' own, by what
 * peekfs-layout(5) and the headers in core/view promise. For one thread; ends the process when
 * memory does.
 */
#ifndef PEEKFS_TESTS_AGREE_H
#define PEEKFS_TESTS_AGREE_H

#include <stdbool.h>
#include <stddef.h>

/* A member as the program printed it (truth.h), and what `fields` says of it. */
struct node {
	char letter;
	char *name;
	char *value;  /* of a scalar, as printed */
	size_t bytes; /* of c s B l w: how many there are */
	struct node *parent;
	struct node *child;
	size_t n, cap;
	char *text; /* what its file in `fields` says, without the newline; NULL: nothing yet */
};

/* Things that are compared, and how often they were and failed. */
enum topic { FIELDS, JSON, RAW, CSV, JSONL, TXT, BACK, OTHER, PADDING, TOPICS };

/* agree.c. One more comparison; if it failed, says where: the first few of a topic. */
__attribute__((format(printf, 4, 5))) bool check(enum topic topic, bool holds,
						 const struct node *where, const char *why, ...);
void *must(void *memory);
/* All of a file, with a NUL behind it, for free(); NULL and errno. promised: what fstat(2) says of
 * its size, may be NULL. */
char *slurp(const char *path, size_t *n, size_t *promised);

/* agree_truth.c */

/* What the program printed to that file; the root has no name, and `v` and `one` as children. */
struct node *truth_read(const char *path);
void truth_free(struct node *root);
bool node_is_directory(const struct node *node);
/* Its path from `fields`, with such a character between names; a static text. */
const char *node_path(const struct node *node, char between);
/* The bytes that a c, s, B, l or w has in memory, of a text without what is behind its NUL; to has
 * room for node->bytes. */
size_t node_bytes(const struct node *node, unsigned char *to);

/* agree_text.c */

/* Whether the text of a file in `fields` is this value, in one of its forms. */
bool text_is_value(const struct node *node, const char *text);
/* Whether a JSON string or number of a float, or one of them in `fields`, has those bits. */
bool text_is_float(const struct node *node, const char *text);
/* Whether it is as short as any that reads back to the same bits. */
bool text_is_shortest(const struct node *node, const char *text);

/* agree_json.c. Each member in order, nothing else. true, or says why not. */
bool json_is(enum topic topic, const char *text, const struct node *node);
/* A line of .jsonl without its newline. */
bool json_row_is(const char *text, const struct node *element);

/* agree_table.c. The files of `tables` at that path: which there are, and each in full. */
void tables_are(const char *path, const struct node *root);

#endif
