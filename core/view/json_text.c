/* SPDX-License-Identifier: MIT */
/*
 * The text is parsed by json-c, which makes 64-bit numbers of integers, the nearest one of those
 * that are too large, and 0 of -0. Of a number with an exponent it also keeps the text. So every
 * integer gets the exponent 0 before json-c sees it and loses it when its text is asked for.
 */
#include "view/json_text.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"

#define EXPONENT  "e0"
#define BLANKS	  " \t\r\n"
#define DEPTH_MAX 1024 /* of brackets; types aren't nested as deep */

static bool has_zero_in_front(const char *number, size_t n)
{
	size_t sign = n && *number == '-';

	return n > sign + 1 && number[sign] == '0' && number[sign + 1] >= '0' &&
	       number[sign + 1] <= '9';
}

/* Whether the string that ended there is a member's name. */
static bool is_name(const char *behind)
{
	return behind[strspn(behind, BLANKS)] == ':';
}

/* What \uNNNN stands for, a unit of UTF-16; 0 for other text. */
static unsigned utf16_unit(const char *text)
{
	unsigned unit = 0;

	if (text[0] != '\\' || text[1] != 'u')
		return 0;
	for (int i = 2; i < 6; i++) {
		if (number_digit(text[i]) > 15)
			return 0;
		unit = unit << 4 | number_digit(text[i]);
	}
	return unit;
}

/* How many bytes an escape takes, both halves of a pair together. 0: it is half a pair, of which
 * json-c makes U+FFFD; that can't be told where the text ends behind it. */
static size_t escape_length(const char *escape)
{
	unsigned unit = utf16_unit(escape);
	const char *next;

	if (unit < 0xd800 || unit > 0xdfff)
		return 2;
	if (unit > 0xdbff)
		return 0;
	next = escape + 6;
	if (utf16_unit(next) >= 0xdc00 && utf16_unit(next) <= 0xdfff)
		return 12;
	return strnlen(next, 6) < 6 && !strchr(next, '"') ? 2 : 0;
}

static bool is_integer(const char *number, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (number[i] == '.' || (number[i] | 0x20) == 'e')
			return false;
	return n > 0;
}

/*
 * The text with EXPONENT behind each integer, up to `most` bytes: appended to out. How much of the
 * text that is: it ends before what json-c takes and JSON doesn't, a single quote or a zero in
 * front of a number, before half a surrogate pair, and at the end of a name with a NUL in it, of
 * which json-c forgets the rest.
 */
static size_t mark_integers(const char *text, size_t n, size_t most, struct buf *out)
{
	bool in_string = false, has_nul = false;
	size_t i = 0;

	while (i < n && out->len < most && !out->failed) {
		size_t length = in_string ? 0 : strspn(text + i, "0123456789.eE+-");

		if (!in_string && (text[i] == '\'' || has_zero_in_front(text + i, length)))
			break;
		buf_put(out, text + i, length ? length : 1);
		if (is_integer(text + i, length) && out->len < most)
			buf_puts(out, EXPONENT);
		if (length) {
			i += length;
			continue;
		}
		if (text[i] == '\\' && in_string && i + 1 < n) {
			size_t takes = escape_length(text + i);

			if (!takes)
				break;
			has_nul |= strncmp(text + i, "\\u0000", 6) == 0;
			buf_put(out, text + i + 1, takes - 1);
			i += takes - 1;
		} else if (text[i] == '"') {
			if (in_string && has_nul && is_name(text + i + 1))
				break;
			in_string = !in_string;
			has_nul = false;
		}
		i++;
	}
	return i;
}

/* What is wrong, and where: at that byte of the text with its integers marked. */
static int malformed(const char *text, size_t n, size_t at, int err, const char *why,
		     struct diag *diag)
{
	CLEANUP(buf_destroy) struct buf before = BUF_INIT;
	size_t end = mark_integers(text, n, at, &before);
	unsigned line = 1, column = 1;

	for (size_t i = 0; i < end; i++) {
		column = text[i] == '\n' ? 1 : column + 1;
		line += text[i] == '\n';
	}
	return diag_set(diag, err, line, column, "not one JSON value: %s", why);
}

/* The value that a text begins with, or NULL and why, and where it ends, with blanks. -ENOMEM. */
static int parse_value(const char *text, size_t n, struct json_object **out, size_t *end,
		       enum json_tokener_error *error)
{
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);
	struct json_object *json;

	if (!tokener)
		return -ENOMEM;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
	json = json_tokener_parse_ex(tokener, text, (int)n);
	*error = json_tokener_get_error(tokener);
	*end = json_tokener_get_parse_end(tokener);
	*end += json ? strspn(text + *end, BLANKS) : 0;
	json_tokener_free(tokener);
	*out = json;
	return 0;
}

int json_text_read(const char *text, size_t n, bool last, struct json_object **out,
		   struct diag *diag)
{
	CLEANUP(buf_destroy) struct buf marked = BUF_INIT;
	bool whole = mark_integers(text, n, SIZE_MAX, &marked) == n;
	enum json_tokener_error error;
	struct json_object *json;
	size_t end;

	if (!buf_cstr(&marked))
		return -ENOMEM;
	if (!whole)
		return malformed(text, n, marked.len, -EINVAL,
				 "a single quote, a zero in front of a number, a NUL in a name or "
				 "half a surrogate pair",
				 diag);
	if (parse_value(marked.data, marked.len, &json, &end, &error) < 0)
		return -ENOMEM;
	if (json && end == marked.len) {
		*out = json;
		return 0;
	}
	if (json) {
		json_object_put(json);
		return malformed(text, n, end, -EINVAL, "there is text behind its end", diag);
	}
	if (error == json_tokener_continue)
		return malformed(text, n, end, last ? -EINVAL : -EAGAIN, "the text ends within it",
				 diag);
	return malformed(text, n, end, -EINVAL, json_tokener_error_desc(error), diag);
}

void json_text_number(struct json_object *json, struct buf *out)
{
	buf_puts(out, json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN));
	if (out->len > 2 && memcmp(out->data + out->len - 2, EXPONENT, 2) == 0)
		out->len -= 2;
}
