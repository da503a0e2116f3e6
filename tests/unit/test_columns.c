/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "view/columns.h"

static void columns_are_as_wide_as_their_widest(void **state)
{
	struct buf out = BUF_INIT;
	struct columns columns;

	(void)state;
	columns_init(&columns, "NAME >SIZE ARGS");
	columns_text(&columns, "a");
	columns_number(&columns, 1234567);
	columns_text(&columns, "x y");
	columns_text(&columns, "gr\xc3\xbc\xc3\x9f"
			       "e");
	columns_number(&columns, 0);
	buf_puts(&columns.text, "in ");
	buf_puts(&columns.text, "pieces");
	columns_next(&columns);
	assert_int_equal(columns_print(&columns, &out), 0);
	assert_string_equal(buf_cstr(&out), "NAME      SIZE  ARGS\n"
					    "a      1234567  x y\n"
					    "gr\xc3\xbc\xc3\x9f"
					    "e        0  in pieces\n");
	buf_destroy(&out);
	columns_destroy(&columns);
}

static void a_table_without_rows_is_its_header(void **state)
{
	struct buf out = BUF_INIT;
	struct columns columns;

	(void)state;
	columns_init(&columns, "ONE");
	assert_int_equal(columns_print(&columns, &out), 0);
	assert_string_equal(buf_cstr(&out), "ONE\n");
	buf_destroy(&out);
	columns_destroy(&columns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_as_wide_as_their_widest),
		cmocka_unit_test(a_table_without_rows_is_its_header),
	};

	return cmocka_run_group_tests_name("columns", tests, NULL, NULL);
}
