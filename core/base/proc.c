/* SPDX-License-Identifier: MIT */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"

#define STATUS_PIECE 4096 /* bytes that are read at once; few texts are longer */

int proc_open(const char *path)
{
	int fd = open(path ? path : "/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

bool proc_is_own(int proc)
{
	char link[16];
	ssize_t n = readlinkat(proc, "self", link, sizeof(link) - 1);

	if (n <= 0)
		return false;
	link[n] = '\0';
	return atol(link) == getpid();
}

/* printf() would take longer than the system call that follows. */
static int make_path(char path[static PROC_PATH_MAX], pid_t pid, const char *file)
{
	char digits[12];
	size_t n = 0, at = 0, len = strlen(file);

	if (pid <= 0 || len > PROC_PATH_MAX - sizeof(digits) - 2)
		return -EINVAL;
	for (; pid; pid /= 10)
		digits[n++] = (char)('0' + pid % 10);
	while (n)
		path[at++] = digits[--n];
	path[at++] = '/';
	memcpy(path + at, file, len + 1);
	return 0;
}

int proc_open_file(int proc, pid_t pid, const char *file)
{
	char path[PROC_PATH_MAX];
	int fd = make_path(path, pid, file);

	if (fd < 0)
		return fd;
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

ssize_t proc_read(int proc, pid_t pid, const char *file, char *to, size_t size)
{
	CLEANUP(close_fd) int fd = proc_open_file(proc, pid, file);
	ssize_t n;

	if (fd < 0)
		return fd;
	do
		n = read(fd, to, size - 1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	to[n] = '\0';
	return n;
}

ssize_t proc_link(int proc, pid_t pid, const char *file, char *to, size_t size)
{
	char path[PROC_PATH_MAX];
	ssize_t n = make_path(path, pid, file);

	if (n < 0)
		return n;
	n = readlinkat(proc, path, to, size);
	if (n < 0)
		return -errno;
	if ((size_t)n == size)
		return -ENAMETOOLONG;
	to[n] = '\0';
	return n;
}

size_t proc_path_length(const char *path, size_t n)
{
	static const char deleted[] = PROC_DELETED;
	size_t cut = sizeof(deleted) - 1;

	return n > cut && memcmp(path + n - cut, deleted, cut) == 0 ? n - cut : n;
}

int proc_namespace(int proc, pid_t pid, const char *name, uint64_t *out)
{
	char link[64], *number, *end;
	ssize_t n = proc_link(proc, pid, name, link, sizeof(link));
	uint64_t value;

	if (n < 0)
		return (int)n;
	number = strchr(link, '[');
	if (!number)
		return -EINVAL;
	errno = 0;
	value = strtoull(number + 1, &end, 10);
	if (errno || *end != ']')
		return -EINVAL;
	*out = value;
	return 0;
}

/* The name stands in brackets and may hold brackets and blanks itself: the last ')' ends it. */
int proc_read_stat(int proc, pid_t pid, struct proc_stat *out)
{
	struct proc_stat stat = {0};
	char text[1024], *open, *close;
	ssize_t n = proc_read(proc, pid, "stat", text, sizeof(text));
	unsigned long long start;
	size_t len;

	if (n < 0)
		return (int)n;
	open = memchr(text, '(', (size_t)n);
	close = memrchr(text, ')', (size_t)n);
	if (!open || !close || close < open)
		return -EINVAL;
	len = (size_t)(close - open - 1);
	memcpy(stat.comm, open + 1, len < sizeof(stat.comm) ? len : sizeof(stat.comm) - 1);
	if (sscanf(close + 1,
		   " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
		   "%*s %llu",
		   &stat.state, &start) != 2)
		return -EINVAL;
	stat.start_time = start;
	*out = stat;
	return 0;
}

/* The text behind "\nKEY:\t", or NULL. */
static const char *status_value(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at ? at + strlen(key) : NULL;
}

/* All of it, terminated: a process may be in thousands of groups, which stand in the middle. */
static int read_status(int proc, pid_t pid, struct buf *text)
{
	CLEANUP(close_fd) int fd = proc_open_file(proc, pid, "status");
	ssize_t n;

	if (fd < 0)
		return fd;
	do {
		char *to = buf_reserve(text, STATUS_PIECE);

		if (!to)
			return -ENOMEM;
		n = read(fd, to, STATUS_PIECE);
		text->len += n > 0 ? (size_t)n : 0;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		return -errno;
	return buf_cstr(text) ? 0 : -ENOMEM;
}

int proc_read_status(int proc, pid_t pid, struct proc_status *out)
{
	CLEANUP(buf_destroy) struct buf whole = BUF_INIT;
	struct proc_status status = {0};
	int r = read_status(proc, pid, &whole);
	const char *text = whole.data, *at;

	if (r < 0)
		return r;
	/* Only Name can hold what a user chose, and its newlines are escaped: keys stand at the
	 * beginnings of lines and nowhere else. */
	if (strncmp(text, "Name:\t", 6) != 0)
		return -EINVAL;
	at = status_value(text, "\nUid:\t");
	if (!at || sscanf(at, "%u %u %u %u", &status.uid[0], &status.uid[1], &status.uid[2],
			  &status.uid[3]) != 4)
		return -EINVAL;
	at = status_value(text, "\nGid:\t");
	if (!at || sscanf(at, "%u %u %u %u", &status.gid[0], &status.gid[1], &status.gid[2],
			  &status.gid[3]) != 4)
		return -EINVAL;
	status.nspid = pid;
	at = status_value(text, "\nNSpid:\t");
	for (char *end; at && *at != '\n' && *at; at = end) {
		status.nspid = (pid_t)strtol(at, &end, 10);
		if (end == at)
			return -EINVAL;
	}
	at = status_value(text, "\nCapPrm:\t");
	if (at)
		status.permitted = strtoull(at, NULL, 16);
	*out = status;
	return 0;
}
