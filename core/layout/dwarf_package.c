/* SPDX-License-Identifier: MIT */
#include "layout/dwarf_package.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"

#define STEPS_MAX   65536	/* slots that are looked at for one id */
#define OFFSETS_MAX (16u << 20) /* bytes */
#define STRINGS_MAX (64u << 20)
#define WINDOW	    4096 /* bytes of strings that are read at once */

/* An index: its header and where its tables stand in the file. */
struct table {
	uint32_t version, columns, units, slots;
	uint64_t ids, rows, kinds, offsets, sizes;
};

/* 0; -ENOENT there is no index of that name. */
static int read_table(const struct reading *reading, const char *name, struct table *out)
{
	struct header header = {0};
	uint32_t words[4];
	uint64_t end;
	int r = -ENOENT;

	for (unsigned i = 1; i < reading->n; i++) {
		r = headers_read(reading, i, &header);
		if (r < 0 || !strcmp(headers_name(reading, &header), name))
			break;
		r = -ENOENT;
	}
	if (r < 0)
		return r;
	if (!headers_is_inside(reading, &header) || header.size < sizeof(words))
		return -EINVAL;
	r = headers_bytes(reading->fd, words, sizeof(words), header.offset);
	if (r < 0)
		return r;
	/* in version 5 two bytes, and two of nothing */
	*out = (struct table){words[0] & 0xffff, words[1], words[2], words[3], 0, 0, 0, 0, 0};
	if (out->version != 5 && out->version != 2)
		return -EINVAL;
	out->ids = header.offset + sizeof(words);
	out->rows = out->ids + 8ull * out->slots;
	out->kinds = out->rows + 4ull * out->slots;
	out->offsets = out->kinds + 4ull * out->columns;
	if (out->columns > PACKAGE_COLUMNS_MAX || out->slots & (out->slots - 1))
		return -EINVAL;
	out->sizes = out->offsets + 4ull * out->units * out->columns;
	end = out->sizes + 4ull * out->units * out->columns;
	return end - header.offset <= header.size ? 0 : -EINVAL;
}

/* The row of the unit, from 1 on: DWARF 5, 7.3.5.3. */
static int find_row(int fd, const struct table *table, uint64_t id, uint32_t *row)
{
	uint64_t mask = (uint64_t)table->slots - 1, at = id & mask, step = (id >> 32 & mask) | 1;

	for (unsigned i = 0; i < STEPS_MAX && i < table->slots; i++, at = (at + step) & mask) {
		uint64_t found;
		int r = headers_bytes(fd, &found, sizeof(found), table->ids + 8 * at);

		if (r == 0)
			r = headers_bytes(fd, row, sizeof(*row), table->rows + 4 * at);
		if (r < 0)
			return r;
		if (!*row)
			return -ENOENT;
		if (found == id)
			return *row <= table->units ? 0 : -EINVAL;
	}
	return -ENOENT;
}

int package_find(const struct reading *reading, uint64_t id, struct package *out)
{
	uint32_t kinds[PACKAGE_COLUMNS_MAX], offsets[PACKAGE_COLUMNS_MAX], row = 0;
	uint32_t sizes[PACKAGE_COLUMNS_MAX];
	struct table table;
	uint64_t skip;
	size_t n;
	int r = read_table(reading, ".debug_tu_index", &table);

	if (r == 0 && table.units)
		return -ENOTSUP;
	r = read_table(reading, ".debug_cu_index", &table);
	if (r == 0)
		r = find_row(reading->fd, &table, id, &row);
	if (r < 0)
		return r == -ENOENT ? r : -EINVAL;
	n = table.columns * sizeof(uint32_t);
	skip = (uint64_t)(row - 1) * n;
	r = headers_bytes(reading->fd, kinds, n, table.kinds);
	if (r == 0)
		r = headers_bytes(reading->fd, offsets, n, table.offsets + skip);
	if (r == 0)
		r = headers_bytes(reading->fd, sizes, n, table.sizes + skip);
	if (r < 0)
		return r;
	*out = (struct package){.version = table.version, .n = table.columns};
	for (unsigned i = 0; i < table.columns; i++)
		out->parts[i] = (struct package_part){kinds[i], offsets[i], sizes[i]};
	return 0;
}

/* What the index calls a section: DWARF 5, table 7.1; and GNU's. 0: it tells nothing of it. */
static uint32_t kind_of(const struct package *package, const char *name)
{
	static const struct {
		const char *name;
		uint32_t kind, gnus;
	} kinds[] = {{".debug_info", 1, 1},	   {".debug_abbrev", 3, 3},
		     {".debug_loclists", 5, 0},	   {".debug_loc", 0, 5},
		     {".debug_str_offsets", 6, 6}, {".debug_rnglists", 8, 0}};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, name))
			return package->version == 5 ? kinds[i].kind : kinds[i].gnus;
	return 0;
}

int package_narrow(const struct package *package, const char *name, struct header *header)
{
	uint32_t kind = kind_of(package, name);
	struct package_part part = {0};

	if (header->flags & SHF_COMPRESSED)
		return -EINVAL;
	if (!strcmp(name, ".debug_str"))
		return 0;
	for (unsigned i = 0; kind && i < package->n; i++)
		if (package->parts[i].kind == kind)
			part = package->parts[i];
	if (part.offset > header->size || part.size > header->size - part.offset)
		return -EINVAL;
	header->offset += part.offset;
	header->size = part.size;
	return 0;
}

/* The strings of a package, of which a piece is in memory. */
struct window {
	int fd;
	uint64_t from, size; /* of all of them, in the file */
	uint64_t at, n;	     /* of the piece, in these */
	uint32_t *moves;
	char bytes[WINDOW];
};

static int move(struct window *window, uint64_t at)
{
	uint64_t n = window->size - at < WINDOW ? window->size - at : WINDOW;
	int r = ++*window->moves > PACKAGE_MOVES_MAX ? -E2BIG : 0;

	if (r == 0)
		r = headers_bytes(window->fd, window->bytes, n, window->from + at);
	window->at = at;
	window->n = r < 0 ? 0 : n;
	return r;
}

/* Appends the string that begins at `at`, its NUL too. */
static int put_string(struct window *window, uint64_t at, struct buf *out)
{
	const char *end = NULL;

	while (!end) {
		const char *begin;
		size_t n;
		int r = 0;

		if (at >= window->size || out->len > STRINGS_MAX)
			return at >= window->size ? -EINVAL : -E2BIG;
		if (at < window->at || at - window->at >= window->n)
			r = move(window, at);
		if (r < 0)
			return r;
		begin = window->bytes + (at - window->at);
		n = (size_t)(window->n - (at - window->at));
		end = memchr(begin, '\0', n);
		n = end ? (size_t)(end - begin) + 1 : n;
		buf_put(out, begin, n);
		at += n;
	}
	return buf_status(out);
}

/* Each offset is that of the string in out, which is appended. wide: they have eight bytes. */
static int move_strings(struct window *window, unsigned char *offsets, size_t n, bool wide,
			struct buf *out)
{
	size_t each = wide ? 8 : 4;
	int r = 0;

	for (size_t i = 0; i + each <= n && r == 0; i += each) {
		uint64_t at = 0, now = out->len;

		memcpy(&at, offsets + i, each);
		r = put_string(window, at, out);
		memcpy(offsets + i, &now, each);
	}
	return r;
}

int package_strings(const struct package *package, int fd, struct dwarf_section *offsets,
		    struct dwarf_section *strings, uint32_t *moves)
{
	struct window window = {
		.fd = fd, .from = strings->from, .size = strings->size, .moves = moves};
	CLEANUP(free_ptr) unsigned char *bytes = NULL;
	CLEANUP(buf_destroy) struct buf out = BUF_INIT;
	size_t head = package->version == 5 ? 8 : 0; /* DWARF 5, 7.26 */
	bool wide;
	int r;

	if (offsets->size > OFFSETS_MAX)
		return -E2BIG;
	if (offsets->size < head)
		head = offsets->size;
	bytes = malloc(offsets->size + 1);
	if (!bytes)
		return -ENOMEM;
	r = headers_bytes(fd, bytes, offsets->size, offsets->from);
	if (r < 0)
		return r;
	wide = head && !memcmp(bytes, "\xff\xff\xff\xff", 4);
	if (wide)
		head = offsets->size < 16 ? offsets->size : 16;
	r = move_strings(&window, bytes + head, offsets->size - head, wide, &out);
	if (r < 0)
		return r;
	dwarf_section_replace(offsets, TAKE(bytes), offsets->size);
	dwarf_section_replace(strings, TAKE(out.data), out.len);
	return 0;
}
