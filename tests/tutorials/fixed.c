/* SPDX-License-Identifier: MIT */
/*
 * fixed FILE: what MAP_FIXED is good for: a page mapped twice, the second time right behind the
 * first, so that a message that runs over the end of the ring goes on at its beginning. Each line
 * is put into the ring, 1000 bytes further than the last.
 */
#include "tutorial.h"

#define PAGE ((size_t)4096)
#define STEP 1000

int main(int argc, char **argv)
{
	int fd = new_file(argument(argc, argv, 1, "FILE"), PAGE);
	char *place = map(2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	size_t at = PAGE - 3;
	char line[LINE];

	for (size_t i = 0; i < 2; i++)
		if (mmap(place + i * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
			 0) != place + i * PAGE)
			err(1, "mmap");
	close(fd);
	for (tell("ready address=%p", (void *)place); next(line);) {
		for (size_t i = 0; line[i]; i++)
			place[at + i] = line[i];
		tell("at %zu, begins with: %.10s", at, place);
		at = (at + STEP) % PAGE;
	}
	return 0;
}
