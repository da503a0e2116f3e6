/* SPDX-License-Identifier: MIT */
/*
 * family anon|zero: a parent and its child share memory that has no name, by MAP_ANONYMOUS or by
 * mapping /dev/zero. The child counts id up once a line, and both tell what they see.
 */
#include "tutorial.h"

static struct STU *share(const char *how)
{
	int zero = -1, flags = MAP_SHARED;
	struct STU *student;

	if (strcmp(how, "zero") == 0)
		zero = open("/dev/zero", O_RDWR | O_CLOEXEC);
	else
		flags |= MAP_ANONYMOUS;
	student = map(sizeof(*student), PROT_READ | PROT_WRITE, flags, zero);
	if (zero >= 0)
		close(zero);
	return student;
}

/* Takes a byte from the parent, counts, says so. */
static void child(volatile struct STU *student, int from, int to)
{
	char byte;

	while (read(from, &byte, 1) == 1) {
		student->id++;
		tell_student("child: ", student);
		if (write(to, &byte, 1) != 1)
			break;
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	volatile struct STU *student = share(argument(argc, argv, 1, "anon|zero"));
	char line[LINE], byte = 0;
	int down[2], up[2];
	pid_t pid;

	fill((struct STU *)student);
	if (pipe(down) < 0 || pipe(up) < 0 || (pid = fork()) < 0)
		err(1, "fork");
	if (pid == 0) {
		close(down[1]);
		close(up[0]);
		child(student, down[0], up[1]);
	}
	close(down[0]);
	close(up[1]);
	for (tell("ready child=%d", pid); next(line);) {
		if (write(down[1], &byte, 1) != 1 || read(up[0], &byte, 1) != 1)
			errx(1, "the child is gone");
		tell_student("parent: ", student);
	}
	close(down[1]);
	return waitpid(pid, NULL, 0) != pid;
}
