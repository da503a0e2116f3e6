/* SPDX-License-Identifier: MIT */
/*
 * stu-writer FILE: keeps one student in a file mapped MAP_SHARED and counts its id up every second.
 * Whoever else maps the file sees it count: stu-reader does, and so does peekfs, unasked.
 */
#include "stu.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc != 2)
		errx(2, "usage: stu-writer FILE");

	int fd = open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || ftruncate(fd, sizeof(struct STU)) != 0)
		err(1, "%s", argv[1]);

	struct STU *student =
		mmap(NULL, sizeof *student, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (student == MAP_FAILED)
		err(1, "mmap %s", argv[1]);
	close(fd); /* the mapping stays */

	*student = (struct STU){.id = 10, .name = "xiaoming", .sex = 'm'};
	for (;;) {
		sleep(1);
		/* One indivisible step, so that an id written by somebody else meanwhile isn't
		 * lost. */
		__atomic_add_fetch(&student->id, 1, __ATOMIC_RELAXED);
	}
}
