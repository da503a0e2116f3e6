/* SPDX-License-Identifier: MIT */
/* Layouts are kept on objects as user attributes, which tmpfs has since Linux 6.6. */
#ifndef PEEKFS_TESTS_ATTRIBUTES_H
#define PEEKFS_TESTS_ATTRIBUTES_H

#include <fcntl.h>
#include <stdbool.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Whether shared memory has them here, found by setting one. */
static inline bool shm_keeps_attributes(void)
{
	int fd = open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	bool keeps;

	if (fd < 0)
		return false;
	keeps = fsetxattr(fd, "user.peekfs.test", "1", 1, 0) == 0;
	close(fd);
	return keeps;
}

#define skip_unless_shm_keeps_attributes()                                                         \
	do {                                                                                       \
		if (!shm_keeps_attributes()) {                                                     \
			print_message("/dev/shm keeps no user attributes here\n");                 \
			skip();                                                                    \
		}                                                                                  \
	} while (0)

#endif
