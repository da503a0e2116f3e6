/* SPDX-License-Identifier: MIT */
/*
 * What `hexdump -vC raw` prints, from anywhere. A request is answered by finding the line that its
 * first character is in (hexdump.h) and making whole lines in the caller's buffer; only the first
 * and the last may be wanted in part, and go through a line of our own.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "view/facts.h"
#include "view/hexdump.h"
#include "view/view.h"

#define PIECE (128u << 10) /* bytes of the region that are read at once */

static int hex_stat(const struct node *node, const struct caller *caller, struct attr *attr)
{
	uint64_t size;
	int r = facts_size(node->binding->object, &size);

	(void)caller;
	if (r < 0)
		return r;
	attr->size = hexdump_size(size);
	attr->blocks = attr->size / 512;
	return 0;
}

/* What is still wanted: left characters, after skip that aren't. */
struct window {
	char *to;
	size_t left;
	size_t skip;
};

static void put_part(struct window *window, const char *text, size_t n)
{
	size_t taken;

	if (window->skip >= n) {
		window->skip -= n;
		return;
	}
	taken = n - window->skip;
	if (taken > window->left)
		taken = window->left;
	memcpy(window->to, text + window->skip, taken);
	window->to += taken;
	window->left -= taken;
	window->skip = 0;
}

/* The lines of n bytes, or of as many zeros when bytes is NULL. */
static char *make_lines(char *to, const unsigned char *bytes, size_t n, uint64_t offset)
{
	return bytes ? hexdump_lines(to, bytes, n, offset) : hexdump_zeros(to, n, offset);
}

static void put_lines(struct window *window, const unsigned char *bytes, size_t n, uint64_t offset)
{
	while (n && window->left) {
		size_t fit = window->skip ? 0 : window->left / HEXDUMP_LINE_MAX * HEXDUMP_BYTES;
		size_t now = n < fit ? n : fit;

		if (now) {
			char *end = make_lines(window->to, bytes, now, offset);

			window->left -= (size_t)(end - window->to);
			window->to = end;
		} else {
			char line[HEXDUMP_LINE_MAX];

			now = n < HEXDUMP_BYTES ? n : HEXDUMP_BYTES;
			put_part(window, line,
				 (size_t)(make_lines(line, bytes, now, offset) - line));
		}
		bytes = bytes ? bytes + now : NULL;
		n -= now;
		offset += now;
	}
}

/* How many of the n bytes at offset are a hole, in whole lines. */
static size_t hole_at(struct memory *memory, uint64_t offset, size_t n)
{
	uint64_t data, hole;
	int r = memory_seek(memory, offset, SEEK_DATA, &data);

	/* No data from here on, or no way to ask. */
	if (r == -ENXIO)
		return memory_seek(memory, offset, SEEK_HOLE, &hole) == 0 && hole == offset ? n : 0;
	if (r == 0 && data - offset >= n)
		return n;
	return r < 0 ? 0 : (size_t)(data - offset) / HEXDUMP_BYTES * HEXDUMP_BYTES;
}

/* Puts lines of at most n bytes at offset; how many bytes that were. */
static ssize_t put_piece(struct window *window, struct memory *memory, unsigned char *bytes,
			 size_t n, uint64_t offset)
{
	size_t hole = hole_at(memory, offset, n);
	ssize_t got;

	if (hole) {
		put_lines(window, NULL, hole, offset);
		return (ssize_t)hole;
	}
	got = memory_read(memory, bytes, n, offset);
	if (got < 0)
		return got;
	if ((size_t)got < n)
		return -EIO;
	put_lines(window, bytes, n, offset);
	return got;
}

/* The bytes whose lines the window has room for, and no more than there are or we read at once. */
static size_t bytes_for(const struct window *window, uint64_t left)
{
	size_t lines = (window->left + window->skip) / HEXDUMP_LINE_MIN + 1;
	size_t n = lines < PIECE / HEXDUMP_BYTES ? lines * HEXDUMP_BYTES : PIECE;

	return n < left ? n : (size_t)left;
}

/* Fills the window with the lines from offset `at` on, up to the last. */
static int put_dump(struct window *window, struct memory *memory, uint64_t at, uint64_t size)
{
	size_t room = at < size ? bytes_for(window, size - at) : 1;
	unsigned char *bytes = malloc(room);
	ssize_t done = 0;

	if (!bytes)
		return -ENOMEM;
	while (at < size && window->left && done >= 0) {
		done = put_piece(window, memory, bytes, bytes_for(window, size - at), at);
		at += done > 0 ? (uint64_t)done : 0;
	}
	free(bytes);
	if (done < 0)
		return (int)done;
	if (at >= size && window->left) {
		char end[HEXDUMP_LINE_MAX];
		size_t length = (size_t)(hexdump_end(end, size) - end);

		put_part(window, end, length);
	}
	return 0;
}

static ssize_t hex_read(const struct node *node, void *to, size_t n, uint64_t offset)
{
	struct window window = {.to = to, .left = n};
	uint64_t size, line;
	int r = facts_size(node->binding->object, &size);

	if (r < 0)
		return r;
	if (offset >= hexdump_size(size))
		return 0;
	/* A short last line, and the length behind it, aren't where a whole line would be. */
	line = hexdump_line(offset);
	if (line > size / HEXDUMP_BYTES)
		line = size / HEXDUMP_BYTES;
	window.skip = (size_t)(offset - hexdump_start(line));
	r = put_dump(&window, node_memory(node), line * HEXDUMP_BYTES, size);
	return r < 0 ? r : (ssize_t)(n - window.left);
}

const struct view_ops view_hex = {
	.name = "hex",
	.stat = hex_stat,
	.read = hex_read,
};
