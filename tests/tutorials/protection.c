/* SPDX-License-Identifier: MIT */
/*
 * protection FILE read|none|exec: shares the file with that protection. Each line sends a process
 * to read its first byte, and another to store there, and tells what became of them.
 */
#include "tutorial.h"

#include <sys/resource.h>

static const char *fate(void (*act)(volatile char *), volatile char *at)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
		act(at);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		err(1, "fork");
	return WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "done";
}

static void load(volatile char *at)
{
	(void)*at;
}

static void store(volatile char *at)
{
	*at = 'y';
}

int main(int argc, char **argv)
{
	const char *path = argument(argc, argv, 1, "FILE read|none|exec");
	const char *how = argument(argc, argv, 2, "FILE read|none|exec");
	int prot = strcmp(how, "none") == 0   ? PROT_NONE
		   : strcmp(how, "read") == 0 ? PROT_READ
					      : PROT_READ | PROT_EXEC;
	int fd = new_file(path, 100);
	volatile char *bytes;
	char line[LINE];

	if (pwrite(fd, "xiaoming", 8, 0) != 8)
		err(1, "write");
	bytes = map(100, prot, MAP_SHARED, fd);
	close(fd);
	for (tell("ready"); next(line);)
		tell("load: %s, store: %s", fate(load, bytes), fate(store, bytes));
	return 0;
}
