/* SPDX-License-Identifier: MIT */
/*
 * opened FILE: says `ready`, and then for each line of input how often anybody has opened FILE.
 * The kernel tells that by inotify(7), whatever path or descriptor it was opened by.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

static unsigned count(int fd)
{
	static char events[1 << 16] __attribute__((aligned(8)));
	unsigned n = 0;
	ssize_t got;

	while ((got = read(fd, events, sizeof(events))) > 0) {
		for (char *at = events; at < events + got;) {
			const struct inotify_event *event = (const void *)at;

			n += event->mask & IN_OPEN ? 1 : 0;
			at += sizeof(*event) + event->len;
		}
	}
	return n;
}

int main(int argc, char **argv)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	unsigned n = 0;
	char line[80];

	if (argc != 2 || fd < 0 || inotify_add_watch(fd, argv[1], IN_OPEN) < 0) {
		printf("failed: %s\n", strerror(errno));
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("ready");
	while (fgets(line, sizeof(line), stdin) && strncmp(line, "exit", 4) != 0) {
		n += count(fd);
		printf("%u ok\n", n);
	}
	return 0;
}
