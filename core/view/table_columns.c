/* SPDX-License-Identifier: MIT */
#include "view/table_columns.h"

#include "base/cleanup.h"
#include "base/number.h"
#include "view/cell.h"
#include "view/table.h"
#include "view/value.h"

#define INDEX_MIN 7 /* a blank and "_index" */

void table_columns_destroy(struct table_columns *columns)
{
	buf_destroy(&columns->list);
	buf_destroy(&columns->names);
}

static bool is_full(const struct table_columns *columns)
{
	return table_columns_count(columns) == TABLE_COLUMNS_MAX;
}

static void add_column(struct table_columns *columns, const struct place *place,
		       const struct buf *path)
{
	const struct type *type = place->type;
	struct table_column column = {
		.type = type,
		.offset = place->offset,
		.ordinal = place->ordinal,
		.name = columns->names.len,
		.width = type->open ? TABLE_OPEN_WIDTH : value_longest(type),
	};

	if ((type->open && type->kind != TYPE_STRING) ||
	    (type_is_run(type) && type->size > TABLE_RUN_MAX) || is_full(columns))
		return;
	if (column.width < path->len)
		column.width = (unsigned)path->len;
	buf_put(&columns->names, path->data, path->len);
	buf_putc(&columns->names, '\0');
	buf_put(&columns->list, &column, sizeof(column));
	columns->line += 1 + column.width;
}

/* The columns of what is at place, called path so far. */
static void add_columns(struct table_columns *columns, const struct place *place, struct buf *path)
{
	uint64_t n = type_children(place->type);
	size_t length = path->len;

	if (!type_is_directory(place->type)) {
		add_column(columns, place, path);
		return;
	}
	if (place->type->kind == TYPE_ARRAY && n > TABLE_ARRAY_MAX)
		return;
	for (uint64_t i = 0; i < n && !is_full(columns); i++) {
		struct place child = type_child(place, i);

		if (type_hides(place->type, i))
			continue;
		if (length)
			buf_putc(path, '.');
		type_child_name(place->type, i, path);
		add_columns(columns, &child, path);
		path->len = length;
	}
}

unsigned table_columns_index(const struct type *array)
{
	unsigned digits = number_digits(array->length);

	return digits < INDEX_MIN ? INDEX_MIN : digits;
}

int table_columns_init(struct table_columns *columns, const struct type *array)
{
	CLEANUP(buf_destroy) struct buf path = BUF_INIT;
	struct place element = {.type = array->element};
	int r;

	columns->index_width = table_columns_index(array);
	columns->line = columns->index_width + 1;
	if (!type_is_directory(array->element) || array->element->kind == TYPE_ARRAY)
		buf_puts(&path, "value");
	add_columns(columns, &element, &path);
	r = buf_status(&path);
	if (r == 0)
		r = buf_status(&columns->names);
	if (r == 0)
		r = buf_status(&columns->list);
	if (r < 0)
		table_columns_destroy(columns);
	return r;
}

void table_columns_header(const struct table_columns *columns, bool text, struct buf *out)
{
	buf_padded(out, "_index", text ? columns->index_width : 0, false);
	for (size_t i = 0; i < table_columns_count(columns); i++) {
		const struct table_column *column = table_columns_at(columns, i);

		buf_putc(out, text ? ' ' : ',');
		buf_padded(out, columns->names.data + column->name, text ? column->width : 0,
			   cell_is_left(column->type));
	}
	buf_putc(out, '\n');
}
