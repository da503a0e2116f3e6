/* SPDX-License-Identifier: MIT */
/* A type out of C text, bytes to fill it with, and what `fields` would show of it. */
#ifndef PEEKFS_TESTS_TYPED_H
#define PEEKFS_TESTS_TYPED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "layout/layout.h"
#include "view/value.h"

static inline void typed_unref(struct bound **bound)
{
	bound_unref(*bound);
}

#define OWNED_BOUND CLEANUP(typed_unref) struct bound *

/* The text laid over that many bytes; for bound_unref(). */
static inline struct bound *typed_bind(const char *text, uint64_t size)
{
	struct layout *layout;
	struct bound *bound = NULL;
	struct diag diag = {0};

	if (layout_parse(text, strlen(text), &layout, &diag) < 0 ||
	    layout_bind(layout, size, &bound, &diag) < 0)
		fail_msg("%s\n%u:%u: %s", text, diag.line, diag.column, diag.message);
	layout_unref(layout);
	return bound;
}

/* The text isn't taken: because of that, told at that place. */
static inline void typed_refuse(const char *text, unsigned line, unsigned column,
				const char *because)
{
	struct layout *layout;
	struct diag diag = {0};

	assert_int_equal(layout_parse(text, strlen(text), &layout, &diag), -EINVAL);
	if (diag.line != line || diag.column != column || !strstr(diag.message, because))
		fail_msg("%s: %u:%u: %s", text, diag.line, diag.column, diag.message);
}

/* "a.b.0" below the root. */
static inline struct place typed_place(const struct bound *bound, const char *path)
{
	struct place place = bound_root(bound);
	char copy[256], *rest = copy, *name;

	snprintf(copy, sizeof(copy), "%s", path);
	while ((name = strsep(&rest, ".")))
		if (type_lookup(&place, name, &place, NULL) < 0)
			fail_msg("there is no %s in %s", name, path);
	return place;
}

static uint64_t typed_seed = 88172645463325252u;

static inline uint64_t typed_random(void)
{
	typed_seed ^= typed_seed << 13;
	typed_seed ^= typed_seed >> 7;
	typed_seed ^= typed_seed << 17;
	return typed_seed;
}

#define TYPED_KINDS 6

/* One byte of a run of one kind: zeros, ones, small numbers, text; any other kind: anything. */
static inline unsigned char typed_byte(unsigned kind)
{
	uint64_t any = typed_random();

	switch (kind) {
	case 0:
		return 0;
	case 1:
		return 0xff;
	case 2:
		return (unsigned char)(any % 3);
	case 3:
		return (unsigned char)(0x20 + any % 0x5f);
	default:
		return (unsigned char)any;
	}
}

/* Bytes as live memory has them. */
static inline void typed_fill(unsigned char *bytes, size_t n)
{
	for (size_t i = 0; i < n;) {
		unsigned kind = (unsigned)(typed_random() % TYPED_KINDS);
		size_t end = i + typed_random() % 40;

		for (; i < n && i < end; i++)
			bytes[i] = typed_byte(kind);
	}
}

#endif
