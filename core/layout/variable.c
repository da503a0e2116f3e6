/* SPDX-License-Identifier: MIT */
#include "layout/variable.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"

#define CHAIN_MAX 32	     /* typedefs and qualifiers one around the other */
#define NEST_MAX  64	     /* blocks within blocks */
#define STEPS_MAX 20000	     /* members and elements of one variable */
#define REACH_MAX (1u << 20) /* bytes of a static variable that are looked at */
#define OP_ADDR	  0x03	     /* DWARF 5, table 7.9 */

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

/* An attribute's owner: the entry, or where it says that it was declared. */
static bool find_owner(const struct dwarf_entry *entry, unsigned attribute, struct dwarf_entry *out)
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

static const char *name_of(const struct dwarf_entry *entry)
{
	struct dwarf_entry owner;

	return find_owner(entry, DWARF_AT_NAME, &owner) ? dwarf_entry_name(&owner) : NULL;
}

static bool type_of(const struct dwarf_entry *entry, struct dwarf_entry *out)
{
	struct dwarf_entry owner;

	return find_owner(entry, DWARF_AT_TYPE, &owner) &&
	       dwarf_entry_reference(&owner, DWARF_AT_TYPE, out) == 0;
}

/* ---- pointers within a variable ---- */

typedef bool pointer_fn(void *context, uint64_t offset, const char *path, bool typed,
			const struct dwarf_entry *target);

struct inspection {
	pointer_fn *found;
	void *context;
	bool enough;	/* nothing more is wanted, of any variable */
	uint64_t from;	/* no pointer before this offset is wanted */
	unsigned left;	/* of VARIABLE_POINTERS */
	unsigned steps; /* of STEPS_MAX: debug information can lie */
	unsigned nest;	/* of NEST_MAX */
	struct buf path;
};

static bool inspect(struct inspection *inspection, const struct dwarf_entry *type, uint64_t offset,
		    unsigned level);

static bool inspect_members(struct inspection *inspection, const struct dwarf_entry *record,
			    uint64_t offset, unsigned level)
{
	size_t length = inspection->path.len;
	struct dwarf_entry member;
	int more = dwarf_entry_child(record, &member);
	bool go_on = true;

	for (; go_on && more > 0; more = dwarf_entry_sibling(&member, &member)) {
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
static uint64_t array_length(const struct dwarf_entry *array)
{
	uint64_t length = 1, bound;
	struct dwarf_entry range;
	int more = dwarf_entry_child(array, &range);

	for (; more > 0; more = dwarf_entry_sibling(&range, &range)) {
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
	uint64_t n = array_length(array), size = sizeof(uint64_t), first;
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

	if (++inspection->steps > STEPS_MAX || inspection->nest == NEST_MAX)
		return false;
	inspection->nest++;
	go_on = inspect_type(inspection, type, offset, level);
	inspection->nest--;
	return go_on;
}

/* Calls found for the pointers from an offset on of a variable of that type, as many as are looked
 * at; name begins their paths. False: found had enough. */
static bool pointers_of(const struct dwarf_entry *type, const char *name, uint64_t from,
			pointer_fn *found, void *context)
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

/* ---- variables with an address of their own ---- */

struct search {
	const uint64_t *addresses;
	size_t n;
	bool *found;
	size_t left;
	bool inside; /* of functions */
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
	return search->tell(search->context, &search->variable) && search->left > 0;
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
	    !type_of(entry, &type))
		return true;
	search->variable = (struct variable){
		.kind = find_owner(entry, DWARF_AT_EXTERNAL, &owner) ? VARIABLE_GLOBAL
								     : VARIABLE_STATIC,
		.name = name_of(entry),
	};
	if (!search->variable.name)
		return true;
	return pointers_of(&type, search->variable.name, search->addresses[i] - search->start,
			   match_pointer, search);
}

/* All variables below an entry; false: enough. */
static bool try_children(struct search *search, const struct dwarf_entry *parent, unsigned nest)
{
	struct dwarf_entry entry;
	int more = nest < NEST_MAX ? dwarf_entry_child(parent, &entry) : 0;

	for (; more > 0; more = dwarf_entry_sibling(&entry, &entry)) {
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
	return true;
}

static int search_units(struct search *search, struct dwarf *dwarf, uint64_t deadline)
{
	struct dwarf_unit unit = {0};
	int r;

	while ((r = dwarf_unit_next(dwarf, &unit)) > 0) {
		if (clock_ns() > deadline)
			return -ETIMEDOUT;
		if (unit.kind == DWARF_UNIT_COMPILE && unit.address_size == sizeof(uint64_t) &&
		    !try_children(search, &unit.root, 0))
			return 0;
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
		.tell = tell,
		.context = context,
	};
	int r;

	if (!found)
		return -ENOMEM;
	r = search_units(&search, dwarf, deadline);
	if (r < 0 || search.left == 0)
		return r;
	search.inside = true;
	return search_units(&search, dwarf, deadline);
}

/* ---- variables of a frame ---- */

struct scope {
	uint64_t pc;
	struct machine *machine;
	variable_fn *tell;
	void *context;
	const char *function;
	struct variable variable;
	struct location location; /* of the variable that is looked at */
};

static bool read_pointer(void *context, uint64_t offset, const char *path, bool typed,
			 const struct dwarf_entry *target)
{
	struct scope *scope = context;
	const struct machine *machine = scope->machine;
	uint64_t value = scope->location.value;

	if (scope->location.in_memory) {
		if (machine->read(machine->context, value + offset, &value, sizeof(value)) < 0)
			return true;
	} else if (offset != 0) {
		return true; /* a register holds the first word */
	}
	scope->variable.path = path;
	scope->variable.typed = typed;
	scope->variable.target = *target;
	scope->variable.value = value;
	return scope->tell(scope->context, &scope->variable);
}

static bool try_local(struct scope *scope, const struct dwarf_entry *entry)
{
	const struct dwarf_operation *operations;
	struct dwarf_entry type;
	size_t n;

	if (dwarf_entry_location(entry, DWARF_AT_LOCATION, scope->pc, &operations, &n) < 0 ||
	    evaluate(scope->machine, operations, n, NULL, &scope->location) < 0 ||
	    !type_of(entry, &type))
		return true;
	scope->variable = (struct variable){
		.kind = VARIABLE_LOCAL,
		.name = name_of(entry),
		.function = scope->function,
	};
	if (!scope->variable.name)
		return true;
	return pointers_of(&type, scope->variable.name, 0, read_pointer, scope);
}

static bool try_scope(struct scope *scope, const struct dwarf_entry *block, unsigned nest);

/* The block within a block that pc is in: its variables hide the outer ones, so it comes first. */
static bool try_inner(struct scope *scope, const struct dwarf_entry *block, unsigned nest)
{
	struct dwarf_entry entry;
	int more = dwarf_entry_child(block, &entry);

	for (; more > 0; more = dwarf_entry_sibling(&entry, &entry)) {
		const char *outer = scope->function;
		unsigned tag = dwarf_entry_tag(&entry);
		bool go_on;

		if ((tag != DWARF_LEXICAL_BLOCK && tag != DWARF_INLINED_SUBROUTINE) ||
		    !dwarf_entry_covers(&entry, scope->pc))
			continue;
		if (tag == DWARF_INLINED_SUBROUTINE)
			scope->function = name_of(&entry);
		go_on = try_scope(scope, &entry, nest + 1);
		scope->function = outer;
		return go_on;
	}
	return true;
}

static bool try_scope(struct scope *scope, const struct dwarf_entry *block, unsigned nest)
{
	struct dwarf_entry entry;
	int more;

	if (nest >= NEST_MAX || !try_inner(scope, block, nest))
		return false;
	more = dwarf_entry_child(block, &entry);
	for (; more > 0; more = dwarf_entry_sibling(&entry, &entry)) {
		unsigned tag = dwarf_entry_tag(&entry);

		if ((tag == DWARF_VARIABLE || tag == DWARF_FORMAL_PARAMETER) &&
		    !try_local(scope, &entry))
			return false;
	}
	return true;
}

/* The function that pc is in, below an entry: true when it was found. */
static bool find_function(struct scope *scope, const struct dwarf_entry *parent, unsigned nest)
{
	struct machine *machine = scope->machine;
	struct dwarf_entry entry;
	int more = nest < NEST_MAX ? dwarf_entry_child(parent, &entry) : 0;

	for (; more > 0; more = dwarf_entry_sibling(&entry, &entry)) {
		unsigned tag = dwarf_entry_tag(&entry);

		if (tag == DWARF_NAMESPACE && find_function(scope, &entry, nest + 1))
			return true;
		if (tag != DWARF_SUBPROGRAM || !dwarf_entry_covers(&entry, scope->pc))
			continue;
		if (dwarf_entry_location(&entry, DWARF_AT_FRAME_BASE, scope->pc, &machine->base,
					 &machine->n_base) < 0)
			machine->base = NULL;
		scope->function = name_of(&entry);
		try_scope(scope, &entry, 0);
		machine->base = NULL;
		return true;
	}
	return false;
}

void variables_in_scope(struct dwarf *dwarf, uint64_t pc, struct machine *machine,
			variable_fn *tell, void *context)
{
	struct scope scope = {.pc = pc, .machine = machine, .tell = tell, .context = context};
	struct dwarf_unit unit = {0};

	while (dwarf_unit_next(dwarf, &unit) > 0)
		if (unit.kind == DWARF_UNIT_COMPILE && dwarf_entry_covers(&unit.root, pc) &&
		    find_function(&scope, &unit.root, 0))
			return;
}
