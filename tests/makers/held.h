/* SPDX-License-Identifier: MIT */
/* One object, our mappings of it, and what the tests may do to them while others look. */
#ifndef PEEKFS_TESTS_HELD_H
#define PEEKFS_TESTS_HELD_H

#include "object.h"

struct mapping {
	char *at;
	uint64_t offset;
	size_t len;
	int prot;
};

struct held {
	struct object object;
	struct mapping mappings[64];
	unsigned count;
};

/* Reads `OFFSET:LEN:PROT[:private]`, PROT as in maps ("rw", "r", "-"); 0, or -1. */
int held_map(struct held *held, const char *text);

/* Tells what there is, on stdout: an `object` line and one line for each mapping. */
void held_tell(const struct held *held, const char *kind);

/* Answers a command a line from stdin, until `exit` or the end of the input. */
void held_serve(struct held *held);

/* A number with an optional k, m, g or t (times 1024 each), decimal or 0x. */
uint64_t held_number(const char *text);

#endif
