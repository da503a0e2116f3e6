/* SPDX-License-Identifier: MIT */
/*
 * JSON of what varies: a walk down the record. What lies in the record was read with it, at one
 * moment; what its offsets lead to is read as it is met.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "view/image.h"
#include "view/json.h"
#include "view/record.h"

#define OUT_MAX	  (64u << 20) /* bytes of JSON: places may lie over each other, many times */
#define PIECE_MAX (32u << 20) /* bytes that are read at once */

struct writing {
	struct spot *spot;
	struct image *image;
	struct buf *out;
};

/* What doesn't vary, or is a scalar. */
static int put_plain(struct writing *writing, struct place *place)
{
	CLEANUP(free_ptr) unsigned char *copy = NULL;
	const unsigned char *bytes;
	struct type type;
	int r = 0;

	if (place->type->kind == TYPE_STRING && place->type->open)
		r = place_text_size(image_read, writing->image, place, &place->size);
	if (r < 0)
		return r;
	type = place_type(place);
	bytes = image_at(writing->image, place->offset, place->size);
	if (!bytes) {
		if (place->size > PIECE_MAX)
			return -EFBIG;
		copy = malloc(place->size + 1);
		if (!copy)
			return -ENOMEM;
		r = image_read(writing->image, place->offset, copy, place->size);
		bytes = copy;
	}
	if (r == 0)
		json_format(&type, bytes, false, writing->out);
	return r;
}

static int put_place(struct writing *writing);

/* The child of that index, behind `before` and its name, if it has one. null: it has no sensible
 * place. -ENOENT: it isn't there, and nothing is written. */
static int put_child(struct writing *writing, uint64_t index, const char *before, const char *name)
{
	struct trail *trail = &writing->spot->trail;
	struct buf *out = writing->out;
	size_t start;
	int r;

	if (out->failed || out->len > OUT_MAX)
		return out->failed ? -ENOMEM : -EFBIG;
	r = walk_down(&writing->spot->walk, trail, index);
	if (r == -ENOENT)
		return r;
	buf_puts(out, before);
	if (name)
		json_name(name, out);
	start = out->len;
	if (r == 0) {
		r = put_place(writing);
		walk_up(trail);
	}
	if (r != -ERANGE && r != -ELOOP)
		return r;
	out->len = start;
	buf_puts(out, "null");
	return 0;
}

static int put_elements(struct writing *writing)
{
	struct walk *walk = &writing->spot->walk;
	struct trail *trail = &writing->spot->trail;
	bool walked = walk_is_walked(trail_end(trail)->type);
	uint64_t n = UINT64_MAX;
	int r = walked ? 0 : walk_count(walk, trail, &n);

	buf_putc(writing->out, '[');
	for (uint64_t i = 0; i < n && r == 0; i++) {
		r = walked ? walk_has(walk, trail, i) : 0;
		if (r == 0)
			r = put_child(writing, i, i ? ", " : "", NULL);
	}
	buf_putc(writing->out, ']');
	return r == -ENOENT ? 0 : r;
}

static int put_members(struct writing *writing, bool torn)
{
	const struct type *type = trail_end(&writing->spot->trail)->type;
	const char *before = torn ? ", " : "";
	int r = 0;

	buf_puts(writing->out, torn ? "{\"_torn\": true" : "{");
	for (uint64_t i = 0; i < type->n_members && (r == 0 || r == -ENOENT); i++) {
		if (type_hides(type, i))
			continue;
		r = put_child(writing, i, before, type->members[i].name);
		before = r == 0 ? ", " : before;
	}
	buf_putc(writing->out, '}');
	return r == -ENOENT ? 0 : r;
}

static int put_place(struct writing *writing)
{
	struct place place = *trail_end(&writing->spot->trail);

	if (!type_is_directory(place.type) || !place.type->varies)
		return put_plain(writing, &place);
	return place.type->kind == TYPE_ARRAY ? put_elements(writing) : put_members(writing, false);
}

int json_format_spot(struct spot *spot, const unsigned char *bytes, bool torn, struct buf *out)
{
	const struct place *place = spot_place(spot);
	struct image image = {place->offset, place->size, bytes, spot->walk.read,
			      spot->walk.context};
	struct writing writing = {spot, &image, out};
	bool is_record = type_is_directory(place->type) && place->type->kind != TYPE_ARRAY;
	int r;

	if (!place->type->varies) {
		json_format(place->type, bytes, torn, out);
		return 0;
	}
	spot->walk.read = image_read;
	spot->walk.context = &image;
	r = is_record ? put_members(&writing, torn) : put_place(&writing);
	spot->walk.read = image.read;
	spot->walk.context = image.context;
	return r;
}
