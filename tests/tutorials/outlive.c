/* SPDX-License-Identifier: MIT */
/*
 * outlive FILE: closes the descriptor once the file is mapped, and removes the file when the line
 * says "unlink". The mapping outlives both.
 */
#include "tutorial.h"

int main(int argc, char **argv)
{
	const char *path = argument(argc, argv, 1, "FILE");
	int fd = new_file(path, sizeof(struct STU));
	volatile struct STU *student =
		map(sizeof(*student), PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	char line[LINE];

	close(fd);
	fill((struct STU *)student);
	for (tell("ready fd=%d", fd); next(line);) {
		if (strcmp(line, "unlink") == 0 && unlink(path) < 0)
			err(1, "%s", path);
		student->id++;
		tell_student("", student);
	}
	return 0;
}
