/* SPDX-License-Identifier: MIT */
/* Units, in the order in which they stand, each made readable before libdw looks at it. */
#include <dwarf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "layout/dwarf_inside.h"

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
	entry_put(&out->root, root, dwarf);
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
		r = split_join(dwarf, unit->walk.cu, entry_die(&unit->root), &unit->walk.split);
		if (r != 1)
			return r < 0 ? r : 1;
		unit->walk.split_cu = NULL;
	}
}

int dwarf_unit_root(const struct dwarf_entry *entry, struct dwarf_entry *out)
{
	Dwarf_Die root;

	if (!dwarf_diecu(entry_die(entry), &root, NULL, NULL))
		return -EINVAL;
	entry_put(out, &root, entry->of);
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
	entry_put(out, &die, unit->root.of);
	return 0;
}
