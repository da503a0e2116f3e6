/* SPDX-License-Identifier: MIT */
/*
 * private FILE: maps one file MAP_SHARED and MAP_PRIVATE. A store to the private mapping makes a
 * copy of its page, which nobody else sees. Each line counts up in the private one.
 */
#include "tutorial.h"

int main(int argc, char **argv)
{
	int fd = new_file(argument(argc, argv, 1, "FILE"), sizeof(struct STU));
	volatile struct STU *shared = map(sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	volatile struct STU *own = map(sizeof(*own), PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);
	char line[LINE];

	close(fd);
	fill((struct STU *)shared);
	for (tell("ready shared=%p private=%p", (void *)shared, (void *)own); next(line);) {
		own->id++;
		tell("shared %d, private %d", shared->id, own->id);
	}
	return 0;
}
