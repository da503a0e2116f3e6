/* SPDX-License-Identifier: MIT */
/*
 * Programs to read debug information of: made by the machine's compilers in the test's folder.
 */
#ifndef PEEKFS_TESTS_COMPILED_H
#define PEEKFS_TESTS_COMPILED_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../folder.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "layout/dwarf.h"

/* Runs a command of the shell in the folder: whether it succeeded. */
__attribute__((format(printf, 1, 2))) static bool compiled_run(const char *format, ...)
{
	CLEANUP(buf_destroy) struct buf command = BUF_INIT;
	char text[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	buf_printf(&command, "cd '%s' && { %s; }", folder, text);
	return system(buf_cstr(&command)) == 0; /* NOLINT(cert-env33-c): the tests' own commands */
}

__attribute__((unused)) static bool compiled_has(const char *program)
{
	return compiled_run("command -v %s >/dev/null", program);
}

/* Writes a file of the folder. */
static void compiled_write(const char *name, const char *text)
{
	char path[400];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		abort();
}

/* A descriptor of a file of the folder; ends the process when it isn't there. */
static int compiled_open(const char *name)
{
	char path[400];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
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
	snprintf(whole, sizeof(whole), "%s%s", folder, path);
	fd = open(whole, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -ENOENT : fd;
}

/* Opens a program of the folder, whose files are searched as if the folder were "/". */
__attribute__((unused)) static int compiled_dwarf(const char *name, struct dwarf **out,
						  struct diag *diag)
{
	static char path[300]; /* needed as long as *out */
	struct dwarf_files files = {.open = compiled_open_path, .program = path};
	int fd = compiled_open(name);
	int r;

	snprintf(path, sizeof(path), "/%s", name);
	r = dwarf_open(fd, &files, out, diag);
	close(fd);
	return r;
}

struct compiled_bytes {
	char *data;
	size_t n;
};

/* A file of the folder, to be freed. */
__attribute__((unused)) static void compiled_read(const char *name, struct compiled_bytes *out)
{
	int fd = compiled_open(name);
	off_t n = lseek(fd, 0, SEEK_END);

	out->data = malloc((size_t)n);
	out->n = (size_t)n;
	if (!out->data || pread(fd, out->data, out->n, 0) != n)
		abort();
	close(fd);
}

/* Writes it to another file, with some bytes of its last two thirds changed, where what matters
 * stands; the headers, which stand at the very end, are changed only now and then. */
__attribute__((unused)) static void compiled_spoil(const char *name,
						   const struct compiled_bytes *bytes,
						   uint64_t *random, unsigned changes)
{
	char *copy = malloc(bytes->n), path[400];
	FILE *file;

	if (!copy)
		abort();
	memcpy(copy, bytes->data, bytes->n);
	for (unsigned i = 0; i < changes; i++) {
		uint64_t r = *random;

		r ^= r << 13, r ^= r >> 7, r ^= r << 17;
		*random = r;
		copy[bytes->n / 3 +
		     r % (bytes->n - bytes->n / 3 - (r >> 60 && bytes->n > 6000 ? 3000 : 0))] =
			(char)(r >> 40);
	}
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	if (!file || fwrite(copy, 1, bytes->n, file) != bytes->n || fclose(file) != 0)
		abort();
	free(copy);
}

#endif
