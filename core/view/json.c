/* SPDX-License-Identifier: MIT */
#include "view/json.h"

#include <errno.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "view/value.h"

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

/* A string of C, with quotes. */
static void put_string(const char *bytes, size_t n, struct buf *out)
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

void json_name(const char *name, struct buf *out)
{
	put_string(name, strlen(name), out);
	buf_puts(out, ": ");
}

void json_scalar(const struct type *type, const unsigned char *bytes, struct buf *out)
{
	size_t start = out->len, n;

	if (type->kind == TYPE_STRING) {
		put_string((const char *)bytes, strnlen((const char *)bytes, type->size), out);
		return;
	}
	if (type->kind == TYPE_CHAR) {
		put_string((const char *)bytes, 1, out);
		return;
	}
	value_format_bare(type, bytes, out);
	n = out->len - start;
	if (out->failed)
		return;
	if (value_is_literal(type, out->data + start, n)) {
		if (json_drops_sign(type, out->data + start, n))
			buf_puts(out, ".0");
		return;
	}
	buf_puts(out, "\"\""); /* names, digits and signs: nothing in it needs an escape */
	if (out->failed)
		return;
	memmove(out->data + start + 1, out->data + start, n);
	out->data[start] = '"';
}

static void put_value(const struct type *type, const unsigned char *bytes, struct buf *out);

static void put_array(const struct type *type, uint64_t n, const unsigned char *bytes,
		      struct buf *out)
{
	buf_putc(out, '[');
	for (uint64_t i = 0; i < n && !out->failed; i++) {
		if (i)
			buf_puts(out, ", ");
		put_value(type->element, bytes + i * type->element->size, out);
	}
	buf_putc(out, ']');
}

/* What is before the first member; what is to be before it if there is one. */
static const char *put_start(bool torn, struct buf *out)
{
	buf_puts(out, torn ? "{\"_torn\": true" : "{");
	return torn ? ", " : "";
}

static void put_record(const struct type *type, const unsigned char *bytes, bool torn,
		       struct buf *out)
{
	const char *before = put_start(torn, out);

	for (size_t i = 0; i < type->n_members; i++) {
		const struct member *member = &type->members[i];

		if (type_hides(type, i))
			continue;
		buf_puts(out, before);
		json_name(member->name, out);
		put_value(member->type, bytes + member->offset, out);
		before = ", ";
	}
	buf_putc(out, '}');
}

/* Types nest at most LAYOUT_DEPTH_MAX deep, and so does this. */
static void put_value(const struct type *type, const unsigned char *bytes, struct buf *out)
{
	if (type->kind == TYPE_ARRAY)
		put_array(type, type->length, bytes, out);
	else if (type_is_directory(type))
		put_record(type, bytes, false, out);
	else
		json_scalar(type, bytes, out);
}

void json_format(const struct type *type, const unsigned char *bytes, bool torn, struct buf *out)
{
	if (torn && type_is_directory(type) && type->kind != TYPE_ARRAY)
		put_record(type, bytes, torn, out);
	else
		put_value(type, bytes, out);
}
