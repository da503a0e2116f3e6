/* SPDX-License-Identifier: MIT */
/* writer FILE: keeps a student in a file that it shares; each line counts the id up. */
#include "tutorial.h"

int main(int argc, char **argv)
{
	int fd = new_file(argument(argc, argv, 1, "FILE"), sizeof(struct STU));
	volatile struct STU *student =
		map(sizeof(*student), PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	char line[LINE];

	close(fd);
	fill((struct STU *)student);
	for (tell("ready"); next(line);) {
		student->id++;
		tell_student("", student);
	}
	return 0;
}
