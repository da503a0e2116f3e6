/* SPDX-License-Identifier: MIT */
#include "view/json.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "view/value.h"

void json_name(const char *name, struct buf *out)
{
	json_string(name, strlen(name), out);
	buf_puts(out, ": ");
}

static void put_unicode(struct buf *out, unsigned char byte)
{
	char text[6] = "\\u";

	number_hex(text + 2, byte, 4);
	buf_put(out, text, sizeof(text));
}

/* How many bytes from s on JSON takes as they are. */
static size_t plain(const char *s, size_t n)
{
	unsigned char c = (unsigned char)*s;

	if (c < 0x80)
		return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
	if (c < 0xc4) /* not UTF-8, or U+0080 to U+00FF */
		return 0;
	return text_utf8(s, n);
}

void json_string(const char *bytes, size_t n, struct buf *out)
{
	buf_putc(out, '"');
	for (size_t i = 0, start = 0; i < n; start = i) {
		size_t len;

		while (i < n && (len = plain(bytes + i, n - i)))
			i += len;
		buf_put(out, bytes + start, i - start);
		if (i == n)
			break;
		if (bytes[i] == '"' || bytes[i] == '\\') {
			buf_putc(out, '\\');
			buf_putc(out, bytes[i]);
		} else if (bytes[i] == '\n') {
			buf_puts(out, "\\n");
		} else if (bytes[i] == '\t') {
			buf_puts(out, "\\t");
		} else {
			put_unicode(out, (unsigned char)bytes[i]);
		}
		i++;
	}
	buf_putc(out, '"');
}

/* Whether value_format()'s text of the bytes is a JSON number, or true or false, as it stands. */
static bool is_literal(const struct type *type, const char *text, size_t n)
{
	char last = text[n - 1];

	if (value_kind(type) == TYPE_BOOL)
		return true;
	if (type->hints & (HINT_HEX | HINT_TIME))
		return false;
	if (value_kind(type) == TYPE_ENUM)
		return text[0] == '-' || (text[0] >= '0' && text[0] <= '9');
	if (value_kind(type) == TYPE_FLOAT)
		return last >= '0' && last <= '9' && !memchr(text, 'n', n);
	return value_kind(type) == TYPE_INTEGER;
}

void json_scalar(const struct type *type, const unsigned char *bytes, struct buf *out)
{
	size_t start = out->len, n;

	if (type->kind == TYPE_STRING) {
		json_string((const char *)bytes, strnlen((const char *)bytes, type->size), out);
		return;
	}
	if (type->kind == TYPE_CHAR && !(type->hints & HINT_HEX)) {
		json_string((const char *)bytes, 1, out);
		return;
	}
	value_format(type, bytes, out);
	n = out->len - start;
	if (out->failed || is_literal(type, out->data + start, n))
		return;
	buf_puts(out, "\"\""); /* names and digits, so nothing in it needs an escape */
	if (out->failed)
		return;
	memmove(out->data + start + 1, out->data + start, n);
	out->data[start] = '"';
}

static void put_value(const struct type *type, const unsigned char *bytes, bool torn,
		      struct buf *out);

static void put_array(const struct type *type, const unsigned char *bytes, struct buf *out)
{
	buf_putc(out, '[');
	for (uint64_t i = 0; i < type->length && !out->failed; i++) {
		if (i)
			buf_puts(out, ", ");
		put_value(type->element, bytes + i * type->element->size, false, out);
	}
	buf_putc(out, ']');
}

static void put_record(const struct type *type, const unsigned char *bytes, bool torn,
		       struct buf *out)
{
	const char *before = "";

	buf_putc(out, '{');
	if (torn) {
		buf_puts(out, "\"_torn\": true");
		before = ", ";
	}
	for (size_t i = 0; i < type->n_members; i++) {
		const struct member *member = &type->members[i];

		buf_puts(out, before);
		json_name(member->name, out);
		put_value(member->type, bytes + member->offset, false, out);
		before = ", ";
	}
	buf_putc(out, '}');
}

/* Types nest at most LAYOUT_DEPTH_MAX deep, and so does this. */
static void put_value(const struct type *type, const unsigned char *bytes, bool torn,
		      struct buf *out)
{
	if (type->kind == TYPE_ARRAY)
		put_array(type, bytes, out);
	else if (type_is_directory(type))
		put_record(type, bytes, torn, out);
	else
		json_scalar(type, bytes, out);
}

void json_format(const struct type *type, const unsigned char *bytes, bool torn, struct buf *out)
{
	put_value(type, bytes, torn, out);
}
