/* SPDX-License-Identifier: MIT */
/* Fields as text: `path: value` lines, or JSON. */
#ifndef PEEKFS_PEEKCTL_VALUES_H
#define PEEKFS_PEEKCTL_VALUES_H

#include "peekctl/session.h"

/* Prints the field that target->node is, and all below it: an enum status. */
int values_print(const struct target *target, bool json);

#endif
