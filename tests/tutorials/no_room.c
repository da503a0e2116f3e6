/* SPDX-License-Identifier: MIT */
/*
 * no_room FILE SIZE: maps two pages of a file of SIZE bytes, of which the second isn't there. Each
 * line sends a naive reader to that page, and tells what became of him.
 */
#include "tutorial.h"

#include <sys/resource.h>

#define PAGE ((size_t)4096)

static void read_there(const volatile char *bytes)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	_exit(bytes[PAGE] != 0);
}

int main(int argc, char **argv)
{
	const char *path = argument(argc, argv, 1, "FILE SIZE");
	int fd = new_file(path, atoi(argument(argc, argv, 2, "FILE SIZE")));
	volatile char *bytes = map(2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	char line[LINE];

	close(fd);
	for (tell("ready"); next(line);) {
		pid_t pid = fork();
		int status;

		if (pid == 0)
			read_there(bytes);
		if (waitpid(pid, &status, 0) != pid)
			err(1, "fork");
		tell("%s", WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "read");
	}
	return 0;
}
