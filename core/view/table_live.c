/* SPDX-License-Identifier: MIT */
#include "view/table_live.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "view/cell.h"
#include "view/image.h"
#include "view/json.h"
#include "view/record.h"
#include "view/table_columns.h"

static const char cut[] = "..."; /* the end of a string that is too long for its column */

struct live_table {
	enum table_form form;
	const struct type *element;
	struct table_columns columns; /* of JSON: none */
	struct buf scratch, value;
};

bool table_live_is(const struct type *array)
{
	return array->element->varies || walk_is_walked(array);
}

void table_live_free(struct live_table *table)
{
	if (!table)
		return;
	table_columns_destroy(&table->columns);
	buf_destroy(&table->scratch);
	buf_destroy(&table->value);
	free(table);
}

int table_live_new(const struct type *array, enum table_form form, struct live_table **out)
{
	struct live_table *table = calloc(1, sizeof(*table));
	int r;

	if (!table)
		return -ENOMEM;
	table->form = form;
	table->element = array->element;
	r = form == TABLE_JSON ? 0 : table_columns_init(&table->columns, array);
	if (r < 0)
		table_live_free(table);
	else
		*out = table;
	return r;
}

size_t table_live_line(const struct live_table *table)
{
	return table->columns.line;
}

void table_live_header(const struct live_table *table, struct buf *out)
{
	if (table->form != TABLE_JSON)
		table_columns_header(&table->columns, table->form == TABLE_TEXT, out);
}

/* Goes down to the place of that ordinal, if it and all around it are there. */
static int descend(struct spot *spot, uint64_t ordinal)
{
	const struct place *place;

	while ((place = spot_place(spot))->ordinal != ordinal) {
		uint64_t index = type_child_holding(place->type, ordinal - place->ordinal);
		int r = place->type->varies ? walk_has(&spot->walk, &spot->trail, index) : 0;

		if (r == 0)
			r = walk_down(&spot->walk, &spot->trail, index);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The bytes of a cell, and at *place what they are. -ENOENT: it is empty. */
static int read_cell(struct live_table *table, struct spot *spot, const struct table_column *column,
		     struct place *place)
{
	unsigned depth = spot->trail.n;
	char *to;
	int r = descend(spot, spot_place(spot)->ordinal + column->ordinal);

	*place = *spot_place(spot);
	spot->trail.n = depth;
	if (r == 0 && place->type->kind == TYPE_STRING && place->type->open) {
		if (table->form == TABLE_TEXT && place->size > column->width)
			place->size = column->width + 1; /* one more tells that it is cut */
		r = place_text_size(spot->walk.read, spot->walk.context, place, &place->size);
	}
	if (r < 0)
		return r == -ERANGE || r == -ELOOP || r == -EFBIG ? -ENOENT : r;
	buf_reset(&table->value);
	to = buf_reserve(&table->value, place->size + 1);
	return to ? spot->walk.read(spot->walk.context, place->offset, to, place->size) : -ENOMEM;
}

/* What of a string has room in its column. */
static void cut_text(struct live_table *table, const struct table_column *column,
		     struct place *place)
{
	size_t n = sizeof(cut) - 1;

	if (place->size <= column->width)
		return;
	place->size = column->width;
	memcpy(table->value.data + place->size - n, cut, n);
}

static int put_cell(struct live_table *table, struct spot *spot, const struct table_column *column,
		    struct buf *out)
{
	struct place place;
	struct type type;
	struct cell cell;
	char *to, *end;
	int r = read_cell(table, spot, column, &place);

	if (r == -ENOENT) {
		buf_putc(out, table->form == TABLE_TEXT ? ' ' : ',');
		buf_fill(out, ' ', table->form == TABLE_TEXT ? column->width : 0);
		return 0;
	}
	if (r < 0)
		return r;
	if (table->form == TABLE_TEXT && place.type->open)
		cut_text(table, column, &place);
	type = place_type(&place);
	cell = cell_of(&type, 0, table->form);
	if (cell.width < column->width)
		cell.width = column->width;
	to = buf_reserve(out, 1 + cell.width + cell_longest(&cell) + CELL_SLACK);
	if (!to)
		return -ENOMEM;
	end = cells_put(&cell, 1, (const unsigned char *)table->value.data, to, &table->scratch);
	out->len += (size_t)(end - to);
	return table->scratch.failed ? -ENOMEM : 0;
}

static int put_json(struct live_table *table, struct spot *spot, uint64_t index,
		    const unsigned char *bytes, bool torn, struct buf *out)
{
	struct buf *object = &table->value;
	int r;

	buf_reset(object);
	r = json_format_spot(spot, bytes, false, object);
	if (r < 0)
		return r;
	if (object->failed)
		return -ENOMEM;
	table_put_json(table->element, index, object, torn, out);
	return 0;
}

static int put_cells(struct live_table *table, struct spot *spot, uint64_t index, struct buf *out)
{
	char *number = buf_reserve(out, table->columns.index_width);
	size_t start = out->len;
	int r = 0;

	if (!number)
		return -ENOMEM;
	number_padded(number, index, table->columns.index_width);
	out->len += table->columns.index_width;
	for (size_t i = 0; i < table_columns_count(&table->columns) && r == 0; i++)
		r = out->len - start > TABLE_JSON_MAX
			    ? -EFBIG
			    : put_cell(table, spot, table_columns_at(&table->columns, i), out);
	buf_putc(out, '\n');
	return r;
}

int table_live_row(struct live_table *table, struct memory *memory, struct spot *spot,
		   uint64_t index, struct buf *out)
{
	const struct place place = *spot_place(spot);
	struct image image = {place.offset, place.size, NULL, spot->walk.read, spot->walk.context};
	CLEANUP(free_ptr) unsigned char *bytes = NULL;
	size_t start = out->len;
	bool torn;
	int r;

	if (place.size > TABLE_JSON_MAX)
		return -EFBIG;
	bytes = malloc(place.size + 1);
	if (!bytes)
		return -ENOMEM;
	r = record_read(memory, place.offset, place.size, bytes, &torn);
	if (r < 0)
		return r;
	image.bytes = bytes;
	if (table->form == TABLE_JSON) {
		r = put_json(table, spot, index, bytes, torn, out);
	} else {
		spot->walk.read = image_read;
		spot->walk.context = &image;
		r = put_cells(table, spot, index, out);
		spot->walk.read = image.read;
		spot->walk.context = image.context;
	}
	if (r < 0)
		out->len = start;
	return r;
}
