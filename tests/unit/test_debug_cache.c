/* SPDX-License-Identifier: MIT */
/* What was read of programs, and rests until it is needed again. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "found.h"
#include "layout/debug_cache.h"

static const char source[] = "struct node { struct node *next; } node;\n"
			     "struct bits { unsigned a : 3; } bits;\n"
			     "int main(void) { return 0; }\n";

/* What the cache has for a program. */
static struct debug *cached(const char *program)
{
	int fd = compiled_open(program);
	struct debug *debug;

	assert_int_equal(debug_cache_get(fd, &debug), 0);
	close(fd);
	return debug;
}

/* What is small stays when what is big is closed. */
static void rests(void **state)
{
	struct debug *debug, *again;
	const struct type *type, *same;
	struct diag diag;

	(void)state;
	compiled_write("c.c", source);
	assert_true(compiled_run("gcc -g -o c c.c && cp c copy"));
	debug = cached("c");
	assert_int_equal(found_in(debug, "c", "struct node", &type, &diag), 0);
	assert_false(debug_rest(debug, 1));
	assert_true(debug_rest(debug, UINT64_MAX));
	assert_int_equal(found_in(debug, "c", "struct node", &same, &diag), 0);
	assert_ptr_equal(type, same);
	assert_true(debug_rest(debug, 0)); /* it wasn't opened again */
	assert_int_equal(found_in(debug, "c", "struct nobody", &same, &diag), -ENOENT);
	assert_false(debug_rest(debug, 1));
	/* the same program at another path */
	again = cached("copy");
	assert_ptr_equal(debug, again);
	debug_unref(again);
	debug_unref(debug);
	debug_cache_drop();
}

/* Stripped or not, a program has one build-id: that one file has no debug information says nothing
 * of the other. */
static void stripped_and_not(void **state)
{
	const struct type *type;
	struct debug *debug, *same;
	struct diag diag;

	(void)state;
	compiled_write("c.c", source);
	assert_true(compiled_run("gcc -g -Wl,--build-id -o whole c.c && strip -o bare whole"));
	debug = cached("bare");
	same = cached("whole");
	assert_ptr_equal(debug, same);
	for (int i = 0; i < 2; i++)
		assert_int_equal(found_in(debug, "bare", "struct node", &type, &diag), -ENODATA);
	assert_non_null(strstr(diag.message, "no debug information"));
	assert_int_equal(found_in(debug, "whole", "struct node", &type, &diag), 0);
	assert_int_equal(found_in(debug, "bare", "struct bits", &type, &diag), 0);
	debug_unref(same);
	debug_unref(debug);
	debug_cache_drop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rests),
		cmocka_unit_test(stripped_and_not),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
