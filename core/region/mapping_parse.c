/* SPDX-License-Identifier: MIT */
/*
 * The text of /proc/PID/maps, proc(5), for kernels without PROCMAP_QUERY:
 *   7f5dd1543000-7f5dd154a000 r--s 00000000 fe:00 332280                     /path
 * A newline in the path is written \012, and so is a backslash that three such digits follow.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/number.h"
#include "region/mapping.h"

struct cursor {
	const char *at;
	const char *end;
};

/* A number and the character behind it. */
static bool take_number(struct cursor *cursor, unsigned base, char behind, uint64_t *out)
{
	const char *begin = cursor->at;
	uint64_t value = 0;

	while (cursor->at < cursor->end && number_digit(*cursor->at) < base) {
		if (__builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, number_digit(*cursor->at), &value))
			return false;
		cursor->at++;
	}
	if (cursor->at == begin)
		return false;
	*out = value;
	/* The line of a mapping without a name may end behind its inode. */
	if (cursor->at == cursor->end)
		return behind == ' ';
	return *cursor->at++ == behind;
}

static bool parse_line(const char *line, size_t n, struct mapping *out, struct cursor *path)
{
	struct cursor cursor = {line, line + n};
	uint64_t major, minor;
	struct mapping mapping = {0};

	if (!take_number(&cursor, 16, '-', &mapping.start) ||
	    !take_number(&cursor, 16, ' ', &mapping.end) || mapping.end <= mapping.start)
		return false;
	if (cursor.end - cursor.at < 5 || cursor.at[3] != 's' || cursor.at[4] != ' ')
		return false;
	mapping.prot = (uint8_t)((cursor.at[0] == 'r' ? PROT_READ : 0) |
				 (cursor.at[1] == 'w' ? PROT_WRITE : 0) |
				 (cursor.at[2] == 'x' ? PROT_EXEC : 0));
	cursor.at += 5;
	if (!take_number(&cursor, 16, ' ', &mapping.offset) ||
	    !take_number(&cursor, 16, ':', &major) || !take_number(&cursor, 16, ' ', &minor) ||
	    major > UINT32_MAX || minor > UINT32_MAX ||
	    !take_number(&cursor, 10, ' ', &mapping.inode))
		return false;
	while (cursor.at < cursor.end && *cursor.at == ' ')
		cursor.at++;
	mapping.major = (uint32_t)major;
	mapping.minor = (uint32_t)minor;
	*out = mapping;
	*path = cursor;
	return true;
}

/* Takes the whole lines of text; how many bytes those were, or -ENOMEM. Anything that isn't a line
 * of a shared mapping is none of ours. */
static ssize_t parse_lines(const char *text, size_t n, struct mappings *to)
{
	const char *line = text, *end;

	while ((end = memchr(line, '\n', n - (size_t)(line - text)))) {
		struct mapping mapping;
		struct cursor path;

		if (parse_line(line, (size_t)(end - line), &mapping, &path)) {
			int r = mappings_add(to, &mapping, path.at, (size_t)(path.end - path.at));

			if (r < 0)
				return r;
		}
		line = end + 1;
	}
	return line - text;
}

int mappings_parse(int fd, struct mappings *to)
{
	struct buf text = BUF_INIT;
	ssize_t got = 0;
	bool any = false;
	int r = 0;

	for (;;) {
		char *room = buf_reserve(&text, 32768);

		if (!room) {
			r = -ENOMEM;
			break;
		}
		got = read(fd, room, 32768);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			r = got < 0 ? -errno : any ? 0 : -ESRCH;
			break;
		}
		any = true;
		text.len += (size_t)got;
		got = parse_lines(text.data, text.len, to);
		if (got < 0) {
			r = (int)got;
			break;
		}
		memmove(text.data, text.data + got, text.len - (size_t)got);
		text.len -= (size_t)got;
	}
	buf_destroy(&text);
	return r;
}

bool mappings_parse_alive(int fd)
{
	char byte;

	return pread(fd, &byte, 1, 0) == 1;
}
