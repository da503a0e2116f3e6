/* SPDX-License-Identifier: MIT */
#include "view/columns.h"

#include <errno.h>
#include <string.h>

#include "base/number.h"

#define GAP 2 /* blanks between columns */

void columns_init(struct columns *columns, const char *header)
{
	*columns = (struct columns){.n = COLUMNS_MAX};
	for (unsigned i = 0; *header; i++) {
		size_t n = strcspn(header, " ");

		if (*header == '>') {
			columns->right |= 1u << i;
			buf_put(&columns->text, header + 1, n - 1);
		} else {
			buf_put(&columns->text, header, n);
		}
		columns_next(columns);
		header += n + (header[n] == ' ');
	}
	columns->n = columns->at;
	columns->at = 0;
}

void columns_destroy(struct columns *columns)
{
	buf_destroy(&columns->text);
	buf_destroy(&columns->ends);
}

static size_t end_of(const struct columns *columns, size_t cell)
{
	return ((const size_t *)(const void *)columns->ends.data)[cell];
}

/* Characters, not bytes: a wide name must not push its row out of line. */
static size_t characters(const char *text, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += (text[i] & 0xc0) != 0x80;
	return count;
}

void columns_next(struct columns *columns)
{
	size_t cells = columns->ends.len / sizeof(size_t), end = columns->text.len, begin, width;

	if (columns->text.failed || columns->ends.failed)
		return;
	begin = cells ? end_of(columns, cells - 1) : 0;
	width = end > begin ? characters(columns->text.data + begin, end - begin) : 0;
	if (width > columns->width[columns->at])
		columns->width[columns->at] = width;
	buf_put(&columns->ends, &end, sizeof(end));
	columns->at = columns->at + 1 == columns->n ? 0 : columns->at + 1;
}

void columns_text(struct columns *columns, const char *text)
{
	buf_puts(&columns->text, text);
	columns_next(columns);
}

void columns_number(struct columns *columns, uint64_t value)
{
	char text[NUMBER_MAX];

	buf_put(&columns->text, text, number_u64(text, value));
	columns_next(columns);
}

static void print_cell(const struct columns *columns, unsigned column, const char *text, size_t n,
		       struct buf *out)
{
	size_t pad = columns->width[column] - (n ? characters(text, n) : 0);
	bool last = column + 1 == columns->n;
	bool right = columns->right >> column & 1;

	if (right)
		buf_fill(out, ' ', pad);
	buf_put(out, text, n);
	if (last)
		buf_putc(out, '\n');
	else
		buf_fill(out, ' ', GAP + (right ? 0 : pad));
}

int columns_print(const struct columns *columns, struct buf *out)
{
	size_t cells = columns->ends.len / sizeof(size_t), begin = 0;

	if (columns->text.failed || columns->ends.failed)
		return -ENOMEM;
	for (size_t i = 0; i < cells; i++) {
		size_t end = end_of(columns, i);

		print_cell(columns, (unsigned)(i % columns->n), columns->text.data + begin,
			   end - begin, out);
		begin = end;
	}
	return buf_status(out);
}
