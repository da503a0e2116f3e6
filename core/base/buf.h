/* SPDX-License-Identifier: MIT */
/*
 * A growable run of bytes. Appending never fails by itself: the first failed allocation is
 * remembered, later appends do nothing, and buf_status() tells once at the end.
 * Not thread-safe; a buf belongs to one thread at a time.
 */
#ifndef PEEKFS_BASE_BUF_H
#define PEEKFS_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data; /* not terminated; NULL while empty */
	size_t len;
	size_t cap;
	bool failed;
};

#define BUF_INIT ((struct buf){0})

/* Frees the bytes and leaves an empty buf. Takes a zeroed one. */
void buf_destroy(struct buf *buf);
/* Empties the buf, keeps its memory, forgets a failure. */
void buf_reset(struct buf *buf);
/* 0, or -ENOMEM when any append since the last reset found no memory. */
int buf_status(const struct buf *buf);
/* Room for n more bytes: the address to write them to, or NULL. The caller adds to len. */
char *buf_reserve(struct buf *buf, size_t n);
void buf_put(struct buf *buf, const void *data, size_t n);
void buf_puts(struct buf *buf, const char *s);
void buf_putc(struct buf *buf, char c);
/* n times c. */
void buf_fill(struct buf *buf, char c, size_t n);
/* The text, and as many blanks that it fills width: behind it, or before it if it isn't left. */
void buf_padded(struct buf *buf, const char *text, size_t width, bool left);
__attribute__((format(printf, 2, 3))) void buf_printf(struct buf *buf, const char *format, ...);
/* The bytes as a string that stays buf's; "" when it is empty, NULL without memory. */
const char *buf_cstr(struct buf *buf);

#endif
