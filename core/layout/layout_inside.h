/* SPDX-License-Identifier: MIT */
/* What bound.c sees of a layout, and nobody else. */
#ifndef PEEKFS_LAYOUT_LAYOUT_INSIDE_H
#define PEEKFS_LAYOUT_LAYOUT_INSIDE_H

#include "layout/layout.h"
#include "layout/parse.h"

/* The first of the variables that it places, borrowed; NULL: none, it is records of the struct
 * *record. */
const struct placed *layout_placed(const struct layout *layout, const struct ctype **record);

#endif
