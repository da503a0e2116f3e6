/* SPDX-License-Identifier: MIT */
/*
 * What variables of programs say about a region, and the layout that follows from it.
 *
 * Candidates are ordered: a struct or union before a scalar before text before what tells nothing
 * (void *); then a global variable before a static one before a local one; then the nearest to
 * offset 0; then the one of most elements; then the one found first. In this order each is placed
 * that fits the region and doesn't overlap what is placed already. One that points to another
 * element of an array that is placed says nothing new; if it points before it, the array begins
 * there. A scalar behind a struct is taken for a part of it, and text is placed alone. Of programs
 * that disagree about a type, the one of the best candidate counts.
 *
 * How many: the bound that the type has (a pointer to an array); else as many as fit in front of
 * the next variable, or to the region's end. When one fits it is a single struct, no array. So is
 * what stands at offset 0 in front of others: it is taken for a header.
 */
#ifndef PEEKFS_VIEW_CANDIDATE_H
#define PEEKFS_VIEW_CANDIDATE_H

#include <sys/types.h>

#include "layout/debug.h"
#include "layout/spell.h"
#include "layout/variable.h"
#include "region/region.h"

struct candidate {
	struct spelled spelled;
	const struct type *type; /* that the lookup finds; NULL: there is none to do */
	struct debug *debug;	 /* a reference: where the type lives */
	enum variable_kind kind;
	uint64_t offset; /* into the region */
	char *path;	 /* as C writes the pointer: "state.students" */
	char *function;	 /* that a local one is in; NULL */
	char *program;	 /* the path of its file */
	struct process process;
	pid_t tid;     /* of a local one: its thread; else 0 */
	char comm[16]; /* of that thread */
	bool placed;
	unsigned order; /* in which they were found */
};

#define CANDIDATES_MAX 64

struct candidates {
	struct candidate *all;
	size_t n;
	size_t left_out; /* beyond CANDIDATES_MAX */
};

/* Takes over *candidate: adds it, or frees it when an equal one is there or there are too many.
 * 0; -ENOMEM. */
int candidates_add(struct candidates *candidates, struct candidate *candidate);
void candidate_free(struct candidate *candidate);	/* what it owns */
void candidates_destroy(struct candidates *candidates); /* takes a zeroed one */

/* Orders them, chooses which are placed in a region of size bytes, and appends the text of the
 * layout to out; nothing when none is. -ENOMEM is out's. */
void candidates_place(struct candidates *candidates, uint64_t size, struct buf *out);

/* A reader (layout/reader.h) of the types that candidates point to. context: the candidates. */
extern const struct reader_ops candidates_reader;

/* What a person is told of one: "struct STU @ 64: global state.all of /usr/bin/x, pid 5". */
void candidate_tell(const struct candidate *candidate, struct buf *out);

#endif
