/* SPDX-License-Identifier: MIT */
#include "view/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "view/cell.h"
#include "view/json.h"
#include "view/table_columns.h"

#define SOME	   8192 /* bytes of lines that room is made for at once */
#define UNROLL_MAX 8192 /* nodes of an element whose JSON is made cell by cell */

static const char json_head[] = "{\"_index\": ";
static const char json_torn[] = ", \"_torn\": true";
static const char json_value[] = ", \"value\": ";

struct table {
	enum table_form form;
	const struct type *element;
	unsigned index_width;
	uint64_t hundreds;     /* of the index before, without its last two digits */
	char head[CELL_SLACK]; /* what its row began with, without these */
	unsigned n_head;
	uint64_t part, part_size;
	size_t line;
	struct cell *cells;
	size_t n_cells, cap_cells;
	struct table_columns columns; /* of JSON: none */
	size_t *befores;	      /* of JSON: where in text what is before each cell starts */
	struct buf text;
	const char *tail; /* what a row ends with, in text */
	size_t n_tail;
	bool unrolled; /* else JSON is made by json_format() */
	struct buf scratch;
};

void table_free(struct table *table)
{
	if (!table)
		return;
	free(table->cells);
	free(table->befores);
	table_columns_destroy(&table->columns);
	buf_destroy(&table->text);
	buf_destroy(&table->scratch);
	free(table);
}

static int add_cell(struct table *table, const struct type *type, uint64_t offset, size_t before)
{
	if (table->n_cells == table->cap_cells) {
		size_t cap = table->cap_cells ? 2 * table->cap_cells : 16;
		struct cell *cells = realloc(table->cells, cap * sizeof(*cells));
		size_t *befores;

		if (!cells)
			return -ENOMEM;
		table->cells = cells;
		befores = realloc(table->befores, cap * sizeof(*befores));
		if (!befores)
			return -ENOMEM;
		table->befores = befores;
		table->cap_cells = cap;
	}
	table->befores[table->n_cells] = before;
	table->cells[table->n_cells++] = cell_of(type, offset, table->form);
	return 0;
}

static bool is_struct(const struct type *type)
{
	return type_is_directory(type) && type->kind != TYPE_ARRAY;
}

/* Columns. */

static int add_columns(struct table *table)
{
	size_t longest = table->index_width + 1;
	int r = 0;

	for (size_t i = 0; i < table_columns_count(&table->columns) && r == 0; i++) {
		const struct table_column *column = table_columns_at(&table->columns, i);

		r = add_cell(table, column->type, column->offset, 0);
		if (r < 0)
			return r;
		table->cells[i].width = column->width;
		longest += 1 + cell_longest(&table->cells[i]);
	}
	table->line = table->form == TABLE_TEXT ? table->columns.line : longest;
	return 0;
}

/* Only the bytes from the first column's to the last one's are wanted. */
static void set_part(struct table *table)
{
	uint64_t start = UINT64_MAX, end = 0;

	for (size_t i = 0; i < table->n_cells; i++) {
		const struct cell *cell = &table->cells[i];

		if (cell->offset < start)
			start = cell->offset;
		if (cell->offset + cell->type->size > end)
			end = cell->offset + cell->type->size;
	}
	if (!table->n_cells)
		return;
	for (size_t i = 0; i < table->n_cells; i++)
		table->cells[i].offset -= start;
	table->part = start;
	table->part_size = end - start;
}

/* A row ends with what follows the start-th byte of text, and this. */
static int set_tail(struct table *table, const char *last, size_t start)
{
	buf_puts(&table->text, last);
	table->n_tail = table->text.len - start;
	buf_fill(&table->text, '\0', CELL_SLACK);
	if (!table->text.failed)
		table->tail = table->text.data + start;
	return buf_status(&table->text);
}

static int make_columns(struct table *table, const struct type *array)
{
	int r = table_columns_init(&table->columns, array);

	if (r == 0)
		r = add_columns(table);
	if (r == 0)
		r = set_tail(table, "\n", table->text.len);
	if (r == 0)
		set_part(table);
	return r;
}

/* JSON. What stands before a cell begins where what stood before the last one ended. */

static int add_json(struct table *table, const struct place *place, size_t *before);

static int add_children(struct table *table, const struct place *parent, const char *comma,
			size_t *before)
{
	uint64_t n = type_children(parent->type);
	int r = 0;

	for (uint64_t i = 0; i < n && r == 0; i++) {
		struct place child = type_child(parent, i);

		if (type_hides(parent->type, i))
			continue;
		buf_puts(&table->text, comma);
		if (parent->type->kind != TYPE_ARRAY)
			json_name(parent->type->members[i].name, &table->text);
		r = add_json(table, &child, before);
		comma = ", ";
	}
	return r;
}

static int add_json(struct table *table, const struct place *place, size_t *before)
{
	const char *brackets = place->type->kind == TYPE_ARRAY ? "[]" : "{}";
	int r;

	if (type_is_directory(place->type)) {
		buf_putc(&table->text, brackets[0]);
		r = add_children(table, place, "", before);
		buf_putc(&table->text, brackets[1]);
		return r;
	}
	r = add_cell(table, place->type, place->offset, *before);
	if (r < 0)
		return r;
	table->cells[table->n_cells - 1].n_before = table->text.len - *before;
	*before = table->text.len;
	return 0;
}

static void set_befores(struct table *table)
{
	size_t longest = table->index_width + sizeof(json_head) + sizeof(json_torn) + table->n_tail;

	for (size_t i = 0; i < table->n_cells; i++) {
		struct cell *cell = &table->cells[i];

		cell->before = table->text.data + table->befores[i];
		longest += cell->n_before + cell_longest(cell);
	}
	table->line = longest;
}

/* The members of a struct stand beside the index, anything else is a member itself. */
static int make_json(struct table *table)
{
	struct place element = {.type = table->element};
	size_t before = 0;
	int r;

	table->part_size = table->element->size;
	table->line = SIZE_MAX;
	if (table->element->size > TABLE_JSON_MAX)
		return -EFBIG;
	if (table->element->span > UNROLL_MAX)
		return 0;
	if (is_struct(table->element)) {
		r = add_children(table, &element, ", ", &before);
	} else {
		buf_puts(&table->text, json_value);
		r = add_json(table, &element, &before);
	}
	if (r == 0)
		r = set_tail(table, "}\n", before);
	if (r < 0)
		return r;
	table->unrolled = true;
	set_befores(table);
	return 0;
}

/*
 * Rows come in order as a rule, so that all but the last two digits of their index are made once
 * for a hundred; in JSON, which has no zeros in front, only if they are any.
 */
static void count_hundreds(struct table *table, uint64_t hundreds)
{
	table->hundreds = hundreds;
	if (table->form != TABLE_JSON) {
		table->n_head = table->index_width - 2;
		number_padded(table->head, hundreds, table->n_head);
		return;
	}
	table->n_head = sizeof(json_head) - 1;
	memcpy(table->head, json_head, table->n_head);
	if (hundreds)
		table->n_head += number_u64(table->head + table->n_head, hundreds);
}

int table_new(const struct type *array, enum table_form form, struct table **out)
{
	struct table *table = calloc(1, sizeof(*table));
	int r;

	if (!table)
		return -ENOMEM;
	table->form = form;
	table->element = array->element;
	table->index_width = table_columns_index(array);
	count_hundreds(table, 0);
	r = form == TABLE_JSON ? make_json(table) : make_columns(table, array);
	if (r < 0)
		table_free(table);
	else
		*out = table;
	return r;
}

void table_part(const struct table *table, uint64_t *offset, uint64_t *size)
{
	*offset = table->part;
	*size = table->part_size;
}

size_t table_line(const struct table *table)
{
	return table->line;
}

/* Lines. */

void table_header(const struct table *table, struct buf *out)
{
	if (table->form != TABLE_JSON)
		table_columns_header(&table->columns, table->form == TABLE_TEXT, out);
}

void table_put_json(const struct type *element, uint64_t index, const struct buf *object, bool torn,
		    struct buf *out)
{
	char number[NUMBER_MAX];

	buf_puts(out, json_head);
	buf_put(out, number, number_u64(number, index));
	if (torn)
		buf_puts(out, json_torn);
	if (!is_struct(element)) {
		buf_puts(out, json_value);
		buf_put(out, object->data, object->len);
		buf_putc(out, '}');
	} else {
		buf_puts(out, object->len > 2 ? ", " : "");
		buf_put(out, object->data + 1, object->len - 1);
	}
	buf_putc(out, '\n');
}

/* A large element, by the same function as `.json`. */
static void put_by_format(struct table *table, uint64_t index, const unsigned char *bytes,
			  bool torn, struct buf *out)
{
	buf_reset(&table->scratch);
	json_format(table->element, bytes, false, &table->scratch);
	if (table->scratch.failed)
		out->failed = true;
	else
		table_put_json(table->element, index, &table->scratch, torn, out);
}

static inline char *put_index(struct table *table, uint64_t index, char *to)
{
	uint64_t hundreds = index / 100;

	if (hundreds != table->hundreds)
		count_hundreds(table, hundreds);
	memcpy(to, table->head, sizeof(table->head));
	to += table->n_head;
	if (!hundreds && table->form == TABLE_JSON)
		return to + number_u64(to, index);
	number_pair(to, (unsigned)(index - 100 * hundreds));
	return to + 2;
}

static inline char *put_row(struct table *table, uint64_t index, const unsigned char *bytes,
			    bool torn, char *to)
{
	to = put_index(table, index, to);
	if (torn && table->form == TABLE_JSON) {
		memcpy(to, json_torn, sizeof(json_torn) - 1);
		to += sizeof(json_torn) - 1;
	}
	to = cells_put(table->cells, table->n_cells, bytes, to, &table->scratch);
	return cell_literal(to, table->tail, table->n_tail);
}

/* There is room for the longest lines that there can be, so that no cell must look. */
static void put_rows(struct table *table, uint64_t index, size_t n, const unsigned char *bytes,
		     size_t step, const bool *torn, struct buf *out)
{
	const size_t most = SOME / table->line + 1;

	for (size_t i = 0; i < n;) {
		size_t some = n - i < most ? n - i : most;
		char *to = buf_reserve(out, some * table->line + CELL_SLACK);

		if (!to)
			return;
		for (; some; some--, i++)
			to = put_row(table, index + i, bytes + i * step, torn[i], to);
		out->len = (size_t)(to - out->data);
	}
	out->failed |= table->scratch.failed;
}

void table_rows(struct table *table, uint64_t index, size_t n, const unsigned char *bytes,
		size_t step, const bool *torn, struct buf *out)
{
	if (table->form != TABLE_JSON || table->unrolled) {
		put_rows(table, index, n, bytes, step, torn, out);
		return;
	}
	for (size_t i = 0; i < n && !out->failed; i++)
		put_by_format(table, index + i, bytes + i * step, torn[i], out);
}
