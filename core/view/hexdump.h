/* SPDX-License-Identifier: MIT */
/*
 * The text that `hexdump -vC` prints of some bytes, as arithmetic: a line for each 16 bytes, a
 * shorter one for the rest, and the total length on a line of its own; nothing for no bytes.
 *
 * The offset in front of a line has eight digits, more from 4 GiB on; so each line is 79 bytes
 * long, plus one for each digit more than eight. The number of bytes before line i is therefore
 * 79 i + max(0, i - 2^28) + max(0, i - 2^32) + ..., which is solved for i piece by piece.
 */
#ifndef PEEKFS_VIEW_HEXDUMP_H
#define PEEKFS_VIEW_HEXDUMP_H

#include <stddef.h>
#include <stdint.h>

#define HEXDUMP_BYTES	 16 /* of a line */
#define HEXDUMP_LINE_MIN 79 /* characters of a line with 16 bytes */
#define HEXDUMP_LINE_MAX 87

/* The length of the text of size bytes; INT64_MAX where it is longer than a file can be. */
uint64_t hexdump_size(uint64_t size);

/* Where line i starts. i is a line of a text that isn't longer than a file can be. */
uint64_t hexdump_start(uint64_t line);

/* The line that the character at position belongs to, if there are that many. */
uint64_t hexdump_line(uint64_t position);

/*
 * Writes the lines of n bytes that stand at offset (a multiple of 16); the last is a short one when
 * n is no multiple of 16. No length line. Returns the end of what it wrote: to + at most
 * HEXDUMP_LINE_MAX for each line.
 */
char *hexdump_lines(char *to, const void *bytes, size_t n, uint64_t offset);
/* The same for bytes that are all zero. */
char *hexdump_zeros(char *to, size_t n, uint64_t offset);
/* The last line, which tells the length. */
char *hexdump_end(char *to, uint64_t size);

#endif
