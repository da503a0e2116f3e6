/* SPDX-License-Identifier: MIT */
/* reader FILE: prints the student that another program keeps in the file, once a line. */
#include "tutorial.h"

int main(int argc, char **argv)
{
	const char *path = argument(argc, argv, 1, "FILE");
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const volatile struct STU *student;
	char line[LINE];

	if (fd < 0)
		err(1, "%s", path);
	student = map(sizeof(*student), PROT_READ, MAP_SHARED, fd);
	close(fd);
	for (tell("ready"); next(line);)
		tell_student("", student);
	return 0;
}
