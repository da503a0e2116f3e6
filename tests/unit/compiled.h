/* SPDX-License-Identifier: MIT */
/*
 * Programs to read debug information of: made by the machine's compilers in a folder of the test's
 * own, which goes when the test is over.
 */
#ifndef PEEKFS_TESTS_COMPILED_H
#define PEEKFS_TESTS_COMPILED_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "layout/dwarf.h"

static char compiled_folder[200];

/* Runs a command of the shell in the folder: whether it succeeded. */
__attribute__((format(printf, 1, 2))) static bool compiled_run(const char *format, ...)
{
	CLEANUP(buf_destroy) struct buf command = BUF_INIT;
	char text[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	buf_printf(&command, "cd '%s' && { %s; }", compiled_folder, text);
	return system(buf_cstr(&command)) == 0; /* NOLINT(cert-env33-c): the tests' own commands */
}

/* For a group of cases: makes the folder, and takes it away. */
static int compiled_begin(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(compiled_folder, sizeof(compiled_folder), "%s/peekfs-compiled.XXXXXX",
		 tmp ? tmp : "/tmp");
	return mkdtemp(compiled_folder) ? 0 : -1;
}

static int compiled_end(void **state)
{
	(void)state;
	return compiled_run("rm -rf '%s'", compiled_folder) ? 0 : -1;
}

static bool compiled_has(const char *program)
{
	return compiled_run("command -v %s >/dev/null", program);
}

/* Writes a file of the folder. */
static void compiled_write(const char *name, const char *text)
{
	char path[400];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", compiled_folder, name);
	file = fopen(path, "w");
	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		abort();
}

/* A descriptor of a file of the folder; ends the process when it isn't there. */
static int compiled_open(const char *name)
{
	char path[400];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", compiled_folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		abort();
	return fd;
}

/* The folder as a machine's root: for struct dwarf_files. */
static int compiled_open_path(void *context, const char *path)
{
	char whole[5000];
	int fd;

	(void)context;
	snprintf(whole, sizeof(whole), "%s%s", compiled_folder, path);
	fd = open(whole, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -ENOENT : fd;
}

/* Opens a program of the folder, whose files are searched as if the folder were "/". */
__attribute__((unused)) static int compiled_dwarf(const char *name, struct dwarf **out,
						  struct diag *diag)
{
	char path[300];
	struct dwarf_files files = {.open = compiled_open_path, .program = path};
	int fd = compiled_open(name);
	int r;

	snprintf(path, sizeof(path), "/%s", name);
	r = dwarf_open(fd, &files, out, diag);
	close(fd);
	return r;
}

#endif
