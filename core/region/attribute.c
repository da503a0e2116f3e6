/* SPDX-License-Identifier: MIT */
#include "region/attribute.h"

#include <errno.h>
#include <sys/xattr.h>

#define NAME "user.peekfs.layout"

int attribute_get(int fd, struct buf *text)
{
	for (;;) {
		ssize_t n = fgetxattr(fd, NAME, NULL, 0);
		char *room;

		if (n < 0)
			return -errno;
		room = buf_reserve(text, (size_t)n + 1);
		if (!room)
			return -ENOMEM;
		n = fgetxattr(fd, NAME, room, (size_t)n + 1);
		if (n >= 0) {
			text->len += (size_t)n;
			return 0;
		}
		if (errno != ERANGE) /* it grew meanwhile */
			return -errno;
	}
}

int attribute_set(int fd, const char *text, size_t n)
{
	if (n == 0)
		return fremovexattr(fd, NAME) < 0 && errno != ENODATA ? -errno : 0;
	if (fsetxattr(fd, NAME, text, n, 0) == 0)
		return 0;
	return errno == E2BIG || errno == ERANGE || errno == EDQUOT ? -ENOSPC : -errno;
}
