/* SPDX-License-Identifier: MIT */
/* Variables of a frame. */
#include "layout/variable_inside.h"

struct scope {
	uint64_t pc;
	struct machine *machine;
	struct variable_patience patience;
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
	    !variable_type(entry, &type))
		return true;
	scope->variable = (struct variable){
		.kind = VARIABLE_LOCAL,
		.name = variable_name(entry),
		.function = scope->function,
	};
	if (!scope->variable.name)
		return true;
	return variable_pointers(&type, scope->variable.name, 0, read_pointer, scope);
}

static bool try_scope(struct scope *scope, const struct dwarf_entry *block, unsigned nest);

/* The block within a block that pc is in: its variables hide the outer ones, so it comes first. */
static bool try_inner(struct scope *scope, const struct dwarf_entry *block, unsigned nest)
{
	struct dwarf_entry entry;
	int more = dwarf_entry_child(block, &entry);

	for (; more > 0 && variable_waits(&scope->patience);
	     more = dwarf_entry_sibling(&entry, &entry)) {
		const char *outer = scope->function;
		unsigned tag = dwarf_entry_tag(&entry);
		bool go_on;

		if ((tag != DWARF_LEXICAL_BLOCK && tag != DWARF_INLINED_SUBROUTINE) ||
		    !dwarf_entry_covers(&entry, scope->pc))
			continue;
		if (tag == DWARF_INLINED_SUBROUTINE)
			scope->function = variable_name(&entry);
		go_on = try_scope(scope, &entry, nest + 1);
		scope->function = outer;
		return go_on;
	}
	return !scope->patience.over;
}

static bool try_scope(struct scope *scope, const struct dwarf_entry *block, unsigned nest)
{
	struct dwarf_entry entry;
	int more;

	if (nest >= VARIABLE_NEST_MAX || !try_inner(scope, block, nest))
		return false;
	more = dwarf_entry_child(block, &entry);
	for (; more > 0 && variable_waits(&scope->patience);
	     more = dwarf_entry_sibling(&entry, &entry)) {
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
	int more = nest < VARIABLE_NEST_MAX ? dwarf_entry_child(parent, &entry) : 0;

	for (; more > 0 && variable_waits(&scope->patience);
	     more = dwarf_entry_sibling(&entry, &entry)) {
		unsigned tag = dwarf_entry_tag(&entry);

		if (tag == DWARF_NAMESPACE && find_function(scope, &entry, nest + 1))
			return true;
		if (tag != DWARF_SUBPROGRAM || !dwarf_entry_covers(&entry, scope->pc))
			continue;
		if (dwarf_entry_location(&entry, DWARF_AT_FRAME_BASE, scope->pc, &machine->base,
					 &machine->n_base) < 0)
			machine->base = NULL;
		scope->function = variable_name(&entry);
		try_scope(scope, &entry, 0);
		machine->base = NULL;
		return true;
	}
	return false;
}

void variables_in_scope(struct dwarf *dwarf, uint64_t pc, struct machine *machine,
			uint64_t deadline, variable_fn *tell, void *context)
{
	struct scope scope = {
		.pc = pc,
		.machine = machine,
		.patience = {.deadline = deadline},
		.tell = tell,
		.context = context,
	};
	struct dwarf_unit unit = {0};

	while (variable_waits(&scope.patience) && dwarf_unit_next(dwarf, &unit) > 0)
		if (unit.kind == DWARF_UNIT_COMPILE && dwarf_entry_covers(&unit.root, pc) &&
		    find_function(&scope, &unit.root, 0))
			return;
}
