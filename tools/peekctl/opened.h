/* SPDX-License-Identifier: MIT */
/* The object of a region, opened to do something with it as a whole. */
#ifndef PEEKFS_PEEKCTL_OPENED_H
#define PEEKFS_PEEKCTL_OPENED_H

#include "peekctl/session.h"
#include "region/created.h"

/* Opens it for reading and writing: an enum status, as all of these, and a descriptor to close. */
int opened_fd(const struct target *target, int *out);
/* Maps what fd is; one that has no bytes can't be mapped. */
int opened_map(const struct target *target, int fd, struct created **out);

/* Whether its path leads to it here, told without opening it for writing. what: for the message,
 * "removed". */
int opened_at_path(const struct target *target, const char *what);

#endif
