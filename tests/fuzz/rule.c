/* SPDX-License-Identifier: MIT */
/*
 * Any text as a rule file: read ahead of the region that it is for, matched with some regions, and
 * read again when one has come, with types that programs tell. What must hold: no crash, no hang,
 * no leak; a refusal says why; what awaits no type is the same text read at once.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "layout/layout.h"
#include "region/memory.h"
#include "region/object.h"
#include "view/matching.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void release(void *owner)
{
	layout_unref(owner);
}

/* A program that knows any type by the name of an 'a' something, and says so of no other. */
static int find(void *context, const struct reader_name *name, struct reader_found *out,
		struct diag *diag)
{
	static const char text[] = "struct found { int id; char name[12]; struct found *next; };\n"
				   "enum mode { READ = 1, WRITE }; typedef unsigned word;\n"
				   "struct { struct found f; enum mode e; word w; } v @ 0;";
	static struct bound *bound;
	struct place place;
	struct layout *layout;

	(void)context;
	if (!name->length || name->name[0] != 'a')
		return diag_set(diag, -ENOENT, 0, 0, "no program tells what it is");
	if (!bound) {
		if (layout_parse(text, strlen(text), &layout, diag) < 0 ||
		    layout_bind(layout, 4096, &bound, diag) < 0)
			abort();
		layout_unref(layout);
	}
	place = bound_root(bound);
	place = type_child(&place, 0);
	place = type_child(&place, name->word == READER_ENUM   ? 1
				   : name->word == READER_NAME ? 2
							       : 0);
	*out = (struct reader_found){place.type, layout_ref(bound_layout(bound)), release};
	return 0;
}

/* Regions as scans find them, and one whose names are long and full of what globs are made of. */
static void try_match(const struct match *match)
{
	static const struct process process = {.pid = 1, .task = 1, .comm = "a program[x]"};
	static const struct mapper mapper = {.process = &process, .start = 4096, .end = 8192};
	static struct region_object object = {.refs = 1};
	static char name[256], path[4096];
	const struct region regions[] = {
		{.kind = REGION_SHM, .name = "ring", .path = "/dev/shm/ring", .size = 4096},
		{.kind = REGION_ANON, .name = "anon-5", .path = "", .size = 0, .leftover = true},
		{.kind = REGION_FILE, .name = name, .path = path, .size = UINT64_MAX},
	};

	memset(name, 'a', sizeof(name) - 1);
	memset(path, '/', 1);
	memset(path + 1, 'a', sizeof(path) - 2);
	for (size_t i = 0; i < ARRAY_SIZE(regions); i++) {
		struct memory *memory;

		object.region = regions[i];
		object.region.mappers = &mapper;
		object.region.n_mappers = !regions[i].leftover;
		if (memory_new(&object.region, NULL, &memory) < 0)
			continue;
		matching(match, &object.region, memory, NULL);
		memory_free(memory);
	}
}

static int parse(const char *text, size_t n, bool ahead, struct layout **out)
{
	static const struct reader_ops ops = {.find = find};
	const struct reader reader = {&ops, NULL};
	struct diag diag = {.message = ""};
	int r = ahead ? layout_parse_ahead(text, n, out, &diag)
		      : layout_parse_with(text, n, &reader, out, &diag);

	if (r < 0 && r != -ENOMEM && !*diag.message)
		abort();
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct layout *ahead = NULL, *layout = NULL;
	int r = parse(text, size, true, &ahead);

	if (r == 0)
		try_match(layout_match(ahead));
	if (parse(text, size, false, &layout) < 0 && r == 0 && !layout_awaits(ahead))
		abort();
	if (r < 0 && layout)
		abort();
	layout_unref(ahead);
	layout_unref(layout);
	return 0;
}
