/* SPDX-License-Identifier: MIT */
/*
 * sync FILE: counts the student's id up and calls msync(2), as the line says: sync, async or
 * invalidate. Answers with the id and what msync said.
 */
#include "tutorial.h"

static int flag_of(const char *how)
{
	return strcmp(how, "sync") == 0	   ? MS_SYNC
	       : strcmp(how, "async") == 0 ? MS_ASYNC
					   : MS_INVALIDATE;
}

int main(int argc, char **argv)
{
	int fd = new_file(argument(argc, argv, 1, "FILE"), sizeof(struct STU));
	volatile struct STU *student =
		map(sizeof(*student), PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	char line[LINE];

	close(fd);
	fill((struct STU *)student);
	for (tell("ready"); next(line);) {
		int r;

		student->id++;
		r = msync((void *)student, sizeof(*student), flag_of(line));
		tell("id %d, %s: %s", student->id, line, r ? strerror(errno) : "done");
	}
	return 0;
}
