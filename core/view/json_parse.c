/* SPDX-License-Identifier: MIT */
/*
 * The text is parsed by json-c; what is ours is which bytes each value means.
 *
 * json-c makes 64-bit numbers of integers, the nearest one of those that are too large, and 0 of
 * -0. Of a number with an exponent it also keeps the text. So every integer gets the exponent 0
 * before json-c sees it and loses it afterwards, and value_parse() reads what was written.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "view/json.h"
#include "view/value.h"

#define EXPONENT  "e0"
#define DEPTH_MAX 1024 /* of brackets; types aren't nested as deep */
#define TEXT_EACH 256  /* bytes of text for a node, or for a byte of it, blanks and all */

struct reading {
	struct json_changes *changes;
	struct diag *diag;
	struct buf path;   /* of the member that is read: "name.x.3" */
	struct spot *spot; /* of what is read; NULL: of a type only */
	uint64_t start;	   /* its offset at the beginning */
};

void json_changes_destroy(struct json_changes *changes)
{
	for (size_t i = 0; i < changes->n; i++)
		free(changes->list[i].bytes);
	free(changes->list);
	*changes = (struct json_changes){0};
}

/* Takes bytes over, also when there is no memory. */
static int add(struct json_changes *changes, const struct type *type, uint64_t offset,
	       unsigned char *bytes, size_t size)
{
	struct json_change *list =
		array_grow(changes->list, changes->n, &changes->cap, sizeof(*list));

	if (!list) {
		free(bytes);
		return -ENOMEM;
	}
	changes->list = list;
	changes->list[changes->n++] = (struct json_change){type, offset, size, bytes};
	return 0;
}

static int refuse(struct reading *reading, int err, const char *why)
{
	const char *path = buf_cstr(&reading->path);

	return diag_set(reading->diag, err, 0, 0, "%s: %s", path && *path ? path : "the record",
			why);
}

static int refuse_kind(struct reading *reading, const struct type *type, struct json_object *json)
{
	static const char *const kinds[] = {
		[json_type_null] = "null",	  [json_type_boolean] = "true or false",
		[json_type_double] = "a number",  [json_type_int] = "a number",
		[json_type_object] = "an object", [json_type_array] = "an array",
		[json_type_string] = "a string",
	};
	char why[128];

	snprintf(why, sizeof(why), "%s is no value of %.80s", kinds[json_object_get_type(json)],
		 type->name);
	return refuse(reading, -EINVAL, why);
}

/* A JSON string's bytes, by the rule in json.h. */
static void string_bytes(const char *text, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n;) {
		size_t len = text_utf8(text + i, n - i);
		unsigned char c = (unsigned char)text[i];

		if (len == 2 && c < 0xc4)
			buf_putc(out, (char)(c << 6 | (text[i + 1] & 0x3f)));
		else
			buf_put(out, text + i, len ? len : 1);
		i += len ? len : 1;
	}
}

/* The text that value_parse() takes for the same value. -EINVAL: JSON has no such scalar here. */
static int scalar_text(const struct type *type, struct json_object *json, struct buf *text)
{
	bool character = type->kind == TYPE_STRING || type->kind == TYPE_CHAR;
	CLEANUP(buf_destroy) struct buf bytes = BUF_INIT;

	switch (json_object_get_type(json)) {
	case json_type_string:
		string_bytes(json_object_get_string(json), (size_t)json_object_get_string_len(json),
			     &bytes);
		if (character)
			text_escape(text, bytes.data, bytes.len);
		else
			buf_put(text, bytes.data, bytes.len);
		break;
	case json_type_int:
	case json_type_double:
	case json_type_boolean:
		if (character)
			return -EINVAL;
		buf_puts(text, json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN));
		if (text->len > 2 && memcmp(text->data + text->len - 2, EXPONENT, 2) == 0)
			text->len -= 2;
		break;
	default:
		return -EINVAL;
	}
	return buf_status(&bytes) < 0 ? -ENOMEM : buf_status(text);
}

static int read_run(struct reading *reading, const struct type *type, uint64_t offset,
		    uint64_t size, const struct buf *text)
{
	CLEANUP(buf_destroy) struct buf bytes = BUF_INIT;
	struct type sized = *type;
	struct diag why = {0};
	int r;

	sized.size = size;
	r = value_parse_run(&sized, text->data, text->len, &bytes, &why);

	if (r == 0)
		r = buf_status(&bytes);
	if (r < 0)
		return r == -ENOMEM ? r : refuse(reading, r, why.message);
	return add(reading->changes, type, offset, (unsigned char *)TAKE(bytes.data), bytes.len);
}

static int read_scalar(struct reading *reading, const struct place *place, struct json_object *json)
{
	const struct type *type = place->type;
	uint64_t offset = place->offset, size = place->size;
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	struct diag why = {0};
	unsigned char *bytes;
	int r = scalar_text(type, json, &text);

	if (r == 0 && type->kind == TYPE_STRING && type->open) {
		struct place there = *place;

		there.offset += reading->start;
		r = place_text_size(reading->spot->walk.read, reading->spot->walk.context, &there,
				    &size);
		if (r < 0)
			return r;
	}

	if (r < 0)
		return r == -ENOMEM ? r : refuse_kind(reading, type, json);
	if (type_is_run(type))
		return read_run(reading, type, offset, size, &text);
	bytes = malloc(2 * type->size);
	if (!bytes)
		return -ENOMEM;
	r = value_parse(type, text.data ? text.data : "", text.len, bytes, bytes + type->size,
			&why);
	if (r == 0)
		return add(reading->changes, type, offset, bytes, type->size);
	free(bytes);
	return r == -ENOMEM ? r : refuse(reading, r, why.message);
}

static int read_value(struct reading *reading, const struct place *place, struct json_object *json);

/* The same of a spot; the trail and the path are longer for that time. */
static int read_there(struct reading *reading, const char *name, struct json_object *json)
{
	struct walk *walk = &reading->spot->walk;
	struct trail *trail = &reading->spot->trail;
	size_t len = reading->path.len;
	uint64_t index = 0;
	int r = walk_lookup(walk, trail, name, NULL, &index);

	if (len)
		buf_putc(&reading->path, '.');
	buf_puts(&reading->path, name);
	if (r == -ENOENT)
		r = refuse(reading, -EINVAL, "there is no such member now");
	else if (r == 0)
		r = walk_down(walk, trail, index);
	if (r == 0) {
		struct place child = *trail_end(trail);

		child.offset -= reading->start;
		r = read_value(reading, &child, json);
		walk_up(trail);
	}
	reading->path.len = len;
	return r;
}

/* Reads the child called name; the path in messages is longer for that time. */
static int read_child(struct reading *reading, const struct place *parent, const char *name,
		      struct json_object *json)
{
	size_t len = reading->path.len;
	struct place child;
	int r;

	if (reading->spot)
		return read_there(reading, name, json);
	if (len)
		buf_putc(&reading->path, '.');
	buf_puts(&reading->path, name);
	r = type_lookup(parent, name, &child, NULL);
	r = r < 0 ? refuse(reading, -EINVAL, "there is no such member")
		  : read_value(reading, &child, json);
	reading->path.len = len;
	return r;
}

static int read_array(struct reading *reading, const struct place *place, struct json_object *json)
{
	size_t n = json_object_array_length(json);
	uint64_t most = place->type->stride ? 0 : place->type->length;
	char name[24];
	int r = 0;

	if (reading->spot)
		r = walk_count(&reading->spot->walk, &reading->spot->trail, &most);
	if (r < 0)
		return r;
	if (n > most)
		return refuse(reading, -ERANGE, "more elements than the array has");
	for (size_t i = 0; i < n && r == 0; i++) {
		snprintf(name, sizeof(name), "%zu", i);
		r = read_child(reading, place, name, json_object_array_get_idx(json, i));
	}
	return r;
}

static int read_record(struct reading *reading, const struct place *place, struct json_object *json)
{
	json_object_object_foreach(json, name, value)
	{
		int r = 0;

		/* What json_format() says of the record isn't in it. */
		if (strcmp(name, "_torn") != 0 || type_lookup(place, name, NULL, NULL) == 0)
			r = read_child(reading, place, name, value);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_value(struct reading *reading, const struct place *place, struct json_object *json)
{
	enum json_type kind = json_object_get_type(json);

	if (!type_is_directory(place->type))
		return read_scalar(reading, place, json);
	if (place->type->kind == TYPE_ARRAY)
		return kind == json_type_array ? read_array(reading, place, json)
					       : refuse(reading, -EINVAL, "not a JSON array");
	return kind == json_type_object ? read_record(reading, place, json)
					: refuse(reading, -EINVAL, "not a JSON object");
}

static bool has_zero_in_front(const char *number, size_t n)
{
	size_t sign = n && *number == '-';

	return n > sign + 1 && number[sign] == '0' && number[sign + 1] >= '0' &&
	       number[sign + 1] <= '9';
}

/*
 * The text with EXPONENT behind each integer, up to `most` bytes: appended to out. How much of the
 * text that is: it ends before what json-c takes and JSON doesn't, a single quote or a zero in
 * front of a number.
 */
static size_t mark_integers(const char *text, size_t n, size_t most, struct buf *out)
{
	bool in_string = false;
	size_t i = 0;

	while (i < n && out->len < most && !out->failed) {
		size_t length = in_string ? 0 : strspn(text + i, "0123456789.eE+-");

		if (!in_string && (text[i] == '\'' || has_zero_in_front(text + i, length)))
			break;

		buf_put(out, text + i, length ? length : 1);
		if (length && strcspn(text + i, ".eE") >= length && out->len < most)
			buf_puts(out, EXPONENT);
		if (length) {
			i += length;
			continue;
		}
		if (text[i] == '\\' && in_string && i + 1 < n)
			buf_putc(out, text[++i]);
		else if (text[i] == '"')
			in_string = !in_string;
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
	*end += json ? strspn(text + *end, " \t\r\n") : 0;
	json_tokener_free(tokener);
	*out = json;
	return 0;
}

/* 0 and *out, for json_object_put(); -EINVAL, -EAGAIN, -ENOMEM. text is terminated. */
static int parse_text(const char *text, size_t n, bool last, struct json_object **out,
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
				 "neither a single quote nor a zero in front of a number is JSON",
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

/* More than any text of such a record; json-c takes many times as much memory as a text is long. */
static bool is_too_long(const struct type *type, size_t n)
{
	return n / TEXT_EACH > type->span + type->size + TEXT_EACH;
}

int json_parse(struct spot *spot, const struct type *type, const char *text, size_t n, bool last,
	       struct json_changes *out, struct diag *diag)
{
	CLEANUP(free_ptr) char *copy = strndup(text, n);
	struct json_changes changes = {0};
	struct reading reading = {
		.changes = &changes, .diag = diag, .spot = type->varies ? spot : NULL};
	struct place place = {.type = type, .size = type->size};
	struct json_object *json = NULL;
	int r;

	if (reading.spot)
		reading.start = spot_place(spot)->offset;
	if (!copy)
		return -ENOMEM;
	if (strlen(copy) != n)
		return diag_set(diag, -EINVAL, 0, 0, "there is a NUL in the text");
	if (n > INT32_MAX / 4 || is_too_long(type, n))
		return diag_set(diag, -EFBIG, 0, 0, "more text than any %s has", type->name);
	r = parse_text(copy, n, last, &json, diag);
	if (r < 0)
		return r;
	r = read_value(&reading, &place, json);
	json_object_put(json);
	buf_destroy(&reading.path);
	if (r < 0)
		json_changes_destroy(&changes);
	else
		*out = changes;
	return r;
}
