/* SPDX-License-Identifier: MIT */
/*
 * A scalar below `fields`: one file, one value. Bytes that are too many to be rendered at once are
 * another view: their digits stand at known places, so each read makes those that it asks for.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "view/place.h"
#include "view/value.h"
#include "view/view.h"

#define SMALL ((size_t)4096) /* a value of at most as many bytes is read at once, on the stack */
#define LONG  4096	     /* text of as many bytes may come in pieces */
#define MOST  (16u << 20) /* a value of more is no text for people, nor can it be written as one */

/* What a place has to show: of a string without a length of its own, what is before its NUL. */
static int measure(struct memory *memory, struct place *place)
{
	if (place->type->kind != TYPE_STRING || !place->type->open)
		return 0;
	return place_text_size(place_read, memory, place, &place->size);
}

/* A large array; of a string no more is read than up to the piece that its NUL is in. -EFBIG: it
 * goes on behind MOST bytes. */
static int render_large(struct memory *memory, const struct place *place, struct buf *out)
{
	CLEANUP(buf_destroy) struct buf bytes = BUF_INIT;
	struct type type = place_type(place);

	while (bytes.len < type.size) {
		uint64_t left = type.size - bytes.len;
		size_t n = left < 16 * SMALL ? (size_t)left : 16 * SMALL;
		char *to = buf_reserve(&bytes, n);
		int r = to ? place_read(memory, place->offset + bytes.len, to, n) : -ENOMEM;

		if (r == 0 && bytes.len >= MOST)
			r = -EFBIG;
		if (r < 0)
			return r;
		bytes.len += n;
		if (type.kind == TYPE_STRING && memchr(to, '\0', n))
			break;
	}
	type.size = bytes.len;
	value_format(&type, bytes.data, out);
	return 0;
}

static int field_render(const struct node *node, const struct caller *caller, struct buf *out)
{
	unsigned char bytes[SMALL];
	struct place place;
	int r = place_find(node, &place);

	(void)caller;
	if (r == 0)
		r = measure(node_memory(node), &place);
	if (r < 0)
		return r;
	if (place.size > SMALL) {
		r = render_large(node_memory(node), &place, out);
	} else {
		struct type type = place_type(&place);

		r = place_read(node_memory(node), place.offset, bytes, place.size);
		if (r == 0)
			value_format(&type, bytes, out);
	}
	if (r < 0)
		return r;
	buf_putc(out, '\n');
	return buf_status(out);
}

/* Fewer digits than there must be, and nothing else. */
static bool are_too_few_digits(const struct type *type, const char *text, size_t n)
{
	uint64_t digits = 0;

	for (size_t i = 0; i < n; i++) {
		if (isxdigit((unsigned char)text[i]))
			digits++;
		else if (!isspace((unsigned char)text[i]))
			return false;
	}
	return digits < 2 * type->size;
}

/*
 * Whether more must follow. Programs write long text in pieces, so a long text that could go on
 * waits for its last piece; what is short and ends in a newline is the whole value.
 */
static bool is_beginning(const struct type *type, const char *text, size_t n, int err)
{
	bool newline = n && text[n - 1] == '\n';

	if (type->kind == TYPE_BYTES)
		return 2 * type->size >= LONG && (n >= LONG || !newline) &&
		       are_too_few_digits(type, text, n);
	if (n < LONG || newline)
		return false;
	return err == 0 || (err == -EINVAL && text[n - 1] == '\\');
}

static int store_run(const struct node *node, const struct place *place, const char *text, size_t n,
		     enum store_part part, struct diag *diag)
{
	CLEANUP(buf_destroy) struct buf bytes = BUF_INIT;
	struct type type = place_type(place);
	int r = value_parse_run(&type, text, n, &bytes, diag);

	if (part != STORE_LAST && is_beginning(&type, text, n, r))
		return -EAGAIN;
	if (r < 0)
		return r;
	return place_write_run(node_memory(node), place->offset, bytes.data, bytes.len);
}

static int field_store(const struct node *node, const char *text, size_t n, enum store_part part,
		       struct diag *diag)
{
	unsigned char bytes[16], mask[16];
	struct place place;
	int r = place_find(node, &place);

	if (r == 0)
		r = measure(node_memory(node), &place); /* a longer one has no room */
	if (r < 0)
		return r;
	if (type_is_run(place.type))
		return store_run(node, &place, text, n, part, diag);
	r = value_parse(place.type, text, n, bytes, mask, diag);
	if (r < 0)
		return r;
	return place_write(node_memory(node), place.offset, bytes, mask, place.type->size);
}

static int digits_stat(const struct node *node, const struct caller *caller, struct attr *attr)
{
	struct place place;
	int r = place_find(node, &place);

	(void)caller;
	if (r < 0)
		return r;
	attr->size = 2 * place.size + 1;
	return 0;
}

/* The digits of n bytes at offset of the region, but for the first odd characters. */
static int put_digits(struct memory *memory, uint64_t offset, size_t n, unsigned odd, char *to)
{
	unsigned char bytes[SMALL];
	char text[2 * SMALL];
	int r = place_read(memory, offset, bytes, (n + odd + 1) / 2);

	if (r < 0)
		return r;
	value_digits(text, bytes, (n + odd + 1) / 2);
	memcpy(to, text + odd, n);
	return 0;
}

static ssize_t digits_read(const struct node *node, void *to, size_t n, uint64_t offset)
{
	struct place place;
	uint64_t length, left;
	size_t done = 0;
	int r = place_find(node, &place);

	if (r < 0)
		return r;
	length = 2 * place.size;
	if (offset > length)
		return 0;
	left = length - offset;
	while (done < n && left) {
		unsigned odd = offset & 1;
		size_t now = 2 * SMALL - odd;

		now = now < n - done ? now : n - done;
		now = now < left ? now : (size_t)left;
		r = put_digits(node_memory(node), place.offset + offset / 2, now, odd,
			       (char *)to + done);
		if (r < 0)
			return r;
		done += now;
		offset += now;
		left -= now;
	}
	if (done < n)
		((char *)to)[done++] = '\n';
	return (ssize_t)done;
}

const struct view_ops *view_of_type(const struct type *type)
{
	if (type_is_directory(type))
		return &view_record;
	if (type_leads(type))
		return &view_pointer;
	if (type->kind == TYPE_BYTES && (type->size > SMALL || type->open))
		return &view_digits;
	return &view_field;
}

const struct view_ops view_digits = {
	.name = "field",
	.flags = VIEW_EDITABLE,
	.stat = digits_stat,
	.render = field_render,
	.read = digits_read,
	.store = field_store,
};

const struct view_ops view_field = {
	.name = "field",
	.flags = VIEW_EDITABLE,
	.render = field_render,
	.store = field_store,
};

const struct view_ops view_pointer = {
	.name = "field",
	.flags = VIEW_EDITABLE | VIEW_MOMENT,
	.render = field_render,
	.store = field_store,
};
