/* SPDX-License-Identifier: MIT */
/* Entries: what hangs together with one, and its attributes. */
#include "layout/dwarf.h"

#include <dwarf.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "layout/dwarf_inside.h"

/* Bytes. libdw makes a list of operations, which takes 80 times as many. */
#define EXPRESSION_MAX (64u << 10)

_Static_assert(sizeof(Dwarf_Op) == sizeof(struct dwarf_operation) &&
		       offsetof(Dwarf_Op, number) == offsetof(struct dwarf_operation, a) &&
		       offsetof(Dwarf_Op, number2) == offsetof(struct dwarf_operation, b) &&
		       offsetof(Dwarf_Op, offset) == offsetof(struct dwarf_operation, offset),
	       "operations are libdw's");

/* Makes all sections readable whose name begins so, for what may be anywhere in them. */
static int fill_all(const struct dwarf_entry *entry, const char *prefix)
{
	int result = 0;

	for (size_t i = 0; i < ARRAY_SIZE(entry->of->parts) && entry->of->parts[i]; i++) {
		int r = dwarf_image_fill_all(entry->of->parts[i]->copy, prefix);

		if (r < 0)
			result = -EINVAL;
	}
	return result;
}

unsigned dwarf_entry_tag(const struct dwarf_entry *entry)
{
	int tag = dwarf_tag(entry_die(entry));

	return tag == DW_TAG_invalid ? 0 : (unsigned)tag;
}

const void *dwarf_entry_key(const struct dwarf_entry *entry)
{
	return entry_die(entry)->addr;
}

/* What libdw's walkers return: 0 there it is, 1 there is none. */
static int step(int r, const struct dwarf_entry *from, const Dwarf_Die *die,
		struct dwarf_entry *out)
{
	if (r != 0)
		return r < 0 ? -EINVAL : 0;
	entry_put(out, die, from->of);
	return 1;
}

int dwarf_entry_child(const struct dwarf_entry *entry, struct dwarf_entry *out)
{
	Dwarf_Die die;

	return step(dwarf_child(entry_die(entry), &die), entry, &die, out);
}

int dwarf_entry_sibling(const struct dwarf_entry *entry, struct dwarf_entry *out)
{
	Dwarf_Die die;
	int r = dwarf_siblingof(entry_die(entry), &die);

	/* DW_AT_sibling may say anything; led back, a walk would never end. */
	if (r == 0 && (const char *)die.addr <= (const char *)entry_die(entry)->addr)
		return -EINVAL;
	return step(r, entry, &die, out);
}

bool dwarf_entry_has(const struct dwarf_entry *entry, unsigned attribute)
{
	return dwarf_hasattr(entry_die(entry), attribute);
}

const char *dwarf_entry_name(const struct dwarf_entry *entry)
{
	Dwarf_Attribute value;

	return dwarf_formstring(dwarf_attr(entry_die(entry), DW_AT_name, &value));
}

int dwarf_entry_number(const struct dwarf_entry *entry, unsigned attribute, uint64_t *out)
{
	Dwarf_Attribute value;
	Dwarf_Word number;

	if (!dwarf_attr(entry_die(entry), attribute, &value))
		return -ENOENT;
	if (dwarf_formudata(&value, &number) < 0)
		return -EINVAL;
	*out = number;
	return 0;
}

bool dwarf_entry_flag(const struct dwarf_entry *entry, unsigned attribute)
{
	Dwarf_Attribute value;
	bool flag;

	return dwarf_attr(entry_die(entry), attribute, &value) &&
	       dwarf_formflag(&value, &flag) == 0 && flag;
}

/* Does the reference lead out of its unit? DWARF 5, 7.5.5, and dwz's. */
static bool leaves_unit(Dwarf_Attribute *value)
{
	switch (dwarf_whatform(value)) {
	case DW_FORM_ref_addr:
	case DW_FORM_ref_sig8:
	case DW_FORM_ref_sup4:
	case DW_FORM_ref_sup8:
	case DW_FORM_GNU_ref_alt:
		return true;
	default:
		return false;
	}
}

/* The entry that an attribute leads to: 0, -ENOENT, -EINVAL. */
static int follow(const struct dwarf_entry *entry, unsigned attribute, Dwarf_Die *out)
{
	Dwarf_Attribute value;

	if (!dwarf_attr(entry_die(entry), attribute, &value))
		return -ENOENT;
	if (leaves_unit(&value) && fill_all(entry, ".debug_") < 0)
		return -EINVAL;
	return dwarf_formref_die(&value, out) ? 0 : -EINVAL;
}

int dwarf_entry_reference(const struct dwarf_entry *entry, unsigned attribute,
			  struct dwarf_entry *out)
{
	struct dwarf_entry near;
	Dwarf_Die die;
	int r = follow(entry, attribute, &die);

	if (r < 0)
		return r;
	entry_put(&near, &die, entry->of);
	if (follow(&near, DW_AT_signature, &die) == 0)
		entry_put(&near, &die, entry->of);
	*out = near;
	return 0;
}

bool dwarf_entry_covers(const struct dwarf_entry *entry, uint64_t pc)
{
	Dwarf_Die die = *entry_die(entry);

	split_skeleton(entry->of, &die);
	if (dwarf_hasattr(&die, DW_AT_ranges) && fill_all(entry, ".debug_r") < 0)
		return false;
	return dwarf_haspc(&die, pc) > 0;
}

/* Addresses that stand in a table (DW_OP_addrx) as if they stood here. libdw keeps the expression
 * and gives it again, so that is done once. */
static int resolve(Dwarf_Attribute *value, Dwarf_Op *expression, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		Dwarf_Attribute entry;
		Dwarf_Addr address;

		if (expression[i].atom != DW_OP_addrx && expression[i].atom != DW_OP_GNU_addr_index)
			continue;
		if (dwarf_getlocation_attr(value, &expression[i], &entry) != 0 ||
		    dwarf_formaddr(&entry, &address) != 0)
			return -EINVAL;
		expression[i].atom = DW_OP_addr;
		expression[i].number = address;
	}
	return 0;
}

/* Is it one expression, and no list of them? *n: its bytes. */
static bool is_expression(Dwarf_Attribute *value, size_t *n)
{
	Dwarf_Block block;

	if (dwarf_formblock(value, &block) != 0)
		return false;
	*n = block.length;
	return true;
}

int dwarf_entry_location(const struct dwarf_entry *entry, unsigned attribute, uint64_t pc,
			 const struct dwarf_operation **out, size_t *n)
{
	Dwarf_Attribute value;
	Dwarf_Op *expression = NULL;
	size_t length = 0, bytes = 0;
	int r;

	if (!dwarf_attr(entry_die(entry), attribute, &value))
		return -ENOENT;
	if (!is_expression(&value, &bytes) &&
	    (!pc || !split_has_lists(entry->of, entry_die(entry)) ||
	     fill_all(entry, ".debug_loc") < 0))
		return -EINVAL;
	if (bytes > EXPRESSION_MAX)
		return -EINVAL;
	r = dwarf_getlocation_addr(&value, pc, &expression, &length, 1);
	if (r < 0 || resolve(&value, expression, r ? length : 0) < 0)
		return -EINVAL;
	*out = (const struct dwarf_operation *)(const void *)expression;
	*n = r ? length : 0;
	return 0;
}
