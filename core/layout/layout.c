/* SPDX-License-Identifier: MIT */
#include "layout/layout_inside.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

struct layout {
	atomic_uint refs;
	struct arena arena;
	const char *text;
	size_t length;
	struct placed *placed; /* NULL: records of the last struct */
	const struct ctype *record;
	const struct match *matches;
	const struct layout_lookup *lookups;
	const char *awaits; /* see layout_awaits() */
};

static void free_layout(struct layout *layout)
{
	arena_destroy(&layout->arena);
	free(layout);
}

struct layout *layout_ref(struct layout *layout)
{
	atomic_fetch_add_explicit(&layout->refs, 1, memory_order_relaxed);
	return layout;
}

void layout_unref(struct layout *layout)
{
	if (layout && atomic_fetch_sub_explicit(&layout->refs, 1, memory_order_acq_rel) == 1)
		free_layout(layout);
}

static void unref_layout(struct layout **layout)
{
	layout_unref(*layout);
}

const char *layout_text(const struct layout *layout, size_t *n)
{
	if (n)
		*n = layout->length;
	return layout->text;
}

const struct layout_lookup *layout_lookups(const struct layout *layout)
{
	return layout->lookups;
}

const struct match *layout_match(const struct layout *layout)
{
	return layout->matches;
}

static int parse(struct layout *layout, const struct reader *reader, struct diag *diag)
{
	struct parser p = {
		.diag = diag,
		.reader = reader,
		.kept = &layout->arena,
		.scratch = ARENA_INIT(LAYOUT_ARENA_MAX),
	};

	p.placed_end = &p.placed;
	p.lookups_end = &p.lookups;
	p.matches_end = &p.matches;
	p.deferred_end = &p.deferred;
	token_begin(&p, layout->text, layout->length);
	parse_translation_unit(&p);
	layout->placed = p.placed;
	layout->record = p.last_record;
	layout->matches = p.matches;
	layout->lookups = p.lookups;
	free(p.imports.todo.data);
	free(p.expansions.data);
	free(p.conditions.data);
	free(p.packs.data);
	free(p.derivations.data);
	free(p.fields.data);
	free(p.kept_tokens.data);
	free(p.enumerators.data);
	arena_destroy(&p.scratch);
	return p.err;
}

/* The text, not read yet: 0 and *out. */
static int begin_layout(const char *text, size_t n, struct layout **out, struct diag *diag)
{
	CLEANUP(unref_layout) struct layout *layout = NULL;

	if (n > LAYOUT_TEXT_MAX)
		return diag_set(diag, -E2BIG, 0, 0, "the text has more than 1 MiB");
	layout = calloc(1, sizeof(*layout));
	if (!layout)
		return diag_no_memory(diag);
	layout->refs = 1;
	layout->arena = ARENA_INIT(LAYOUT_ARENA_MAX);
	layout->length = n;
	layout->text = arena_copy(&layout->arena, text, n);
	if (!layout->text)
		return diag_no_memory(diag);
	*out = TAKE(layout);
	return 0;
}

int layout_parse(const char *text, size_t n, struct layout **out, struct diag *diag)
{
	return layout_parse_with(text, n, NULL, out, diag);
}

int layout_parse_with(const char *text, size_t n, const struct reader *reader, struct layout **out,
		      struct diag *diag)
{
	CLEANUP(unref_layout) struct layout *layout = NULL;
	struct diag unheard;
	int err = begin_layout(text, n, &layout, diag);

	if (err == 0)
		err = parse(layout, reader, diag ? diag : &unheard);
	if (err)
		return err;
	*out = TAKE(layout);
	return 0;
}

/* The reader of who can ask nobody yet: it only keeps what it is asked for. */
static int find_later(void *context, const struct reader_name *name, struct reader_found *out,
		      struct diag *diag)
{
	struct layout *layout = context;
	const char *word = reader_word_text(name->word);
	size_t n = strlen(word);
	char *awaits = arena_alloc(&layout->arena, n + name->length + 1);

	(void)out;
	(void)diag;
	if (!awaits)
		return -ENOMEM;
	memcpy(awaits, word, n);
	memcpy(awaits + n, name->name, name->length);
	awaits[n + name->length] = 0;
	layout->awaits = awaits;
	return -EAGAIN;
}

int layout_parse_ahead(const char *text, size_t n, struct layout **out, struct diag *diag)
{
	static const struct reader_ops later = {.find = find_later};
	CLEANUP(unref_layout) struct layout *layout = NULL;
	struct diag unheard;
	int err = begin_layout(text, n, &layout, diag);

	if (err == 0)
		err = parse(layout, &(struct reader){&later, layout}, diag ? diag : &unheard);
	if (err && err != -EAGAIN)
		return err;
	*out = TAKE(layout);
	return 0;
}

const char *layout_awaits(const struct layout *layout)
{
	return layout->awaits;
}

const struct placed *layout_placed(const struct layout *layout, const struct ctype **record)
{
	*record = layout->record;
	return layout->placed;
}
