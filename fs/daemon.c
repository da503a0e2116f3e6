/* SPDX-License-Identifier: MIT */

#include "fs/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/cleanup.h"

static _Noreturn void wait_for_child(int from)
{
	char byte;
	ssize_t n;

	do {
		n = read(from, &byte, 1);
	} while (n < 0 && errno == EINTR);
	/* The child said why; flushing our copies of its buffers isn't wanted. */
	_exit(n == 1 ? 0 : 1);
}

int daemon_fork(struct daemon *daemon)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid < 0) {
		int err = -errno;

		close(ends[0]);
		close(ends[1]);
		return err;
	}
	if (pid > 0) {
		close(ends[1]);
		wait_for_child(ends[0]);
	}
	close(ends[0]);
	setsid();
	daemon->ready = ends[1];
	return 0;
}

void daemon_ready(struct daemon *daemon)
{
	CLEANUP(close_fd) int ready = take_fd(&daemon->ready);
	CLEANUP(close_fd) int null = -1;
	ssize_t n;

	if (ready < 0)
		return;
	if (chdir("/"))
		return; /* there is always a root; then the parent sees us end */
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; null >= 0 && fd < 3; fd++)
		dup2(null, fd);
	do {
		n = write(ready, "", 1);
	} while (n < 0 && errno == EINTR);
}
