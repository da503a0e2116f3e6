/* SPDX-License-Identifier: MIT */
/*
 *   dirty FILE    how many pages of a file wait to be written to its disk; status 77 where the
 *                 kernel doesn't tell (before Linux 6.5)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/uapi.h"

int main(int argc, char **argv)
{
	struct uapi_cachestat_range range = {0};
	struct uapi_cachestat pages;
	int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;

	if (fd < 0) {
		perror("dirty");
		return 1;
	}
	if (syscall(UAPI_SYS_CACHESTAT, fd, &range, &pages, 0) < 0)
		return 77;
	printf("%ju\n", (uintmax_t)(pages.dirty + pages.writeback));
	return 0;
}
