/* SPDX-License-Identifier: MIT */
/*
 * The proof of our layouts: random structs go through the machine's compilers and through our
 * parser, and every size, alignment, offset, bit, sign and enum value must be the same. Then once
 * more through the program's debug information and our reader of that, which doesn't see the text.
 *
 * PEEKFS_STRUCTS=N makes N instead of 600, PEEKFS_SEED=N the ones that a failure named.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "base/cleanup.h"
#include "layout/debug.h"
#include "layout/layout.h"
#include "structs.h"

#define BATCH 150 /* structs that one program holds */

static const char program_head[] =
	"#include <stdio.h>\n#include <string.h>\n"
	"static void bits(const void *at, size_t n, int sign)\n{\n"
	"\tconst unsigned char *b = at;\n\tlong first = -1, count = 0, last = -1;\n"
	"\tfor (size_t i = 0; i < 8 * n; i++)\n\t\tif (b[i / 8] >> i % 8 & 1) {\n"
	"\t\t\tif (first < 0)\n\t\t\t\tfirst = i;\n\t\t\tlast = i;\n\t\t\tcount++;\n\t\t}\n"
	"\tif (last - first + 1 != count)\n\t\tprintf(\"holes \");\n"
	"\tprintf(\"%ld %ld %d\\n\", first, count, sign);\n}\n"
	"#define SIZE(T) printf(\"%zu %zu\\n\", sizeof(T), _Alignof(T));\n"
	"#define OTHER(T, p) printf(\"%zu %zu\\n\", offsetof(T, p), sizeof(((T *)0)->p));\n"
	"#define FLEXIBLE(T, p) printf(\"%zu\\n\", offsetof(T, p));\n"
	"#define NUMBER(T, p) printf(\"%zu %zu %d\\n\", offsetof(T, p), sizeof(((T *)0)->p), "
	"(__typeof__(((T *)0)->p))-1 < 0);\n"
	"#define BITS(T, p) { static T t; t.p = -1; bits(&t, sizeof(t), t.p < 0); }\n"
	"#define CONSTANT(c) printf((c) < 0 ? \"%ld %zu\\n\" : \"%luu %zu\\n\", (long)(c), "
	"sizeof(c));\n";

static void write_program(const struct structs *structs, FILE *to)
{
	static const char *const macros[] = {"OTHER", "NUMBER", "BITS", "FLEXIBLE", "CONSTANT"};

	fwrite(structs->text.data, 1, structs->text.len, to);
	fputs(program_head, to);
	for (size_t i = 0; i < structs->n_records; i++) {
		const struct record *record = &structs->records[i];

		fprintf(to, "static void f%zu(void)\n{\n\tSIZE(%s)\n", i, record->name);
		for (size_t j = record->first; j < record->end; j++) {
			const struct leaf *leaf = &structs->leaves[j];

			fprintf(to, "\t%s(", macros[leaf->kind]);
			if (leaf->kind != LEAF_CONSTANT)
				fprintf(to, "%s, ", record->name);
			fprintf(to, "%s)\n", leaf->path);
		}
		fputs("}\n", to);
	}
	fputs("int main(void)\n{\n", to);
	for (size_t i = 0; i < structs->n_records; i++)
		fprintf(to, "\tf%zu();\n", i);
	fputs("}\n", to);
	for (size_t i = 0; i < structs->n_records; i++) /* or there is no debug information of it */
		fprintf(to, "%s g%zu;\n", structs->records[i].name, i);
}

static void write_texts(const struct structs *structs)
{
	CLEANUP(buf_destroy) struct buf path = BUF_INIT;
	FILE *file;

	buf_printf(&path, "%s/structs.c", folder);
	file = fopen(buf_cstr(&path), "w");
	assert_non_null(file);
	write_program(structs, file);
	assert_int_equal(fclose(file), 0);
}

/* The output of the structs' program, as that compiler makes it. */
static FILE *compile_and_run(const struct structs *structs, const char *compiler, const char *flags)
{
	CLEANUP(buf_destroy) struct buf command = BUF_INIT;
	FILE *output;

	write_texts(structs);
	buf_printf(&command, "cd '%s' && %s %s -std=gnu17 -w -O0 -o structs structs.c && ./structs",
		   folder, compiler, flags);
	output = popen(buf_cstr(&command), "r");
	assert_non_null(output);
	return output;
}

/* A program whose debug information is read. */
struct debugged {
	struct debug *debug;
	int fd;
};

static void release_nothing(void *owner)
{
	(void)owner;
}

static int open_path(void *context, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	(void)context;
	return fd < 0 ? -errno : fd;
}

static int find_type(void *context, const struct reader_name *name, struct reader_found *out,
		     struct diag *diag)
{
	struct debugged *program = context;
	const struct dwarf_files files = {.open = open_path};

	out->release = release_nothing;
	return debug_find(program->debug, program->fd, &files, name, &out->type, diag);
}

static const struct reader_ops debug_reader = {.find = find_type};

/* Our reading: a variable of each struct, all at 0. Of the text, or of a program. */
static struct bound *read_ours(const struct structs *structs, const char *asserts,
			       struct debugged *program)
{
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	const struct reader reader = {&debug_reader, program};
	struct layout *layout;
	struct bound *bound;
	struct diag diag;
	int err;

	if (!program)
		buf_put(&text, structs->text.data, structs->text.len);
	for (size_t i = 0; i < structs->n_records; i++)
		buf_printf(&text, "%s v%zu @ 0;\n", structs->records[i].name, i);
	buf_puts(&text, asserts);
	err = layout_parse_with(text.data, text.len, program ? &reader : NULL, &layout, &diag);
	if (err) {
		const char *at = text.data;

		for (unsigned line = 1; line < diag.line; line++)
			at = strchrnul(at, '\n') + 1;
		fail_msg("%u:%u: %s\n%.*s", diag.line, diag.column, diag.message,
			 (int)strcspn(at, "\n"), at);
	}
	err = layout_bind(layout, 1ull << 50, &bound, &diag);
	layout_unref(layout);
	if (err)
		fail_msg("%u:%u: %s", diag.line, diag.column, diag.message);
	return bound;
}

/*
 * Ours of a leaf. An element of text or bytes is none of our nodes: then it's made up from the
 * whole in *element.
 */
static struct place find_ours(const struct bound *bound, const struct leaf *leaf,
			      struct type *element)
{
	struct place place = bound_root(bound);
	char path[512], whole[500], *rest = path, *name;

	structs_path(leaf, whole, sizeof(whole));
	snprintf(path, sizeof(path), "v%u/%s", leaf->record, whole);
	while ((name = strsep(&rest, "/"))) {
		enum type_kind kind = place.type->kind;
		bool text = kind == TYPE_STRING || kind == TYPE_BYTES;

		if (!type_lookup(&place, name, &place, NULL))
			continue;
		if (!text || rest)
			fail_msg("%s v%u.%s: nothing is named '%s'", place.type->name, leaf->record,
				 leaf->path, name);
		*element = (struct type){.kind = TYPE_CHAR, .size = 1};
		element->is_signed = kind == TYPE_STRING && (char)-1 < 0;
		place.type = element;
		place.offset += strtoull(name, NULL, 10);
	}
	return place;
}

static unsigned long long number(char **at)
{
	return strtoull(*at, at, 10);
}

static void compare_leaf(const struct bound *bound, const struct structs *structs,
			 const struct leaf *leaf, char *theirs, const char *what)
{
	const char *name = structs->records[leaf->record].name;
	struct type element;
	struct place ours = find_ours(bound, leaf, &element);
	char text[64];

	switch (leaf->kind) {
	case LEAF_BITS:
		/* clang 14 forgets of bits as many as their type has at which bit they begin */
		if (!ours.type->bits && strtoul(theirs, NULL, 10) % 8)
			return;
		snprintf(text, sizeof(text), "%lu %u %u\n",
			 (unsigned long)(ours.offset * 8 + ours.type->first_bit),
			 /* clang doesn't say of a whole number that it was declared as bits */
			 ours.type->bits ? ours.type->bits : (unsigned)ours.type->size * 8,
			 ours.type->is_signed);
		if (ours.type->first_bit + ours.type->bits > ours.type->size * 8)
			fail_msg("%s: %s.%s: bits outside of their unit", what, name, leaf->path);
		break;
	case LEAF_FLEXIBLE:
		snprintf(text, sizeof(text), "%lu\n", (unsigned long)ours.offset);
		break;
	case LEAF_NUMBER:
		snprintf(text, sizeof(text), "%lu %lu %u\n", (unsigned long)ours.offset,
			 (unsigned long)ours.type->size, ours.type->is_signed);
		break;
	default:
		snprintf(text, sizeof(text), "%lu %lu\n", (unsigned long)ours.offset,
			 (unsigned long)ours.type->size);
	}
	if (strcmp(text, theirs) != 0)
		fail_msg("%s: %s.%s (%s): ours %stheirs %s", what, name, leaf->path,
			 ours.type->name, text, theirs);
}

/* Reads one line that the program printed. */
static void line(FILE *output, char *to, size_t n, const char *what)
{
	if (!fgets(to, (int)n, output))
		fail_msg("%s: the compiler or its program failed", what);
}

/* Returns how many leaves were compared. */
static size_t compare(const struct structs *structs, FILE *output, struct debugged *program,
		      const char *what)
{
	CLEANUP(buf_destroy) struct buf asserts = BUF_INIT;
	struct bound *bound = read_ours(structs, "", program);
	struct place root = bound_root(bound);

	for (size_t i = 0; i < structs->n_records; i++) {
		const struct record *record = &structs->records[i];
		struct place place = type_child(&root, i);
		char theirs[64], *at = theirs;

		line(output, theirs, sizeof(theirs), what);
		if (place.type->size != number(&at) ||
		    (!program && place.type->align != number(&at)))
			fail_msg("%s: %s: ours %lu %u, theirs %s", what, record->name,
				 (unsigned long)place.type->size, place.type->align, theirs);
		for (size_t j = record->first; j < record->end; j++) {
			const struct leaf *leaf = &structs->leaves[j];

			line(output, theirs, sizeof(theirs), what);
			if (leaf->kind != LEAF_CONSTANT) {
				compare_leaf(bound, structs, leaf, theirs, what);
				continue;
			}
			at = strchr(theirs, ' ');
			assert_non_null(at);
			*at = 0;
			buf_printf(&asserts, "static_assert(%s == %s && sizeof(%s) == %d, \"\");\n",
				   leaf->path, theirs, leaf->path, atoi(at + 1));
		}
	}
	bound_unref(bound);
	if (!program)
		bound_unref(read_ours(structs, asserts.len ? buf_cstr(&asserts) : "", NULL));
	return structs->n_leaves;
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 0) : otherwise;
}

/* Compares what the program that was run says with its own debug information. */
static size_t compare_debug(const struct structs *structs, FILE *output, const char *what)
{
	CLEANUP(buf_destroy) struct buf path = BUF_INIT;
	struct debugged program;
	size_t leaves;

	buf_printf(&path, "%s/structs", folder);
	program.fd = open(buf_cstr(&path), O_RDONLY | O_CLOEXEC);
	assert_true(program.fd >= 0);
	assert_int_equal(debug_new(&program.debug), 0);
	leaves = compare(structs, output, &program, what);
	debug_unref(program.debug);
	close(program.fd);
	return leaves;
}

/* flags: NULL to read the text, else those of a program whose debug information is read. */
static void agrees_with(const char *compiler, const char *flags, bool quirks)
{
	uint64_t seed = setting("PEEKFS_SEED", (uint64_t)time(NULL) * 1000);
	size_t wanted = setting("PEEKFS_STRUCTS", 600), leaves = 0;

	for (size_t done = 0; done < wanted; done += BATCH, seed++) {
		CLEANUP(structs_destroy) struct structs structs;
		char what[128];
		FILE *output;

		assert_int_equal(folder_make(NULL), 0);
		snprintf(what, sizeof(what), "PEEKFS_SEED=%lu, %s %s", (unsigned long)seed,
			 compiler, flags ? flags : "");
		structs_make(&structs, seed, wanted < BATCH ? wanted : BATCH, quirks);
		output = compile_and_run(&structs, compiler, flags ? flags : "");
		if (flags) { /* the program is there when its first line is */
			ungetc(getc(output), output);
			leaves += compare_debug(&structs, output, what);
		} else {
			leaves += compare(&structs, output, NULL, what);
		}
		assert_int_equal(pclose(output), 0);
	}
	print_message("# %s %s: %zu leaves of %zu structs, seeds up to %lu\n", compiler,
		      flags ? flags : "", leaves, wanted, (unsigned long)seed - 1);
}

static bool is_there(const char *compiler)
{
	CLEANUP(buf_destroy) struct buf command = BUF_INIT;

	buf_printf(&command, "command -v %s >/dev/null", compiler);
	return system(buf_cstr(&command)) == 0;
}

/* Runs the case for a compiler, if that is here. */
static void try_compiler(const char *compiler, const char *flags, bool quirks)
{
	if (!is_there(compiler)) {
		print_message("# no %s here\n", compiler);
		skip();
	}
	agrees_with(compiler, flags, quirks);
}

static void layouts_are_those_of_gcc(void **state)
{
	(void)state;
	try_compiler("gcc", NULL, true);
}

static void layouts_are_those_of_clang(void **state)
{
	(void)state;
	try_compiler("clang", NULL, false);
}

static void debug_information_of_gcc(void **state)
{
	(void)state;
	try_compiler("gcc", "-gdwarf-5", true);
	try_compiler("gcc", "-gdwarf-4 -gstrict-dwarf", true);
	try_compiler("gcc", "-gdwarf-5 -gsplit-dwarf", true);
}

static void debug_information_of_clang(void **state)
{
	(void)state;
	try_compiler("clang", "-gdwarf-5", false);
	try_compiler("clang", "-gdwarf-4", false);
	try_compiler("clang", "-gdwarf-5 -gsplit-dwarf", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layouts_are_those_of_gcc),
		cmocka_unit_test(layouts_are_those_of_clang),
		cmocka_unit_test(debug_information_of_gcc),
		cmocka_unit_test(debug_information_of_clang),
	};

	return cmocka_run_group_tests(tests, NULL, folder_remove);
}
