/* SPDX-License-Identifier: MIT */
#include "layout/dwarf.h"

#include <dwarf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "layout/dwarf_inside.h"

_Static_assert(sizeof(Dwarf_Die) <= sizeof(((struct dwarf_entry *)0)->inside),
	       "an entry holds libdw's");
_Static_assert(sizeof(Dwarf_Op) == sizeof(struct dwarf_operation) &&
		       offsetof(Dwarf_Op, number) == offsetof(struct dwarf_operation, a) &&
		       offsetof(Dwarf_Op, number2) == offsetof(struct dwarf_operation, b) &&
		       offsetof(Dwarf_Op, offset) == offsetof(struct dwarf_operation, offset),
	       "operations are libdw's");

static const char *units_of(bool in_types)
{
	return in_types ? ".debug_types" : ".debug_info";
}

static int split_section(const struct dwarf *dwarf, size_t i, const char *name,
			 const unsigned char **bytes, size_t *n)
{
	char split_name[32];

	if (i >= dwarf->n_splits ||
	    (size_t)snprintf(split_name, sizeof(split_name), "%s.dwo", name) >= sizeof(split_name))
		return -ENOENT;
	return image_section(&dwarf->splits[i].image, split_name, bytes, n);
}

int dwarf_section(const struct dwarf *dwarf, unsigned part, const char *name,
		  const unsigned char **bytes, size_t *n)
{
	if (part >= SPLIT_PARTS)
		return split_section(dwarf, part - SPLIT_PARTS, name, bytes, n);
	if (!dwarf->parts[part])
		return -ENOENT;
	if (strcmp(name, units_of(false)) != 0 && strcmp(name, units_of(true)) != 0 &&
	    dwarf_image_fill(dwarf->parts[part]->copy, name, SIZE_MAX) < 0)
		return -ENOENT;
	return image_section(dwarf->parts[part], name, bytes, n);
}

static Dwarf_Die *die_of(const struct dwarf_entry *entry)
{
	return (Dwarf_Die *)(uintptr_t)entry->inside;
}

static void put(struct dwarf_entry *entry, const Dwarf_Die *die, struct dwarf *dwarf)
{
	memcpy(entry->inside, die, sizeof(*die));
	entry->of = dwarf;
}

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

static enum dwarf_unit_kind kind_of(uint8_t type)
{
	switch (type) {
	case DW_UT_partial:
		return DWARF_UNIT_PARTIAL;
	case DW_UT_type:
	case DW_UT_split_type:
		return DWARF_UNIT_TYPE;
	case DW_UT_skeleton:
		return DWARF_UNIT_SPLIT;
	default:
		return DWARF_UNIT_COMPILE;
	}
}

/* Makes the unit that begins at offset readable, the one that libdw will look at next. */
static int fill_unit(struct dwarf *dwarf, unsigned part, bool in_types, uint64_t offset)
{
	struct dwarf_image *copy = dwarf->parts[part]->copy;
	const char *section = units_of(in_types);
	const unsigned char *bytes;
	uint64_t length = 0;
	uint32_t word;
	size_t n;

	if (dwarf_section(dwarf, part, section, &bytes, &n) < 0 || offset >= n)
		return in_types ? 0 : fill_unit(dwarf, part, true, 0);
	if (n - offset < 12)
		return 0;
	if (dwarf_image_fill(copy, section, offset + 12) < 0)
		return -EINVAL;
	memcpy(&word, bytes + offset, sizeof(word)); /* DWARF 5, 7.4 */
	length = word;
	if (word == 0xffffffff)
		memcpy(&length, bytes + offset + 4, sizeof(length));
	if (length > n - offset)
		length = n - offset;
	return dwarf_image_fill(copy, section, offset + 12 + length) < 0 ? -EINVAL : 0;
}

/* The unit that libdw is at, but for how far the walk is. */
static int describe(struct dwarf *dwarf, Dwarf *of, unsigned part, uint8_t type, Dwarf_Half version,
		    Dwarf_Die *root, struct dwarf_unit *out)
{
	bool in_types = version < 5 && type == DW_UT_type;
	uint8_t address_size;
	uint64_t signature;
	Dwarf_Off offset, end;

	/* dwarf_cuoffset() is the root's in its unit: the size of the unit's header. */
	offset = dwarf_dieoffset(root) - dwarf_cuoffset(root);
	if (dwarf_tag(root) == DW_TAG_invalid ||
	    dwarf_next_unit(of, offset, &end, NULL, NULL, NULL, &address_size, NULL,
			    in_types ? &signature : NULL, NULL) != 0)
		return -EINVAL;
	*out = (struct dwarf_unit){
		.kind = kind_of(type),
		.version = version,
		.address_size = address_size,
		.part = part,
		.offset = offset,
		.end = end,
		.in_types = in_types,
		.walk = out->walk,
	};
	put(&out->root, root, dwarf);
	return 1;
}

/* The next one of the .dwo file that the walk is in: 1, 0, -EINVAL. */
static int next_split(struct dwarf *dwarf, struct dwarf_unit *unit)
{
	Dwarf *of = dwarf->splits[unit->walk.split - SPLIT_PARTS].dwarf;
	Dwarf_CU *cu = unit->walk.split_cu;
	Dwarf_Half version;
	Dwarf_Die root;
	uint8_t type;
	int r = dwarf_get_units(of, cu, &cu, &version, &type, &root, NULL);

	if (r != 0)
		return r < 0 ? -EINVAL : 0;
	unit->walk.split_cu = cu;
	return describe(dwarf, of, unit->walk.split, type, version, &root, unit);
}

/* The next one of the file itself or of dwz's. */
static int next_own(struct dwarf *dwarf, struct dwarf_unit *unit)
{
	Dwarf_CU *cu = unit->walk.cu;
	unsigned part = unit->walk.part;
	Dwarf_Half version;
	Dwarf_Die root;
	uint8_t type;
	int r;

	for (;;) {
		if (part > 1 || !dwarf->parts[part])
			return 0;
		if (fill_unit(dwarf, part, cu && unit->walk.in_types, cu ? unit->walk.end : 0) < 0)
			return -EINVAL;
		/* no `subdie`: asking for it makes libdw open what the file names */
		r = dwarf_get_units(dwarf->parts[part]->dwarf, cu, &cu, &version, &type, &root,
				    NULL);
		if (r < 0)
			return -EINVAL;
		if (r == 0)
			break;
		part++;
		cu = NULL;
	}
	r = describe(dwarf, dwarf->parts[part]->dwarf, part, type, version, &root, unit);
	if (r < 0)
		return r;
	unit->walk.cu = cu;
	unit->walk.part = part;
	unit->walk.end = unit->end;
	unit->walk.in_types = unit->in_types;
	return 1;
}

int dwarf_unit_next(struct dwarf *dwarf, struct dwarf_unit *unit)
{
	for (;;) {
		int r = unit->walk.split ? next_split(dwarf, unit) : 0;

		if (r != 0)
			return r;
		unit->walk.split = 0;
		r = next_own(dwarf, unit);
		if (r != 1 || unit->kind != DWARF_UNIT_SPLIT)
			return r;
		r = split_join(dwarf, unit->walk.cu, die_of(&unit->root), &unit->walk.split);
		if (r != 1)
			return r < 0 ? r : 1;
		unit->walk.split_cu = NULL;
	}
}

int dwarf_unit_root(const struct dwarf_entry *entry, struct dwarf_entry *out)
{
	Dwarf_Die root;

	if (!dwarf_diecu(die_of(entry), &root, NULL, NULL))
		return -EINVAL;
	put(out, &root, entry->of);
	return 0;
}

int dwarf_entry_guess(const struct dwarf_unit *unit, uint64_t offset, struct dwarf_entry *out)
{
	const struct dwarf *dwarf = unit->root.of;
	Dwarf *main;
	Dwarf_Die die;

	if (unit->part >= SPLIT_PARTS)
		return -EINVAL;
	main = dwarf->parts[unit->part]->dwarf;
	if (offset < unit->offset || offset >= unit->end ||
	    !(unit->in_types ? dwarf_offdie_types(main, offset, &die)
			     : dwarf_offdie(main, offset, &die)))
		return -EINVAL;
	put(out, &die, unit->root.of);
	return 0;
}

unsigned dwarf_entry_tag(const struct dwarf_entry *entry)
{
	int tag = dwarf_tag(die_of(entry));

	return tag == DW_TAG_invalid ? 0 : (unsigned)tag;
}

const void *dwarf_entry_key(const struct dwarf_entry *entry)
{
	return die_of(entry)->addr;
}

/* What libdw's walkers return: 0 there it is, 1 there is none. */
static int step(int r, const struct dwarf_entry *from, const Dwarf_Die *die,
		struct dwarf_entry *out)
{
	if (r != 0)
		return r < 0 ? -EINVAL : 0;
	put(out, die, from->of);
	return 1;
}

int dwarf_entry_child(const struct dwarf_entry *entry, struct dwarf_entry *out)
{
	Dwarf_Die die;

	return step(dwarf_child(die_of(entry), &die), entry, &die, out);
}

int dwarf_entry_sibling(const struct dwarf_entry *entry, struct dwarf_entry *out)
{
	Dwarf_Die die;
	int r = dwarf_siblingof(die_of(entry), &die);

	/* DW_AT_sibling may say anything; led back, a walk would never end. */
	if (r == 0 && (const char *)die.addr <= (const char *)die_of(entry)->addr)
		return -EINVAL;
	return step(r, entry, &die, out);
}

bool dwarf_entry_has(const struct dwarf_entry *entry, unsigned attribute)
{
	return dwarf_hasattr(die_of(entry), attribute);
}

const char *dwarf_entry_name(const struct dwarf_entry *entry)
{
	Dwarf_Attribute value;

	return dwarf_formstring(dwarf_attr(die_of(entry), DW_AT_name, &value));
}

int dwarf_entry_number(const struct dwarf_entry *entry, unsigned attribute, uint64_t *out)
{
	Dwarf_Attribute value;
	Dwarf_Word number;

	if (!dwarf_attr(die_of(entry), attribute, &value))
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

	return dwarf_attr(die_of(entry), attribute, &value) && dwarf_formflag(&value, &flag) == 0 &&
	       flag;
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

	if (!dwarf_attr(die_of(entry), attribute, &value))
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
	put(&near, &die, entry->of);
	if (follow(&near, DW_AT_signature, &die) == 0)
		put(&near, &die, entry->of);
	*out = near;
	return 0;
}

bool dwarf_entry_covers(const struct dwarf_entry *entry, uint64_t pc)
{
	Dwarf_Die die = *die_of(entry);

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

/* Is it one expression, and no list of them? */
static bool is_expression(Dwarf_Attribute *value)
{
	Dwarf_Block block;

	return dwarf_formblock(value, &block) == 0;
}

int dwarf_entry_location(const struct dwarf_entry *entry, unsigned attribute, uint64_t pc,
			 const struct dwarf_operation **out, size_t *n)
{
	Dwarf_Attribute value;
	Dwarf_Op *expression = NULL;
	size_t length = 0;
	int r;

	if (!dwarf_attr(die_of(entry), attribute, &value))
		return -ENOENT;
	if (!is_expression(&value) &&
	    (!split_has_lists(entry->of, die_of(entry)) || fill_all(entry, ".debug_loc") < 0))
		return -EINVAL;
	r = dwarf_getlocation_addr(&value, pc, &expression, &length, 1);
	if (r < 0 || resolve(&value, expression, r ? length : 0) < 0)
		return -EINVAL;
	*out = (const struct dwarf_operation *)(const void *)expression;
	*n = r ? length : 0;
	return 0;
}
