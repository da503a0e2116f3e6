/* SPDX-License-Identifier: MIT */
/*
 * The plain program that a table is measured against: it maps an array of the tutorials' struct
 * and prints a row for each record with printf, in the words of a table in .csv or .jsonl.
 *
 *   table make FILE RECORDS
 *   table csv|jsonl FILE
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct STU {
	int id;
	char name[20];
	char sex;
};

static void die(const char *what)
{
	fprintf(stderr, "table: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct STU *map(const char *path, int flags, size_t *n)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);
	struct STU *students;
	struct stat stat;

	if (fd < 0 || (flags & O_CREAT && ftruncate(fd, (off_t)(*n * sizeof(*students)))) ||
	    fstat(fd, &stat))
		die(path);
	*n = (size_t)stat.st_size / sizeof(*students);
	students = mmap(NULL, *n * sizeof(*students),
			flags & O_CREAT ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
	if (students == MAP_FAILED)
		die(path);
	close(fd);
	return students;
}

static void make(const char *path, size_t n)
{
	struct STU *students = map(path, O_RDWR | O_CREAT | O_EXCL, &n);

	for (size_t i = 0; i < n; i++) {
		students[i].id = (int)(i * 7919);
		snprintf(students[i].name, sizeof(students[i].name), "student-%u",
			 (unsigned)(i % 100000000));
		students[i].sex = i % 2 ? 'm' : 'f';
	}
}

static void print(const char *path, const char *header, const char *format)
{
	size_t n = 0;
	const struct STU *students = map(path, O_RDONLY, &n);

	fputs(header, stdout);
	for (size_t i = 0; i < n; i++)
		printf(format, i, students[i].id, (int)sizeof(students[i].name), students[i].name,
		       students[i].sex);
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "make"))
		make(argv[2], strtoull(argv[3], NULL, 10));
	else if (argc == 3 && !strcmp(argv[1], "csv"))
		print(argv[2], "_index,id,name,sex\n", "%08zu,%d,%.*s,%c\n");
	else if (argc == 3 && !strcmp(argv[1], "jsonl"))
		print(argv[2], "",
		      "{\"_index\": %zu, \"id\": %d, \"name\": \"%.*s\", \"sex\": \"%c\"}\n");
	else
		return 2;
	return 0;
}
