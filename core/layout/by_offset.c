/* SPDX-License-Identifier: MIT */
#include "layout/by_offset.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static const struct hints hidden = {.hidden = true};

/* The types of records that pointers lead to; those from `done` on have pointers themselves that
 * weren't looked at. */
struct search {
	const struct type *found[BY_OFFSET_TYPES_MAX];
	size_t n, done;
	const struct member **seen; /* of records that were looked into: a hash, NULL where free */
	size_t n_seen, cap_seen;    /* cap: 0 or a power of two */
	bool failed;
};

static size_t slot_of(const struct search *search, const struct member *members)
{
	size_t at = (size_t)((uintptr_t)members * UINT64_C(0x9e3779b97f4a7c15) >> 32);

	while (search->seen[at & (search->cap_seen - 1)] &&
	       search->seen[at & (search->cap_seen - 1)] != members)
		at++;
	return at & (search->cap_seen - 1);
}

static bool grow(struct search *search)
{
	struct search larger = {.cap_seen = search->cap_seen ? 2 * search->cap_seen : 64};

	larger.seen = calloc(larger.cap_seen, sizeof(struct member *));
	if (!larger.seen)
		return false;
	for (size_t i = 0; i < search->cap_seen; i++)
		if (search->seen[i])
			larger.seen[slot_of(&larger, search->seen[i])] = search->seen[i];
	free(search->seen);
	search->seen = larger.seen;
	search->cap_seen = larger.cap_seen;
	return true;
}

/* False: it was there already, or there is no memory. */
static bool see(struct search *search, const struct type *record)
{
	size_t at;

	if (2 * search->n_seen >= search->cap_seen && !grow(search)) {
		search->failed = true;
		return false;
	}
	at = slot_of(search, record->members);
	if (search->seen[at] || !record->members)
		return false;
	search->seen[at] = record->members;
	search->n_seen++;
	return true;
}

/* What its directory is called; NULL: it has no name. */
static const char *name_of(const struct type *record)
{
	const char *blank = strchr(record->name, ' ');
	const char *name = record->name;

	if (blank && (!strncmp(name, "struct ", 7) || !strncmp(name, "union ", 6)))
		name = blank + 1;
	if (!*name || *name == '.' || !strcmp(name, "struct") || !strcmp(name, "union") ||
	    strchr(name, '/') || strlen(name) > NAME_MAX)
		return NULL;
	return name;
}

/* Two of one name would be two files of one name: the first is it. */
static void find(struct search *search, const struct type *record)
{
	const char *name = name_of(record);

	if (!name || !record->size || search->n == BY_OFFSET_TYPES_MAX)
		return;
	for (size_t i = 0; i < search->n; i++)
		if (!strcmp(name_of(search->found[i]), name))
			return;
	search->found[search->n++] = record;
}

/* Looks for pointers in a type. It nests as deep as a layout may; what they lead to has its turn
 * later. */
static void look(struct search *search, const struct type *type)
{
	while (type->kind == TYPE_ARRAY)
		type = type->element;
	if (type_is_record(type)) {
		if (!see(search, type))
			return;
		for (size_t i = 0; i < type->n_members; i++)
			look(search, type->members[i].type);
		return;
	}
	if ((type->kind != TYPE_POINTER && type->kind != TYPE_INTEGER) || !type->target)
		return;
	type = type->target;
	while (type->kind == TYPE_ARRAY)
		type = type->element;
	if (type_is_record(type))
		find(search, type);
}

/* The array of all places where a record could begin; NULL: without memory, or none can. */
static struct type *array_of(struct arena *arena, const struct type *record, uint64_t size)
{
	uint64_t stride = record->align ? record->align : 1, least = type_least(record);
	struct type *array = size < least ? NULL : arena_alloc(arena, sizeof(*array));

	if (!array)
		return NULL;
	*array = (struct type){.kind = TYPE_ARRAY, .align = record->align, .name = record->name};
	array->element = record;
	array->length = (size - least) / stride + 1;
	array->stride = stride;
	array->varies = true;
	if (__builtin_mul_overflow(array->length, record->span, &array->span) ||
	    __builtin_add_overflow(array->span, 1u, &array->span))
		array->span = UINT64_MAX;
	return array;
}

static int by_name(const void *a, const void *b)
{
	const struct member *x = *(const struct member *const *)a;
	const struct member *y = *(const struct member *const *)b;

	return strcmp(x->name, y->name);
}

static int make(struct arena *arena, const struct search *search, uint64_t size, uint64_t most,
		const struct type **out)
{
	struct type *type = arena_alloc(arena, sizeof(*type));
	struct member *members = arena_alloc(arena, search->n * sizeof(*members));
	const struct member **sorted = arena_alloc(arena, search->n * sizeof(struct member *));

	if (!type || !members || !sorted)
		return -ENOMEM;
	*type = (struct type){.kind = TYPE_STRUCT, .align = 1, .span = 1, .varies = true};
	type->name = "records by offset";
	type->hints = &hidden;
	type->members = members;
	type->by_name = sorted;
	for (size_t i = 0; i < search->n; i++) {
		const struct type *array = array_of(arena, search->found[i], size);

		if (!array || array->span > most - type->span)
			continue;
		sorted[type->n_members] = members;
		*members++ = (struct member){
			.name = name_of(search->found[i]), .type = array, .ordinal = type->span};
		type->n_members++;
		type->span += array->span;
	}
	qsort(sorted, type->n_members, sizeof(struct member *), by_name);
	*out = type->n_members ? type : NULL;
	return 0;
}

int by_offset_make(struct arena *arena, const struct type *root, uint64_t most,
		   const struct type **out)
{
	struct search search = {0};
	const struct type *type = NULL;
	int r = 0;

	for (size_t i = 0; i < root->n_members; i++)
		look(&search, root->members[i].type);
	while (search.done < search.n)
		look(&search, search.found[search.done++]);
	if (search.failed)
		r = -ENOMEM;
	else if (search.n && most)
		r = make(arena, &search, root->size, most, &type);
	free(search.seen);
	if (r == 0)
		*out = type;
	return r;
}

uint64_t by_offset_ordinal(const struct type *root, const struct type *record, uint64_t offset)
{
	const struct member *last = root->n_members ? &root->members[root->n_members - 1] : NULL;

	if (!last || last->type->hints != &hidden)
		return 0;
	for (size_t i = 0; i < last->type->n_members; i++) {
		const struct member *member = &last->type->members[i];
		const struct type *array = member->type;

		if (!type_same_record(record, array->element))
			continue;
		if (offset % array->stride || offset / array->stride >= array->length)
			return 0;
		return last->ordinal + member->ordinal + 1 +
		       offset / array->stride * array->element->span;
	}
	return 0;
}
