/* SPDX-License-Identifier: MIT */
/*
 * Which units may have the definition of a name.
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
#include <string.h>

#include "base/cleanup.h"
#include "layout/debug_search.h"

#define GUESSES_MAX	 4096 /* that a unit is worth, before it is read instead */
#define CODE_MAX	 3    /* bytes of an abbreviation's code */
#define STR_OFFSETS_BASE 0x72 /* DW_AT_str_offsets_base, DWARF 5, table 7.5 */

static struct bytes section(struct dwarf *dwarf, unsigned part, const char *name)
{
	struct bytes bytes = {NULL, 0};

	if (dwarf_section(dwarf, part, name, &bytes.at, &bytes.n) < 0)
		return (struct bytes){NULL, 0};
	return bytes;
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

	if (!search_is_type(search->word, dwarf_entry_tag(entry)) ||
	    dwarf_entry_flag(entry, DWARF_AT_DECLARATION))
		return false;
	name = dwarf_entry_name(entry);
	return name && search_same_name(name, search->last);
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

/* Can the name be in the unit of a .dwo file? That has strings of its own, and few of them. */
static bool may_have_split(const struct search *search, const struct dwarf_unit *unit)
{
	static const char *const names[] = {".debug_str", ".debug_info", ".debug_types"};
	size_t n = known_length(search->last);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (holds(section(search->dwarf, unit->part, names[i]), search->last, n))
			return true;
	return false;
}

bool evidence_allows(const struct search *search, const struct evidence *evidence,
		     const struct dwarf_unit *unit)
{
	struct bytes all, bytes, table;

	if (unit->part >= ARRAY_SIZE(evidence->part))
		return may_have_split(search, unit);
	all = unit->in_types ? evidence->part[unit->part].types : evidence->part[unit->part].info;
	table = evidence->part[unit->part].table;
	if (unit->offset > all.n || unit->end > all.n || unit->end < unit->offset)
		return true;
	bytes = (struct bytes){all.at + unit->offset, unit->end - unit->offset};
	if (search->second_try ? has_string(search, bytes) : has_definition(search, unit, bytes))
		return true;
	if (table.n && has_string(search, table_of(table, unit)))
		return true;
	/* a name that is too short for an offset, or whose compiler doesn't use them */
	return search->second_try && holds(bytes, search->last, known_length(search->last));
}

void evidence_gather(struct search *search, struct evidence *out)
{
	struct bytes strings[ARRAY_SIZE(out->part)];

	for (unsigned part = 0; part < ARRAY_SIZE(strings); part++) {
		strings[part] = section(search->dwarf, part, ".debug_str");
		find_strings(search, strings[part], search->second_try);
		out->part[part].info = section(search->dwarf, part, ".debug_info");
		out->part[part].types = section(search->dwarf, part, ".debug_types");
		out->part[part].table = section(search->dwarf, part, ".debug_str_offsets");
	}
	for (unsigned part = 0; part < ARRAY_SIZE(strings) && !search->n_strings; part++)
		find_strings(search, strings[part], true);
}
