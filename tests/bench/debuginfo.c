/* SPDX-License-Identifier: MIT */
/*
 * debuginfo FILE NAME: a type out of a program file's debug information, the first time, once more,
 * and once more after what is big was closed; and the memory that stays. One line:
 * FIRST_NS AGAIN_NS AFTER_NS MEMBERS MIB_OPEN MIB_CLOSED
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "layout/debug.h"

static int open_path(void *context, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	(void)context;
	return fd < 0 ? -errno : fd;
}

/* Memory of our own, MiB. */
static double resident(void)
{
	char line[128];
	double kib = 0;
	FILE *status = fopen("/proc/self/status", "r");

	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "RssAnon: %lf", &kib) == 1)
			break;
	if (status)
		fclose(status);
	return kib / 1024;
}

int main(int argc, char **argv)
{
	const struct dwarf_files files = {.open = open_path, .program = argv[1]};
	struct reader_name name = {.word = READER_NAME};
	uint64_t first, again, after;
	double before = resident(), opened, closed;
	const struct type *type;
	struct debug *debug;
	struct diag diag;
	int fd = argc == 3 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0 || debug_new(&debug) < 0)
		return 2;
	name.name = argv[2];
	name.length = strlen(argv[2]);
	first = clock_ns();
	if (debug_find(debug, fd, &files, &name, &type, &diag) < 0) {
		fprintf(stderr, "%s: %s\n", argv[2], diag.message);
		return 1;
	}
	again = clock_ns();
	debug_find(debug, fd, &files, &name, &type, &diag);
	after = clock_ns();
	opened = resident() - before;
	debug_rest(debug, UINT64_MAX);
	closed = resident() - before;
	printf("%lu %lu ", (unsigned long)(again - first), (unsigned long)(after - again));
	after = clock_ns();
	debug_find(debug, fd, &files, &name, &type, &diag);
	printf("%lu %zu %.1f %.1f\n", (unsigned long)(clock_ns() - after), type->n_members, opened,
	       closed);
	debug_unref(debug);
	close(fd);
	return 0;
}
