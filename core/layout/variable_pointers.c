/* SPDX-License-Identifier: MIT */
/* The pointers within a variable: itself, or members and elements of it. */
#include <errno.h>

#include "base/buf.h"
#include "base/clock.h"
#include "layout/variable_inside.h"

#define CHAIN_MAX   32	  /* typedefs and qualifiers one around the other */
#define STEPS_MAX   20000 /* members and elements of one variable */
#define CLOCK_EVERY 16	  /* entries */

bool variable_waits(struct variable_patience *patience)
{
	if (patience->steps++ % CLOCK_EVERY == 0 && clock_ns() > patience->deadline)
		patience->over = true;
	return !patience->over;
}

bool variable_bare_type(const struct dwarf_entry *type, struct dwarf_entry *out)
{
	struct dwarf_entry at = *type;

	for (int i = 0; i < CHAIN_MAX; i++) {
		switch (dwarf_entry_tag(&at)) {
		case DWARF_TYPEDEF:
		case DWARF_CONST_TYPE:
		case DWARF_VOLATILE_TYPE:
		case DWARF_RESTRICT_TYPE:
		case DWARF_ATOMIC_TYPE:
			if (dwarf_entry_reference(&at, DWARF_AT_TYPE, &at) < 0)
				return false;
			break;
		case 0:
			return false;
		default:
			*out = at;
			return true;
		}
	}
	return false;
}

bool variable_owner(const struct dwarf_entry *entry, unsigned attribute, struct dwarf_entry *out)
{
	struct dwarf_entry at = *entry;

	for (int i = 0; i < CHAIN_MAX; i++) {
		if (dwarf_entry_has(&at, attribute)) {
			*out = at;
			return true;
		}
		if (dwarf_entry_reference(&at, DWARF_AT_ABSTRACT_ORIGIN, &at) < 0 &&
		    dwarf_entry_reference(&at, DWARF_AT_SPECIFICATION, &at) < 0)
			return false;
	}
	return false;
}

const char *variable_name(const struct dwarf_entry *entry)
{
	struct dwarf_entry owner;

	return variable_owner(entry, DWARF_AT_NAME, &owner) ? dwarf_entry_name(&owner) : NULL;
}

bool variable_type(const struct dwarf_entry *entry, struct dwarf_entry *out)
{
	struct dwarf_entry owner;

	return variable_owner(entry, DWARF_AT_TYPE, &owner) &&
	       dwarf_entry_reference(&owner, DWARF_AT_TYPE, out) == 0;
}

struct inspection {
	variable_pointer_fn *found;
	void *context;
	bool enough;	/* nothing more is wanted, of any variable */
	uint64_t from;	/* no pointer before this offset is wanted */
	unsigned left;	/* of VARIABLE_POINTERS */
	unsigned steps; /* of STEPS_MAX: debug information can lie */
	unsigned nest;	/* of VARIABLE_NEST_MAX */
	struct buf path;
};

static bool step(struct inspection *inspection)
{
	return ++inspection->steps <= STEPS_MAX;
}

static bool inspect(struct inspection *inspection, const struct dwarf_entry *type, uint64_t offset,
		    unsigned level);

static bool inspect_members(struct inspection *inspection, const struct dwarf_entry *record,
			    uint64_t offset, unsigned level)
{
	size_t length = inspection->path.len;
	struct dwarf_entry member;
	int more = dwarf_entry_child(record, &member);
	bool go_on = true;

	for (; go_on && more > 0 && step(inspection);
	     more = dwarf_entry_sibling(&member, &member)) {
		unsigned tag = dwarf_entry_tag(&member);
		const char *name = dwarf_entry_name(&member);
		struct dwarf_entry type;
		uint64_t at = 0;

		if ((tag != DWARF_MEMBER && tag != DWARF_INHERITANCE) ||
		    dwarf_entry_has(&member, DWARF_AT_EXTERNAL) ||
		    dwarf_entry_reference(&member, DWARF_AT_TYPE, &type) < 0 ||
		    dwarf_entry_number(&member, DWARF_AT_DATA_MEMBER_LOCATION, &at) == -EINVAL)
			continue;
		if (name && tag == DWARF_MEMBER)
			buf_printf(&inspection->path, ".%s", name);
		/* What has no name is no level of its own. */
		go_on = inspect(inspection, &type, offset + at, level - !name);
		inspection->path.len = length;
	}
	return go_on;
}

/* How many elements an array has in all: 0 when it isn't said. */
static uint64_t array_length(struct inspection *inspection, const struct dwarf_entry *array)
{
	uint64_t length = 1, bound;
	struct dwarf_entry range;
	int more = dwarf_entry_child(array, &range);

	for (; more > 0 && step(inspection); more = dwarf_entry_sibling(&range, &range)) {
		if (dwarf_entry_tag(&range) != DWARF_SUBRANGE_TYPE)
			continue;
		if (dwarf_entry_number(&range, DWARF_AT_COUNT, &bound) < 0) {
			if (dwarf_entry_number(&range, DWARF_AT_UPPER_BOUND, &bound) < 0)
				return 0;
			bound++;
		}
		if (__builtin_mul_overflow(length, bound, &length))
			return 0;
	}
	return length;
}

static bool inspect_elements(struct inspection *inspection, const struct dwarf_entry *array,
			     uint64_t offset, unsigned level)
{
	uint64_t n = array_length(inspection, array), size = sizeof(uint64_t), first;
	size_t length = inspection->path.len;
	struct dwarf_entry type, bare;
	bool go_on = true;

	if (dwarf_entry_reference(array, DWARF_AT_TYPE, &type) < 0 ||
	    !variable_bare_type(&type, &bare))
		return true;
	if (dwarf_entry_tag(&bare) == DWARF_BASE_TYPE ||
	    (dwarf_entry_tag(&bare) != DWARF_POINTER_TYPE &&
	     dwarf_entry_number(&bare, DWARF_AT_BYTE_SIZE, &size) < 0))
		return true;
	first = size && inspection->from > offset ? (inspection->from - offset) / size : 0;
	for (uint64_t i = first; go_on && i < n && i - first < VARIABLE_POINTERS; i++) {
		buf_printf(&inspection->path, "[%lu]", (unsigned long)i);
		go_on = inspect(inspection, &type, offset + i * size, level);
		inspection->path.len = length;
	}
	return go_on;
}

static bool inspect_pointer(struct inspection *inspection, const struct dwarf_entry *pointer,
			    uint64_t offset)
{
	struct dwarf_entry target = {0};
	bool typed = dwarf_entry_reference(pointer, DWARF_AT_TYPE, &target) == 0;
	const char *path = buf_cstr(&inspection->path);

	if (inspection->left == 0 || !path)
		return false;
	inspection->left--;
	inspection->enough = !inspection->found(inspection->context, offset, path, typed, &target);
	return !inspection->enough;
}

static bool inspect_type(struct inspection *inspection, const struct dwarf_entry *type,
			 uint64_t offset, unsigned level)
{
	struct dwarf_entry bare;

	if (!variable_bare_type(type, &bare))
		return true;
	switch (dwarf_entry_tag(&bare)) {
	case DWARF_POINTER_TYPE:
	case DWARF_REFERENCE_TYPE:
		return inspect_pointer(inspection, &bare, offset);
	case DWARF_STRUCTURE_TYPE:
	case DWARF_CLASS_TYPE:
	case DWARF_UNION_TYPE:
		return level >= VARIABLE_LEVELS ||
		       inspect_members(inspection, &bare, offset, level + 1);
	case DWARF_ARRAY_TYPE:
		return level >= VARIABLE_LEVELS ||
		       inspect_elements(inspection, &bare, offset, level + 1);
	default:
		return true;
	}
}

static bool inspect(struct inspection *inspection, const struct dwarf_entry *type, uint64_t offset,
		    unsigned level)
{
	bool go_on;

	if (!step(inspection) || inspection->nest == VARIABLE_NEST_MAX)
		return false;
	inspection->nest++;
	go_on = inspect_type(inspection, type, offset, level);
	inspection->nest--;
	return go_on;
}

bool variable_pointers(const struct dwarf_entry *type, const char *name, uint64_t from,
		       variable_pointer_fn *found, void *context)
{
	struct inspection inspection = {
		.found = found,
		.context = context,
		.from = from,
		.left = VARIABLE_POINTERS,
	};

	buf_puts(&inspection.path, name);
	inspect(&inspection, type, 0, 0);
	buf_destroy(&inspection.path);
	return !inspection.enough;
}
