/* SPDX-License-Identifier: MIT */
/*
 * Finding the entry of a name: the units that may have it are read, first where a definition begins
 * at once, then whatever has the name; at last those again, into other namespaces and functions.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "layout/debug_search.h"

#define CANDIDATES_MAX 4096 /* units that are read inside of functions too */

/* Units that may have the name, kept for another look at them. */
struct candidates {
	struct dwarf_unit *units;
	size_t n, capacity;
};

static void keep(struct candidates *candidates, const struct dwarf_unit *unit)
{
	struct dwarf_unit *units;

	if (candidates->n == CANDIDATES_MAX)
		return;
	units = array_grow(candidates->units, candidates->n, &candidates->capacity, sizeof(*units));
	if (!units)
		return;
	candidates->units = units;
	candidates->units[candidates->n++] = *unit;
}

/* Another look at them: 1; 0; -EINVAL not all could be read. */
static int again(struct search *search, const struct candidates *candidates,
		 struct dwarf_entry *out)
{
	int broken = 0;

	for (size_t i = 0; i < candidates->n; i++) {
		int r = search_unit(search, &candidates->units[i], out);

		if (r == 1)
			return 1;
		if (r < 0)
			broken = r;
	}
	return broken;
}

/* One pass over all units: 1; 0; -EINVAL not all could be read. */
static int pass(struct search *search, struct candidates *candidates, struct dwarf_entry *out)
{
	struct evidence evidence;
	struct dwarf_unit unit = {0};
	int r, broken = 0;

	evidence_gather(search, &evidence);
	while ((r = dwarf_unit_next(search->dwarf, &unit)) == 1) {
		if (!evidence_allows(search, &evidence, &unit))
			continue;
		keep(candidates, &unit);
		r = search_unit(search, &unit, out);
		if (r == 1)
			return 1;
		if (r < 0)
			broken = r;
	}
	return r < 0 ? r : broken;
}

static int search_all(struct search *search, struct dwarf_entry *out)
{
	struct candidates candidates = {0};
	int r = pass(search, &candidates, out), more;

	if (r != 1) {
		search->second_try = true;
		search->n_strings = 0;
		candidates.n = 0;
		r = pass(search, &candidates, out);
	}
	if (r != 1 && search->last == search->path) {
		search->anywhere = true;
		more = again(search, &candidates, out);
		r = more ? more : r;
	}
	if (r != 1) {
		search->inside_functions = true;
		more = again(search, &candidates, out);
		r = more ? more : r;
	}
	free(candidates.units);
	return r;
}

/* Where the last part of a path begins: behind the last `::` that isn't inside of <>. */
static const char *last_part(const char *path)
{
	const char *last = path;
	unsigned depth = 0;

	for (; *path; path++) {
		depth += *path == '<';
		depth -= *path == '>' && depth;
		if (!depth && path[0] == ':' && path[1] == ':')
			last = path + 2;
	}
	return last;
}

int debug_lookup(struct dwarf *dwarf, const struct reader_name *name, struct dwarf_entry *out)
{
	CLEANUP(free_ptr) char *path = malloc(name->length + 1);
	CLEANUP(free_ptr) struct search *search = calloc(1, sizeof(*search));
	size_t n = 0;

	if (!path || !search)
		return -ENOMEM;
	for (size_t i = 0; i < name->length; i++)
		if (name->name[i] != ' ')
			path[n++] = name->name[i];
	path[n] = 0;
	search->dwarf = dwarf;
	search->word = name->word;
	search->path = path;
	search->last = last_part(path);
	if (!*search->last)
		return 0;
	return search_all(search, out);
}

int debug_definition(struct dwarf *dwarf, const struct dwarf_entry *declaration,
		     struct dwarf_entry *out)
{
	CLEANUP(free_ptr) struct search *search = calloc(1, sizeof(*search));
	const char *name = dwarf_entry_name(declaration);
	unsigned tag = dwarf_entry_tag(declaration);
	struct reader_name wanted = {
		.word = tag == DWARF_UNION_TYPE		? READER_UNION
			: tag == DWARF_ENUMERATION_TYPE ? READER_ENUM
							: READER_STRUCT,
	};
	size_t n;

	if (!search || !name || search_path(search, declaration) != 1)
		return 0;
	n = strlen(name);
	if (search->scope_length + n >= sizeof(search->scope))
		return 0;
	memcpy(search->scope + search->scope_length, name, n);
	wanted.name = search->scope;
	wanted.length = search->scope_length + n;
	return debug_lookup(dwarf, &wanted, out);
}

bool debug_lacks(struct dwarf *dwarf, struct diag *diag)
{
	const char *missing = dwarf_missing(dwarf);
	struct dwarf_unit unit = {0};
	struct dwarf_entry entry;
	bool any = false;

	if (missing) {
		diag_set(diag, -ENOENT, 0, 0,
			 "part of its debug information is in .dwo files (-gsplit-dwarf), and one "
			 "isn't there: %.160s, nor in the program's own .dwp (which is read unless "
			 "it was made of -fdebug-types-section)",
			 missing);
		return true;
	}
	for (unsigned i = 0; i < CANDIDATES_MAX && dwarf_unit_next(dwarf, &unit) == 1; i++) {
		for (int r = dwarf_entry_child(&unit.root, &entry); r == 1;
		     r = dwarf_entry_sibling(&entry, &entry)) {
			if (search_is_type(READER_NAME, dwarf_entry_tag(&entry)))
				return false;
		}
		any = true;
	}
	if (any)
		diag_set(diag, -ENOENT, 0, 0,
			 "its debug information has no types: it was compiled with -g1");
	return any;
}
