/* SPDX-License-Identifier: MIT */
#include "view/candidate.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

/* A candidate that gets a place. */
struct placing {
	struct candidate *candidate;
	uint64_t offset;
	uint64_t count; /* 0: as many as fit; 1: no array, unless it has bounds */
	char name[64];
};

void candidate_free(struct candidate *candidate)
{
	spell_free(&candidate->spelled);
	free(candidate->path);
	free(candidate->function);
	free(candidate->program);
	debug_unref(candidate->debug);
	*candidate = (struct candidate){0};
}

void candidates_destroy(struct candidates *candidates)
{
	for (size_t i = 0; i < candidates->n; i++)
		candidate_free(&candidates->all[i]);
	free(candidates->all);
	*candidates = (struct candidates){0};
}

static bool same_text(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && (a->len == 0 || !memcmp(a->data, b->data, a->len));
}

static bool same_type(const struct candidate *a, const struct candidate *b)
{
	return same_text(&a->spelled.type, &b->spelled.type) &&
	       same_text(&a->spelled.bounds, &b->spelled.bounds) &&
	       a->spelled.size == b->spelled.size;
}

/* One name for two shapes, of programs that disagree: a layout can have only one of them. */
static bool disagree(const struct candidate *a, const struct candidate *b)
{
	char where[160];

	return a->type && b->type && same_text(&a->spelled.lookup, &b->spelled.lookup) &&
	       debug_differ(a->type, b->type, where, sizeof(where));
}

/* The same variable of another process, of another thread, or seen from a deeper frame. */
static bool are_equal(const struct candidate *a, const struct candidate *b)
{
	return a->kind == b->kind && a->offset == b->offset && !strcmp(a->path, b->path) &&
	       !strcmp(a->program, b->program) && same_type(a, b) &&
	       !strcmp(a->function ? a->function : "", b->function ? b->function : "");
}

int candidates_add(struct candidates *candidates, struct candidate *candidate)
{
	struct candidate *all = NULL;
	int r = 0;

	for (size_t i = 0; i < candidates->n; i++)
		if (are_equal(&candidates->all[i], candidate))
			goto drop;
	if (candidates->n == CANDIDATES_MAX) {
		candidates->left_out++;
		goto drop;
	}
	all = reallocarray(candidates->all, candidates->n + 1, sizeof(*all));
	if (!all) {
		r = -ENOMEM;
		goto drop;
	}
	candidate->order = (unsigned)candidates->n;
	candidates->all = all;
	all[candidates->n++] = *candidate;
	*candidate = (struct candidate){0};
drop:
	candidate_free(candidate);
	return r;
}

static int compare(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->spelled.worth != y->spelled.worth)
		return x->spelled.worth < y->spelled.worth ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	if (x->spelled.elements != y->spelled.elements)
		return x->spelled.elements > y->spelled.elements ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static bool overlap(const struct placing *placing, const struct candidate *candidate)
{
	return placing->offset < candidate->offset + candidate->spelled.size &&
	       candidate->offset < placing->offset + placing->candidate->spelled.size;
}

/* Whether it points to an element of what is placed, as an array, or of what would be. */
static bool is_element(const struct placing *placing, const struct candidate *candidate)
{
	uint64_t distance = placing->offset > candidate->offset
				    ? placing->offset - candidate->offset
				    : candidate->offset - placing->offset;

	return same_type(placing->candidate, candidate) && distance % candidate->spelled.size == 0;
}

/* Whether it points into what may be an array of structs: to a member, or a byte. */
static bool is_part(const struct placing *placing, const struct candidate *candidate)
{
	return candidate->spelled.worth == SPELL_TEXT ||
	       (candidate->spelled.worth == SPELL_SCALAR &&
		placing->candidate->spelled.worth == SPELL_RECORD &&
		candidate->offset > placing->offset);
}

/* The array begins earlier than its first candidate said. */
static void move_to(struct placing *placing, struct candidate *candidate)
{
	placing->candidate->placed = false;
	candidate->placed = true;
	placing->candidate = candidate;
	placing->offset = candidate->offset;
}

/* Whether it gets a new place among those before it. */
static bool choose(struct placing *placings, size_t n, struct candidate *candidate, uint64_t size)
{
	bool fits = candidate->spelled.worth != SPELL_NOTHING && candidate->spelled.size &&
		    candidate->offset <= size &&
		    candidate->spelled.size <= size - candidate->offset;

	for (size_t i = 0; fits && i < n; i++) {
		if (disagree(placings[i].candidate, candidate))
			return false;
		if (is_element(&placings[i], candidate)) {
			if (candidate->offset < placings[i].offset)
				move_to(&placings[i], candidate);
			return false;
		}
		if (overlap(&placings[i], candidate) || is_part(&placings[i], candidate))
			return false;
	}
	if (fits)
		placings[n] = (struct placing){.candidate = candidate, .offset = candidate->offset};
	return fits;
}

static int by_offset(const void *a, const void *b)
{
	const struct placing *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* How many elements there are between it and what comes next. */
static void measure(struct placing *placing, const struct placing *next, uint64_t size)
{
	uint64_t room = (next ? next->offset : size) - placing->offset;
	uint64_t fit = room / placing->candidate->spelled.size;

	if (placing->candidate->spelled.bounds.len || fit <= 1 || (next && placing->offset == 0))
		placing->count = 1;
	else
		placing->count = next ? fit : 0;
}

/* The variable's name, as an identifier that no other has. */
static void name(struct placing *placings, size_t i)
{
	struct placing *placing = &placings[i];
	const char *from = placing->candidate->path;
	size_t n = 0;
	bool fits;

	for (; *from && n < sizeof(placing->name) - 6; from++) {
		fits = isalnum((unsigned char)*from) || *from == '_';

		if (fits && n == 0 && isdigit((unsigned char)*from))
			placing->name[n++] = '_';
		if (fits)
			placing->name[n++] = *from;
		else if (n > 0 && placing->name[n - 1] != '_')
			placing->name[n++] = '_';
	}
	while (n > 0 && placing->name[n - 1] == '_')
		n--;
	placing->name[n] = '\0';
	fits = n > 0 && spell_may_name(placing->name, n);
	for (size_t j = 0; j < i && fits; j++)
		fits = strcmp(placings[j].name, placing->name) != 0;
	if (fits)
		return;
	placing->name[n] = '_';
	placing->name[n + 1] = (char)('a' + i % 26);
	placing->name[n + 2] = (char)('a' + i / 26);
	placing->name[n + 3] = '\0';
}

static const char *kind_name(enum variable_kind kind)
{
	static const char *const names[] = {
		[VARIABLE_GLOBAL] = "global",
		[VARIABLE_STATIC] = "static",
		[VARIABLE_LOCAL] = "local",
	};

	return names[kind];
}

/* A name in a comment: nothing that could end it. */
static void put_plain(struct buf *out, const char *text)
{
	for (; *text; text++)
		buf_putc(out,
			 isalnum((unsigned char)*text) || strchr("_.+-[]", *text) ? *text : '?');
}

static void put_comment(const struct candidate *candidate, struct buf *out)
{
	const char *base = strrchr(candidate->program, '/');

	buf_printf(out, "/* %s ", kind_name(candidate->kind));
	put_plain(out, candidate->path);
	if (candidate->function) {
		buf_puts(out, " in ");
		put_plain(out, candidate->function);
	}
	buf_puts(out, " of ");
	put_plain(out, base ? base + 1 : candidate->program);
	buf_puts(out, " */\n");
}

static void put_placing(const struct placing *placing, struct buf *out)
{
	const struct spelled *spelled = &placing->candidate->spelled;

	buf_put(out, spelled->type.data, spelled->type.len);
	if (out->data[out->len - 1] != '*')
		buf_putc(out, ' ');
	buf_puts(out, placing->name);
	if (placing->count == 0)
		buf_puts(out, "[]");
	else if (placing->count > 1)
		buf_printf(out, "[%lu]", (unsigned long)placing->count);
	if (spelled->bounds.len)
		buf_put(out, spelled->bounds.data, spelled->bounds.len);
	buf_printf(out, " @ %lu;\n", (unsigned long)placing->offset);
}

/* `debuginfo` for each type that must be looked up, once. */
static void put_lookups(const struct placing *placings, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		const struct buf *lookup = &placings[i].candidate->spelled.lookup;
		bool known = lookup->len == 0;

		for (size_t j = 0; j < i && !known; j++)
			known = same_text(&placings[j].candidate->spelled.lookup, lookup);
		if (known)
			continue;
		buf_puts(out, "debuginfo ");
		buf_put(out, lookup->data, lookup->len);
		buf_puts(out, ";\n");
	}
}

void candidates_place(struct candidates *candidates, uint64_t size, struct buf *out)
{
	struct placing placings[CANDIDATES_MAX];
	size_t n = 0;

	if (candidates->n)
		qsort(candidates->all, candidates->n, sizeof(*candidates->all), compare);
	for (size_t i = 0; i < candidates->n; i++) {
		if (!choose(placings, n, &candidates->all[i], size))
			continue;
		candidates->all[i].placed = true;
		n++;
	}
	if (n == 0)
		return;
	qsort(placings, n, sizeof(*placings), by_offset);
	for (size_t i = 0; i < n; i++) {
		measure(&placings[i], i + 1 < n ? &placings[i + 1] : NULL, size);
		name(placings, i);
	}
	buf_puts(out, "/* Found by debug information; `info` tells more. */\n");
	put_lookups(placings, n, out);
	for (size_t i = 0; i < n; i++) {
		put_comment(placings[i].candidate, out);
		put_placing(&placings[i], out);
	}
}

static void keep_it(void *owner)
{
	(void)owner;
}

static int find_type(void *context, const struct reader_name *name, struct reader_found *out,
		     struct diag *diag)
{
	const struct candidates *candidates = context;
	const char *word = reader_word_text(name->word);
	size_t length = strlen(word);

	(void)diag;
	for (size_t i = 0; i < candidates->n; i++) {
		const struct candidate *candidate = &candidates->all[i];
		const struct buf *lookup = &candidate->spelled.lookup;

		if (!candidate->placed || !candidate->type ||
		    lookup->len != length + name->length ||
		    memcmp(lookup->data, word, length) != 0 ||
		    memcmp(lookup->data + length, name->name, name->length) != 0)
			continue;
		*out = (struct reader_found){candidate->type, NULL, keep_it};
		return 0;
	}
	return -ENOENT;
}

const struct reader_ops candidates_reader = {.find = find_type};

void candidate_tell(const struct candidate *candidate, struct buf *out)
{
	const struct spelled *spelled = &candidate->spelled;
	const char *path = candidate->path, *function = candidate->function;

	if (spelled->type.len)
		text_escape(out, spelled->type.data, spelled->type.len);
	else
		buf_puts(out, "void");
	if (spelled->bounds.len)
		buf_put(out, spelled->bounds.data, spelled->bounds.len);
	buf_printf(out, " @ %lu: %s ", (unsigned long)candidate->offset,
		   kind_name(candidate->kind));
	text_escape(out, path, strlen(path));
	if (function) {
		buf_puts(out, " in ");
		text_escape(out, function, strlen(function));
	}
	buf_puts(out, " of ");
	text_escape(out, candidate->program, strlen(candidate->program));
	buf_printf(out, ", pid %d", candidate->process.pid);
	if (candidate->tid) {
		buf_printf(out, ", thread %d (", candidate->tid);
		text_escape(out, candidate->comm,
			    strnlen(candidate->comm, sizeof(candidate->comm)));
		buf_putc(out, ')');
	}
}
