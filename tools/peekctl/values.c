/* SPDX-License-Identifier: MIT */
/*
 * What is printed in one piece is of one moment: a struct, or a scalar that stands alone. Arrays,
 * and the region itself, which may have any size, are printed element by element.
 */
#include "peekctl/values.h"

#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "peekctl/message.h"
#include "view/json.h"
#include "view/place.h"
#include "view/record.h"
#include "view/value.h"

#define PIECE_MAX (32u << 20) /* bytes that are read at one moment at most */
#define FLUSH_AT  65536u

struct printer {
	struct memory *memory;
	struct spot spot; /* what is printed now */
	bool json;
	struct buf path;
	struct buf text; /* not printed yet */
	struct buf bytes;
};

static void printer_destroy(struct printer *printer)
{
	buf_destroy(&printer->path);
	buf_destroy(&printer->text);
	buf_destroy(&printer->bytes);
}

/* 0, or why it can't be printed. */
static int flush(struct printer *printer)
{
	struct buf *text = &printer->text;
	int r = buf_status(text);

	if (r == 0 && text->len && fwrite(text->data, 1, text->len, stdout) != text->len)
		r = -errno;
	buf_reset(text);
	return r;
}

/* Makes the path longer by a name: how long it was. */
static size_t descend(struct printer *printer, const struct place *parent, uint64_t index)
{
	struct buf *path = &printer->path;
	size_t before = path->len;

	if (before)
		buf_putc(path, '/');
	type_child_name(parent->type, index, path);
	return before;
}

/* The lines of a place whose bytes are there. */
static void put_lines(struct printer *printer, const struct place *place,
		      const unsigned char *bytes)
{
	uint64_t n = type_children(place->type);

	if (!type_is_directory(place->type)) {
		buf_put(&printer->text, printer->path.data, printer->path.len);
		buf_puts(&printer->text, ": ");
		value_format(place->type, bytes, &printer->text);
		buf_putc(&printer->text, '\n');
		return;
	}
	for (uint64_t i = 0; i < n; i++) {
		struct place child = type_child(place, i);
		size_t before;

		if (type_hides(place->type, i))
			continue;
		before = descend(printer, place, i);
		put_lines(printer, &child, bytes + (child.offset - place->offset));
		printer->path.len = before;
	}
}

static int put_value(struct printer *printer, const struct place *place, const unsigned char *bytes,
		     bool torn)
{
	if (printer->json)
		json_format(place->type, bytes, torn, &printer->text);
	else
		put_lines(printer, place, bytes);
	if (torn && !printer->json && type_is_directory(place->type))
		note("%.*s was written all the while: its values are of different moments",
		     (int)printer->path.len, printer->path.data);
	return printer->text.len > FLUSH_AT ? flush(printer) : buf_status(&printer->text);
}

static int put_piece(struct printer *printer)
{
	struct place sized = *spot_place(&printer->spot), *place = &sized;
	struct type type;
	unsigned char *bytes;
	uint64_t size;
	bool torn = false;
	int r = 0;

	if (place->type->kind == TYPE_STRING && place->type->open)
		r = place_text_size(place_read, printer->memory, place, &place->size);
	if (r < 0)
		return r;
	type = place_type(place);
	size = place->size;
	if (size > PIECE_MAX)
		return -EFBIG;
	buf_reset(&printer->bytes);
	bytes = (unsigned char *)buf_reserve(&printer->bytes, size + 1);
	if (!bytes)
		return -ENOMEM;
	if (type_is_directory(place->type) || type_is_run(place->type))
		r = record_read(printer->memory, place->offset, size, bytes, &torn);
	else
		r = place_read(printer->memory, place->offset, bytes, size);
	if (r == 0 && type_is_directory(&type) && type.varies) {
		size_t before = printer->text.len;

		r = json_format_spot(&printer->spot, bytes, torn, &printer->text);
		if (r < 0)
			printer->text.len = before;
		return r;
	}
	place->type = &type;
	return r < 0 ? r : put_value(printer, place, bytes, torn);
}

/* Is it read in one piece? What varies is a walk, but JSON of a record does that by itself. */
static bool is_whole(const struct printer *printer, const struct place *place)
{
	if (place->type->varies && type_is_directory(place->type) && !printer->json)
		return false;
	if (place->ordinal == 0 || place->type->kind == TYPE_ARRAY)
		return false;
	return place->type->size <= PIECE_MAX || !type_is_directory(place->type);
}

static void put_name(struct printer *printer, const struct place *parent, uint64_t index,
		     bool first)
{
	if (!first)
		buf_puts(&printer->text, ", ");
	if (parent->type->kind != TYPE_ARRAY)
		json_name(parent->type->members[index].name, &printer->text);
}

static int put_place(struct printer *printer);

/* The elements of an array that are there, many read at once. */
static int put_elements(struct printer *printer, const struct place *array, uint64_t n)
{
	CLEANUP(records_destroy) struct records records = {0};
	size_t size = array->type->element->size;
	int r = records_init(&records, printer->memory, array->offset, size, size, FLUSH_AT);

	for (uint64_t i = 0; i < n && r == 0;) {
		size_t most = n - i < records.most ? (size_t)(n - i) : records.most;
		ssize_t got = records_read(&records, i, most);

		if (got <= 0)
			descend(printer, array, i);
		if (got <= 0)
			return got < 0 ? (int)got : -EIO;
		for (size_t k = 0; k < (size_t)got && r == 0; k++, i++) {
			struct place child = type_child(array, i);
			size_t before = descend(printer, array, i);

			if (printer->json)
				put_name(printer, array, i, i == 0);
			r = put_value(printer, &child, records_at(&records, k), records.torn[k]);
			if (r == 0)
				printer->path.len = before;
		}
	}
	return r;
}

/* One that is read by itself. What has no sensible place is null, or is told. */
static int put_child(struct printer *printer, uint64_t index)
{
	size_t before = descend(printer, spot_place(&printer->spot), index);
	int r = walk_down(&printer->spot.walk, &printer->spot.trail, index);

	if (r == 0) {
		r = put_place(printer);
		walk_up(&printer->spot.trail);
	} else if (r == -ERANGE || r == -ELOOP) {
		if (printer->json)
			buf_puts(&printer->text, "null");
		else
			note("%.*s: %s", (int)printer->path.len, printer->path.data,
			     printer->spot.diag.message);
		r = 0;
	}
	if (r == 0)
		printer->path.len = before;
	return r;
}

static int put_children(struct printer *printer, uint64_t n)
{
	const struct place place = *spot_place(&printer->spot);
	bool first = true;
	int r = 0;

	for (uint64_t i = 0; i < n && r == 0; i++) {
		printer->spot.walk.steps = WALK_STEPS_MAX;
		if (type_hides(place.type, i))
			continue;
		r = place.type->varies ? walk_has(&printer->spot.walk, &printer->spot.trail, i) : 0;
		if (r == -ENOENT && place.type->kind == TYPE_ARRAY)
			return 0;
		if (r == -ENOENT) {
			r = 0;
			continue;
		}
		if (printer->json)
			put_name(printer, &place, i, first);
		first = false;
		r = put_child(printer, i);
	}
	return r;
}

static bool has_small_elements(const struct type *type)
{
	return type->kind == TYPE_ARRAY && type->element->kind != TYPE_ARRAY &&
	       !type->element->varies && !walk_is_walked(type) && type->element->size &&
	       type->element->size <= FLUSH_AT;
}

static int put_place(struct printer *printer)
{
	const struct place place = *spot_place(&printer->spot);
	bool array = place.type->kind == TYPE_ARRAY;
	uint64_t n = type_children(place.type);
	int r = 0;

	if (is_whole(printer, &place))
		return put_piece(printer);
	if (array && !walk_is_walked(place.type))
		r = walk_count(&printer->spot.walk, &printer->spot.trail, &n);
	if (r < 0)
		return r;
	if (printer->json)
		buf_putc(&printer->text, array ? '[' : '{');
	r = has_small_elements(place.type) ? put_elements(printer, &place, n)
					   : put_children(printer, n);
	if (printer->json && r == 0) /* what ended too early must not look whole */
		buf_putc(&printer->text, array ? ']' : '}');
	return r;
}

int values_print(const struct target *target, bool json)
{
	CLEANUP(printer_destroy)
	struct printer printer = {
		.memory = object_memory(target->object),
		.json = json,
	};
	int r = spot_find(&target->node, &printer.spot);

	buf_put(&printer.path, target->path.data, target->path.len);
	if (r == 0)
		r = put_place(&printer);
	if (r == 0 && json)
		buf_putc(&printer.text, '\n');
	if (r == 0)
		r = flush(&printer);
	else
		flush(&printer);
	if (r < 0)
		return failed("%s%s%.*s: %s", target->region->name, printer.path.len ? "/" : "",
			      (int)printer.path.len, printer.path.data ? printer.path.data : "",
			      why(r));
	return STATUS_OK;
}
