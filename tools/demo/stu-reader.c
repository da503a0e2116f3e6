/* SPDX-License-Identifier: MIT */
/* stu-reader FILE: maps the file that stu-writer writes and prints the student every two seconds.
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
		errx(2, "usage: stu-reader FILE");

	int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", argv[1]);

	/* volatile: another process changes it behind the compiler's back. */
	const volatile struct STU *student =
		mmap(NULL, sizeof *student, PROT_READ, MAP_SHARED, fd, 0);
	if (student == MAP_FAILED)
		err(1, "mmap %s", argv[1]);
	close(fd);

	for (;; sleep(2)) {
		/* volatile bytes are no string; the last byte of name stays NUL whatever comes. */
		char name[sizeof student->name] = "";
		for (size_t i = 0; i + 1 < sizeof name; i++)
			name[i] = student->name[i];
		printf("id %d, name %s, sex %c\n", student->id, name, student->sex);
		fflush(stdout);
	}
}
