/* SPDX-License-Identifier: MIT */
/* The shared mappings of one process, by whatever way the kernel tells them. */
#ifndef PEEKFS_REGION_MAPPING_H
#define PEEKFS_REGION_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

struct mapping {
	uint64_t start;
	uint64_t end;
	uint64_t offset;
	uint64_t inode;
	uint32_t major;
	uint32_t minor;
	size_t path; /* where it begins in mappings.text; terminated there */
	uint32_t path_len;
	uint8_t prot;
};

/* Many mappings, of many processes one behind the other. Freed by mappings_destroy(). */
struct mappings {
	struct mapping *all;
	size_t n;
	size_t cap;
	struct buf text;
};

void mappings_destroy(struct mappings *mappings);
/* Appends one: 0 or -ENOMEM. path needn't be terminated. */
int mappings_add(struct mappings *mappings, const struct mapping *mapping, const char *path,
		 size_t path_len);

/*
 * The next shared mapping at or behind address, of the process whose open /proc/PID/maps fd is, and
 * its path, terminated, in name (room bytes; "" where it is longer; 0: not asked for). 0; -ENOENT
 * there is none; other errors as mappings_query().
 */
int mapping_next(int fd, uint64_t address, struct mapping *out, char *name, uint32_t room);

/*
 * Appends what the process shares; fd is its open /proc/PID/maps. 0; -ESRCH when it has no address
 * space (any more); -ENOMEM; another error when the kernel doesn't let us.
 */
int mappings_query(int fd, struct mappings *to); /* -ENOTTY: the kernel is older than 6.11 */
int mappings_parse(int fd, struct mappings *to); /* proc(5): the text of maps */

/* True while the address space behind fd exists. */
bool mappings_query_alive(int fd);
bool mappings_parse_alive(int fd);

#endif
