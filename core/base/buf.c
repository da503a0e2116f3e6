/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_destroy(struct buf *buf)
{
	free(buf->data);
	*buf = BUF_INIT;
}

void buf_reset(struct buf *buf)
{
	buf->len = 0;
	buf->failed = false;
}

int buf_status(const struct buf *buf)
{
	return buf->failed ? -ENOMEM : 0;
}

char *buf_reserve(struct buf *buf, size_t n)
{
	size_t want, cap;
	char *data;

	if (buf->failed)
		return NULL;
	if (buf->data && n <= buf->cap - buf->len)
		return buf->data + buf->len;
	cap = buf->cap ? buf->cap : 64;
	if (__builtin_add_overflow(buf->len, n, &want))
		goto fail;
	while (cap < want)
		if (__builtin_mul_overflow(cap, 2, &cap))
			goto fail;
	data = realloc(buf->data, cap);
	if (!data)
		goto fail;
	buf->data = data;
	buf->cap = cap;
	return data + buf->len;
fail:
	buf->failed = true;
	return NULL;
}

void buf_put(struct buf *buf, const void *data, size_t n)
{
	char *to = n ? buf_reserve(buf, n) : NULL;

	if (!to)
		return;
	memcpy(to, data, n);
	buf->len += n;
}

void buf_puts(struct buf *buf, const char *s)
{
	buf_put(buf, s, strlen(s));
}

void buf_putc(struct buf *buf, char c)
{
	buf_put(buf, &c, 1);
}

void buf_fill(struct buf *buf, char c, size_t n)
{
	char *to = n ? buf_reserve(buf, n) : NULL;

	if (!to)
		return;
	memset(to, c, n);
	buf->len += n;
}

void buf_padded(struct buf *buf, const char *text, size_t width, bool left)
{
	size_t n = strlen(text), blanks = width > n ? width - n : 0;

	buf_fill(buf, ' ', left ? 0 : blanks);
	buf_put(buf, text, n);
	buf_fill(buf, ' ', left ? blanks : 0);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;
	int need;
	char *to;

	va_start(args, format);
	need = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (need < 0) {
		buf->failed = true;
		return;
	}
	to = buf_reserve(buf, (size_t)need + 1);
	if (!to)
		return;
	va_start(args, format);
	vsnprintf(to, (size_t)need + 1, format, args);
	va_end(args);
	buf->len += (size_t)need;
}

const char *buf_cstr(struct buf *buf)
{
	char *end = buf_reserve(buf, 1);

	if (!end)
		return NULL;
	*end = '\0';
	return buf->data;
}
