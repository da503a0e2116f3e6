/* SPDX-License-Identifier: MIT */
/*
 * The types of one program file, out of its debug information.
 *
 * They follow the rules of type.h, as if somebody had written the declarations down: what the
 * compiler said of sizes and offsets is taken, not computed. What plain data can't express is not
 * guessed: a complex number, a member whose place is an expression are bytes
 * or left out, and so are members whose type has no size; bases of a class are members, their own
 * lifted like an anonymous struct's where no two names are the same, else a directory with the
 * base's name; virtual bases are left out.
 *
 * A struct debug has two parts. Reading needs the debug information itself, hundreds of megabytes
 * maybe; that part is opened by debug_use() and given back by debug_rest(). The types that were
 * made are some kilobytes, live as long as the struct debug, and never change.
 *
 * Reference counted and thread-safe; between debug_use() and debug_done() one thread has it.
 */
#ifndef PEEKFS_LAYOUT_DEBUG_H
#define PEEKFS_LAYOUT_DEBUG_H

#include "base/buf.h"
#include "base/diag.h"
#include "layout/dwarf.h"
#include "layout/reader.h"
#include "layout/type.h"

struct debug;

/* 0 and *out, a reference; -ENOMEM. */
int debug_new(struct debug **out);
struct debug *debug_ref(struct debug *debug);
void debug_unref(struct debug *debug); /* takes NULL */

/*
 * The type of that name: 0 and *out, which lives as long as debug. fd is the program file, which is
 * opened only when the name wasn't looked for before.
 *
 * Several units of a program may define one name, each its own; the first in the file is taken.
 * A name with `::` must be the whole path; one without is looked for outside of namespaces first,
 * then in them and in classes, then inside of functions.
 *
 * With *diag: -ENOENT there is none; what dwarf_open() returns; -EINVAL the debug information is
 * broken there; -E2BIG beyond a limit of layout.h. -ENOMEM.
 */
int debug_find(struct debug *debug, int fd, const struct dwarf_files *files,
	       const struct reader_name *name, const struct type **out, struct diag *diag);

/*
 * Takes debug for this thread and opens its debug information, which stays open until
 * debug_rest(): 0 and *dwarf, borrowed until debug_done(); what dwarf_open() returns.
 */
int debug_use(struct debug *debug, int fd, const struct dwarf_files *files, struct dwarf **dwarf,
	      struct diag *diag);
/* The type that an entry is, between those two. 0 and *out; -EINVAL, -E2BIG with *diag; -ENOMEM. */
int debug_type(struct debug *debug, const struct dwarf_entry *entry, const struct type **out,
	       struct diag *diag);
void debug_done(struct debug *debug);
/* Whether what wasn't found can't be there, or may be where nobody can look: *diag says why. Called
 * after a search. */
bool debug_lacks(struct dwarf *dwarf, struct diag *diag);
/* Appends the scopes of a type's entry, "shop::v2::", without blanks; nothing in C, which has none.
 * Reads the entries of its unit. 0; -ENOMEM; errors of out are its own. */
int debug_scope(const struct dwarf_entry *entry, struct buf *out);

/* Closes the debug information, if nobody has used it since `before` (CLOCK_MONOTONIC, ns): true
 * when it isn't open any more. Waits for nobody: what is in use stays open. */
bool debug_rest(struct debug *debug, uint64_t before);

/*
 * Where two types of one name first differ: false when nothing does. Else text says so in words
 * that a person who knows both programs understands ("name: 20 bytes at 4 here, 24 at 8
 * there").
 */
bool debug_differ(const struct type *ours, const struct type *theirs, char *text, size_t n);

#endif
