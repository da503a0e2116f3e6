/* SPDX-License-Identifier: MIT */
/*
 * Variables of a program that are pointers, or hold pointers: which of them stands at an address,
 * and what those in scope at a place in the code point to. Found in debug information (dwarf.h);
 * any thread, as far as the struct dwarf belongs to it.
 */
#ifndef PEEKFS_LAYOUT_VARIABLE_H
#define PEEKFS_LAYOUT_VARIABLE_H

#include "layout/evaluate.h"

#define VARIABLE_LEVELS	  2   /* structs and arrays around a pointer that are looked into */
#define VARIABLE_POINTERS 256 /* pointers of one variable, elements of one array looked at */
#define VARIABLE_PATH	  160 /* bytes of a path, its NUL included; a longer one is cut */

enum variable_kind {
	VARIABLE_GLOBAL, /* every file of the program sees it */
	VARIABLE_STATIC, /* one file, or one function */
	VARIABLE_LOCAL,	 /* a parameter or a local variable of a frame */
};

/* A pointer: a variable, or a member or element of one. Borrowed for the call that tells it. */
struct variable {
	enum variable_kind kind;
	const char *name;	   /* of the whole variable */
	const char *path;	   /* as C writes the pointer: "state.students", "table[2]" */
	const char *function;	   /* of a local one, its function's name; else NULL */
	bool typed;		   /* it says what it points to: false for void * */
	struct dwarf_entry target; /* where typed: that type, qualifiers and typedefs included */
	uint64_t address;	   /* where it stands: of static ones; as the file has it */
	uint64_t value;		   /* of local ones */
};

/* False: enough. */
typedef bool variable_fn(void *context, const struct variable *variable);

/*
 * Tells of the variables that stand at these n addresses (ascending, as the file has them), outside
 * of functions first; those within functions are looked for only when some are still unknown.
 * Gives up behind deadline (CLOCK_MONOTONIC, ns). 0; -EINVAL the rest can't be read; -ETIMEDOUT;
 * -ENOMEM.
 */
int variables_at(struct dwarf *dwarf, const uint64_t *addresses, size_t n, uint64_t deadline,
		 variable_fn *tell, void *context);

/* Tells of the pointers in scope at the code address pc (as the file has it) of the machine's
 * frame, innermost block first, where their values are known. machine's base is set meanwhile.
 * Ends behind deadline (CLOCK_MONOTONIC, ns), whether it had all or not. */
void variables_in_scope(struct dwarf *dwarf, uint64_t pc, struct machine *machine,
			uint64_t deadline, variable_fn *tell, void *context);

/* The type without typedefs, const, volatile, restrict and _Atomic: true and *out, which may be
 * type; false for void. */
bool variable_bare_type(const struct dwarf_entry *type, struct dwarf_entry *out);

#endif
