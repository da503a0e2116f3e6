/* SPDX-License-Identifier: MIT */
/* Cells that several verbs fill. */
#ifndef PEEKFS_PEEKCTL_CELLS_H
#define PEEKFS_PEEKCTL_CELLS_H

#include "peekctl/sheet.h"
#include "region/region.h"

/* A process's name; bytes that a terminal would trip over are \xNN. */
void put_command(struct sheet *sheet, size_t column, const struct process *process);
/* "rw-s", as in maps. */
void put_permissions(struct sheet *sheet, size_t column, unsigned prot);

#endif
