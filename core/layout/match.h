/* SPDX-License-Identifier: MIT */
/*
 * Which regions a layout is for, as its own text says:
 *
 *	match program("java") kind(file) magic(0, "\xca\xfe\xc0\xc0");
 *
 * A layout matches a region when one of its match declarations does, and that does when each of
 * its conditions holds; one with several words holds when one of them does.
 *
 *	name("GLOB", ...)	the region's name in regions/, fnmatch(3)
 *	path("GLOB", ...)	its path; a star takes slashes too
 *	kind(WORD, ...)		file shm memfd sysv anon hugetlb
 *	size(N), size(N, M)	its size in bytes: N, or from N to M
 *	magic(N, "BYTES")	the bytes at offset N
 *	program("GLOB", ...)	a program that maps it: comm, the path of its file or its last part
 *	unit("GLOB", ...)	the systemd unit that such a program runs in
 *
 * Here is only what it says; who knows regions compares (view/matching.h). Immutable, part of the
 * layout.
 */
#ifndef PEEKFS_LAYOUT_MATCH_H
#define PEEKFS_LAYOUT_MATCH_H

#include <stddef.h>
#include <stdint.h>

struct layout;

enum match_key {
	MATCH_NAME,
	MATCH_PATH,
	MATCH_KIND,
	MATCH_SIZE,
	MATCH_MAGIC,
	MATCH_PROGRAM,
	MATCH_UNIT,
};

struct match_word {
	const struct match_word *next;
	const char *text; /* terminated; of MATCH_MAGIC n bytes, any */
	size_t n;
	uint64_t from, to; /* MATCH_SIZE: bytes, both included; MATCH_MAGIC: from is the offset */
};

struct match_condition {
	struct match_condition *next;
	enum match_key key;
	const struct match_word *words; /* at least one */
};

struct match {
	struct match *next;
	struct match_condition *conditions; /* at least one; cheap ones first */
};

#define MATCH_MAGIC_MAX 64 /* bytes */

/* Its match declarations, in order; NULL: none. Lives as long as the layout. */
const struct match *layout_match(const struct layout *layout);

#endif
