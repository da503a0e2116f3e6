/* SPDX-License-Identifier: MIT */
/*
 * class-keeper NAME: a class of eight students in the POSIX shared memory object NAME. It fills
 * them in once and then only reads, ten times a second, and prints each student that changed: as
 * nobody else writes there, an edit made through peekfs stays, and this program tells of it.
 *
 * It maps the object writable all the same. peekfs lets a region be edited only where some program
 * maps it for writing.
 */
#include "stu.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define STUDENTS 8

static const struct STU first_day[STUDENTS] = {
	{1, "anna", 'f'},  {2, "boris", 'm'}, {3, "chen", 'm'},	  {4, "dalia", 'f'},
	{5, "emeka", 'm'}, {6, "farah", 'f'}, {7, "gustav", 'm'}, {8, "hana", 'f'},
};

/* Copies one student; byte by byte, as volatile asks, and the name always ends. */
static struct STU look_at(const volatile struct STU *student)
{
	struct STU seen = {.id = student->id, .sex = student->sex};

	for (size_t i = 0; i + 1 < sizeof seen.name; i++)
		seen.name[i] = student->name[i];
	return seen;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		errx(2, "usage: class-keeper NAME");

	int fd = shm_open(argv[1], O_RDWR | O_CREAT, 0644);
	if (fd < 0 || ftruncate(fd, sizeof first_day) != 0)
		err(1, "%s", argv[1]);

	struct STU *students =
		mmap(NULL, sizeof first_day, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (students == MAP_FAILED)
		err(1, "mmap %s", argv[1]);
	close(fd); /* the mapping stays */

	struct STU known[STUDENTS];
	memcpy(students, first_day, sizeof first_day);
	memcpy(known, first_day, sizeof known);
	printf("%d students, of %zu bytes each\n", STUDENTS, sizeof(struct STU));
	fflush(stdout);

	for (;;) {
		for (int i = 0; i < STUDENTS; i++) {
			struct STU now = look_at(&students[i]);

			if (now.id == known[i].id && now.sex == known[i].sex &&
			    strcmp(now.name, known[i].name) == 0)
				continue;
			printf("student %d is now: id %d, name %s, sex %c\n", i, now.id, now.name,
			       now.sex);
			fflush(stdout);
			known[i] = now;
		}
		nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
	}
}
