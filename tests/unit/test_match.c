/* SPDX-License-Identifier: MIT */
/* What a layout says of the regions it is for. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/diag.h"
#include "layout/layout.h"
#include "layout/match.h"

#define A_STRUCT "struct s { int x; };"

static struct layout *parse(const char *text)
{
	struct layout *layout = NULL;
	struct diag diag = {0};

	if (layout_parse(text, strlen(text), &layout, &diag))
		fail_msg("%s: %u:%u %s", text, diag.line, diag.column, diag.message);
	return layout;
}

/* The same, of a text whose types nobody can be asked for yet. */
static struct layout *parse_ahead(const char *text)
{
	struct layout *layout = NULL;
	struct diag diag = {0};

	if (layout_parse_ahead(text, strlen(text), &layout, &diag))
		fail_msg("%s: %u:%u %s", text, diag.line, diag.column, diag.message);
	return layout;
}

static void test_ahead(void **state)
{
	static const struct {
		const char *text, *awaits;
	} cases[] = {
		{"match name(\"a\");" A_STRUCT, NULL},
		{"match name(\"a\"); debuginfo struct job; match name(\"b\");", "struct job"},
		{"match name(\"a\"); debuginfo ns::pair<int, char>;", "ns::pair<int,char>"},
		{"match name(\"a\"); union u all[] @ 0;", "union u"},
		{"match name(\"a\"); struct s { job_t job; };", "job_t"},
		{"match name(\"a\"); struct s { struct later *next; };", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct layout *layout = parse_ahead(cases[i].text);
		const struct match *match = layout_match(layout);

		assert_non_null(match);
		assert_string_equal(match->conditions->words->text, "a");
		assert_null(match->next);
		assert_string_equal(layout_text(layout, NULL), cases[i].text);
		if (cases[i].awaits)
			assert_string_equal(layout_awaits(layout), cases[i].awaits);
		else
			assert_null(layout_awaits(layout));
		layout_unref(layout);
	}
}

static void test_ahead_wrong(void **state)
{
	static const char text[] = "match name(\"a\"); struct s { int 1x; }; debuginfo struct job;";
	struct layout *layout = NULL;
	struct diag diag = {0};

	(void)state;
	assert_int_equal(layout_parse_ahead(text, strlen(text), &layout, &diag), -EINVAL);
	assert_null(layout);
	assert_int_equal(diag.line, 1);
}

static void test_none(void **state)
{
	struct layout *layout = parse(A_STRUCT);

	(void)state;
	assert_null(layout_match(layout));
	layout_unref(layout);
}

static void test_conditions(void **state)
{
	struct layout *layout =
		parse("match magic(1 << 4, \"\\x01\\0\" \"b\") name(\"a*\", \"b\\x20\")\n"
		      " size(4096, 2 * 4096); match kind(shm, anon);" A_STRUCT);
	const struct match *match = layout_match(layout);
	const struct match_condition *condition = match->conditions;

	(void)state;
	assert_int_equal(condition->key, MATCH_SIZE);
	assert_int_equal(condition->words->from, 4096);
	assert_int_equal(condition->words->to, 8192);
	condition = condition->next;
	assert_int_equal(condition->key, MATCH_NAME);
	assert_string_equal(condition->words->text, "a*");
	assert_string_equal(condition->words->next->text, "b ");
	assert_null(condition->words->next->next);
	condition = condition->next; /* the one that reads the region is the last to be asked */
	assert_int_equal(condition->key, MATCH_MAGIC);
	assert_int_equal(condition->words->from, 16);
	assert_int_equal(condition->words->n, 3);
	assert_memory_equal(condition->words->text, "\1\0b", 3);
	assert_null(condition->next);
	match = match->next;
	assert_string_equal(match->conditions->words->text, "shm");
	assert_string_equal(match->conditions->words->next->text, "anon");
	assert_null(match->next);
	layout_unref(layout);
}

/* A header may have a type of that name. */
static void test_a_type_named_match(void **state)
{
	struct layout *layout = parse("typedef struct { int x; } match; match m @ 0;");

	(void)state;
	assert_null(layout_match(layout));
	layout_unref(layout);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text;
		unsigned column;
		const char *message;
	} cases[] = {
		{"match nme(\"a\");", 7, "expected one of name, path, kind"},
		{"match name(a);", 12, "expected a string"},
		{"match name();", 12, "expected a string"},
		{"match name(\"a\" \"\\xq\");", 16, "a bad escape"},
		{"match name(\"a\",);", 16, "expected a string"},
		{"match kind(file file);", 17, "expected ')'"},
		{"match kind(\"file\");", 12, "expected one of file"},
		{"match size(-1);", 12, "this can't be below zero"},
		{"match size(9, 8);", 12, "no size is from 9 to 8"},
		{"match size(1/0);", 13, ""},
		{"match size(x);", 12, ""},
		{"match magic(\"a\");", 13, ""},
		{"match magic(0);", 14, "expected ','"},
		{"match magic(0, \"\");", 16, "magic bytes are 1 to 64, not 0"},
		{"match name(\"a\")", 16, "expected one of name"},
		{"match name(\"a\"", 15, "expected ')'"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct layout *layout;
		struct diag diag = {0};

		assert_int_equal(layout_parse(cases[i].text, strlen(cases[i].text), &layout, &diag),
				 -EINVAL);
		if (diag.column != cases[i].column || !strstr(diag.message, cases[i].message))
			fail_msg("%s: column %u, %s", cases[i].text, diag.column, diag.message);
	}
}

static void test_too_many_words(void **state)
{
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	struct layout *layout;
	struct diag diag;

	(void)state;
	buf_puts(&text, "match name(\"a\"");
	for (int i = 0; i < 200; i++)
		buf_puts(&text, ",\"a\"");
	buf_puts(&text, ");" A_STRUCT);
	assert_int_equal(layout_parse(text.data, text.len, &layout, &diag), -E2BIG);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_ahead),
		cmocka_unit_test(test_ahead_wrong),
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_a_type_named_match),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_too_many_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
