/* SPDX-License-Identifier: MIT */
/* posix_shm write|read NAME: a student in POSIX shared memory, and another program that sees him.
 * The writer counts his id up once a line, and takes the name away at its end. */
#include "tutorial.h"

int main(int argc, char **argv)
{
	bool writes = strcmp(argument(argc, argv, 1, "write|read NAME"), "write") == 0;
	const char *name = argument(argc, argv, 2, "write|read NAME");
	int fd = shm_open(name, O_RDWR | (writes ? O_CREAT | O_EXCL : 0), 0600);
	volatile struct STU *student;
	char line[LINE];

	if (fd < 0 || (writes && ftruncate(fd, sizeof(*student)) < 0))
		err(1, "%s", name);
	student = map(sizeof(*student), PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	close(fd);
	if (writes)
		fill((struct STU *)student);
	for (tell("ready"); next(line);) {
		student->id += writes;
		tell_student("", student);
	}
	return writes && shm_unlink(name) < 0;
}
