/* SPDX-License-Identifier: MIT */
/* What the files that look at variables share; nobody else includes it. */
#ifndef PEEKFS_LAYOUT_VARIABLE_INSIDE_H
#define PEEKFS_LAYOUT_VARIABLE_INSIDE_H

#include "layout/variable.h"

#define VARIABLE_NEST_MAX 64 /* blocks within blocks, types within types */

/* How long a search goes on: zeroed but for the deadline (CLOCK_MONOTONIC, ns). */
struct variable_patience {
	uint64_t deadline;
	unsigned steps;
	bool over;
};

/* One more entry is looked at: false behind the deadline. Entries that overlap can be walked in
 * more ways than anybody can wait for. */
bool variable_waits(struct variable_patience *patience);

/* An attribute's owner: the entry, or where it says that it was declared. */
bool variable_owner(const struct dwarf_entry *entry, unsigned attribute, struct dwarf_entry *out);
const char *variable_name(const struct dwarf_entry *entry); /* NULL: it has none */
bool variable_type(const struct dwarf_entry *entry, struct dwarf_entry *out);

/* A pointer at offset bytes from the variable's first. False: enough, of any variable. */
typedef bool variable_pointer_fn(void *context, uint64_t offset, const char *path, bool typed,
				 const struct dwarf_entry *target);

/* Calls found for the pointers from an offset on of a variable of that type, as many as are looked
 * at; name begins their paths. False: found had enough. */
bool variable_pointers(const struct dwarf_entry *type, const char *name, uint64_t from,
		       variable_pointer_fn *found, void *context);

#endif
