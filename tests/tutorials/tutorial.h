/* SPDX-License-Identifier: MIT */
/*
 * How a tutorial's program talks with a test: it prints a line "ready ..." when it shares what it
 * shares, answers each line that it reads with a line of its own, and ends when it reads "exit" or
 * nothing more.
 */
#ifndef PEEKFS_TUTORIAL_H
#define PEEKFS_TUTORIAL_H

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* The record of the tutorials: 28 bytes, three of them padding. */
struct STU {
	int id;
	char name[20];
	char sex;
};

enum { LINE = 128 };

__attribute__((format(printf, 1, 2))) static inline void tell(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

/* The next line, without its newline; false at the end. */
static inline bool next(char line[static LINE])
{
	if (!fgets(line, LINE, stdin))
		return false;
	line[strcspn(line, "\n")] = '\0';
	return strcmp(line, "exit") != 0;
}

static inline const char *argument(int argc, char **argv, int which, const char *usage)
{
	if (argc <= which)
		errx(2, "usage: %s %s", argv[0], usage);
	return argv[which];
}

/* mmap(2), or the end. */
static inline void *map(size_t length, int prot, int flags, int fd)
{
	void *at = mmap(NULL, length, prot, flags, fd, 0);

	if (at == MAP_FAILED)
		err(1, "mmap");
	return at;
}

/* A file of so many bytes, opened for reading and writing. */
static inline int new_file(const char *path, off_t size)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || ftruncate(fd, size) < 0)
		err(1, "%s", path);
	return fd;
}

static inline void fill(struct STU *student)
{
	*student = (struct STU){.id = 10, .name = "xiaoming", .sex = 'm'};
}

/* Others change it while we look: each byte is read once, and the name always ends. */
static inline void tell_student(const char *who, const volatile struct STU *student)
{
	char name[sizeof(student->name)] = "";

	for (size_t i = 0; i + 1 < sizeof(name); i++)
		name[i] = student->name[i];
	tell("%sid %d, name %s, sex %c", who, student->id, name, student->sex);
}

#endif
