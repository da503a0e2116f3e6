/* SPDX-License-Identifier: MIT */
/* The text is parsed by json-c; what is ours is which bytes each value means. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "view/json.h"
#include "view/value.h"

struct reading {
	struct json_changes *changes;
	struct diag *diag;
	struct buf path; /* of the member that is read: "name.x.3" */
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
	if (changes->n == changes->cap) {
		size_t cap = changes->cap ? 2 * changes->cap : 16;
		struct json_change *list = realloc(changes->list, cap * sizeof(*list));

		if (!list) {
			free(bytes);
			return -ENOMEM;
		}
		changes->list = list;
		changes->cap = cap;
	}
	changes->list[changes->n++] = (struct json_change){type, offset, size, bytes};
	return 0;
}

static int refuse(struct reading *reading, int err, const char *why)
{
	const char *path = buf_cstr(&reading->path);

	return diag_set(reading->diag, err, 0, 0, "%s: %s", path && *path ? path : "the record",
			why);
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
	bool character =
		type->kind == TYPE_STRING || (type->kind == TYPE_CHAR && !(type->hints & HINT_HEX));
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
		break;
	default:
		return -EINVAL;
	}
	return buf_status(&bytes) < 0 ? -ENOMEM : buf_status(text);
}

static int read_run(struct reading *reading, const struct type *type, uint64_t offset,
		    const struct buf *text)
{
	CLEANUP(buf_destroy) struct buf bytes = BUF_INIT;
	struct diag why = {0};
	int r = value_parse_run(type, text->data, text->len, &bytes, &why);

	if (r == 0)
		r = buf_status(&bytes);
	if (r < 0)
		return r == -ENOMEM ? r : refuse(reading, r, why.message);
	return add(reading->changes, type, offset, (unsigned char *)TAKE(bytes.data), bytes.len);
}

static int read_scalar(struct reading *reading, const struct type *type, uint64_t offset,
		       struct json_object *json)
{
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	struct diag why = {0};
	unsigned char *bytes;
	int r = scalar_text(type, json, &text);

	if (r < 0)
		return r == -ENOMEM ? r : refuse(reading, r, "JSON of another kind than its type");
	if (value_is_run(type))
		return read_run(reading, type, offset, &text);
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

/* Reads the child called name; the path in messages is longer for that time. */
static int read_child(struct reading *reading, const struct place *parent, const char *name,
		      struct json_object *json)
{
	size_t len = reading->path.len;
	struct place child;
	int r;

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
	char name[24];
	int r = 0;

	if (n > place->type->length)
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
		int r = strcmp(name, "_torn") == 0 ? 0 : read_child(reading, place, name, value);

		if (r < 0)
			return r;
	}
	return 0;
}

static int read_value(struct reading *reading, const struct place *place, struct json_object *json)
{
	enum json_type kind = json_object_get_type(json);

	if (!type_is_directory(place->type))
		return read_scalar(reading, place->type, place->offset, json);
	if (place->type->kind == TYPE_ARRAY)
		return kind == json_type_array ? read_array(reading, place, json)
					       : refuse(reading, -EINVAL, "not a JSON array");
	return kind == json_type_object ? read_record(reading, place, json)
					: refuse(reading, -EINVAL, "not a JSON object");
}

/*
 * json-c makes the nearest 64-bit integer of one that is too large, and says nothing. No text of
 * ours has such a number outside a string, so it is looked for first.
 */
static bool has_huge_integer(const char *text, size_t n)
{
	bool in_string = false;

	for (size_t i = 0; i < n; i++) {
		size_t len;

		if (text[i] == '\\' && in_string)
			i++;
		else if (text[i] == '"')
			in_string = !in_string;
		else if (!in_string && text[i] >= '0' && text[i] <= '9') {
			bool minus = i && text[i - 1] == '-';
			uint64_t most = minus ? (uint64_t)INT64_MAX + 1 : UINT64_MAX;

			len = strspn(text + i, "0123456789.eE+-");
			errno = 0;
			if (strcspn(text + i, ".eE") >= len &&
			    (strtoull(text + i, NULL, 10) > most || errno == ERANGE))
				return true;
			i += len - 1;
		}
	}
	return false;
}

static struct json_object *parse_text(const char *text, size_t n, bool last, int *err,
				      struct diag *diag)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *json;
	enum json_tokener_error error;
	size_t end;

	*err = -ENOMEM;
	if (!tokener)
		return NULL;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
	json = json_tokener_parse_ex(tokener, text, (int)n);
	error = json_tokener_get_error(tokener);
	end = json_tokener_get_parse_end(tokener);
	json_tokener_free(tokener);
	end += json ? strspn(text + end, " \t\r\n") : 0;
	if (json && end == n)
		return json;
	json_object_put(json);
	*err = error == json_tokener_continue && !last ? -EAGAIN : -EINVAL;
	diag_set(diag, *err, 1, (unsigned)end + 1, "not one JSON value: %s",
		 json ? "there is text behind its end" : json_tokener_error_desc(error));
	return NULL;
}

int json_parse(const struct type *type, const char *text, size_t n, bool last,
	       struct json_changes *out, struct diag *diag)
{
	CLEANUP(free_ptr) char *copy = strndup(text, n); /* terminated, for strtoull() */
	struct json_changes changes = {0};
	struct reading reading = {.changes = &changes, .diag = diag};
	struct place place = {.type = type};
	struct json_object *json;
	int r;

	if (!copy)
		return -ENOMEM;
	if (strlen(copy) != n || n > INT32_MAX)
		return diag_set(diag, -EINVAL, 0, 0, "there is a NUL in the text");
	json = parse_text(copy, n, last, &r, diag);
	if (!json)
		return r;
	r = has_huge_integer(copy, n) ? diag_set(diag, -ERANGE, 0, 0, "an integer of over 64 bits")
				      : read_value(&reading, &place, json);
	json_object_put(json);
	buf_destroy(&reading.path);
	if (r < 0)
		json_changes_destroy(&changes);
	else
		*out = changes;
	return r;
}
