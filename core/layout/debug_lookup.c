/* SPDX-License-Identifier: MIT */
/*
 * Finding the entry of a name.
 *
 * Debug information has no index that could be relied on, and a name is one among millions. But a
 * unit that defines a name holds the name: itself, in four bytes an offset of it in .debug_str, or
 * an index into a table (.debug_str_offsets) that holds such an offset. So the name is looked for
 * in the strings first; where it stands gives the few numbers that a unit must have in its bytes;
 * and only a unit that has one of them is read entry by entry, and that only down to namespaces and
 * classes. Whatever else has these bytes by chance costs a unit's reading, no more. This needs one
 * pass over the bytes, much less than any index takes to be made, and ends at the first definition.
 *
 * A unit that has the number mostly has it for another reason than a definition: a declaration, a
 * member, a function of that name. The name is the first thing that compilers write of an entry, so
 * an entry would begin one, two or three bytes before the number: what it would be tells whether
 * the unit is worth reading. That is a guess, so the second try reads them all.
 *
 * Linkers keep each string once, and one that another ends with as a part of that one. So the
 * places of the name that are a string of their own are tried first, and those at the end of
 * another if there are none such; all of them, and the name itself among the entries, where it has
 * few letters, when that finds nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "layout/debug_inside.h"

#define STRINGS_MAX	 16 /* places of the name among the strings; with more all units are read */
#define SCOPES_MAX	 64 /* namespaces and classes in each other */
#define CANDIDATES_MAX	 4096	     /* units that are read inside of functions too */
#define GUESSES_MAX	 4096	     /* that a unit is worth, before it is read instead */
#define ENTRIES_MAX	 (16u << 20) /* of a unit whose size isn't known */
#define CODE_MAX	 3	     /* bytes of an abbreviation's code */
#define STR_OFFSETS_BASE 0x72	     /* DW_AT_str_offsets_base, DWARF 5, table 7.5 */

struct bytes {
	const unsigned char *at;
	size_t n;
};

/* What a search looks for, and how far it goes. */
struct search {
	struct dwarf *dwarf;
	enum reader_word word;
	const char *path; /* the whole name, without blanks */
	const char *last; /* its last part */
	bool inside_functions;
	bool anywhere;	    /* in any namespace, where the name has none */
	const void *wanted; /* the entry whose path is asked for; else NULL */
	/* the scope that is being read */
	char scope[1024];
	size_t scope_length;
	bool second_try;
	uint64_t left; /* entries that the unit may have at most: in a true one, each has a byte */
	uint32_t strings[STRINGS_MAX];
	size_t n_strings; /* beyond STRINGS_MAX: too many */
};

static struct bytes section(struct dwarf *dwarf, unsigned part, const char *name)
{
	struct bytes bytes = {NULL, 0};

	if (dwarf_section(dwarf, part, name, &bytes.at, &bytes.n) < 0)
		return (struct bytes){NULL, 0};
	return bytes;
}

static bool is_type(enum reader_word word, unsigned tag)
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

/* Is it the same name, whatever blanks either has? */
static bool same_name(const char *name, const char *wanted)
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
	if (!is_type(search->word, tag))
		return false;
	name = name_of(entry);
	if (!name || !same_name(name, search->last) ||
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

static int read_unit(struct search *search, const struct dwarf_unit *unit, struct dwarf_entry *out)
{
	search->scope_length = 0;
	search->left = unit->end - unit->offset;
	return read_scope(search, &unit->root, 0, out);
}

/* A name with arguments of a template is known only up to them, as blanks may stand there; one that
 * begins with < is no such. */
static size_t known_length(const char *name)
{
	return *name ? 1 + strcspn(name + 1, "<") : 0;
}

/* The places of the name in one table of strings. */
static void find_strings(struct search *search, struct bytes strings, bool ends_too)
{
	size_t n = known_length(search->last);
	bool whole = !search->last[n];
	const unsigned char *at = strings.at, *end;

	if (!at)
		return;
	for (end = at + strings.n; (at = memmem(at, (size_t)(end - at), search->last, n + whole));
	     at++) {
		bool own = at == strings.at || !at[-1];

		if (!own && (!ends_too || !whole))
			continue;
		if (search->n_strings < STRINGS_MAX)
			search->strings[search->n_strings] = (uint32_t)(at - strings.at);
		search->n_strings++;
	}
}

static uint32_t word_at(const unsigned char *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/* A section that isn't there has no address either, which memmem(3) must have. */
static bool holds(struct bytes bytes, const void *what, size_t n)
{
	return bytes.n && memmem(bytes.at, bytes.n, what, n);
}

/* Do these bytes hold one of the offsets? */
static bool has_string(const struct search *search, struct bytes bytes)
{
	if (search->n_strings > STRINGS_MAX)
		return true;
	for (size_t i = 0; i < search->n_strings; i++)
		if (holds(bytes, &search->strings[i], sizeof(search->strings[i])))
			return true;
	return false;
}

static bool is_definition(const struct search *search, const struct dwarf_entry *entry)
{
	const char *name;

	if (!is_type(search->word, dwarf_entry_tag(entry)) ||
	    dwarf_entry_flag(entry, DWARF_AT_DECLARATION))
		return false;
	name = dwarf_entry_name(entry);
	return name && same_name(name, search->last);
}

/* Would an entry that has this number for its name be a definition? at: of it in the unit's
 * section. */
static bool begins_definition(const struct search *search, const struct dwarf_unit *unit,
			      uint64_t at)
{
	struct dwarf_entry entry;

	for (unsigned code = 1; code <= CODE_MAX && code <= at; code++)
		if (dwarf_entry_guess(unit, at - code, &entry) == 0 &&
		    is_definition(search, &entry))
			return true;
	return false;
}

/* Do the unit's bytes look as if there were a definition? */
static bool has_definition(const struct search *search, const struct dwarf_unit *unit,
			   struct bytes bytes)
{
	unsigned guesses = 0;

	if (search->n_strings > STRINGS_MAX)
		return true;
	for (size_t i = 0; i < search->n_strings; i++) {
		const unsigned char *at = bytes.at, *end = bytes.at + bytes.n;

		while ((at = memmem(at, (size_t)(end - at), &search->strings[i],
				    sizeof(search->strings[i]))))
			if (++guesses > GUESSES_MAX ||
			    begins_definition(search, unit,
					      unit->offset + (uint64_t)(at++ - bytes.at)))
				return true;
	}
	return false;
}

/* The unit's part of the table that its indexes are into: DWARF 5, 7.26. */
static struct bytes table_of(struct bytes table, const struct dwarf_unit *unit)
{
	struct bytes none = {NULL, 0};
	uint64_t base, length;

	if (dwarf_entry_number(&unit->root, STR_OFFSETS_BASE, &base) < 0 || base < 8 ||
	    base > table.n)
		return none;
	length = word_at(table.at + base - 8);
	if (length < 4 || length - 4 > table.n - base)
		length = table.n - base + 4; /* of 64 bits, or broken: all that follows */
	return (struct bytes){table.at + base, length - 4};
}

/* The sections of one part that say whether a unit may have the name. */
struct evidence {
	struct bytes info, types, table;
};

/* The same for a unit of a .dwo file, which has strings of its own, and few of them. */
static bool may_have_split(const struct search *search, const struct dwarf_unit *unit)
{
	static const char *const names[] = {".debug_str", ".debug_info", ".debug_types"};
	size_t n = known_length(search->last);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (holds(section(search->dwarf, unit->part, names[i]), search->last, n))
			return true;
	return false;
}

/* Can the name be in the unit? */
static bool may_have(const struct search *search, const struct evidence *evidence,
		     const struct dwarf_unit *unit)
{
	struct bytes all = unit->in_types ? evidence->types : evidence->info, bytes;

	if (unit->offset > all.n || unit->end > all.n || unit->end < unit->offset)
		return true;
	bytes = (struct bytes){all.at + unit->offset, unit->end - unit->offset};
	if (search->second_try ? has_string(search, bytes) : has_definition(search, unit, bytes))
		return true;
	if (evidence->table.n && has_string(search, table_of(evidence->table, unit)))
		return true;
	/* a name that is too short for an offset, or whose compiler doesn't use them */
	return search->second_try && holds(bytes, search->last, known_length(search->last));
}

static void gather(struct search *search, struct evidence evidence[2])
{
	struct bytes strings[2];

	for (unsigned part = 0; part < 2; part++) {
		strings[part] = section(search->dwarf, part, ".debug_str");
		find_strings(search, strings[part], search->second_try);
		evidence[part] = (struct evidence){
			.info = section(search->dwarf, part, ".debug_info"),
			.types = section(search->dwarf, part, ".debug_types"),
			.table = section(search->dwarf, part, ".debug_str_offsets"),
		};
	}
	for (unsigned part = 0; part < 2 && !search->n_strings; part++)
		find_strings(search, strings[part], true);
}

/* Units that may have the name, kept for another look at them. */
struct candidates {
	struct dwarf_unit *units;
	size_t n, capacity;
};

static void keep(struct candidates *candidates, const struct dwarf_unit *unit)
{
	if (candidates->n == CANDIDATES_MAX)
		return;
	if (candidates->n == candidates->capacity) {
		size_t capacity = candidates->capacity ? 2 * candidates->capacity : 16;
		struct dwarf_unit *units =
			reallocarray(candidates->units, capacity, sizeof(*units));

		if (!units)
			return;
		candidates->units = units;
		candidates->capacity = capacity;
	}
	candidates->units[candidates->n++] = *unit;
}

/* Another look at them: 1; 0; -EINVAL not all could be read. */
static int again(struct search *search, const struct candidates *candidates,
		 struct dwarf_entry *out)
{
	int broken = 0;

	for (size_t i = 0; i < candidates->n; i++) {
		int r = read_unit(search, &candidates->units[i], out);

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
	struct evidence evidence[2];
	struct dwarf_unit unit = {0};
	int r, broken = 0;

	gather(search, evidence);
	while ((r = dwarf_unit_next(search->dwarf, &unit)) == 1) {
		if (unit.part < ARRAY_SIZE(evidence)
			    ? !may_have(search, &evidence[unit.part], &unit)
			    : !may_have_split(search, &unit))
			continue;
		keep(candidates, &unit);
		r = read_unit(search, &unit, out);
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

/* The path of an entry, by reading its unit until it comes along. */
static int path_of(const struct dwarf_entry *entry, struct search *search)
{
	struct dwarf_entry found;
	struct dwarf_unit unit = {0};

	search->wanted = dwarf_entry_key(entry);
	search->inside_functions = true;
	search->path = search->last = "";
	if (dwarf_unit_root(entry, &unit.root) < 0)
		return -EINVAL;
	unit.end = ENTRIES_MAX;
	return read_unit(search, &unit, &found);
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
	if (path_of(entry, search) == 1)
		buf_put(out, search->scope, search->scope_length);
	return 0;
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

	if (!search || !name || path_of(declaration, search) != 1)
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
			 "isn't there: %.200s (packages of them, .dwp, aren't read)",
			 missing);
		return true;
	}
	for (unsigned i = 0; i < CANDIDATES_MAX && dwarf_unit_next(dwarf, &unit) == 1; i++) {
		for (int r = dwarf_entry_child(&unit.root, &entry); r == 1;
		     r = dwarf_entry_sibling(&entry, &entry)) {
			if (is_type(READER_NAME, dwarf_entry_tag(&entry)))
				return false;
		}
		any = true;
	}
	if (any)
		diag_set(diag, -ENOENT, 0, 0,
			 "its debug information has no types: it was compiled with -g1");
	return any;
}
