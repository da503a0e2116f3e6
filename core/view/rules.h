/* SPDX-License-Identifier: MIT */
/*
 * Layouts for regions that nobody typed one for: rule files, and those that come built in.
 *
 * A rule file is a layout with a `match` declaration (layout/match.h), NAME.peek in
 * $XDG_CONFIG_HOME/peekfs/layouts.d (or ~/.config/peekfs/layouts.d) or /etc/peekfs/layouts.d. They
 * are taken in order of their names, a user's file instead of the system's of that name, and the
 * first that matches is it. Built-in ones come after all files. Files are looked at when a region
 * is, at most once a second, and read again when one has changed; one with a mistake counts as
 * absent and `status` says what is wrong with it.
 *
 * A rule may name types that only programs know (layout_awaits()). It is found like the others, and
 * whoever finds it asks the programs, when somebody looks at the region's fields and not before.
 *
 * All functions are thread-safe.
 */
#ifndef PEEKFS_VIEW_RULES_H
#define PEEKFS_VIEW_RULES_H

#include "base/buf.h"
#include "layout/layout.h"
#include "region/memory.h"

struct rules;

/* 0 and *out, for rules_free(); -ENOMEM. Reads nothing yet. proc: NULL: /proc; must outlive it. */
int rules_new(const char *proc, struct rules **out);
void rules_free(struct rules *rules); /* takes NULL */

/* What matched. */
struct rule_found {
	struct layout *layout; /* a reference; of its text, where it awaits types */
	char *name;	       /* "/etc/peekfs/layouts.d/x.peek", or of a built-in one "utmp" */
	bool builtin;
};

/*
 * The rule for a region: 0 and *out; -ENOENT there is none; -ENOMEM. Its bytes are read only for a
 * magic() when all else holds, and never those of an unattached System V segment.
 */
int rules_find(struct rules *rules, const struct region *region, struct memory *memory,
	       struct rule_found *out);

/* "Rules:", a "Rule-Error:" for each file that can't be used, and a "Rule-Debuginfo:" with the
 * first type that programs are to be asked for, for `status`. */
void rules_status(struct rules *rules, struct buf *out);

#endif
