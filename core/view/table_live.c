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

#define INDEX_MIN 7 /* a blank and "_index" */

struct column {
	size_t name;	  /* where in names it starts */
	uint64_t ordinal; /* to be added to the element's */
	unsigned width;
	bool is_left;
};

struct live_table {
	enum table_form form;
	const struct type *element;
	unsigned index_width;
	size_t line;
	struct buf columns; /* struct column each */
	struct buf names;
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
	buf_destroy(&table->columns);
	buf_destroy(&table->names);
	buf_destroy(&table->scratch);
	buf_destroy(&table->value);
	free(table);
}

static size_t n_columns(const struct live_table *table)
{
	return table->columns.len / sizeof(struct column);
}

static const struct column *column_at(const struct live_table *table, size_t i)
{
	return (const struct column *)(const void *)table->columns.data + i;
}

/* ---- columns ---- */

static void add_column(struct live_table *table, const struct place *place, struct buf *path)
{
	const struct type *type = place->type;
	bool open = type->open && type->kind == TYPE_STRING;
	struct cell cell = cell_of(type, 0);
	struct column column = {
		.name = table->names.len,
		.ordinal = place->ordinal,
		.width = open ? TABLE_LIVE_WIDTH : cell.width,
		.is_left = cell_is_left(&cell),
	};

	if ((type->open && !open) || n_columns(table) == TABLE_COLUMNS_MAX ||
	    ((type->kind == TYPE_STRING || type->kind == TYPE_BYTES) && type->size > TABLE_RUN_MAX))
		return;
	if (column.width < path->len)
		column.width = (unsigned)path->len;
	buf_put(&table->names, path->data, path->len);
	buf_putc(&table->names, '\0');
	buf_put(&table->columns, &column, sizeof(column));
	table->line += 1 + column.width;
}

static void add_columns(struct live_table *table, const struct place *place, struct buf *path)
{
	uint64_t n = type_children(place->type);
	size_t length = path->len;

	if (!type_is_directory(place->type)) {
		add_column(table, place, path);
		return;
	}
	if (place->type->kind == TYPE_ARRAY && n > TABLE_ARRAY_MAX)
		return;
	for (uint64_t i = 0; i < n && n_columns(table) < TABLE_COLUMNS_MAX; i++) {
		struct place child = type_child(place, i);
		char number[NUMBER_MAX];

		if (type_hides(place->type, i))
			continue;
		if (length)
			buf_putc(path, '.');
		if (place->type->kind == TYPE_ARRAY)
			buf_put(path, number, number_u64(number, i));
		else
			buf_puts(path, place->type->members[i].name);
		add_columns(table, &child, path);
		path->len = length;
	}
}

static bool is_record(const struct type *type)
{
	return type_is_directory(type) && type->kind != TYPE_ARRAY;
}

int table_live_new(const struct type *array, enum table_form form, struct live_table **out)
{
	struct live_table *table = calloc(1, sizeof(*table));
	unsigned digits = number_digits(array->length);
	CLEANUP(buf_destroy) struct buf path = BUF_INIT;
	struct place element = {.type = array->element};

	if (!table)
		return -ENOMEM;
	table->form = form;
	table->element = array->element;
	table->index_width = digits < INDEX_MIN ? INDEX_MIN : digits;
	table->line = table->index_width + 1;
	if (!is_record(array->element))
		buf_puts(&path, "value");
	if (form != TABLE_JSON)
		add_columns(table, &element, &path);
	if (path.failed || table->names.failed || table->columns.failed) {
		table_live_free(table);
		return -ENOMEM;
	}
	*out = table;
	return 0;
}

size_t table_live_line(const struct live_table *table)
{
	return table->line;
}

void table_live_header(const struct live_table *table, struct buf *out)
{
	bool text = table->form == TABLE_TEXT;

	if (table->form == TABLE_JSON)
		return;
	buf_padded(out, "_index", text ? table->index_width : 0, false);
	for (size_t i = 0; i < n_columns(table); i++) {
		const struct column *column = column_at(table, i);

		buf_putc(out, text ? ' ' : ',');
		buf_padded(out, table->names.data + column->name, text ? column->width : 0,
			   column->is_left);
	}
	buf_putc(out, '\n');
}

/* ---- rows ---- */

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
static int read_cell(struct live_table *table, struct spot *spot, const struct column *column,
		     struct place *place)
{
	unsigned depth = spot->trail.n;
	uint64_t most = table->form == TABLE_TEXT ? column->width : TABLE_RUN_MAX;
	char *to;
	int r = descend(spot, spot_place(spot)->ordinal + column->ordinal);

	*place = *spot_place(spot);
	spot->trail.n = depth;
	if (r == 0 && place->type->kind == TYPE_STRING && place->type->open) {
		r = place_text_size(spot->walk.read, spot->walk.context, place, &place->size);
		if (place->size > most && table->form == TABLE_TEXT)
			place->size = most;
		else if (place->size > most || r == -EFBIG)
			r = -ENOENT;
	}
	if (r < 0)
		return r == -ERANGE || r == -ELOOP ? -ENOENT : r;
	buf_reset(&table->value);
	to = buf_reserve(&table->value, place->size + 1);
	return to ? spot->walk.read(spot->walk.context, place->offset, to, place->size) : -ENOMEM;
}

static int put_cell(struct live_table *table, struct spot *spot, const struct column *column,
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
	type = place_type(&place);
	cell = cell_of(&type, 0);
	if (cell.width < column->width)
		cell.width = column->width;
	to = buf_reserve(out, 1 + cell.width + cell_longest(&cell) + CELL_SLACK);
	if (!to)
		return -ENOMEM;
	end = (table->form == TABLE_CSV ? cells_csv : cells_text)(
		&cell, 1, (const unsigned char *)table->value.data, to, &table->scratch);
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
	buf_printf(out, "{\"_index\": %lu%s", (unsigned long)index,
		   torn ? ", \"_torn\": true" : "");
	if (!is_record(table->element)) {
		buf_puts(out, ", \"value\": ");
		buf_put(out, object->data, object->len);
		buf_putc(out, '}');
	} else {
		buf_puts(out, object->len > 2 ? ", " : "");
		buf_put(out, object->data + 1, object->len - 1);
	}
	buf_putc(out, '\n');
	return 0;
}

static int put_cells(struct live_table *table, struct spot *spot, uint64_t index, struct buf *out)
{
	char *number = buf_reserve(out, table->index_width);
	int r = 0;

	if (!number)
		return -ENOMEM;
	number_padded(number, index, table->index_width);
	out->len += table->index_width;
	for (size_t i = 0; i < n_columns(table) && r == 0; i++)
		r = put_cell(table, spot, column_at(table, i), out);
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
