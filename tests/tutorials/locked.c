/* SPDX-License-Identifier: MIT */
/* locked FILE: shares four pages with MAP_LOCKED: they are in memory at once, and stay. Each line
 * is answered with what the kernel calls locked. */
#include "tutorial.h"

enum { SIZE = 4 * 4096 };

static void tell_locked(void)
{
	FILE *status = fopen("/proc/self/status", "re");
	char line[LINE];

	while (status && fgets(line, sizeof(line), status))
		if (strncmp(line, "VmLck:", 6) == 0)
			tell("locked %ld KiB", atol(line + 6));
	if (status)
		fclose(status);
}

int main(int argc, char **argv)
{
	int fd = new_file(argument(argc, argv, 1, "FILE"), SIZE);
	struct STU *student = map(SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_LOCKED, fd);
	char line[LINE];

	close(fd);
	fill(student);
	for (tell("ready"); next(line);)
		tell_locked();
	return 0;
}
