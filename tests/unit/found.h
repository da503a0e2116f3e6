/* SPDX-License-Identifier: MIT */
/* Types of the programs of compiled.h, found by name. */
#ifndef PEEKFS_TESTS_FOUND_H
#define PEEKFS_TESTS_FOUND_H

#include "compiled.h"
#include "layout/debug.h"

static int found_named(struct debug *debug, const char *program, const struct reader_name *name,
		       const struct type **out, struct diag *diag)
{
	char path[300];
	struct dwarf_files files = {.open = compiled_open_path, .program = path};
	int fd = compiled_open(program);
	int r;

	snprintf(path, sizeof(path), "/%s", program);
	r = debug_find(debug, fd, &files, name, out, diag);
	close(fd);
	return r;
}

/* Of a name as somebody writes it: "struct STU", "ns::pair<int, char>". */
static int found_in(struct debug *debug, const char *program, const char *text,
		    const struct type **out, struct diag *diag)
{
	struct reader_name name = {.word = READER_NAME, .name = text};

	for (unsigned word = READER_STRUCT; word <= READER_ENUM; word++) {
		size_t n = strlen(reader_word_text(word));

		if (strncmp(text, reader_word_text(word), n) == 0) {
			name.word = word;
			name.name = text + n;
		}
	}
	name.length = strlen(name.name);
	return found_named(debug, program, &name, out, diag);
}

#endif
