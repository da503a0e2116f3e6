/* SPDX-License-Identifier: MIT */
#include "layout/layout.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "layout/by_offset.h"
#include "layout/marks.h"
#include "layout/parse.h"
#include "layout/walk.h"

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

struct bound {
	atomic_uint refs;
	struct layout *layout;
	uint64_t size;
	struct arena arena;
	struct type root;
	struct marks *marks;
};

struct bound *bound_ref(struct bound *bound)
{
	atomic_fetch_add_explicit(&bound->refs, 1, memory_order_relaxed);
	return bound;
}

void bound_unref(struct bound *bound)
{
	if (!bound || atomic_fetch_sub_explicit(&bound->refs, 1, memory_order_acq_rel) != 1)
		return;
	layout_unref(bound->layout);
	arena_destroy(&bound->arena);
	marks_free(bound->marks);
	free(bound);
}

static void unref_bound(struct bound **bound)
{
	bound_unref(*bound);
}

struct layout *bound_layout(const struct bound *bound)
{
	return bound->layout;
}

struct place bound_root(const struct bound *bound)
{
	return (struct place){.type = &bound->root, .size = bound->size};
}

struct marks *bound_marks(const struct bound *bound)
{
	return bound->marks;
}

uint64_t bound_size(const struct bound *bound)
{
	return bound->size;
}

/* Does live memory say where it stands? */
static bool is_moving(const struct placed *placed)
{
	return placed->rule && placed->rule->at;
}

/* Does it take what room there is? */
static bool takes_room(const struct ctype *type)
{
	return type->open || type->counted ||
	       (type->type.kind == TYPE_ARRAY && walk_is_walked(&type->type));
}

/* The array whose bound is open or comes from memory, with as many elements as fit, wherever it
 * stands. */
static int fill(struct bound *bound, const struct placed *placed, const struct ctype *element,
		uint64_t room, const struct type **out, struct diag *diag)
{
	struct type *type = arena_alloc(&bound->arena, sizeof(*type));
	uint64_t span;
	char bracket[32];

	if (!type)
		return diag_no_memory(diag);
	*type = placed->type->type;
	type->open = is_moving(placed) || walk_is_walked(type);
	if (!element->type.size)
		return diag_set(
			diag, -EINVAL, placed->line, placed->column,
			"'%s' has no bytes (members placed by @ don't count), so any number "
			"of it fits: write [1], or no brackets",
			element->type.name);
	if (placed->type->open || placed->type->counted || type->length > room / element->type.size)
		type->length = room / element->type.size;
	type->size = type->open ? 0 : type->length * element->type.size;
	if (__builtin_mul_overflow(type->length, element->type.span, &span) ||
	    span >= LAYOUT_SPAN_MAX)
		return diag_set(diag, -E2BIG, placed->line, placed->column,
				"%lu times '%s' fit: more files than the %llu of a layout",
				(unsigned long)type->length, element->type.name, LAYOUT_SPAN_MAX);
	type->span = span + 1;
	snprintf(bracket, sizeof(bracket), "[%lu]", (unsigned long)type->length);
	type->name = ctype_derive_name(&bound->arena, element, bracket);
	if (!type->name)
		return diag_no_memory(diag);
	*out = type;
	return 0;
}

/* Open text: all bytes that are left. */
static int fill_text(struct bound *bound, const struct placed *placed, uint64_t room,
		     const struct type **out, struct diag *diag)
{
	struct type *type = arena_alloc(&bound->arena, sizeof(*type));

	if (!type)
		return diag_no_memory(diag);
	*type = placed->type->type;
	type->open = is_moving(placed) || type->live;
	type->size = type->open ? 0 : room;
	*out = type;
	return 0;
}

static int bind_variable(struct bound *bound, const struct placed *placed, struct member *member,
			 struct diag *diag)
{
	const struct type *type = &placed->type->type;
	uint64_t room = bound->size - placed->offset;
	int err = 0;

	if (placed->offset > bound->size)
		return diag_set(diag, -EINVAL, placed->line, placed->column,
				"'%s' is placed at %lu, but the region has only %lu bytes",
				placed->name, (unsigned long)placed->offset,
				(unsigned long)bound->size);
	if (type->kind == TYPE_ARRAY && takes_room(placed->type))
		err = fill(bound, placed, ctype_of(type->element), room, &type, diag);
	else if (placed->type->open)
		err = fill_text(bound, placed, room, &type, diag);
	else if (type->size > room)
		err = diag_set(diag, -EINVAL, placed->line, placed->column,
			       "'%s' needs %lu bytes at %lu, but the region has only %lu",
			       placed->name, (unsigned long)type->size,
			       (unsigned long)placed->offset, (unsigned long)bound->size);
	if (err)
		return err;
	*member = (struct member){
		.name = placed->name, .type = type, .offset = placed->offset, .rule = placed->rule};
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct member *x = *(const struct member *const *)a;
	const struct member *y = *(const struct member *const *)b;

	return strcmp(x->name, y->name);
}

static int make_root(struct bound *bound, const struct placed *placed, struct diag *diag)
{
	struct type *root = &bound->root;
	struct member *members;
	const struct member **sorted;
	const struct type *anywhere;
	size_t n = 0;

	for (const struct placed *at = placed; at; at = at->next)
		n++;
	members = arena_alloc(&bound->arena, (n + 1) * sizeof(*members));
	sorted = arena_alloc(&bound->arena, (n + 1) * sizeof(struct member *));
	if (!members || !sorted)
		return diag_no_memory(diag);
	*root = (struct type){.kind = TYPE_STRUCT, .align = 1, .span = 1, .name = "region"};
	root->size = bound->size;
	root->members = members;
	root->by_name = sorted;
	for (; placed; placed = placed->next) {
		struct member *member = &members[root->n_members];
		int err = bind_variable(bound, placed, member, diag);

		if (err)
			return err;
		member->ordinal = root->span;
		root->span += member->type->span;
		root->varies |= member->type->varies || member->rule;
		if (root->span > LAYOUT_SPAN_MAX)
			return diag_set(diag, -E2BIG, placed->line, placed->column,
					"with '%s' the layout has more files than its %llu",
					placed->name, LAYOUT_SPAN_MAX);
		sorted[root->n_members++] = member;
	}
	if (by_offset_make(&bound->arena, root, LAYOUT_SPAN_MAX - root->span, &anywhere) < 0)
		return diag_no_memory(diag);
	if (anywhere) {
		sorted[n] = &members[n];
		members[n] = (struct member){BY_OFFSET_NAME, anywhere, 0, root->span, NULL};
		root->span += anywhere->span;
		root->n_members++;
	}
	qsort(sorted, root->n_members, sizeof(struct member *), by_name);
	return 0;
}

int layout_bind(struct layout *layout, uint64_t size, struct bound **out, struct diag *diag)
{
	CLEANUP(unref_bound) struct bound *bound = calloc(1, sizeof(*bound));
	struct ctype records = {.open = true, .type = {.kind = TYPE_ARRAY}};
	struct placed everywhere = {.name = "records", .type = &records};
	int err;

	if (!bound)
		return diag_no_memory(diag);
	bound->refs = 1;
	bound->layout = layout_ref(layout);
	bound->size = size;
	bound->arena = ARENA_INIT(LAYOUT_ARENA_MAX);
	bound->marks = marks_new();
	if (!bound->marks)
		return diag_no_memory(diag);
	if (!layout->placed) {
		records.type.element = &layout->record->type;
		records.type.align = layout->record->type.align;
	}
	err = make_root(bound, layout->placed ? layout->placed : &everywhere, diag);
	if (err)
		return err;
	*out = TAKE(bound);
	return 0;
}

int bound_count(const struct bound *bound, const struct place *place, layout_read_fn *read,
		void *context, uint64_t *count, struct diag *diag)
{
	struct trail trail;
	struct walk walk;

	walk_begin(&walk, bound, read, context, diag);
	trail_begin(&walk, &trail);
	if (place->ordinal)
		trail.at[trail.n++] = *place;
	return walk_count(&walk, &trail, count);
}
