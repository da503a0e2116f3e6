/* SPDX-License-Identifier: MIT */
/* Whether a region is one that a layout's match declarations mean. */
#ifndef PEEKFS_VIEW_MATCHING_H
#define PEEKFS_VIEW_MATCHING_H

#include <stdbool.h>

#include "layout/match.h"
#include "region/memory.h"

/* matches: as layout_match() gives them; NULL matches nothing. proc: NULL: /proc. What can't be
 * read (a program that has gone, bytes that nobody lets us see) doesn't match. Thread-safe. */
bool matching(const struct match *matches, const struct region *region, struct memory *memory,
	      const char *proc);

#endif
