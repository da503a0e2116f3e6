/* SPDX-License-Identifier: MIT */
#include "layout/library.h"

#include <string.h>

#include "base/cleanup.h"

/* C's, POSIX's and glibc's headers whose types are all here, or bring none. */
static const char *const headers[] = {
	"alloca.h",
	"arpa/inet.h",
	"assert.h",
	"byteswap.h",
	"complex.h",
	"ctype.h",
	"dirent.h",
	"endian.h",
	"errno.h",
	"fcntl.h",
	"features.h",
	"float.h",
	"fenv.h",
	"getopt.h",
	"grp.h",
	"inttypes.h",
	"iso646.h",
	"libgen.h",
	"limits.h",
	"linux/limits.h",
	"linux/types.h",
	"linux/stddef.h",
	"linux/const.h",
	"linux/posix_types.h",
	"asm/types.h",
	"asm/byteorder.h",
	"linux/time_types.h",
	"linux/virtio_types.h",
	"asm/posix_types.h",
	"locale.h",
	"malloc.h",
	"math.h",
	"memory.h",
	"mqueue.h",
	"netinet/in.h",
	"netinet/udp.h",
	"paths.h",
	"poll.h",
	"pthread.h",
	"pwd.h",
	"sched.h",
	"semaphore.h",
	"stdalign.h",
	"stdarg.h",
	"stdatomic.h",
	"stdbool.h",
	"stddef.h",
	"stdint.h",
	"stdio.h",
	"stdlib.h",
	"stdnoreturn.h",
	"string.h",
	"strings.h",
	"sys/cdefs.h",
	"sys/epoll.h",
	"sys/file.h",
	"sys/inotify.h",
	"sys/ipc.h",
	"sys/mman.h",
	"sys/msg.h",
	"sys/param.h",
	"sys/poll.h",
	"sys/resource.h",
	"sys/select.h",
	"sys/sem.h",
	"sys/shm.h",
	"sys/stat.h",
	"sys/statfs.h",
	"sys/statvfs.h",
	"sys/syscall.h",
	"sys/sysinfo.h",
	"sys/sysmacros.h",
	"sys/time.h",
	"sys/times.h",
	"sys/types.h",
	"sys/uio.h",
	"sys/un.h",
	"sys/utsname.h",
	"sys/vfs.h",
	"sys/wait.h",
	"syslog.h",
	"termios.h",
	"threads.h",
	"time.h",
	"uchar.h",
	"unistd.h",
	"utime.h",
	"utmp.h",
	"utmpx.h",
	"wchar.h",
	"wctype.h",
	"tgmath.h",
};

bool library_header(struct parser *p, struct input name)
{
	size_t n = (size_t)(name.end - name.at);

	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		if (strlen(headers[i]) == n && !memcmp(headers[i], name.at, n))
			return true;
	}
	/* glibc's inner ones, by which its own headers are made */
	if (n > 5 && !memcmp(name.at, "bits/", 5))
		return true;
	p->unread = name;
	return false;
}
