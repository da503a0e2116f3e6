/* SPDX-License-Identifier: MIT */
/* Tables: which columns, what is in them, how wide; and that all three say what values and `.json`
 * say. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "typed.h"
#include "view/json.h"
#include "view/table.h"

/* All of a table as one text, of bytes that are the whole array. */
static char *render(const struct type *array, enum table_form form, const unsigned char *bytes,
		    bool torn, uint64_t *line)
{
	bool *torns = malloc(array->length + 1);
	uint64_t part, size;
	struct table *table;
	struct buf out = BUF_INIT;

	memset(torns, torn, array->length + 1);
	assert_int_equal(table_new(array, form, &table), 0);
	table_part(table, &part, &size);
	assert_true(part + size <= array->element->size);
	table_header(table, &out);
	table_rows(table, 0, array->length, bytes + part, array->element->size, torns, &out);
	assert_non_null(buf_cstr(&out));
	if (line)
		*line = table_line(table);
	free(torns);
	table_free(table);
	return out.data;
}

static void is_shown(const char *layout, const void *bytes, size_t n, enum table_form form,
		     const char *wanted)
{
	struct bound *bound = typed_bind(layout, n);
	struct place root = bound_root(bound), array = type_child(&root, 0);
	CLEANUP(free_ptr)
	char *text =
		render(array.type, form, (const unsigned char *)bytes + array.offset, false, NULL);

	assert_string_equal(text, wanted);
	bound_unref(bound);
}

struct inner {
	int16_t a;
	char b[3];
};

struct outer {
	struct inner in;
	uint8_t v[2];
	int32_t many[17];
	struct inner pair[2];
	double d;
};

static const char outer_text[] = "struct inner { int16_t a; char b[3]; };\n"
				 "struct outer { struct inner in; uint8_t v[2] [[bytes]];\n"
				 "	int32_t many[17]; struct inner pair[2]; double d; };\n";

static const struct outer outers[2] = {
	{{-1, "xy"}, {1, 255}, {0}, {{2, "a,b"}, {-32768, "q\"r"}}, -0.5},
	{{7, {'\n', 3, (char)0xe4}}, {0, 0}, {0}, {{0, ""}, {5, " z"}}, 1e300},
};

static void members_are_dotted_columns(void **state)
{
	(void)state;
	is_shown(outer_text, outers, sizeof(outers), TABLE_CSV,
		 "_index,in.a,in.b,v,pair.0.a,pair.0.b,pair.1.a,pair.1.b,d\n"
		 "0000000,-1,xy,01ff,2,\"a,b\",-32768,\"q\"\"r\",-0.5\n"
		 "0000001,7,\\n\\x03\\xe4,0000,0,,5, z,1e+300\n");
	is_shown(outer_text, outers, sizeof(outers), TABLE_TEXT,
		 " _index   in.a in.b v    pair.0.a pair.0.b pair.1.a pair.1.b"
		 "                        d\n"
		 "0000000     -1 xy   01ff        2 a,b        -32768 q\"r     "
		 "                     -0.5\n"
		 "0000001      7 ...  0000        0                 5  z      "
		 "                   1e+300\n");
}

static void lines_of_json_are_records(void **state)
{
	(void)state;
	is_shown("struct S { int a; struct { char c; } in; int v[2]; bool e[0]; };",
		 "\1\0\0\0x\0\0\0\2\0\0\0\3\0\0", 16, TABLE_JSON,
		 "{\"_index\": 0, \"a\": 1, \"in\": {\"c\": \"x\"}, \"v\": [2, 3], \"e\": []}\n");
	is_shown("uint16_t words[2] @ 0;", "\1\0\2\0", 4, TABLE_JSON,
		 "{\"_index\": 0, \"value\": 1}\n{\"_index\": 1, \"value\": 2}\n");
	is_shown("int8_t grid[2][2] @ 0;", "\1\2\3\4", 4, TABLE_JSON,
		 "{\"_index\": 0, \"value\": [1, 2]}\n{\"_index\": 1, \"value\": [3, 4]}\n");
	is_shown("struct none { }; struct none nothing[1] @ 0;", "", 1, TABLE_JSON,
		 "{\"_index\": 0}\n");
}

static void scalars_are_one_column(void **state)
{
	(void)state;
	is_shown("uint16_t words[2] @ 0;", "\1\0\2\0", 4, TABLE_CSV,
		 "_index,value\n0000000,1\n0000001,2\n");
	is_shown("uint16_t words[2] @ 0;", "\1\0\2\0", 4, TABLE_TEXT,
		 " _index value\n0000000     1\n0000001     2\n");
	is_shown("int8_t grid[2][2] @ 0;", "\1\2\3\4", 4, TABLE_CSV,
		 "_index,value.0,value.1\n0000000,1,2\n0000001,3,4\n");
	is_shown("char names[2][4] @ 0;", "ab\0\0wxyz", 8, TABLE_CSV,
		 "_index,value\n0000000,ab\n0000001,wxyz\n");
}

static void a_torn_line_of_json_says_so(void **state)
{
	struct bound *bound = typed_bind("struct S { int a; };", 4);
	struct place root = bound_root(bound), array = type_child(&root, 0);
	CLEANUP(free_ptr)
	char *text = render(array.type, TABLE_JSON, (const unsigned char *)"\1\0\0", true, NULL);

	(void)state;
	assert_string_equal(text, "{\"_index\": 0, \"_torn\": true, \"a\": 1}\n");
	bound_unref(bound);
}

/* Index after index, past 99, 999 ... : put together or made anew. */
static void rows_are_numbered(void **state)
{
	static const enum table_form forms[] = {TABLE_TEXT, TABLE_CSV, TABLE_JSON};
	struct bound *bound = typed_bind("uint8_t bytes[8][1000000000] @ 0;\n"
					 "struct { char c; } many[123456789] @ 0;",
					 1ull << 40);
	struct place array = typed_place(bound, "many");
	static unsigned char bytes[2000];
	static bool torn[2000];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct table *table;
		struct buf out = BUF_INIT;

		assert_int_equal(table_new(array.type, forms[i], &table), 0);
		for (uint64_t start = 0; start < 123000000; start = start * 3 + 95) {
			char *at, wanted[40];

			buf_reset(&out);
			table_rows(table, start, 150, bytes, 1, torn, &out);
			at = (char *)buf_cstr(&out);
			for (uint64_t row = start; row < start + 150; row++) {
				size_t n = (size_t)snprintf(
					wanted, sizeof(wanted),
					forms[i] == TABLE_JSON ? "{\"_index\": %lu," : "%09lu",
					(unsigned long)row);

				assert_memory_equal(at, wanted, n);
				at = strchr(at, '\n') + 1;
			}
			assert_int_equal(*at, '\0');
		}
		buf_destroy(&out);
		table_free(table);
	}
	bound_unref(bound);
}

static const char everything[] =
	"enum mood { CALM, CROSS = 7, WILD = -3 };\n"
	"enum big { HUGE = 0x8000000000000000 };\n"
	"struct all { int8_t i8; uint8_t u8; int16_t i16; uint16_t u16; int32_t i32;\n"
	"	uint32_t u32; int64_t i64; uint64_t u64; float f; double d; char c; bool yes;\n"
	"	char name[20]; char one[1]; char seventeen[17]; uint8_t digest[4];\n"
	"	enum mood mood; enum big big; void *where; unsigned low : 3, high : 5;\n"
	"	signed int below : 4; uint64_t wide : 63; _Bool bit : 1; char small : 5;\n"
	"	[[hex]] uint32_t mask; [[hex]] char hc; [[hex]] enum mood hm;\n"
	"	[[be]] uint32_t wire; [[be]] double bd; [[be]] int16_t b16; [[be]] int8_t b8;\n"
	"	[[time]] int32_t t32; [[time]] uint32_t tu32; [[time]] int64_t t64;\n"
	"	[[time]] uint64_t tu64; [[be]] [[time]] int64_t bt;\n"
	"	union { uint32_t word; uint8_t bytes[4]; float real; } u;\n"
	"	struct { int x, y; } __attribute__((packed)) p[3];\n"
	"	int grid[2][3]; float fs[16]; int left_out[17]; };\n"
	"struct all a[40] @ 0;\n";

/* A field of a line of CSV, unquoted; *at moves behind its comma or newline. */
static void csv_field(const char **at, struct buf *out)
{
	const char *p = *at;

	buf_reset(out);
	if (*p != '"') {
		buf_put(out, p, strcspn(p, ",\n"));
		p += strcspn(p, ",\n");
	} else {
		for (p++; *p != '"' || p[1] == '"'; p++) {
			p += *p == '"';
			buf_putc(out, *p);
		}
		p++;
	}
	assert_true(*p == ',' || *p == '\n');
	assert_non_null(buf_cstr(out));
	*at = p + 1;
}

/* Every scalar at a place, but for long arrays, is the next field of CSV. */
static void csv_says(const char **at, const struct place *place, const unsigned char *bytes)
{
	CLEANUP(buf_destroy) struct buf wanted = BUF_INIT, got = BUF_INIT;

	if (type_is_directory(place->type)) {
		uint64_t n = type_children(place->type);

		if (place->type->kind == TYPE_ARRAY && n > TABLE_ARRAY_MAX)
			return;
		for (uint64_t i = 0; i < n; i++) {
			struct place child = type_child(place, i);

			csv_says(at, &child, bytes);
		}
		return;
	}
	value_format(place->type, bytes + place->offset, &wanted);
	csv_field(at, &got);
	assert_string_equal(got.data, buf_cstr(&wanted));
}

static void csv_is_what_fields_say(void **state)
{
	struct bound *bound = typed_bind(everything, 1 << 20);
	struct place array = typed_place(bound, "a");
	unsigned char *bytes = malloc(array.type->size);

	(void)state;
	for (int round = 0; round < 200; round++) {
		CLEANUP(free_ptr) char *text = NULL;
		const char *at;

		typed_fill(bytes, array.type->size);
		text = render(array.type, TABLE_CSV, bytes, false, NULL);
		at = strchr(text, '\n') + 1;
		for (uint64_t i = 0; i < array.type->length; i++) {
			struct place element = {.type = array.type->element};
			char index[32];

			snprintf(index, sizeof(index), "%07lu,", (unsigned long)i);
			assert_memory_equal(at, index, 8);
			at += 8;
			csv_says(&at, &element, bytes + i * array.type->element->size);
			assert_int_equal(at[-1], '\n');
		}
		assert_int_equal(*at, '\0');
	}
	free(bytes);
	bound_unref(bound);
}

static void json_is_what_json_says(void **state)
{
	static const char *const layouts[] = {
		everything,
		"struct { char name[9]; struct { int a; float b; } v[5000]; } a[3] @ 0;",
		"struct { struct { } none; } a[1] @ 0;",
		"int a[2][5000] @ 0;",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		struct bound *bound = typed_bind(layouts[i], 1 << 20);
		struct place array = typed_place(bound, "a");
		unsigned char *bytes = malloc(array.type->size + 1);
		size_t size = array.type->element->size;

		for (int round = 0; round < 50; round++) {
			CLEANUP(buf_destroy) struct buf wanted = BUF_INIT, record = BUF_INIT;
			CLEANUP(free_ptr) char *text = NULL;

			typed_fill(bytes, array.type->size);
			text = render(array.type, TABLE_JSON, bytes, false, NULL);
			for (uint64_t j = 0; j < array.type->length; j++) {
				buf_reset(&record);
				json_format(array.type->element, bytes + j * size, false, &record);
				buf_cstr(&record);
				buf_printf(&wanted, "{\"_index\": %lu, ", (unsigned long)j);
				if (*record.data == '[')
					buf_printf(&wanted, "\"value\": %s}\n", record.data);
				else
					buf_printf(&wanted, "%s\n", record.data + 1);
			}
			assert_string_equal(text, buf_cstr(&wanted));
		}
		free(bytes);
		bound_unref(bound);
	}
}

/* The column of a table of these scalars has the value in it, and is as wide as any other. */
static void text_says(const struct type *type)
{
	struct type array = {.kind = TYPE_ARRAY, .length = 50, .element = type};
	unsigned char bytes[50 * 32];
	uint64_t line;

	assert_true(type->size <= 32);
	typed_fill(bytes, sizeof(bytes));
	memset(bytes, 0x80, type->size);
	memset(bytes + type->size, 0x7f, type->size);
	memset(bytes + 2 * type->size, 0xff, type->size);
	memset(bytes + 3 * type->size, 0, type->size);
	CLEANUP(free_ptr) char *text = render(&array, TABLE_TEXT, bytes, false, &line);
	assert_int_equal(strlen(text), 51 * line);
	for (size_t i = 0; i < 51; i++)
		assert_int_equal(text[(i + 1) * line - 1], '\n');
	for (size_t i = 0; i < 50; i++) {
		CLEANUP(buf_destroy) struct buf wanted = BUF_INIT;
		const unsigned char *from = bytes + i * type->size;
		const char *cell = text + (i + 1) * line + 8;
		size_t width = line - 9, n;

		if (type->kind == TYPE_STRING)
			buf_put(&wanted, from, strnlen((const char *)from, type->size));
		else if (type->kind == TYPE_CHAR)
			buf_put(&wanted, from, 1);
		else
			value_format(type, from, &wanted);
		for (size_t j = 0; j < wanted.len; j++)
			if (wanted.data[j] < ' ' || (unsigned char)wanted.data[j] >= 0x7f)
				wanted.data[j] = '.';
		n = wanted.len;
		assert_true(n <= width);
		if (cell[width - 1] != ' ')
			cell += width - n;
		assert_memory_equal(cell, n ? wanted.data : "", n);
	}
}

static void text_is_of_one_width(void **state)
{
	struct bound *bound = typed_bind(everything, 1 << 20);
	struct place record = typed_place(bound, "a.0");
	struct place array = typed_place(bound, "a");
	unsigned char *bytes = malloc(array.type->size);
	uint64_t line;

	(void)state;
	for (int round = 0; round < 100; round++)
		for (uint64_t i = 0; i < type_children(record.type); i++) {
			struct place member = type_child(&record, i);

			if (!type_is_directory(member.type))
				text_says(member.type);
		}
	for (int round = 0; round < 100; round++) {
		CLEANUP(free_ptr) char *text = NULL;

		typed_fill(bytes, array.type->size);
		text = render(array.type, TABLE_TEXT, bytes, false, &line);
		assert_int_equal(strlen(text), (array.type->length + 1) * line);
		for (size_t i = 1; i <= array.type->length + 1; i++)
			assert_ptr_equal(strchr(text + (i - 1) * line, '\n'), text + i * line - 1);
	}
	free(bytes);
	bound_unref(bound);
}

/* Texts of each length, every other with a byte that some form shows in another way. */
static void fill_texts(unsigned char *bytes, size_t n, size_t size)
{
	static const unsigned char odd[] = {'"', '\\', ',', 0x7f, 0x1f, 0x80, 0xff, '\n'};

	for (size_t i = 0; i < n; i++, bytes += size) {
		size_t length = i % (size + 1);

		memset(bytes, 0, size);
		for (size_t j = 0; j < length; j++)
			bytes[j] = (unsigned char)('#' + typed_random() % ('+' - '#'));
		if (length && i / (size + 1) % 2)
			bytes[typed_random() % length] = odd[typed_random() % sizeof(odd)];
	}
}

static void texts_of_any_length(void **state)
{
	(void)state;
	for (size_t size = 1; size <= 50; size++) {
		struct type string = {.kind = TYPE_STRING, .size = size, .span = 1};
		struct type array = {.kind = TYPE_ARRAY, .length = 12 * 51, .element = &string};
		struct place element = {.type = &string};
		CLEANUP(free_ptr) unsigned char *bytes = malloc(array.length * size);
		CLEANUP(free_ptr) char *csv = NULL, *json = NULL, *text = NULL;
		const char *in_csv, *in_json, *in_text;
		uint64_t line;

		fill_texts(bytes, array.length, size);
		csv = render(&array, TABLE_CSV, bytes, false, NULL);
		json = render(&array, TABLE_JSON, bytes, false, NULL);
		text = render(&array, TABLE_TEXT, bytes, false, &line);
		in_csv = csv + strlen("_index,value\n");
		in_json = json;
		in_text = text;
		for (uint64_t i = 0; i < array.length; i++) {
			CLEANUP(buf_destroy) struct buf wanted = BUF_INIT;
			const unsigned char *from = bytes + i * size;

			in_csv += strlen("0000000,");
			csv_says(&in_csv, &element, from);
			buf_printf(&wanted, "{\"_index\": %lu, \"value\": ", (unsigned long)i);
			json_scalar(&string, from, &wanted);
			buf_puts(&wanted, "}\n");
			assert_memory_equal(in_json, wanted.data, wanted.len);
			in_json += wanted.len;
			in_text += line;
			for (size_t j = 0, end = strnlen((const char *)from, size); j < line - 9;
			     j++)
				assert_int_equal(in_text[8 + j], j >= end ? ' '
								 : from[j] < ' ' || from[j] > '~'
									 ? '.'
									 : from[j]);
		}
		assert_int_equal(*in_csv, '\0');
		assert_int_equal(*in_json, '\0');
	}
}

/* Only what columns stand for is read; too much is left out, or refused. */
static void large_elements(void **state)
{
	struct bound *bound =
		typed_bind("struct slot { char before[5000]; int id; uint8_t data[60000];"
			   " struct { int x[16][16][16][16]; } deep; };\n"
			   "struct slot a[3] @ 0;\n"
			   "struct { int id; char big[40000000]; } b[2] @ 0;",
			   1ull << 30);
	struct place a = typed_place(bound, "a"), b = typed_place(bound, "b");
	struct table *table;
	uint64_t part, size;

	(void)state;
	assert_int_equal(table_new(a.type, TABLE_CSV, &table), 0);
	table_part(table, &part, &size);
	assert_int_equal(part, 5000);
	assert_int_equal(size, 4 + 60000 + 4 * (TABLE_COLUMNS_MAX - 1));
	table_free(table);
	assert_int_equal(table_new(a.type, TABLE_JSON, &table), 0);
	table_part(table, &part, &size);
	assert_int_equal(part, 0);
	assert_int_equal(size, a.type->element->size);
	table_free(table);
	assert_int_equal(table_new(b.type, TABLE_TEXT, &table), 0);
	table_part(table, &part, &size);
	assert_int_equal(size, 4);
	table_free(table);
	assert_int_equal(table_new(b.type, TABLE_JSON, &table), -EFBIG);
	bound_unref(bound);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_dotted_columns),
		cmocka_unit_test(lines_of_json_are_records),
		cmocka_unit_test(scalars_are_one_column),
		cmocka_unit_test(a_torn_line_of_json_says_so),
		cmocka_unit_test(rows_are_numbered),
		cmocka_unit_test(csv_is_what_fields_say),
		cmocka_unit_test(json_is_what_json_says),
		cmocka_unit_test(text_is_of_one_width),
		cmocka_unit_test(texts_of_any_length),
		cmocka_unit_test(large_elements),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
