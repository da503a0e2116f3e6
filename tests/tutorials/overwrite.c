/* SPDX-License-Identifier: MIT */
/*
 * overwrite FILE: writes "helloworld" into the file, then 0x30313233 over its first four bytes
 * through a mapping. Each line is answered with what read(2) finds in the file.
 */
#include "tutorial.h"

int main(int argc, char **argv)
{
	int fd = new_file(argument(argc, argv, 1, "FILE"), 0);
	char line[LINE], bytes[64];
	volatile int *first;

	if (write(fd, "helloworld", 10) != 10)
		err(1, "write");
	first = map(10, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	*first = 0x30313233;
	for (tell("ready"); next(line);) {
		ssize_t n = pread(fd, bytes, sizeof(bytes), 0);

		tell("%.*s", (int)n, bytes);
	}
	return 0;
}
