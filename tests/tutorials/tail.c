/* SPDX-License-Identifier: MIT */
/*
 * tail FILE: maps a file of 5000 bytes, which is no multiple of the page. What lies behind them up
 * to the end of the page reads as zeros; it can be stored to ("lost"), and is lost.
 */
#include "tutorial.h"

enum { SIZE = 5000, PAGES = 8192 };

int main(int argc, char **argv)
{
	int fd = new_file(argument(argc, argv, 1, "FILE"), SIZE);
	volatile char *bytes = map(SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	int zeros = 0;
	char line[LINE];

	close(fd);
	memset((void *)bytes, 'x', SIZE);
	for (int i = SIZE; i < PAGES; i++)
		zeros += bytes[i] == 0;
	memcpy((void *)(bytes + SIZE), "lost", 4);
	for (tell("ready zeros=%d", zeros); next(line);) {
		int r = msync((void *)bytes, SIZE, MS_SYNC);

		tell("%s, behind the end: %.4s", r ? strerror(errno) : "synced",
		     (char *)bytes + SIZE);
	}
	return 0;
}
