/* SPDX-License-Identifier: MIT */
/* Which columns a table has (table.h says the rules), and the line of their names. */
#ifndef PEEKFS_VIEW_TABLE_COLUMNS_H
#define PEEKFS_VIEW_TABLE_COLUMNS_H

#include "base/buf.h"
#include "layout/type.h"

/* Characters of a string that has no length of its own. */
#define TABLE_OPEN_WIDTH 32

struct table_column {
	const struct type *type; /* a scalar */
	uint64_t offset;	 /* from the element's start, where no memory is asked */
	uint64_t ordinal;	 /* to be added to the element's */
	size_t name;		 /* where in names it starts */
	unsigned width;		 /* characters, in .txt */
};

struct table_columns {
	unsigned index_width;
	size_t line;	 /* bytes of a line in .txt, its newline included */
	struct buf list; /* a struct table_column each */
	struct buf names;
};

/* Characters of the index of an array's elements. */
unsigned table_columns_index(const struct type *array);

/* The columns of an array, which is borrowed: 0, to be destroyed; -ENOMEM. columns is zeroed. */
int table_columns_init(struct table_columns *columns, const struct type *array);
void table_columns_destroy(struct table_columns *columns);

static inline size_t table_columns_count(const struct table_columns *columns)
{
	return columns->list.len / sizeof(struct table_column);
}

static inline const struct table_column *table_columns_at(const struct table_columns *columns,
							  size_t i)
{
	return (const struct table_column *)(const void *)columns->list.data + i;
}

/* Appends the header, in columns of fixed width or as CSV. */
void table_columns_header(const struct table_columns *columns, bool text, struct buf *out);

#endif
