/* SPDX-License-Identifier: MIT */
/* Which bytes each value of a text means; json_text.c reads the text. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "view/json_inside.h"
#include "view/json_text.h"
#include "view/value.h"

#define TEXT_EACH 256 /* bytes of text for a node, or for a byte of it, blanks and all */

void json_changes_destroy(struct json_changes *changes)
{
	for (size_t i = 0; i < changes->n; i++)
		free(changes->list[i].bytes);
	free(changes->list);
	*changes = (struct json_changes){0};
}

int json_change_is_so(const struct json_change *change, uint64_t start, layout_read_fn *read,
		      void *context)
{
	CLEANUP(free_ptr) unsigned char *bytes = malloc(change->size + 1);
	bool same = true;
	int r;

	if (!bytes)
		return -ENOMEM;
	r = read(context, start + change->offset, bytes, change->size);
	if (r < 0)
		return r;
	for (size_t i = 0; i < change->size && same; i++)
		same = !((bytes[i] ^ change->bytes[i]) & json_change_mask(change, i));
	return same;
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

static void put_path(const struct json_step *step, struct buf *out)
{
	if (step->up) {
		put_path(step->up, out);
		buf_putc(out, '.');
	}
	buf_puts(out, step->name);
}

int json_refuse(struct json_reading *reading, const struct json_step *step, int err,
		const char *why)
{
	CLEANUP(buf_destroy) struct buf path = BUF_INIT;
	const char *at = "the record";

	if (reading->tries)
		return 0;
	if (step)
		put_path(step, &path);
	if (step && buf_cstr(&path))
		at = path.data;
	return diag_set(reading->diag, err, 0, 0, "%s: %s", at, why);
}

static int refuse_kind(struct json_reading *reading, const struct json_step *step,
		       const struct type *type, struct json_object *json)
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
	return json_refuse(reading, step, -EINVAL, why);
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

static int read_run(struct json_reading *reading, const struct json_step *step,
		    const struct place *place, uint64_t size, const struct buf *text)
{
	CLEANUP(buf_destroy) struct buf bytes = BUF_INIT;
	struct type sized = *place->type;
	struct diag why = {0};
	int r;

	sized.size = size;
	r = value_parse_run(&sized, text->data, text->len, &bytes, &why);
	if (r == 0)
		r = buf_status(&bytes);
	if (r < 0)
		return r == -ENOMEM ? r : json_refuse(reading, step, r, why.message);
	return add(reading->changes, place->type, place->offset - reading->start,
		   (unsigned char *)TAKE(bytes.data), bytes.len);
}

static int read_scalar(struct json_reading *reading, const struct json_step *step,
		       const struct place *place, struct json_object *json)
{
	const struct type *type = place->type;
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	uint64_t size = place->size;
	struct diag why = {0};
	unsigned char *bytes;
	int r = scalar_text(type, json, &text);

	if (r < 0)
		return r == -ENOMEM ? r : refuse_kind(reading, step, type, json);
	if (type->kind == TYPE_STRING && type->open && reading->walk)
		r = place_text_size(reading->walk->read, reading->walk->context, place, &size);
	if (r < 0)
		return r;
	if (type_is_run(type))
		return read_run(reading, step, place, size, &text);
	bytes = malloc(2 * type->size);
	if (!bytes)
		return -ENOMEM;
	r = value_parse(type, text.data ? text.data : "", text.len, bytes, bytes + type->size,
			&why);
	if (r == 0)
		return add(reading->changes, type, place->offset - reading->start, bytes,
			   type->size);
	free(bytes);
	return r == -ENOMEM ? r : json_refuse(reading, step, r, why.message);
}

/* The same of what varies; the trail is longer for that time. */
static int read_there(struct json_reading *reading, const struct json_step *step,
		      struct json_object *json)
{
	uint64_t index = 0;
	int r = walk_lookup(reading->walk, reading->trail, step->name, NULL, &index);

	if (r == -ENOENT)
		return json_missing(reading, step, json, -EINVAL, "there is no such member now");
	if (r == 0)
		r = walk_down(reading->walk, reading->trail, index);
	if (r < 0)
		return reading->tries && (r == -ERANGE || r == -ELOOP) ? 0 : r;
	r = json_read(reading, step, trail_end(reading->trail), json);
	walk_up(reading->trail);
	return r;
}

static int read_child(struct json_reading *reading, const struct json_step *step,
		      const struct place *parent, struct json_object *json)
{
	struct place child;

	if (reading->walk)
		return read_there(reading, step, json);
	if (type_lookup(parent, step->name, &child, NULL) < 0)
		return json_refuse(reading, step, -EINVAL, "there is no such member");
	return json_read(reading, step, &child, json);
}

static int read_array(struct json_reading *reading, const struct json_step *step,
		      const struct place *place, struct json_object *json)
{
	static const char more[] = "more elements than the array has";
	size_t n = json_object_array_length(json);
	uint64_t most = place->type->stride ? 0 : place->type->length;
	int r = 0;

	if (reading->walk)
		r = walk_count(reading->walk, reading->trail, &most);
	if (r < 0)
		return reading->tries && (r == -ERANGE || r == -ELOOP) ? 0 : r;
	if (n > most && !reading->walk)
		return json_refuse(reading, step, -ERANGE, more);
	for (size_t i = 0; i < n && r == 0; i++) {
		struct json_object *element = json_object_array_get_idx(json, i);
		char number[24];
		struct json_step here = {step, number};

		snprintf(number, sizeof(number), "%zu", i);
		r = i < most ? read_child(reading, &here, place, element)
			     : json_missing(reading, &here, element, -ERANGE, more);
	}
	return r;
}

static int read_record(struct json_reading *reading, const struct json_step *step,
		       const struct place *place, struct json_object *json)
{
	json_object_object_foreach(json, name, value)
	{
		struct json_step here = {step, name};
		int r = 0;

		/* What json_format() says of the record isn't in it. */
		if (strcmp(name, "_torn") != 0 || type_lookup(place, name, NULL, NULL) == 0)
			r = read_child(reading, &here, place, value);
		if (r < 0)
			return r;
	}
	return 0;
}

int json_read(struct json_reading *reading, const struct json_step *step, const struct place *place,
	      struct json_object *json)
{
	enum json_type kind = json_object_get_type(json);

	if (!type_is_directory(place->type))
		return read_scalar(reading, step, place, json);
	if (place->type->kind == TYPE_ARRAY)
		return kind == json_type_array
			       ? read_array(reading, step, place, json)
			       : json_refuse(reading, step, -EINVAL, "not a JSON array");
	return kind == json_type_object ? read_record(reading, step, place, json)
					: json_refuse(reading, step, -EINVAL, "not a JSON object");
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
	struct json_reading reading = {.changes = &changes, .diag = diag};
	struct place place = {.type = type, .size = type->size};
	struct json_object *json = NULL;
	int r;

	if (!copy)
		return -ENOMEM;
	if (strlen(copy) != n)
		return diag_set(diag, -EINVAL, 0, 0, "there is a NUL in the text");
	if (n > INT32_MAX / 4 || is_too_long(type, n))
		return diag_set(diag, -EFBIG, 0, 0, "more text than any %s has", type->name);
	r = json_text_read(copy, n, last, &json, diag);
	if (r < 0)
		return r;
	r = spot && type->varies ? json_read_varying(spot, json, &changes, diag)
				 : json_read(&reading, NULL, &place, json);
	json_object_put(json);
	if (r < 0)
		json_changes_destroy(&changes);
	else
		*out = changes;
	return r;
}
