/* SPDX-License-Identifier: MIT */
/* Entries to types: arrays. (DWARF 5, 5.5 and 5.13.) */
#include <string.h>

#include "layout/debug_inside.h"

/* The first index of an array, where that isn't said: DWARF 5, table 7.17. */
static uint64_t default_lower_bound(const struct dwarf_entry *entry)
{
	static const unsigned char from_one[] = {
		0x03, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0d,
		0x0e, 0x0f, 0x17, 0x1f, 0x22, 0x23, /* Ada, Cobol, Fortran, Pascal, Modula, PL/I,
						       Julia */
	};
	struct dwarf_entry root;
	uint64_t language;

	if (dwarf_unit_root(entry, &root) < 0 ||
	    dwarf_entry_number(&root, DWARF_AT_LANGUAGE, &language) < 0)
		return 0;
	return language < 0x80 && memchr(from_one, (int)language, sizeof(from_one)) != NULL;
}

/* How many elements a dimension has; false when that isn't constant. *open: it isn't said. */
static bool dimension(const struct dwarf_entry *entry, uint64_t *count, bool *open)
{
	uint64_t upper, lower;
	int r;

	*open = false;
	r = dwarf_entry_number(entry, DWARF_AT_COUNT, count);
	if (r != -ENOENT)
		return r == 0;
	r = dwarf_entry_number(entry, DWARF_AT_UPPER_BOUND, &upper);
	if (r < 0) {
		*open = r == -ENOENT;
		*count = 0;
		return *open;
	}
	r = dwarf_entry_number(entry, DWARF_AT_LOWER_BOUND, &lower);
	if (r == -ENOENT)
		lower = default_lower_bound(entry);
	else if (r < 0)
		return false;
	/* of int[0] gcc says that it ends at -1, in 32 or in 64 bits */
	*count = upper == UINT32_MAX ? 0 : upper - lower + 1;
	return (int64_t)*count >= 0;
}

/* The first dimension from an entry on, of which r says whether it is there: 1, 0, -EINVAL. */
static int find_dimension(struct maker *m, int r, struct dwarf_entry *at)
{
	while (r == 1 && maker_step(m) && dwarf_entry_tag(at) != DWARF_SUBRANGE_TYPE)
		r = dwarf_entry_sibling(at, at);
	return m->p.err ? -EINVAL : r;
}

/* From the last dimension to the first: an array of arrays. */
static const struct ctype *dimensions(struct maker *m, struct dwarf_entry *entry,
				      const struct ctype *element, unsigned depth)
{
	struct dwarf_entry next = *entry;
	uint64_t count;
	bool open;
	int r = dwarf_entry_sibling(&next, &next);

	r = find_dimension(m, r, &next);
	if (r == 1 && depth < LAYOUT_DEPTH_MAX)
		element = dimensions(m, &next, element, depth + 1);
	if (!element || r < 0 || depth >= LAYOUT_DEPTH_MAX || !dimension(entry, &count, &open))
		return NULL;
	if (open) {
		/* as the last member of a struct: none of its elements are inside */
		struct ctype *closed =
			(struct ctype *)ctype_array(&m->p, element, 0, NULL, true, &m->p.token);

		if (!m->p.err)
			closed->open = false;
		return closed;
	}
	return ctype_array(&m->p, element, count, NULL, false, &m->p.token);
}

const struct ctype *maker_array(struct maker *m, const struct dwarf_entry *entry)
{
	const struct ctype *element, *type = NULL;
	struct dwarf_entry of, child;
	uint64_t size, stride;
	bool has_size = maker_size(entry, &size);
	int r;

	if (dwarf_entry_reference(entry, DWARF_AT_TYPE, &of) < 0)
		return maker_incomplete(m, "array");
	element = maker_type(m, &of);
	r = find_dimension(m, dwarf_entry_child(entry, &child), &child);
	if (element->state != CTYPE_COMPLETE || element->type.size % element->type.align)
		r = 0;
	if (dwarf_entry_has(entry, DWARF_AT_BIT_STRIDE) ||
	    (dwarf_entry_number(entry, DWARF_AT_BYTE_STRIDE, &stride) == 0 &&
	     stride != element->type.size))
		r = 0;
	if (r == 1)
		type = dimensions(m, &child, element, 0);
	if (type && (!has_size || type->type.size == size))
		return type;
	return has_size ? maker_bytes(m, size, "array") : maker_incomplete(m, "array");
}
