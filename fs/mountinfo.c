/* SPDX-License-Identifier: MIT */
#include "fs/mountinfo.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

/* Undoes \040 and the like (proc_pid_mountinfo(5)) in place. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		unsigned octal;

		if (text[0] == '\\' && sscanf(text + 1, "%3o", &octal) == 1 && octal < 256) {
			*to++ = (char)octal;
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

int mountinfo_device(const char *list, const char *mountpoint, uint32_t *major, uint32_t *minor)
{
	CLEANUP(close_stream) FILE *file = fopen(list ? list : "/proc/self/mountinfo", "re");
	CLEANUP(free_ptr) char *line = NULL;
	size_t size = 0;
	int err = -ENOENT;

	if (!file)
		return -errno;
	while (getline(&line, &size, file) > 0) {
		uint32_t device[2];
		int from = 0;
		int to = 0;

		/* id, parent, device, root, place ... */
		if (sscanf(line, "%*u %*u %u:%u %*s %n%*s%n", &device[0], &device[1], &from, &to) <
			    2 ||
		    !to)
			continue;
		line[to] = '\0';
		unescape(line + from);
		if (strcmp(line + from, mountpoint) != 0)
			continue;
		*major = device[0];
		*minor = device[1];
		err = 0; /* a later line is a mount on top of this one */
	}
	return err;
}
