/* SPDX-License-Identifier: MIT */
/*
 * Any text as /proc/PID/maps. What must hold: no crash, no hang; it doesn't matter where reads cut
 * the text; what came out of a line, written as the kernel would, says the same.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "region/mapping.h"

#define PIECES 100 /* that a text is cut into, at most: a socket holds as many */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct mappings *mappings)
{
	for (size_t i = 0; i < mappings->n; i++) {
		const struct mapping *mapping = &mappings->all[i];
		const char *path = mappings->text.data + mapping->path;

		if (mapping->start >= mapping->end ||
		    mapping->path + mapping->path_len >= mappings->text.len ||
		    path[mapping->path_len] || memchr(path, '\n', mapping->path_len))
			abort();
	}
}

static void check_same(const struct mappings *a, const struct mappings *b)
{
	if (a->n != b->n || a->text.len != b->text.len ||
	    (a->n && memcmp(a->text.data, b->text.data, a->text.len) != 0))
		abort();
	for (size_t i = 0; i < a->n; i++) {
		const struct mapping *x = &a->all[i], *y = &b->all[i];

		if (x->start != y->start || x->end != y->end || x->offset != y->offset ||
		    x->inode != y->inode || x->major != y->major || x->minor != y->minor ||
		    x->path != y->path || x->path_len != y->path_len || x->prot != y->prot)
			abort();
	}
}

/* The mappings of a text, read in one piece. */
static int parse(const void *text, size_t n, struct mappings *out)
{
	CLEANUP(close_fd) int fd = memfd_create("maps", MFD_CLOEXEC);

	if (fd < 0 || write(fd, text, n) != (ssize_t)n || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return mappings_parse(fd, out);
}

/* The same, read in pieces. */
static int parse_cut(const uint8_t *text, size_t n, size_t piece, struct mappings *out)
{
	int ends[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		abort();
	for (size_t at = 0; at < n; at += piece)
		if (write(ends[1], text + at, n - at < piece ? n - at : piece) < 0)
			abort();
	close(ends[1]);
	r = mappings_parse(ends[0], out);
	close(ends[0]);
	return r;
}

static void put_lines(const struct mappings *mappings, struct buf *out)
{
	for (size_t i = 0; i < mappings->n; i++) {
		const struct mapping *mapping = &mappings->all[i];

		buf_printf(out, "%08lx-%08lx %c%c%cs %08lx %02x:%02x %lu ",
			   (unsigned long)mapping->start, (unsigned long)mapping->end,
			   mapping->prot & PROT_READ ? 'r' : '-',
			   mapping->prot & PROT_WRITE ? 'w' : '-',
			   mapping->prot & PROT_EXEC ? 'x' : '-', (unsigned long)mapping->offset,
			   mapping->major, mapping->minor, (unsigned long)mapping->inode);
		buf_put(out, mappings->text.data + mapping->path, mapping->path_len);
		buf_putc(out, '\n');
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(mappings_destroy) struct mappings whole = {0}, cut = {0}, again = {0};
	CLEANUP(buf_destroy) struct buf lines = BUF_INIT;
	size_t piece = size / PIECES + 1 + size % 37;
	int r = parse(data, size, &whole);

	if (r != (size ? 0 : -ESRCH) || parse_cut(data, size, piece, &cut) != r)
		abort();
	check(&whole);
	check_same(&whole, &cut);
	put_lines(&whole, &lines);
	if (lines.len && parse(lines.data, lines.len, &again) < 0)
		abort();
	check_same(&whole, &again);
	return 0;
}
