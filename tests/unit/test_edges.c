/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "node/edges.h"

/* A file of ten lines of five bytes that is made of another letter at each read. */
enum { LINE = 5, SIZE = 10 * LINE };

static char letter;
static int failure;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static ssize_t fake_read(const struct node *node, void *to, size_t n, uint64_t offset)
{
	(void)node;
	if (failure)
		return failure;
	n = offset >= SIZE ? 0 : n < SIZE - offset ? n : SIZE - (size_t)offset;
	memset(to, letter++, n);
	return (ssize_t)n;
}

static int fake_line(const struct node *node, size_t *line)
{
	(void)node;
	*line = LINE;
	return 0;
}

static const struct view_ops fake = {.name = "fake", .read = fake_read, .line = fake_line};
static const struct node node = {.view = &fake};

static void check(struct edges *edges, uint64_t offset, size_t n, const char *wanted)
{
	char text[SIZE + 1];
	ssize_t got = edges_read(edges, &lock, &node, text, n, offset);

	assert_true(got >= 0);
	text[got] = '\0';
	assert_string_equal(text, wanted);
}

static void a_line_is_of_one_moment(void **state)
{
	struct edges edges = {0};

	(void)state;
	letter = 'a';
	check(&edges, 0, 12, "aaaaaaaaaabb");
	check(&edges, 12, 8, "bbbccccc");
	check(&edges, 20, 2, "dd"); /* a line in three */
	check(&edges, 22, 2, "dd");
	check(&edges, 24, 1, "d");
	check(&edges, 24, 1, "e"); /* once more: anew */
	check(&edges, 20, 4, "eeee");
	check(&edges, 20, 5, "fffff");
	edges_destroy(&edges);
}

static void out_of_order(void **state)
{
	struct edges edges = {0};

	(void)state;
	letter = 'a';
	check(&edges, 32, 6, "aaabbb");
	check(&edges, 18, 14,
	      "ccdddddddddd"
	      "aa");
	check(&edges, 38, 12, "bbeeeeeeeeee");
	check(&edges, 32, 3, "fff"); /* all of it was given */
	edges_destroy(&edges);
}

static void ends(void **state)
{
	struct edges edges = {0};
	char byte;

	(void)state;
	letter = 'a';
	check(&edges, 48, 10, "aa");
	check(&edges, 50, 10, "");
	check(&edges, 53, 1, "");
	check(&edges, 0, 0, "");
	for (uint64_t i = 0; i < 3 * EDGES_KEPT; i++) /* no more than are kept */
		check(&edges, i % 10 * LINE + 2, 1, (char[]){letter, '\0'});
	failure = -EIO;
	assert_int_equal(edges_read(&edges, &lock, &node, &byte, 1, 4), -EIO);
	failure = 0;
	edges_destroy(&edges);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_of_one_moment),
		cmocka_unit_test(out_of_order),
		cmocka_unit_test(ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
