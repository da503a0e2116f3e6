/* SPDX-License-Identifier: MIT */
/* An array as a table (table.h says what is in it): .txt, read from anywhere; .csv and .jsonl, read
 * from start to end. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "view/place.h"
#include "view/record.h"
#include "view/table.h"
#include "view/table_live.h"
#include "view/view.h"

#define PIECE                                                                                      \
	(64u << 10) /* bytes of the region that are read at once, unless a record is larger        \
		     */

struct reading {
	struct table *table;
	struct records records;
	struct live_table *live; /* in place of both, where elements vary */
	struct node node;	 /* its binding is the caller's */
	uint64_t length;	 /* elements that are there; UINT64_MAX: it will be seen */
	/* Of a stream. */
	bool begun;	      /* the header is out */
	uint64_t next;	      /* the element whose line is next */
	uint64_t first;	      /* of those that records holds */
	uint64_t behind_last; /* 0: of none */
};

static void reading_free(struct reading *reading)
{
	if (!reading)
		return;
	table_free(reading->table);
	table_live_free(reading->live);
	records_destroy(&reading->records);
	free(reading);
}

static void reading_freep(struct reading **reading)
{
	reading_free(*reading);
}

/* piece: of the region, to be read at once. */
static int reading_new(const struct node *node, enum table_form form, size_t piece,
		       struct reading **out)
{
	CLEANUP(reading_freep) struct reading *reading = calloc(1, sizeof(*reading));
	struct place array;
	struct spot spot;
	uint64_t part, size;
	int r = spot_find(node, &spot);

	if (!reading)
		return -ENOMEM;
	if (r < 0)
		return r;
	array = *spot_place(&spot);
	reading->node = *node;
	reading->length = UINT64_MAX;
	if (form == TABLE_TEXT || !walk_is_walked(array.type))
		r = walk_count(&spot.walk, &spot.trail, &reading->length);
	if (r == 0 && table_live_is(array.type))
		r = table_live_new(array.type, form, &reading->live);
	else if (r == 0)
		r = table_new(array.type, form, &reading->table);
	if (r < 0)
		return r;
	if (reading->live) {
		*out = TAKE(reading);
		return 0;
	}
	table_part(reading->table, &part, &size);
	r = records_init(&reading->records, node_memory(node), array.offset + part,
			 array.type->element->size, size, piece);
	if (r < 0)
		return r;
	*out = TAKE(reading);
	return 0;
}

static size_t line_of(const struct reading *reading)
{
	return reading->live ? table_live_line(reading->live) : table_line(reading->table);
}

static void put_header(const struct reading *reading, struct buf *out)
{
	if (reading->live)
		table_live_header(reading->live, out);
	else
		table_header(reading->table, out);
}

/* Lines of elements that vary, from *index on, until out has n bytes or there is no more. */
static int put_live(struct reading *reading, uint64_t *index, size_t n, struct buf *out)
{
	struct spot spot;
	int r = spot_find(&reading->node, &spot);
	bool walked = r == 0 && walk_is_walked(spot_place(&spot)->type);

	while (r == 0 && *index < reading->length && out->len < n && !out->failed) {
		r = walked ? walk_has(&spot.walk, &spot.trail, *index) : 0;
		if (r == 0)
			r = walk_down(&spot.walk, &spot.trail, *index);
		if (r == -ENOENT) {
			reading->length = *index;
			return 0;
		}
		if (r < 0)
			break;
		r = table_live_row(reading->live, node_memory(&reading->node), &spot, *index, out);
		walk_up(&spot.trail);
		*index += r == 0;
	}
	return r;
}

/* Streams. */

static int csv_begin(const struct node *node, void **stream)
{
	return reading_new(node, TABLE_CSV, PIECE, (struct reading **)stream);
}

static int json_begin(const struct node *node, void **stream)
{
	return reading_new(node, TABLE_JSON, PIECE, (struct reading **)stream);
}

/* Reads elements from `next` on. */
static int refill(struct reading *reading)
{
	uint64_t left = reading->length - reading->next;
	size_t n = left < reading->records.most ? (size_t)left : reading->records.most;
	ssize_t got = records_read(&reading->records, reading->next, n);

	if (got < 0)
		return (int)got;
	reading->first = reading->next;
	reading->behind_last = reading->next + (uint64_t)got;
	return 0;
}

/* The lines of what records holds, as many as a piece of which n bytes are missing has room for. */
static void put_some(struct reading *reading, size_t n, struct buf *out)
{
	const struct records *records = &reading->records;
	size_t first = (size_t)(reading->next - reading->first);
	uint64_t left = reading->behind_last - reading->next;
	size_t fit = n / table_line(reading->table) + 1;

	fit = fit < left ? fit : (size_t)left;
	table_rows(reading->table, reading->next, fit, records_at(records, first), records->step,
		   records->torn + first, out);
	reading->next += fit;
}

static int stream_next(void *stream, struct buf *out)
{
	struct reading *reading = stream, before = *reading;
	size_t start = out->len;
	int r = 0;

	if (!reading->begun)
		put_header(reading, out);
	reading->begun = true;
	if (reading->live)
		r = put_live(reading, &reading->next, start + VIEW_PIECE, out);
	while (!reading->live && reading->next < reading->length && out->len - start < VIEW_PIECE &&
	       !out->failed) {
		if (reading->next >= reading->behind_last)
			r = refill(reading);
		if (r < 0)
			break;
		put_some(reading, VIEW_PIECE - (out->len - start), out);
	}
	if (out->failed) {
		reading->begun = before.begun;
		reading->next = before.next;
		reading->behind_last = 0; /* records holds others meanwhile */
		return -ENOMEM;
	}
	return out->len > start ? 0 : r;
}

static void stream_end(void *stream)
{
	reading_free(stream);
}

const struct view_ops view_table_csv = {
	.name = "tables/ARRAY.csv",
	.flags = VIEW_MOMENT,
	.begin = csv_begin,
	.next = stream_next,
	.end = stream_end,
};

const struct view_ops view_table_json = {
	.name = "tables/ARRAY.jsonl",
	.flags = VIEW_MOMENT,
	.begin = json_begin,
	.next = stream_next,
	.end = stream_end,
};

/* Text. */

static int text_stat(const struct node *node, const struct caller *caller, struct attr *attr)
{
	CLEANUP(reading_freep) struct reading *reading = NULL;
	int r = reading_new(node, TABLE_TEXT, 0, &reading);

	(void)caller;
	if (r < 0)
		return r;
	if (__builtin_mul_overflow(reading->length + 1, line_of(reading), &attr->size))
		return -EOVERFLOW;
	attr->blocks = attr->size / 512;
	return 0;
}

static int text_line(const struct node *node, size_t *line)
{
	CLEANUP(reading_freep) struct reading *reading = NULL;
	int r = reading_new(node, TABLE_TEXT, 0, &reading);

	if (r < 0)
		return r;
	*line = line_of(reading);
	return 0;
}

/* The lines from `line` on, 0 being the header, until out has n bytes or there is no more. */
static int put_lines(struct reading *reading, uint64_t line, size_t n, struct buf *out)
{
	struct records *records = &reading->records;
	uint64_t index = line ? line - 1 : 0;

	if (line == 0)
		put_header(reading, out);
	if (reading->live) {
		int r = put_live(reading, &index, n, out);

		return r < 0 && !out->len ? r : buf_status(out);
	}
	for (; index < reading->length && out->len < n;) {
		uint64_t left = reading->length - index;
		uint64_t wanted = (n - out->len - 1) / table_line(reading->table) + 1;
		ssize_t got;

		left = left < wanted ? left : wanted;
		got = records_read(records, index,
				   left < records->most ? (size_t)left : records->most);
		if (got < 0)
			return out->len ? 0 : (int)got;
		table_rows(reading->table, index, (size_t)got, records_at(records, 0),
			   records->step, records->torn, out);
		index += (uint64_t)got;
	}
	return buf_status(out);
}

static ssize_t text_read(const struct node *node, void *to, size_t n, uint64_t offset)
{
	CLEANUP(reading_freep) struct reading *reading = NULL;
	CLEANUP(buf_destroy) struct buf out = BUF_INIT;
	size_t line, skip;
	int r;

	r = reading_new(node, TABLE_TEXT, n < PIECE ? n : PIECE, &reading);
	if (r < 0)
		return r;
	line = line_of(reading);
	if (offset / line > reading->length)
		return 0;
	skip = (size_t)(offset % line);
	r = put_lines(reading, offset / line, n + skip, &out);
	if (r < 0)
		return r;
	if (out.len <= skip)
		return 0;
	if (out.len - skip < n)
		n = out.len - skip;
	memcpy(to, out.data + skip, n);
	return (ssize_t)n;
}

const struct view_ops view_table_text = {
	.name = "tables/ARRAY.txt",
	.flags = VIEW_MAPPED | VIEW_MOMENT,
	.stat = text_stat,
	.read = text_read,
	.line = text_line,
};
