/* SPDX-License-Identifier: MIT */
/* Every allocation of a parse and a binding fails once: -ENOMEM each time, nothing left behind. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "layout/layout.h"
#include "structs.h"

void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t n, size_t size);

static long until_failure = -1; /* allocations; below 0: none fails */

static bool fails(void)
{
	return until_failure >= 0 && until_failure-- == 0;
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

void *__wrap_reallocarray(void *old, size_t n, size_t size)
{
	return fails() ? NULL : __real_reallocarray(old, n, size);
}

static int parse_and_bind(const struct buf *text)
{
	struct layout *layout;
	struct bound *bound;
	struct diag diag;
	int err = layout_parse(text->data, text->len, &layout, &diag);

	if (err)
		return err;
	err = layout_bind(layout, 1ull << 30, &bound, &diag);
	layout_unref(layout);
	if (!err)
		bound_unref(bound);
	return err;
}

static void shortage_is_told(void **state)
{
	CLEANUP(structs_destroy) struct structs structs;
	long n = 0;
	int err;

	(void)state;
	structs_make(&structs, 1, 100, true);
	buf_puts(&structs.text, "enum { A = '\\n' }; char v[] @ A; struct S0 *w[] @ 0;"
				"enum e { EA }; struct h { [[flags(e), doc(\"a\")]] int a;"
				"[[time]] struct { long tv_sec, tv_nsec; } t[2]; } h @ 0;"
				"[[hex]] h.a;");
	do {
		until_failure = n++;
		err = parse_and_bind(&structs.text);
		if (until_failure < 0)
			assert_int_equal(err, -ENOMEM);
	} while (until_failure < 0);
	until_failure = -1;
	assert_int_equal(err, 0);
	assert_true(n > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shortage_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
