/* SPDX-License-Identifier: MIT */
#include "peekctl/sheet.h"

#include <errno.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "peekctl/message.h"

#define COLUMNS_MAX 32

struct sheet {
	struct libscols_table *table;
	struct libscols_line *line;
	const struct verb *verb;
	bool json;
	bool failed; /* no memory */
	size_t n;
	int at[COLUMNS_MAX]; /* of each column of the verb's: where it is printed, or -1 */
};

static int add_column(struct sheet *sheet, const char *name, size_t n)
{
	static const int types[] = {
		[COLUMN_TEXT] = SCOLS_JSON_STRING,
		[COLUMN_NUMBER] = SCOLS_JSON_NUMBER,
		[COLUMN_HEX] = SCOLS_JSON_STRING,
		[COLUMN_BOOL] = SCOLS_JSON_BOOLEAN,
	};
	const struct column *columns = sheet->verb->columns;

	for (size_t i = 0; i < sheet->verb->n_columns; i++) {
		struct libscols_column *column;
		enum column_kind kind = columns[i].kind;
		bool right = kind == COLUMN_NUMBER || kind == COLUMN_HEX;

		if (strlen(columns[i].name) != n || strncasecmp(columns[i].name, name, n) != 0)
			continue;
		if (sheet->at[i] >= 0)
			return STATUS_OK;
		column = scols_table_new_column(sheet->table, columns[i].name, 0,
						right ? SCOLS_FL_RIGHT : 0);
		/* What is in a cell is safe, and a name must be what others call it. */
		if (!column || scols_column_set_safechars(column, "\\"))
			return failed("no memory");
		scols_column_set_json_type(column, types[kind]);
		sheet->at[i] = (int)sheet->n++;
		return STATUS_OK;
	}
	return misused("there is no column '%.*s'", (int)n, name);
}

static int add_columns(struct sheet *sheet, const char *list)
{
	int status = STATUS_OK;

	while (*list && status == STATUS_OK) {
		size_t n = strcspn(list, ",");

		status = add_column(sheet, list, n);
		list += n + (list[n] == ',');
	}
	return status;
}

int sheet_new(const struct verb *verb, const struct wishes *wishes, const char *title,
	      const char *shown, struct sheet **out)
{
	CLEANUP(sheet_freep) struct sheet *sheet = calloc(1, sizeof(*sheet));
	const char *output = wishes->output;
	int status = STATUS_OK;

	if (sheet)
		sheet->table = scols_new_table();
	if (!sheet || !sheet->table || verb->n_columns > COLUMNS_MAX)
		return failed("no memory");
	if (wishes->json && wishes->raw)
		return misused("-J and -r: one of them");
	sheet->verb = verb;
	sheet->json = wishes->json;
	for (size_t i = 0; i < COLUMNS_MAX; i++)
		sheet->at[i] = -1;
	scols_table_set_name(sheet->table, title);
	scols_table_enable_json(sheet->table, wishes->json);
	scols_table_enable_raw(sheet->table, wishes->raw);
	scols_table_enable_noheadings(sheet->table, wishes->no_headings);
	if (!output || *output == '+')
		status = add_columns(sheet, shown);
	if (output && status == STATUS_OK)
		status = add_columns(sheet, output + (*output == '+'));
	if (status == STATUS_OK && sheet->n == 0)
		status = misused("-o names no column");
	if (status == STATUS_OK)
		*out = TAKE(sheet);
	return status;
}

void sheet_free(struct sheet *sheet)
{
	if (!sheet)
		return;
	scols_unref_table(sheet->table);
	free(sheet);
}

bool sheet_wants(const struct sheet *sheet, size_t column)
{
	return sheet->at[column] >= 0;
}

void sheet_row(struct sheet *sheet)
{
	sheet->line = scols_table_new_line(sheet->table, NULL);
	if (!sheet->line)
		sheet->failed = true;
	for (size_t i = 0; i < sheet->n && sheet->line && !sheet->json; i++)
		sheet->failed |= scols_line_set_data(sheet->line, i, "-") != 0;
}

void sheet_text(struct sheet *sheet, size_t column, const char *text)
{
	if (!sheet_wants(sheet, column) || !sheet->line)
		return;
	if (!text || scols_line_set_data(sheet->line, (size_t)sheet->at[column], text) != 0)
		sheet->failed = true;
}

void sheet_number(struct sheet *sheet, size_t column, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	sheet_text(sheet, column, text);
}

void sheet_hex(struct sheet *sheet, size_t column, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIx64, value);
	sheet_text(sheet, column, text);
}

void sheet_bool(struct sheet *sheet, size_t column, bool value)
{
	sheet_text(sheet, column, value ? "yes" : "no");
}

int sheet_print(struct sheet *sheet)
{
	if (sheet->failed)
		return failed("no memory");
	if (scols_table_is_empty(sheet->table) && sheet->json)
		printf("{\n   \"%s\": []\n}\n", scols_table_get_name(sheet->table));
	else if (scols_print_table(sheet->table) != 0)
		return failed("printing: %s", strerror(errno));
	return STATUS_OK;
}
