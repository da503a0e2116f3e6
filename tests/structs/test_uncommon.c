/* SPDX-License-Identifier: MIT */
/*
 * Random structs of what structs.c has not: vectors, complex and 128-bit numbers, _Float16,
 * _BitInt, enums with a type, atomics, and attributes in odd places. Read by us, and every size,
 * alignment and offset asserted by each compiler for what it knows.
 * PEEKFS_STRUCTS=N makes so many, PEEKFS_SEED=N repeats a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "layout/layout.h"

#define BATCH 300

static const char head[] =
	"#include <stdatomic.h>\n#include <stddef.h>\n#include <stdint.h>\n"
	"#include <pthread.h>\n#include <linux/types.h>\n"
	"typedef float v4sf __attribute__((vector_size(16)));\n"
	"typedef short v2hi __attribute__((__vector_size__(2 * sizeof(short))));\n"
	"typedef unsigned char v32qi __attribute__((vector_size(32)));\n"
	"typedef struct { char c; } __attribute__((packed, aligned(4))) small;\n"
	"typedef int loose __attribute__((aligned(2)));\n"
	"struct __attribute__((packed)) tight { short s; __extension__ __int128 i; };\n"
	"typedef __typeof__(((struct tight *)0)->s) its;\n"
	"#define TWO(a, b) a ## b\n#define JOIN(a, b) TWO(a, b)\n#define LIST(type, ...) type "
	"__VA_ARGS__\n";

/* What stands before the name, what behind it; who knows it. */
static const struct {
	const char *before, *behind;
	enum { BOTH, GCC, CLANG } who;
} members[] = {
	{"__int128", "", BOTH},
	{"unsigned __int128", "[2]", BOTH},
	{"long double", "", BOTH},
	{"double _Complex", "", BOTH},
	{"_Complex float", "[3]", BOTH},
	{"long double _Complex", "", BOTH},
#ifdef __x86_64__
	{"__float128", "", BOTH},
	{"_Decimal32", "", GCC},
	{"_Decimal128", "", GCC},
#endif
	{"_Float128", "", GCC},
	{"_Float16", "[3]", GCC},
	{"_Float64x", "", GCC},
	{"v4sf", "", BOTH},
	{"v4sf", "[2]", BOTH},
	{"v2hi", "", BOTH},
	{"v32qi", "", BOTH},
	{"int __attribute__((vector_size(8)))", "", BOTH},
	{"_BitInt(7)", "", CLANG},
	{"unsigned _BitInt(17)", "", CLANG},
	{"_BitInt(33)", "[2]", CLANG},
	{"unsigned _BitInt(64)", "", CLANG},
	{"_BitInt(100)", "", CLANG},
	{"enum : unsigned char { JOIN(A_, NAME) }", "", CLANG},
	{"enum : long { JOIN(B_, NAME) = -1 }", "", CLANG},
	{"atomic_int", "", BOTH},
	{"atomic_bool", "", BOTH},
	{"_Atomic(short)", "", BOTH},
	{"_Atomic uint64_t", "", BOTH},
	{"atomic_flag", "", BOTH},
	{"pthread_mutex_t", "", BOTH},
	{"struct timespec", "", BOTH},
	{"__be32", "", BOTH},
	{"small", "", BOTH},
	{"loose", "", GCC},
	{"struct tight", "[2]", BOTH},
	{"its", "", BOTH},
	{"char", "", BOTH},
	{"char", "[3]", BOTH},
	{"char", "[2][3]", BOTH},
	{"short", " __attribute__((packed))", BOTH},
	{"_Alignas(8) char", "", BOTH},
	{"__attribute__((aligned(16))) short", "", BOTH},
	{"LIST(int, *)", "", BOTH},
	{"void (*", ")(int (*)[3], ...)", BOTH},
	{"int", "[1'000 / 500 + 0b1]", CLANG},
	{"int", "[sizeof(struct { char a; TWO(lo, ng) b; }) / __alignof__(double)]", BOTH},
	{"int", "[__builtin_offsetof(struct tight, i)]", BOTH},
};

static uint64_t state;
static const char *words[BATCH]; /* "struct" or "union" */

static unsigned below(unsigned n)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (unsigned)((z ^ z >> 31) % n);
}

static void put_struct(struct buf *out, unsigned number, bool is_gcc)
{
	unsigned n = 1 + below(8), other = is_gcc ? CLANG : GCC;
	unsigned pack = below(8) ? 0 : 1u << below(4);

	if (pack)
		buf_printf(out, "_Pragma(\"pack(push, %u)\")\n", pack);
	words[number] = below(4) ? "struct" : "union";
	buf_printf(out, "%s %sS%u {\n", words[number],
		   below(9) ? "" : "__attribute__((__packed__)) ", number);
	for (unsigned i = 0; i < n;) {
		unsigned pick = below(ARRAY_SIZE(members));

		if (members[pick].who == other)
			continue;
		buf_printf(out, "#undef NAME\n#define NAME TWO(S%u_, %u)\n\t%s f%u%s;\n", number, i,
			   members[pick].before, i, members[pick].behind);
		i++;
	}
	buf_printf(out, "}%s;\n%s", below(9) ? "" : " __attribute__((aligned(32)))",
		   pack ? "_Pragma(\"pack(pop)\")\n" : "");
}

/* gcc's _Alignof says 16 of a struct that is aligned to 32 for a vector in it; __alignof__ doesn't.
 */
static void put_asserts(struct buf *out, const struct type *root)
{
	for (size_t i = 0; i < root->n_members; i++) {
		const struct type *type = root->members[i].type;

		if (type_hides(root, i))
			continue;
		buf_printf(out,
			   "_Static_assert(sizeof(%s) == %lu && __alignof__(%s) == %u, \"%s\");\n",
			   type->name, (unsigned long)type->size, type->name, type->align,
			   type->name);
		for (size_t j = 0; j < type->n_members; j++)
			buf_printf(out,
				   "_Static_assert(offsetof(%s, f%zu) == %lu && "
				   "sizeof(((%s *)0)->f%zu) == %lu, \"%s.f%zu\");\n",
				   type->name, j, (unsigned long)type->members[j].offset,
				   type->name, j, (unsigned long)type->members[j].type->size,
				   type->name, j);
	}
}

static void try_batch(const char *compiler, bool is_gcc, uint64_t seed)
{
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	CLEANUP(buf_destroy) struct buf all = BUF_INIT;
	CLEANUP(buf_destroy) struct buf command = BUF_INIT;
	struct layout *layout = NULL;
	struct bound *bound = NULL;
	struct diag diag = {0};
	FILE *input;

	state = seed;
	buf_puts(&text, head);
	for (unsigned i = 0; i < BATCH; i++)
		put_struct(&text, i, is_gcc);
	buf_put(&all, text.data, text.len);
	for (unsigned i = 0; i < BATCH; i++)
		buf_printf(&all, "%s S%u v%u @ 0;\n", words[i], i, i);
	if (layout_parse(all.data, all.len, &layout, &diag) ||
	    layout_bind(layout, 1 << 20, &bound, &diag))
		fail_msg("PEEKFS_SEED=%lu: %u:%u: %s", (unsigned long)seed, diag.line, diag.column,
			 diag.message);
	put_asserts(&text, bound_root(bound).type);
	buf_printf(&command, "exec %s -std=gnu2x -w -fsyntax-only -x c -", compiler);
	input = popen(buf_cstr(&command), "w");
	assert_non_null(input);
	fwrite(text.data, 1, text.len, input);
	if (pclose(input))
		fail_msg("PEEKFS_SEED=%lu: %s differs", (unsigned long)seed, compiler);
	bound_unref(bound);
	layout_unref(layout);
}

static void agrees_with(const char *compiler, bool is_gcc)
{
	const char *seed = getenv("PEEKFS_SEED"), *wanted = getenv("PEEKFS_STRUCTS");
	uint64_t at = seed ? strtoull(seed, NULL, 0) : (uint64_t)time(NULL) * 1000;
	unsigned long n = wanted ? strtoul(wanted, NULL, 0) : BATCH;
	char command[64];

	snprintf(command, sizeof(command), "command -v %s >/dev/null", compiler);
	if (system(command)) {
		print_message("no %s here\n", compiler);
		skip();
	}
	for (unsigned long done = 0; done < n; done += BATCH)
		try_batch(compiler, is_gcc, at++);
}

static void uncommon_types_are_those_of_gcc(void **unused)
{
	(void)unused;
	agrees_with("gcc", true);
}

static void uncommon_types_are_those_of_clang(void **unused)
{
	(void)unused;
	agrees_with("clang", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uncommon_types_are_those_of_gcc),
		cmocka_unit_test(uncommon_types_are_those_of_clang),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
