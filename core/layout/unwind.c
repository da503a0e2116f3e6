/* SPDX-License-Identifier: MIT */
#include "layout/unwind.h"

#include <errno.h>

#include "base/cleanup.h"

static void free_frame(struct cfi_frame **frame)
{
	cfi_frame_free(*frame);
}

/* What a rule says of a register of the caller: true and *value when that is known. */
static bool restore(const struct machine *machine, const struct cfi_frame *frame, unsigned number,
		    uint64_t *value)
{
	struct dwarf_operation room[CFI_ROOM];
	const struct dwarf_operation *operations;
	struct location location;
	enum cfi_rule rule;
	size_t n;

	if (cfi_frame_register(frame, number, room, &rule, &operations, &n) < 0 ||
	    rule == CFI_UNDEFINED)
		return false;
	if (rule == CFI_SAME) {
		*value = number < MACHINE_REGISTERS ? machine->value[number] : 0;
		return number < MACHINE_REGISTERS && (machine->known >> number & 1);
	}
	/* DW_CFA_expression begins with the CFA on the stack; libdw writes it down. */
	if (evaluate(machine, operations, n, NULL, &location) < 0)
		return false;
	if (!location.in_memory) {
		*value = location.value;
		return true;
	}
	return machine->read(machine->context, location.value, value, sizeof(*value)) == 0;
}

/* The caller's frame from this one: false when nobody called, or it isn't known who. */
static bool go_up(struct machine *machine, const struct cfi_frame *frame)
{
	struct machine caller = *machine;

	caller.known = 0;
	caller.has_cfa = false;
	caller.base = NULL;
	for (unsigned i = 0; i < MACHINE_REGISTERS; i++)
		if (restore(machine, frame, i, &caller.value[i]))
			caller.known |= 1u << i;
	if (!restore(machine, frame, cfi_frame_return(frame), &caller.pc) || caller.pc == 0)
		return false;
	*machine = caller;
	return true;
}

static bool find_cfa(struct machine *machine, const struct cfi_frame *frame)
{
	const struct dwarf_operation *operations;
	struct location cfa;
	size_t n;

	if (cfi_frame_cfa(frame, &operations, &n) < 0 ||
	    evaluate(machine, operations, n, NULL, &cfa) < 0)
		return false;
	machine->cfa = cfa.value;
	machine->has_cfa = true;
	return true;
}

unsigned unwind(struct machine *machine, const struct unwind_ops *ops)
{
	bool exact = true; /* pc is where it was, not where it returns to */
	uint64_t before = 0;

	for (unsigned depth = 0; depth < UNWIND_DEPTH_MAX; depth++) {
		CLEANUP(free_frame) struct cfi_frame *frame = NULL;
		uint64_t pc = machine->pc - !exact;
		struct cfi *cfi;

		if (ops->cfi(ops->context, pc, &cfi, &machine->bias) < 0 ||
		    cfi_frame_at(cfi, pc - machine->bias, &frame) < 0 || !find_cfa(machine, frame))
			return depth;
		/* Frames lie above one another, but where a signal handler has its own stack. */
		if (!exact && machine->cfa <= before)
			return depth;
		before = cfi_frame_is_signal(frame) ? 0 : machine->cfa;
		exact = cfi_frame_is_signal(frame);
		if (!ops->frame(ops->context, machine, pc, depth) || !go_up(machine, frame))
			return depth + 1;
	}
	return UNWIND_DEPTH_MAX;
}
