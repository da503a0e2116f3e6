/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/number.h"

#define NAME_LIMIT 200

/* Well-formed sequences only: no overlong form, no surrogate, nothing above U+10FFFF
 * (Unicode 15, table 3-7). */
size_t text_utf8(const char *s, size_t n)
{
	const unsigned char *b = (const unsigned char *)s;
	unsigned char low = 0x80, high = 0xbf;
	size_t len;

	if (b[0] < 0x80)
		return 1;
	if (b[0] < 0xc2 || b[0] > 0xf4)
		return 0;
	len = b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : 4;
	if (len > n)
		return 0;
	if (b[0] == 0xe0)
		low = 0xa0;
	else if (b[0] == 0xed)
		high = 0x9f;
	else if (b[0] == 0xf0)
		low = 0x90;
	else if (b[0] == 0xf4)
		high = 0x8f;
	if (b[1] < low || b[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((b[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

/* U+0080..U+009F: a terminal takes them as commands. */
static bool is_c1(const char *s, size_t len)
{
	return len == 2 && (unsigned char)s[0] == 0xc2 && (unsigned char)s[1] < 0xa0;
}

size_t text_printable(const char *s, size_t n)
{
	size_t len = text_utf8(s, n);
	unsigned char c = (unsigned char)*s;

	return is_c1(s, len) || c < 0x20 || c == 0x7f ? 0 : len;
}

static void put_hex(struct buf *out, char byte)
{
	char text[4] = "\\x";

	number_hex(text + 2, (unsigned char)byte, 2);
	buf_put(out, text, sizeof(text));
}

/* Appends one character, or its escape; the number of bytes taken from s. */
static size_t put_plain(struct buf *out, const char *s, size_t n, const char *special)
{
	size_t len = text_utf8(s, n);

	if (!text_printable(s, n) || strchr(special, *s)) {
		for (size_t i = 0; i < (len ? len : 1); i++)
			put_hex(out, s[i]);
		return len ? len : 1;
	}
	buf_put(out, s, len);
	return len;
}

void text_name(struct buf *out, const char *bytes, size_t n)
{
	size_t start = out->len;

	for (size_t i = 0; i < n;) {
		size_t before = out->len;

		i += put_plain(out, bytes + i, n - i, i == 0 ? "-./\\" : "/\\");
		if (out->len - start > NAME_LIMIT) {
			out->len = before;
			return;
		}
	}
}

void text_column(struct buf *out, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n;)
		i += put_plain(out, bytes + i, n - i, " \\");
}

void text_escape(struct buf *out, const char *bytes, size_t n)
{
	static const char letters[] = "abtnvfr";

	for (size_t i = 0; i < n;) {
		if (bytes[i] >= 7 && bytes[i] <= 13) {
			buf_putc(out, '\\');
			buf_putc(out, letters[bytes[i++] - 7]);
		} else if (bytes[i] == '\\') {
			buf_puts(out, "\\\\");
			i++;
		} else {
			i += put_plain(out, bytes + i, n - i, "");
		}
	}
}

/* The byte after a backslash at text[0]; the number of characters it took, 0 if it is none. */
static size_t unescape_one(const char *text, size_t n, char *byte)
{
	static const char letters[] = "abtnvfr";
	const char *letter;
	unsigned value = 0;
	size_t i = 0;

	if (n == 0)
		return 0;
	if (text[0] && strchr("\\'\"?", text[0])) {
		*byte = text[0];
		return 1;
	}
	letter = text[0] ? strchr(letters, text[0]) : NULL;
	if (letter) {
		*byte = (char)(7 + (letter - letters));
		return 1;
	}
	if (text[0] == 'x') {
		for (i = 1; i < n && i < 3 && number_digit(text[i]) < 16; i++)
			value = value * 16 + number_digit(text[i]);
		*byte = (char)value;
		return i > 1 ? i : 0;
	}
	for (; i < n && i < 3 && text[i] >= '0' && text[i] <= '7'; i++)
		value = value * 8 + (unsigned)(text[i] - '0');
	*byte = (char)value;
	return value <= UINT8_MAX ? i : 0;
}

int text_unescape(struct buf *out, const char *text, size_t n)
{
	for (size_t i = 0; i < n;) {
		char byte = text[i++];

		if (byte == '\\') {
			size_t took = unescape_one(text + i, n - i, &byte);

			if (took == 0)
				return -EINVAL;
			i += took;
		}
		buf_putc(out, byte);
	}
	return buf_status(out);
}

bool text_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

size_t text_trim(const char **text, size_t n)
{
	while (n && text_is_blank((*text)[n - 1]))
		n--;
	for (; n && text_is_blank(**text); n--)
		++*text;
	return n;
}

bool text_goes_on(const char *text, size_t n, const char *bytes)
{
	if (memchr(text, '\n', n - 1))
		return true;
	n = text_trim(&text, n);
	return n == 0 || memchr(bytes, text[n - 1], strlen(bytes));
}
