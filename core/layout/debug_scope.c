/* SPDX-License-Identifier: MIT */
/* Reading a unit entry by entry: names stand in namespaces, classes and functions. */
#include <string.h>

#include "base/cleanup.h"
#include "layout/debug_search.h"

#define SCOPES_MAX  64		/* namespaces and classes in each other */
#define ENTRIES_MAX (16u << 20) /* of a unit whose size isn't known */

bool search_is_type(enum reader_word word, unsigned tag)
{
	bool is_struct = tag == DWARF_STRUCTURE_TYPE || tag == DWARF_CLASS_TYPE;

	switch (word) {
	case READER_STRUCT:
		return is_struct;
	case READER_UNION:
		return tag == DWARF_UNION_TYPE;
	case READER_ENUM:
		return tag == DWARF_ENUMERATION_TYPE;
	default:
		return is_struct || tag == DWARF_UNION_TYPE || tag == DWARF_ENUMERATION_TYPE ||
		       tag == DWARF_TYPEDEF || tag == DWARF_BASE_TYPE;
	}
}

static bool is_scope(unsigned tag)
{
	return tag == DWARF_NAMESPACE || tag == DWARF_STRUCTURE_TYPE || tag == DWARF_CLASS_TYPE ||
	       tag == DWARF_UNION_TYPE;
}

static bool is_code(unsigned tag)
{
	return tag == DWARF_SUBPROGRAM || tag == DWARF_LEXICAL_BLOCK;
}

bool search_same_name(const char *name, const char *wanted)
{
	for (;; name++, wanted++) {
		name += strspn(name, " ");
		if (*name != *wanted)
			return false;
		if (!*name)
			return true;
	}
}

/* A definition out of its class has no name of its own but a reference to the one in it. */
static const char *name_of(const struct dwarf_entry *entry)
{
	const char *name = dwarf_entry_name(entry);
	struct dwarf_entry within;

	if (!name && dwarf_entry_reference(entry, DWARF_AT_SPECIFICATION, &within) == 0)
		name = dwarf_entry_name(&within);
	return name;
}

static bool in_wanted_scope(const struct search *search)
{
	size_t n = (size_t)(search->last - search->path);

	if (n == 0)
		return search->anywhere || !search->scope_length;
	return search->scope_length == n && !memcmp(search->scope, search->path, n);
}

static bool matches(const struct search *search, const struct dwarf_entry *entry, unsigned tag)
{
	const char *name;

	if (search->wanted)
		return dwarf_entry_key(entry) == search->wanted;
	if (!search_is_type(search->word, tag))
		return false;
	name = name_of(entry);
	if (!name || !search_same_name(name, search->last) ||
	    dwarf_entry_flag(entry, DWARF_AT_DECLARATION))
		return false;
	return in_wanted_scope(search) || dwarf_entry_has(entry, DWARF_AT_SPECIFICATION);
}

/* Is it an inline namespace that the wanted path doesn't name here? */
static bool is_passed_by(const struct search *search, const struct dwarf_entry *entry,
			 const char *name)
{
	const char *rest = search->path;
	size_t n = strlen(name);

	if (search->wanted || dwarf_entry_tag(entry) != DWARF_NAMESPACE ||
	    !dwarf_entry_flag(entry, DWARF_AT_EXPORT_SYMBOLS))
		return false;
	if (search->scope_length > (size_t)(search->last - search->path))
		return true;
	rest += search->scope_length;
	return strncmp(rest, name, n) != 0 || strncmp(rest + n, "::", 2) != 0;
}

/* Adds a namespace's or class's name to the scope; false when it has no room. */
static bool enter(struct search *search, const struct dwarf_entry *entry)
{
	const char *name = dwarf_entry_name(entry);
	size_t n = search->scope_length;

	if (!name || is_passed_by(search, entry, name))
		return true; /* its names are those of the scope around it */
	for (; *name; name++) {
		if (*name == ' ')
			continue;
		if (n + 3 >= sizeof(search->scope))
			return false;
		search->scope[n++] = *name;
	}
	memcpy(search->scope + n, "::", 2);
	search->scope_length = n + 2;
	return true;
}

/* Is it of use to read what is inside of an entry? Types within types only when a path or
 * "anywhere" leads there. */
static bool goes_into(const struct search *search, unsigned tag)
{
	if (search->inside_functions && is_code(tag))
		return true;
	if (!is_scope(tag))
		return false;
	return search->anywhere || search->wanted || search->last != search->path ||
	       search->inside_functions;
}

/* Reads the children of an entry: 1 and *out, 0, -EINVAL. */
static int read_scope(struct search *search, const struct dwarf_entry *parent, unsigned depth,
		      struct dwarf_entry *out)
{
	struct dwarf_entry entry;
	int r = dwarf_entry_child(parent, &entry);

	for (; r == 1 && search->left; r = dwarf_entry_sibling(&entry, &entry)) {
		unsigned tag = dwarf_entry_tag(&entry);
		size_t length = search->scope_length;
		int inner = 0;

		search->left--;
		if (matches(search, &entry, tag)) {
			*out = entry;
			return 1;
		}
		if (depth == SCOPES_MAX || !goes_into(search, tag))
			continue;
		if (enter(search, &entry))
			inner = read_scope(search, &entry, depth + 1, out);
		if (inner)
			return inner;
		search->scope_length = length;
	}
	/* entries that are read more often than there are bytes: siblings within children */
	return r == 1 ? -EINVAL : r;
}

int search_unit(struct search *search, const struct dwarf_unit *unit, struct dwarf_entry *out)
{
	search->scope_length = 0;
	search->left = unit->end - unit->offset;
	return read_scope(search, &unit->root, 0, out);
}

int search_path(struct search *search, const struct dwarf_entry *entry)
{
	struct dwarf_entry found;
	struct dwarf_unit unit = {0};

	search->wanted = dwarf_entry_key(entry);
	search->inside_functions = true;
	search->path = search->last = "";
	if (dwarf_unit_root(entry, &unit.root) < 0)
		return -EINVAL;
	unit.end = ENTRIES_MAX;
	return search_unit(search, &unit, &found);
}

/* C's types have no scopes: DWARF 5, table 7.17. */
static bool is_c(const struct dwarf_entry *entry)
{
	static const unsigned char languages[] = {0x01, 0x02, 0x0c, 0x1d, 0x2c};
	struct dwarf_entry root;
	uint64_t language;

	return dwarf_unit_root(entry, &root) == 0 &&
	       dwarf_entry_number(&root, DWARF_AT_LANGUAGE, &language) == 0 && language < 0x80 &&
	       memchr(languages, (int)language, sizeof(languages));
}

int debug_scope(const struct dwarf_entry *entry, struct buf *out)
{
	CLEANUP(free_ptr) struct search *search = NULL;

	if (is_c(entry))
		return 0;
	search = calloc(1, sizeof(*search));
	if (!search)
		return -ENOMEM;
	if (search_path(search, entry) == 1)
		buf_put(out, search->scope, search->scope_length);
	return 0;
}
