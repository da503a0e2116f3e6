/* SPDX-License-Identifier: MIT */
/* Names of other languages, in the layout that follows from variables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compiled.h"
#include "layout/layout.h"
#include "layout/spell.h"
#include "view/candidate.h"

/* How the first struct of a program is spelled, the name that gcc's assembly has for it replaced.
 */
static void spell_struct(const char *name, struct spelled *out)
{
	struct dwarf_unit unit = {0};
	struct dwarf_entry entry;
	struct dwarf *dwarf;
	struct diag diag;

	compiled_write("s.c", "struct STUDENT { int id; } *students;");
	assert_true(compiled_run("gcc -g -S s.c && sed -i 's/\"STUDENT\"/\"%s\"/' s.s && "
				 "gcc -shared -o s.so s.s",
				 name));
	assert_int_equal(compiled_dwarf("s.so", &dwarf, &diag), 0);
	assert_int_equal(dwarf_unit_next(dwarf, &unit), 1);
	assert_int_equal(dwarf_entry_child(&unit.root, &entry), 1);
	while (dwarf_entry_tag(&entry) != DWARF_STRUCTURE_TYPE)
		assert_int_equal(dwarf_entry_sibling(&entry, &entry), 1);
	assert_int_equal(spell(&entry, out), 0);
	dwarf_close(dwarf);
}

/* Rust may call a struct so. */
static void a_keyword_names_no_struct(void **state)
{
	struct spelled spelled = {0};

	(void)state;
	spell_struct("longer", &spelled);
	assert_int_equal(spelled.worth, SPELL_RECORD);
	assert_string_equal(buf_cstr(&spelled.lookup), "struct longer");
	spell_free(&spelled);
	spelled = (struct spelled){0};
	spell_struct("long", &spelled);
	assert_int_equal(spelled.worth, SPELL_NOTHING);
	assert_int_equal(spelled.lookup.len, 0);
	spell_free(&spelled);
}

static void a_keyword_names_no_variable(void **state)
{
	static const char *const paths[] = {"register", "asm.p", "short"};
	CLEANUP(candidates_destroy) struct candidates candidates = {0};
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	struct layout *layout;
	struct diag diag;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct candidate candidate = {
			.spelled = {.worth = SPELL_SCALAR, .size = 8},
			.offset = 64 * i,
			.path = strdup(paths[i]),
			.program = strdup("p"),
		};

		buf_puts(&candidate.spelled.type, "long");
		assert_int_equal(candidates_add(&candidates, &candidate), 0);
	}
	candidates_place(&candidates, 4096, &text);
	if (layout_parse(text.data, text.len, &layout, &diag) < 0)
		fail_msg("%u:%u: %s\n%s", diag.line, diag.column, diag.message, buf_cstr(&text));
	layout_unref(layout);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_keyword_names_no_struct),
		cmocka_unit_test(a_keyword_names_no_variable),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
