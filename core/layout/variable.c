/* SPDX-License-Identifier: MIT */
/* Variables with an address of their own. */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "layout/variable_inside.h"

#define REACH_MAX (1u << 20) /* bytes of a variable that are looked at */
#define OP_ADDR	  0x03	     /* DWARF 5, table 7.9 */

struct search {
	const uint64_t *addresses;
	size_t n;
	bool *found;
	size_t left;
	bool inside; /* of functions */
	bool enough; /* nothing more is to be told */
	struct variable_patience patience;
	variable_fn *tell;
	void *context;
	struct variable variable; /* the one that is looked at */
	uint64_t start;
};

/* The first of the addresses at or behind one: its index, n if there is none. */
static size_t first_from(const struct search *search, uint64_t address)
{
	size_t low = 0, high = search->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (search->addresses[middle] < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool match_pointer(void *context, uint64_t offset, const char *path, bool typed,
			  const struct dwarf_entry *target)
{
	struct search *search = context;
	size_t i = first_from(search, search->start + offset);

	if (i == search->n || search->addresses[i] != search->start + offset || search->found[i])
		return true;
	search->variable.path = path;
	search->variable.typed = typed;
	search->variable.target = *target;
	search->variable.address = search->addresses[i];
	search->found[i] = true;
	search->left--;
	search->enough = !search->tell(search->context, &search->variable) || search->left == 0;
	return !search->enough;
}

/* Where a static variable stands: the one operation DW_OP_addr. */
static bool static_address(const struct dwarf_entry *variable, uint64_t *out)
{
	const struct dwarf_operation *operations;
	size_t n;

	if (dwarf_entry_location(variable, DWARF_AT_LOCATION, 0, &operations, &n) < 0 || n != 1 ||
	    operations[0].code != OP_ADDR)
		return false;
	*out = operations[0].a;
	return true;
}

static bool try_static(struct search *search, const struct dwarf_entry *entry)
{
	struct dwarf_entry type, owner;
	size_t i;

	if (!dwarf_entry_has(entry, DWARF_AT_LOCATION) || !static_address(entry, &search->start))
		return true;
	i = first_from(search, search->start);
	if (i == search->n || search->addresses[i] - search->start >= REACH_MAX ||
	    !variable_type(entry, &type))
		return true;
	search->variable = (struct variable){
		.kind = variable_owner(entry, DWARF_AT_EXTERNAL, &owner) ? VARIABLE_GLOBAL
									 : VARIABLE_STATIC,
		.name = variable_name(entry),
	};
	if (!search->variable.name)
		return true;
	return variable_pointers(&type, search->variable.name, search->addresses[i] - search->start,
				 match_pointer, search);
}

/* All variables below an entry; false: enough. */
static bool try_children(struct search *search, const struct dwarf_entry *parent, unsigned nest)
{
	struct dwarf_entry entry;
	int more = nest < VARIABLE_NEST_MAX ? dwarf_entry_child(parent, &entry) : 0;

	for (; more > 0 && variable_waits(&search->patience);
	     more = dwarf_entry_sibling(&entry, &entry)) {
		bool descend = false;

		switch (dwarf_entry_tag(&entry)) {
		case DWARF_VARIABLE:
			if (!try_static(search, &entry))
				return false;
			break;
		case DWARF_NAMESPACE:
			descend = true;
			break;
		case DWARF_SUBPROGRAM:
		case DWARF_LEXICAL_BLOCK:
		case DWARF_INLINED_SUBROUTINE:
			descend = search->inside;
			break;
		default:
			break;
		}
		if (descend && !try_children(search, &entry, nest + 1))
			return false;
	}
	return !search->patience.over && !search->enough;
}

static int search_units(struct search *search, struct dwarf *dwarf)
{
	struct dwarf_unit unit = {0};
	int r;

	while ((r = dwarf_unit_next(dwarf, &unit)) > 0) {
		if (!variable_waits(&search->patience))
			return -ETIMEDOUT;
		if (unit.kind == DWARF_UNIT_COMPILE && unit.address_size == sizeof(uint64_t) &&
		    !try_children(search, &unit.root, 0))
			return search->patience.over ? -ETIMEDOUT : 0;
	}
	return r;
}

int variables_at(struct dwarf *dwarf, const uint64_t *addresses, size_t n, uint64_t deadline,
		 variable_fn *tell, void *context)
{
	CLEANUP(free_ptr) bool *found = calloc(n + 1, sizeof(*found));
	struct search search = {
		.addresses = addresses,
		.n = n,
		.found = found,
		.left = n,
		.patience = {.deadline = deadline},
		.tell = tell,
		.context = context,
	};
	int r;

	if (!found)
		return -ENOMEM;
	r = search_units(&search, dwarf);
	if (r < 0 || search.enough)
		return r;
	search.inside = true;
	return search_units(&search, dwarf);
}
