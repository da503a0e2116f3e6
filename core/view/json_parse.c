/* SPDX-License-Identifier: MIT */
/* Which bytes each value of a text means; json_text.c reads the text. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "view/json.h"
#include "view/json_text.h"
#include "view/value.h"

#define TEXT_EACH 256 /* bytes of text for a node, or for a byte of it, blanks and all */

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
		json_text_number(json, text);
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

/* The same of a spot; the trail is longer for that time. */
static int read_there(struct reading *reading, const char *name, struct json_object *json)
{
	struct walk *walk = &reading->spot->walk;
	struct trail *trail = &reading->spot->trail;
	struct place child;
	uint64_t index = 0;
	int r = walk_lookup(walk, trail, name, NULL, &index);

	if (r == -ENOENT)
		return refuse(reading, -EINVAL, "there is no such member now");
	if (r == 0)
		r = walk_down(walk, trail, index);
	if (r < 0)
		return r;
	child = *trail_end(trail);
	child.offset -= reading->start;
	r = read_value(reading, &child, json);
	walk_up(trail);
	return r;
}

static int read_here(struct reading *reading, const struct place *parent, const char *name,
		     struct json_object *json)
{
	struct place child;

	if (type_lookup(parent, name, &child, NULL) < 0)
		return refuse(reading, -EINVAL, "there is no such member");
	return read_value(reading, &child, json);
}

/* Reads the child called name; the path in messages is longer for that time. */
static int read_child(struct reading *reading, const struct place *parent, const char *name,
		      struct json_object *json)
{
	size_t len = reading->path.len;
	int r;

	if (len)
		buf_putc(&reading->path, '.');
	buf_puts(&reading->path, name);
	r = reading->spot ? read_there(reading, name, json)
			  : read_here(reading, parent, name, json);
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
	r = json_text_read(copy, n, last, &json, diag);
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
