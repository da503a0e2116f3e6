/* SPDX-License-Identifier: MIT */
/*
 * Any hints on any fields, and over fields that are there already: what is taken numbers its nodes
 * without a gap, and shows every value by a text that comes back and isn't longer than it may be.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "typed.h"
#include "view/table.h"

#define TEXTS 8000
#define SIZE  4096

static const char declarations[] =
	"enum e { A, B = 7, C = -3, D = 300 };\n"
	"enum f { R = 1, W = 2, RW = 3, X = 4, TOP = 0x80000000, ALL = 0xffffffffff };\n"
	"typedef [[units(\"s\")]] uint8_t seconds; typedef [[flags(f)]] uint16_t flagged;\n"
	"typedef [[hidden]] int secret; typedef uint8_t b8[8];\n"
	"struct ts { long tv_sec, tv_nsec; }; struct tv { int tv_sec, tv_usec; };\n"
	"struct in4 { uint32_t s_addr; }; union u { uint32_t w[4]; uint8_t b[16]; };\n"
	"struct in { int a; struct ts when; uint8_t m[6]; int b : 3, c : 5; };\n";

static const char *const hints[] = {"hex",
				    "oct",
				    "dec",
				    "char",
				    "string",
				    "bytes",
				    "uuid",
				    "uuid, le",
				    "ip4",
				    "ip4, le",
				    "ip6",
				    "mac",
				    "time",
				    "time(ms)",
				    "time(ns)",
				    "enum(e)",
				    "enum(e), hex",
				    "flags(f)",
				    "percent",
				    "be",
				    "units(\"ms\")",
				    "le",
				    "units(\"%\"), hex",
				    "hidden",
				    "count(n)",
				    "if(n > 1)",
				    "time, hidden",
				    "doc(\"x\")"};

static const char *const types[] = {
	"int",	     "char",	  "uint8_t",	 "int8_t",   "uint16_t",	 "long",
	"double",    "float",	  "bool",	 "void *",   "enum e",		 "flagged",
	"struct ts", "struct tv", "b8",		 "union u",  "struct in",	 "struct in4",
	"seconds",   "secret",	  "long double", "_Float16", "unsigned __int128"};

static const char *const declarators[] = {"%s",	       "%s[4]",	   "%s[16]", "%s[6]",
					  "%s[2][16]", "%s[2][3]", "%s : 3", "%s[]",
					  "*%s",       "%s[1]",	   "%s : 8"};

static const char *const paths[] = {"s.m0",	 "s.m1",       "struct s.m2", "in.a",	"in.when",
				    "in.b",	 "in.m",       "s.m0.when",   "s.m1.m", "u.b",
				    "ts.tv_sec", "tv.tv_usec", "in4.s_addr",  "s.m0.c", "u.w"};

#define ANY(list) list[typed_random() % ARRAY_SIZE(list)]

static void make(struct buf *text)
{
	unsigned n = 1 + (unsigned)(typed_random() % 4);

	buf_puts(text, declarations);
	buf_puts(text, "struct s { int n;");
	for (unsigned i = 0; i < n; i++) {
		char name[8], declarator[32];

		snprintf(name, sizeof(name), "m%u", i);
		for (uint64_t k = typed_random() % 3; k; k--)
			buf_printf(text, " [[%s]]", ANY(hints));
		buf_printf(text, " %s ", ANY(types));
		/* the formats are those above */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(declarator, sizeof(declarator), ANY(declarators), name);
#pragma GCC diagnostic pop
		buf_printf(text, "%s;", declarator);
	}
	buf_puts(text, " };\n");
	for (uint64_t k = typed_random() % 4; k; k--)
		buf_printf(text, "[[%s]] %s;", ANY(hints), ANY(paths));
	if (typed_random() % 2)
		buf_puts(text, "\nstruct s x @ 0; [[hidden]] struct s y[3] @ 512;");
}

static void comes_back(const struct type *type, const unsigned char *bytes, const char *layout)
{
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	CLEANUP(free_ptr) unsigned char *back = malloc(2 * type->size + 1);
	unsigned char *mask = back + type->size;
	struct diag diag = {0};

	value_format_bare(type, bytes, &text);
	if (type->kind != TYPE_STRING && type->kind != TYPE_CHAR && text.len > value_longest(type))
		fail_msg("'%s' is too long:\n%s", buf_cstr(&text), layout);
	buf_reset(&text);
	value_format(type, bytes, &text);
	if (value_parse(type, text.data, text.len, back, mask, &diag) < 0)
		fail_msg("'%s': %s\n%s", buf_cstr(&text), diag.message, layout);
	for (uint64_t i = 0; i < type->size; i++) {
		if ((back[i] & mask[i]) != (bytes[i] & mask[i]))
			fail_msg("'%s' is another value:\n%s", buf_cstr(&text), layout);
	}
}

static void rows_are_of_one_length(const struct place *array, const unsigned char *bytes)
{
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	uint64_t offset, size, step = array->type->element->size;
	struct table *table;

	if (!array->type->length)
		return;
	assert_int_equal(table_new(array->type, TABLE_TEXT, &table), 0);
	table_part(table, &offset, &size);
	table_rows(table, 0, 1, bytes + array->offset + offset, step, &(bool){false}, &text);
	assert_int_equal(text.len, table_line(table));
	table_free(table);
}

static void look(struct bound *bound, const unsigned char *bytes, const char *layout)
{
	struct place root = bound_root(bound), place;

	for (uint64_t at = 0; at < root.type->span && at < 300; at++) {
		assert_int_equal(type_find(&root, at, NULL, NULL, &place), 0);
		if (place.ordinal != at)
			fail_msg("node %lu is %lu:\n%s", (unsigned long)at,
				 (unsigned long)place.ordinal, layout);
		if (place.offset + place.type->size > SIZE)
			continue;
		if (!type_is_directory(place.type))
			comes_back(place.type, bytes + place.offset, layout);
	}
	for (uint64_t i = 0; i < root.type->n_members; i++) {
		place = type_child(&root, i);
		if (place.type->kind == TYPE_ARRAY && !place.type->varies)
			rows_are_of_one_length(&place, bytes);
	}
}

static void any_hints_on_any_fields(void **state)
{
	unsigned char bytes[SIZE];
	unsigned laid = 0;

	(void)state;
	for (int i = 0; i < TEXTS; i++) {
		CLEANUP(buf_destroy) struct buf text = BUF_INIT;
		struct layout *layout;
		struct diag diag = {0};
		struct bound *bound;
		int r;

		make(&text);
		r = layout_parse(text.data, text.len, &layout, &diag);
		assert_true(r == 0 || (r == -EINVAL && diag.line && diag.message[0]));
		if (r < 0)
			continue;
		if (layout_bind(layout, SIZE, &bound, &diag) == 0) {
			typed_fill(bytes, sizeof(bytes));
			look(bound, bytes, buf_cstr(&text));
			bound_unref(bound);
			laid++;
		}
		layout_unref(layout);
	}
	assert_true(laid > TEXTS / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_hints_on_any_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
