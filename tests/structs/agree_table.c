/* SPDX-License-Identifier: MIT */
#include "agree.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What core/view/table.h promises. */
#define ARRAY_MAX   16
#define RUN_MAX	    4096
#define COLUMNS_MAX 4096
#define INDEX_MIN   7

struct columns {
	const struct node *leaf[COLUMNS_MAX];
	size_t n;
};

static void add_columns(const struct node *node, struct columns *columns)
{
	if (node->letter == '[' && node->n > ARRAY_MAX)
		return;
	for (size_t i = 0; i < node->n; i++)
		add_columns(&node->child[i], columns);
	if (node_is_directory(node) || columns->n == COLUMNS_MAX)
		return;
	if ((node->letter == 's' || node->letter == 'B') && node->bytes > RUN_MAX)
		return;
	columns->leaf[columns->n++] = node;
}

/* What it is called in the table of this element: its path from there. */
static const char *column_name(const struct node *leaf, const struct node *element)
{
	static char name[8192];
	size_t skip = strlen(node_path(element, '.'));
	const char *path = node_path(leaf, '.') + skip;

	if (element->letter == '{')
		return path + 1;
	snprintf(name, sizeof(name), "value%s", path);
	return name;
}

static unsigned index_width(const struct node *array)
{
	unsigned n = (unsigned)snprintf(NULL, 0, "%zu", array->n);

	return n < INDEX_MIN ? INDEX_MIN : n;
}

/* CSV. */

/* A field by RFC 4180, for free(); *at moves to the comma or newline behind it. NULL: none. */
static char *take_field(const char **at)
{
	char *field = must(malloc(strlen(*at) + 1));
	const char *from = *at;
	bool quoted = *from == '"';
	size_t n = 0;

	if (!quoted) {
		n = strcspn(from, ",\n");
		memcpy(field, from, n);
		from += n;
	} else {
		for (from++; *from && (*from != '"' || from[1] == '"'); from++) {
			from += *from == '"';
			field[n++] = *from;
		}
		from += *from == '"';
	}
	field[n] = '\0';
	*at = from;
	if ((*from == ',' || *from == '\n') && (quoted || !memchr(field, '"', n)))
		return field;
	free(field);
	return NULL;
}

static bool field_is(const char **at, const char *want, char behind)
{
	char *got = take_field(at);
	bool is = got && strcmp(got, want) == 0 && **at == behind;

	free(got);
	*at += is;
	return is;
}

static bool csv_header_is(const char **at, const struct node *first, const struct columns *columns)
{
	bool is = field_is(at, "_index", columns->n ? ',' : '\n');

	for (size_t i = 0; i < columns->n && is; i++)
		is = field_is(at, column_name(columns->leaf[i], first),
			      i + 1 < columns->n ? ',' : '\n');
	return is;
}

static void csv_is(const char *text, const struct node *array)
{
	struct columns columns = {.n = 0};
	const char *at = text;
	char index[32];

	add_columns(&array->child[0], &columns);
	if (!check(CSV, csv_header_is(&at, &array->child[0], &columns), array, "header: %.200s",
		   text))
		return;
	for (size_t i = 0; i < array->n; i++) {
		struct columns row = {.n = 0};

		snprintf(index, sizeof(index), "%0*zu", (int)index_width(array), i);
		if (!check(CSV, field_is(&at, index, columns.n ? ',' : '\n'), &array->child[i],
			   "index: %.60s", at))
			return;
		add_columns(&array->child[i], &row);
		for (size_t j = 0; j < row.n; j++) {
			const char *start = at;

			if (!check(CSV,
				   field_is(&at, row.leaf[j]->text, j + 1 < row.n ? ',' : '\n'),
				   row.leaf[j], "'%.60s'", start))
				return;
		}
	}
	check(CSV, !*at, array, "more rows: %.60s", at);
}

/* JSON by lines. */

static void jsonl_is(char *text, const struct node *array)
{
	char *rest = text;

	for (size_t i = 0; i < array->n; i++) {
		char *line = strsep(&rest, "\n");

		if (!check(JSONL, line && rest, &array->child[i], "no row"))
			return;
		json_row_is(line, &array->child[i]);
	}
	check(JSONL, rest && !*rest, array, "more rows");
}

/* Text of a fixed width. Where a column begins or ends is seen in the header. */

static bool is_left(const struct node *leaf)
{
	if (leaf->letter == 'l' || leaf->letter == 'w')
		return strcmp(leaf->text, leaf->value) == 0; /* as bytes */
	return strchr("csBbe", leaf->letter);
}

/* What a column shows: text isn't escaped, its bytes that can't be printed are dots. */
static char *cell_of(const struct node *leaf)
{
	char *cell;
	size_t n;

	if (leaf->letter != 'c' && leaf->letter != 's')
		return must(strdup(leaf->text));
	cell = must(malloc(leaf->bytes + 1));
	n = node_bytes(leaf, (unsigned char *)cell);
	cell[n] = '\0';
	for (size_t i = 0; i < n; i++)
		if (cell[i] < ' ' || cell[i] > '~')
			cell[i] = '.';
	return cell;
}

/* A line as it must be, `width` long; NULL: a value isn't between its neighbours. */
static char *line_of(const char *header, size_t width, const struct node *element, size_t index,
		     unsigned index_columns)
{
	char *line = must(malloc(width + 2));
	struct columns row = {.n = 0};
	const char *name = header;
	size_t end = index_columns;

	memset(line, ' ', width);
	snprintf(line, width + 1, "%0*zu", (int)index_columns, index);
	line[index_columns] = ' ';
	name += index_columns;
	add_columns(element, &row);
	for (size_t i = 0; i < row.n; i++) {
		char *cell = cell_of(row.leaf[i]);
		size_t n = strlen(cell), start;

		name += strspn(name, " ");
		start = (size_t)(name - header);
		name += strcspn(name, " \n");
		if (!is_left(row.leaf[i]))
			start = (size_t)(name - header) - n;
		if (start <= end || start + n >= width || start > width) {
			free(cell);
			free(line);
			return NULL;
		}
		memcpy(line + start, cell, n);
		end = start + n;
		free(cell);
	}
	line[width - 1] = '\n';
	line[width] = '\0';
	return line;
}

static bool txt_header_is(const char *text, const struct node *array)
{
	struct columns columns = {.n = 0};
	unsigned width = index_width(array);

	add_columns(&array->child[0], &columns);
	if (strspn(text, " ") != width - 6 || strncmp(text + width - 6, "_index", 6) != 0)
		return false;
	text += width;
	for (size_t i = 0; i < columns.n; i++) {
		const char *name = column_name(columns.leaf[i], &array->child[0]);

		text += strspn(text, " ");
		if (strncmp(text, name, strlen(name)) != 0)
			return false;
		text += strlen(name);
	}
	return text[strspn(text, " ")] == '\n';
}

static void txt_is(const char *text, size_t size, const struct node *array)
{
	size_t width = strcspn(text, "\n") + 1;

	if (!check(TXT, txt_header_is(text, array), array, "header: %.200s", text) ||
	    !check(TXT, size == width * (array->n + 1), array, "%zu bytes, not %zu x %zu", size,
		   array->n + 1, width))
		return;
	for (size_t i = 0; i < array->n; i++) {
		const char *got = text + (i + 1) * width;
		char *want = line_of(text, width, &array->child[i], i, index_width(array));
		size_t same = 0;

		while (want && same < width && want[same] == got[same])
			same++;
		check(TXT, same == width, &array->child[i], "from column %zu: '%.40s', not '%.40s'",
		      same, got + same, want ? want + same : "that wide");
		free(want);
	}
}

/* Which there are. */

struct tables {
	const char *path;
	DIR *dir;
};

static void table_is(struct tables *tables, const struct node *array, const char *suffix)
{
	char name[8192], path[16384];
	struct dirent *entry;
	size_t size = 0, promised = 0;
	char *text;

	snprintf(name, sizeof(name), "%s.%s", node_path(array, '.'), suffix);
	do
		entry = readdir(tables->dir);
	while (entry && *entry->d_name == '.');
	check(TXT, entry && strcmp(entry->d_name, name) == 0, array, "%s is listed where %s is",
	      entry ? entry->d_name : "nothing", name);
	snprintf(path, sizeof(path), "%s/%s", tables->path, name);
	text = slurp(path, &size, &promised);
	if (!check(TXT, text, array, "%s: %m", suffix))
		return;
	check(TXT, promised == (strcmp(suffix, "txt") == 0 ? size : 0), array,
	      "%s has %zu bytes, and says %zu", name, size, promised);
	if (strcmp(suffix, "txt") == 0)
		txt_is(text, size, array);
	else if (strcmp(suffix, "csv") == 0)
		csv_is(text, array);
	else
		jsonl_is(text, array);
	free(text);
}

static void walk(struct tables *tables, const struct node *node)
{
	if (node->letter == '[') {
		table_is(tables, node, "txt");
		table_is(tables, node, "csv");
		table_is(tables, node, "jsonl");
		return;
	}
	for (size_t i = 0; i < node->n; i++)
		walk(tables, &node->child[i]);
}

void tables_are(const char *path, const struct node *root)
{
	struct tables tables = {path, opendir(path)};

	if (!check(TXT, tables.dir, root, "%s: %m", path))
		return;
	walk(&tables, root);
	check(TXT, !readdir(tables.dir), root, "there are more tables");
	closedir(tables.dir);
}
