/* SPDX-License-Identifier: MIT */
/* What is wrong with a layout that fits its region: what the memory says has no sense. */
#ifndef PEEKFS_VIEW_TROUBLE_H
#define PEEKFS_VIEW_TROUBLE_H

#include "view/object.h"

/* The first placed variable that has no sensible place or length now, or something in it (of the
 * first thousand members and elements of all) hasn't; no room for one element; or an array that
 * ended at a length which can't be, among its first elements: *diag, whose line may be 0. False:
 * there is none, or no layout. */
bool trouble_find(struct object *object, struct diag *diag);

#endif
