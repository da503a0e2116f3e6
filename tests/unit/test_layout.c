/* SPDX-License-Identifier: MIT */
/* C text to types and placed variables: what is accepted, and what a refusal says and where. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "layout/layout.h"
#include "typed.h"

static void unref_layout(struct layout **layout)
{
	layout_unref(*layout);
}

#define OWNED_LAYOUT CLEANUP(unref_layout) struct layout *

static int try_parse(const char *text, struct layout **out, struct diag *diag)
{
	return layout_parse(text, strlen(text), out, diag);
}

static struct layout *parse(const char *text)
{
	struct layout *layout = NULL;
	struct diag diag = {0};

	if (try_parse(text, &layout, &diag))
		fail_msg("%s\n%u:%u: %s", text, diag.line, diag.column, diag.message);
	return layout;
}

/* The place at a path of names, '/' between them. */
static struct place at(const struct bound *bound, const char *path)
{
	struct place place = bound_root(bound);
	char name[256];

	while (*path) {
		size_t n = strcspn(path, "/");

		snprintf(name, sizeof(name), "%.*s", (int)n, path);
		if (type_lookup(&place, name, &place, NULL))
			fail_msg("no '%s' in '%s'", name, place.type->name);
		path += n + (path[n] == '/');
	}
	return place;
}

static void check(const struct bound *bound, const char *path, const char *type, uint64_t offset,
		  uint64_t size)
{
	struct place place = at(bound, path);

	if (strcmp(place.type->name, type) != 0)
		fail_msg("%s is '%s', not '%s'", path, place.type->name, type);
	if (place.offset != offset || place.type->size != size)
		fail_msg("%s: at %lu, %lu bytes; not at %lu, %lu", path,
			 (unsigned long)place.offset, (unsigned long)place.type->size,
			 (unsigned long)offset, (unsigned long)size);
}

static const char *const students = "struct header { uint32_t magic; uint32_t count; };\n"
				    "struct STU { int id; char name[20]; char sex; };\n"
				    "\n"
				    "struct header hdr           @ 0;\n"
				    "struct STU    students[hdr.count] @ 64;\n";

static void variables_are_placed(void **state)
{
	OWNED_BOUND bound = typed_bind(students, 4096);

	(void)state;
	check(bound, "hdr", "struct header", 0, 8);
	check(bound, "hdr/count", "uint32_t", 4, 4);
	check(bound, "students", "struct STU[144]", 64, 4032);
	check(bound, "students/0/name", "char[20]", 68, 20);
	check(bound, "students/143/sex", "char", 64 + 143 * 28 + 24, 1);
	assert_int_equal(at(bound, "students/0/name").type->kind, TYPE_STRING);
	assert_int_equal(bound_size(bound), 4096);
	assert_string_equal(layout_text(bound_layout(bound), NULL), students);
}

static int read_bytes(void *context, uint64_t offset, void *to, size_t n)
{
	memcpy(to, (const char *)context + offset, n);
	return 0;
}

static int read_fails(void *context, uint64_t offset, void *to, size_t n)
{
	(void)context;
	(void)offset;
	(void)to;
	(void)n;
	return -EIO;
}

static void counts_come_from_memory(void **state)
{
	OWNED_BOUND bound = typed_bind(students, 4096);
	struct place place = at(bound, "students");
	uint32_t memory[1024] = {0, 7};
	struct diag diag;
	uint64_t count = 99;

	(void)state;
	assert_int_equal(bound_count(bound, &place, read_bytes, memory, &count, &diag), 0);
	assert_int_equal(count, 7);
	memory[1] = UINT32_MAX;
	assert_int_equal(bound_count(bound, &place, read_bytes, memory, &count, &diag), 0);
	assert_int_equal(count, 144);
	assert_int_equal(bound_count(bound, &place, read_fails, memory, &count, &diag), -EIO);
	assert_int_equal(count, 144);
	place = at(bound, "hdr");
	assert_int_equal(bound_count(bound, &place, read_fails, memory, &count, &diag), 0);
	assert_int_equal(count, 2);
}

static void the_last_struct_fills_the_region(void **state)
{
	OWNED_BOUND bound = typed_bind("struct A { int x; }; struct B { long y; char z; };", 100);
	OWNED_BOUND empty = typed_bind("union A { int x; };", 3);
	struct place place = at(empty, "records");

	(void)state;
	check(bound, "records", "struct B[6]", 0, 96);
	check(bound, "records/5/z", "char", 88, 1);
	assert_int_equal(type_children(place.type), 0);
}

/* Texts, a path in them, and what stands there. */
static const struct {
	const char *text, *path, *type;
	uint64_t offset, size;
	enum type_kind kind;
} accepted[] = {
	{"char x[4][20] @ 8;", "x", "char[4][20]", 8, 80, TYPE_ARRAY},
	{"char x[4][20] @ 8;", "x/3", "char[20]", 68, 20, TYPE_STRING},
	{"u_int8_t x[6] @ 1;", "x", "u_int8_t[6]", 1, 6, TYPE_BYTES},
	{"int8_t x[6] @ 1;", "x/5", "int8_t", 6, 1, TYPE_INTEGER},
	{"signed char x @ 0;", "x", "signed char", 0, 1, TYPE_INTEGER},
	{"[[string]] uint8_t x[6] @ 1;", "x", "uint8_t[6]", 1, 6, TYPE_STRING},
	{"char x[6] [[bytes]] @ 1;", "x", "char[6]", 1, 6, TYPE_BYTES},
	{"char text[] @ 4000;", "text", "char[]", 4000, 96, TYPE_STRING},
	{"int x[] @ 4001;", "x/22", "int", 4089, 4, TYPE_INTEGER},
	{"int long unsigned x @ 0, y @ 8;", "y", "unsigned long", 8, 8, TYPE_INTEGER},
	{"int *const (*x[2])[3] @ 0;", "x", "int *(*[2])[3]", 0, 16, TYPE_ARRAY},
	{"int *(**x)[3] @ 0;", "x", "int *(**)[3]", 0, 8, TYPE_POINTER},
	{"int (*(*x)(void))[3] @ 0;", "x", "int (*(*)())[3]", 0, 8, TYPE_POINTER},
	{"void (*x)(int, void (*)(char)) @ 0;", "x", "void (*)()", 0, 8, TYPE_POINTER},
	{"struct n { struct n *next; } x @ 0;", "x/next", "struct n *", 0, 8, TYPE_POINTER},
	{"typedef struct { int a; } t; t x @ 4;", "x", "t", 4, 4, TYPE_STRUCT},
	{"typedef int bool; bool x @ 4;", "x", "bool", 4, 4, TYPE_INTEGER},
	{"bool x @ 4;", "x", "bool", 4, 1, TYPE_BOOL},
	{"float x @ 4;", "x", "float", 4, 4, TYPE_FLOAT},
	{"long double x @ 16;", "x", "long double", 16, 16, TYPE_FLOAT},
	{"#define N 3 /* three */\n#define T \\\n uint16_t // two\nT x[N * 2] @ N;", "x",
	 "uint16_t[6]", 3, 12, TYPE_ARRAY},
	{"int x[sizeof(\"ab\\\nc\\\"\\\r\n\\\\\")] @ 0;", "x", "int[6]", 0, 24, TYPE_ARRAY},
	{"#define T \"\\\nint y @ 0; \\\n\"\nenum { N = sizeof(T) }; int x @ N;", "x", "int", 12, 4,
	 TYPE_INTEGER},
	{"#if 0\n\"\\\n#else\"\n@\n#else\nint x @ 0;\n#endif", "x", "int", 0, 4, TYPE_INTEGER},
	{"#define A B\n#define B A\nenum { A }; int x[2] @ 0;", "", "region", 0, 4096, TYPE_STRUCT},
	{"#if defined(N) || !(3 > 2)\n junk #else \" '\n#elif defined __PEEKFS__ && M == 0\n"
	 "int x @ 0;\n#else\nmore junk\n#endif\n",
	 "x", "int", 0, 4, TYPE_INTEGER},
	{"#ifndef H\n#define H\n#if 0\n#if 1\n#else\n#endif\n@\n#else\nint x @ 0;\n#endif\n#endif",
	 "x", "int", 0, 4, TYPE_INTEGER},
	{"#ifdef __BIG_ENDIAN\n@\n#endif\n#if __BYTE_ORDER == __BIG_ENDIAN || defined BIG_ENDIAN\n"
	 "@\n#elif defined(__LITTLE_ENDIAN_BITFIELD)\nint x @ 0;\n#endif",
	 "x", "int", 0, 4, TYPE_INTEGER},
	{"typedef unsigned t __attribute__((__mode__(__DI__))); t x @ 8;", "x", "t", 8, 8,
	 TYPE_INTEGER},
	{"#include <stdint.h>\n#pragma once\n# \n#line 3\nint x @ 0;", "x", "int", 0, 4,
	 TYPE_INTEGER},
	{"#pragma pack(push, 1)\nstruct s { char c; int i; } x @ 0;\n#pragma pack(pop)\n"
	 "struct t { char c; int i; } y @ 0;",
	 "x/i", "int", 1, 4, TYPE_INTEGER},
	{"struct s { char c; union { int a; struct { short lo, hi; }; }; } x @ 0;", "x/hi", "short",
	 6, 2, TYPE_INTEGER},
	{"struct s { int a; } x @ 8; int y @ sizeof(x) + sizeof x.a + offsetof(struct s, a);", "y",
	 "int", 8, 4, TYPE_INTEGER},
	{"struct s { char a[3]; int b[2]; }; int x @ (unsigned long)&((struct s *)0)->b[1];", "x",
	 "int", 8, 4, TYPE_INTEGER},
	{"int x[sizeof((char)1 + 1ul) == 8 ? 'B' - 'A' : -1] @ 1 ? 4 : 1 / 0;", "x", "int[1]", 4, 4,
	 TYPE_ARRAY},
	{"#define M \"PEEK\"\nchar x[sizeof(M) - 1] @ sizeof \"a\" \"\\0b\\x41\";", "x", "char[4]",
	 5, 4, TYPE_STRING},
	{"extern int f(struct q *); static inline int g(void) { return \"}\"[0]; }\nint x @ 0;",
	 "x", "int", 0, 4, TYPE_INTEGER},
	{"enum e : uint8_t { A = 255 } x @ 3;", "x", "enum e", 3, 1, TYPE_ENUM},
	{"struct s { [[gnu::packed]] int a; } x @ 3;", "x/a", "int", 3, 4, TYPE_INTEGER},
	{"__extension__ typedef volatile unsigned char const v; v x @ 3;", "x", "v", 3, 1,
	 TYPE_INTEGER},
	{"\xef\xbb\xbfint gr\xc3\xb6\xc3\x9f"
	 "e @ 0;",
	 "gr\xc3\xb6\xc3\x9f"
	 "e",
	 "int", 0, 4, TYPE_INTEGER},
	{"struct s { char a; unsigned v : 24; } __attribute__((packed)) x @ 0;", "x/v",
	 "unsigned int:24", 0, 4, TYPE_INTEGER},
	{"struct s { unsigned v : 24; } __attribute__((packed)) x @ 0;", "x/v", "unsigned int:24",
	 0, 3, TYPE_INTEGER},
	{"struct s { char a : 4; long v : 64; } __attribute__((packed)) x @ 0;", "x/v", "long:64",
	 0, 9, TYPE_INTEGER},
	{"struct s { char a; int b : 3, c : 20; } x @ 4;", "x/c", "int:20", 4, 4, TYPE_INTEGER},
	/* macros with arguments; the first ones are the standard's examples (6.10.5) */
	{"#define x 3\n#define f(a) f(x * (a))\n#undef x\n#define x 2\n#define g f\n"
	 "#define z z[0]\n#define h g(~\n#define m(a) a(w)\n#define w 0,1\n#define t(a) a\n"
	 "#define p() int\n#define q(x) x\n#define r(x,y) x ## y\n#define str(x) # x\n"
	 "static int a = f(y+1) + f(f(z)) % t(t(g)(0) + t)(1);\n"
	 "static int b = g(x+(3,4)-w) | h 5) & m\n(f)^m(m);\n"
	 "p() i[q()] = { q(1), r(2,3), r(4,), r(,5), r(,) };\n"
	 "char c[2][6] = { str(hello), str() };\nint v[r(1, 2)] @ 8;",
	 "v", "int[12]", 8, 48, TYPE_ARRAY},
	{"#define t(x,y,z) x ## y ## z\nint j[] = { t(1,2,3), t(,4,5), t(6,,7), t(8,9,), t(10,,),"
	 " t(,11,), t(,,12), t(,,) };\nint v[t(,1,0)] @ 0;",
	 "v", "int[10]", 0, 40, TYPE_ARRAY},
	{"#define F(a, ...) a __VA_OPT__(+ sizeof(char[__VA_ARGS__])) \n"
	 "char v[F(1) + F(2,)][F(1, 5)] @ 0;",
	 "v", "char[3][6]", 0, 18, TYPE_ARRAY},
	{"#define L(t, n...) t, ## n;\nint L(a @ 0, b @ 4) int L(c @ 8)", "c", "int", 8, 4,
	 TYPE_INTEGER},
	{"#define DECLARE(name, type) struct name { type first; type second; }\n"
	 "DECLARE(\n pair, /* of\nwhat */ struct { char x; char y; }\n);\nstruct pair p @ 2;",
	 "p/second/y", "char", 5, 1, TYPE_CHAR},
	{"#define A A + B\n#define B A\n#define V(x) x\nenum { B2 = 0 };\n"
	 "#define f(x) x f\n#define EMPTY\n#define DEFER(x) x EMPTY\n#define g() 7\n"
	 "int v[V(DEFER(g)())] @ 0;",
	 "v", "int[7]", 0, 28, TYPE_ARRAY},
	{"#define PACKED(x) _Pragma(\"pack(push, 1)\") x _Pragma(\"pack(pop)\")\n"
	 "PACKED(struct s { char a; int b; };) struct t { char a; int b; };\n"
	 "struct { struct s s; struct t t; } x @ 0;",
	 "x/t/b", "int", 12, 4, TYPE_INTEGER},
	{"#if __has_include(<stdint.h>) && !__has_include(\"own.h\") && defined(__has_builtin)\n"
	 "#if 0xffffffff + 1 == 1 << 32 && INT64_C(1) << 40 && __SIZEOF_POINTER__ == 8\n"
	 "#if !defined __cplusplus && __STDC_VERSION__ >= 201112L && __GNUC_PREREQ(4, 1)\n"
	 "int x @ 0;\n#endif\n#endif\n#endif",
	 "x", "int", 0, 4, TYPE_INTEGER},
	{"#if 0\n#error don't\n#warning \"\n#include \"x\"\n#endif\n"
	 "#ifdef X\n#elifdef __linux__\nint x @ 0;\n#endif",
	 "x", "int", 0, 4, TYPE_INTEGER},
	/* what programs' headers hold besides */
	{"#include <pthread.h>\n#include <time.h>\nstruct s { pthread_mutex_t lock;"
	 " struct timespec when; };\nstruct s x @ 0;",
	 "x/lock/__data/__owner", "int", 8, 4, TYPE_INTEGER},
	{"struct timespec { int a; }; struct timespec x @ 0;", "x", "struct timespec", 0, 4,
	 TYPE_STRUCT},
	{"struct timespec *p @ 0; struct timespec { int a; }; struct timespec x @ 8;", "x",
	 "struct timespec", 8, 4, TYPE_STRUCT},
	{"#define tv_sec boo\n#pragma pack(1)\nstruct s { char c; struct timeval v; } x @ 0;",
	 "x/v/tv_usec", "suseconds_t", 9, 8, TYPE_INTEGER},
	{"static const char *const names[] = { \"a\", [3] = \"b,\" }, c = ',';\nint n = 3;\n"
	 "constexpr unsigned N = 2 + 1;\nextern int v[];\nint x[N] @ 0;",
	 "x", "int[3]", 0, 12, TYPE_ARRAY},
	{"static inline double f(double x) { char c = L'x'; return x * 1.5e+3f - .5 + 'abcde'; }\n"
	 "int x @ 0;",
	 "x", "int", 0, 4, TYPE_INTEGER},
	{"int f(void) __attribute__((some_future_thing(3))); int x @ 0;", "x", "int", 0, 4,
	 TYPE_INTEGER},
	{"enum e : unsigned char; enum e x @ 0; enum e : unsigned char { A };", "x", "enum e", 0, 1,
	 TYPE_ENUM},
	{"typedef float v4 __attribute__((vector_size(16))); struct s { char c; v4 v; } x @ 0;",
	 "x/v", "float[4]", 16, 16, TYPE_ARRAY},
	{"double _Complex x @ 8;", "x/imag", "double", 16, 8, TYPE_FLOAT},
	{"struct s { char c; unsigned _BitInt(20) b; _BitInt(3) d; } x @ 0;", "x/b",
	 "unsigned _BitInt(20)", 4, 4, TYPE_INTEGER},
	{"struct s { char c[(unsigned _BitInt(4))20]; char d[(_BitInt(4))13 + 4]; } x @ 0;", "x/d",
	 "char[1]", 4, 1, TYPE_STRING},
	{"int x[0b1'01 + 1'0] @ 0;", "x", "int[15]", 0, 60, TYPE_ARRAY},
	{"typeof(sizeof(int)) x @ 0; __typeof__(x) y @ 8;", "y", "unsigned long", 8, 8,
	 TYPE_INTEGER},
	{"struct s { __be32 x; __le64 y; } __attribute__((packed)) x @ 0;", "x/y", "__le64", 4, 8,
	 TYPE_INTEGER},
};

static void c_is_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(accepted); i++) {
		OWNED_BOUND bound = typed_bind(accepted[i].text, 4096);

		check(bound, accepted[i].path, accepted[i].type, accepted[i].offset,
		      accepted[i].size);
		if (at(bound, accepted[i].path).type->kind != accepted[i].kind)
			fail_msg("%s: another kind", accepted[i].text);
	}
}

static void hints_are_of_the_values(void **state)
{
	OWNED_BOUND bound =
		typed_bind("struct s { [[hex]] uint32_t a, b[2] [[be]]; [[time]] long t;\n"
			   "__be16 port; [[le]] __be16 no; double d [[be]]; } x @ 0;",
			   4096);

	(void)state;
	assert_int_equal(type_form(at(bound, "x/a").type), FORM_HEX);
	assert_false(at(bound, "x/a").type->big_endian);
	assert_int_equal(type_form(at(bound, "x/b/1").type), FORM_HEX);
	assert_true(at(bound, "x/b/1").type->big_endian);
	assert_int_equal(type_form(at(bound, "x/t").type), FORM_TIME);
	assert_true(at(bound, "x/port").type->big_endian);
	assert_false(at(bound, "x/no").type->big_endian);
	assert_true(at(bound, "x/d").type->big_endian);
}

static void pointers_know_their_target(void **state)
{
	OWNED_BOUND bound =
		typed_bind("struct n; struct u; typedef struct u u_t;\n"
			   "struct s { struct n *n; u_t *u; void *v; u_t **w; } x @ 0;\n"
			   "struct n { int deep; };",
			   4096);

	(void)state;
	assert_string_equal(at(bound, "x/n").type->target->name, "struct n");
	assert_int_equal(at(bound, "x/n").type->target->n_members, 1);
	assert_null(at(bound, "x/u").type->target);
	assert_null(at(bound, "x/v").type->target);
	assert_null(at(bound, "x/w").type->target->target);
}

/* Expressions that memory decides: the bytes at the region's start, and the count they give. */
static void counts_are_expressions(void **state)
{
	static const struct {
		const char *count;
		int err;
		uint64_t value;
		const char *message;
	} cases[] = {
		{"v.u", 0, 10, ""},
		{"v.s", -ERANGE, 0, "the count is -3"},
		{"v.u + v.s", 0, 7, ""},
		{"(v.u + 3) / 4 * 2", 0, 6, ""},
		{"v.low + v.high", 0, 2 + 5, ""},
		{"v.big", 0, 0x0102, ""},
		{"v.zero ? 1 : v.u", 0, 10, ""},
		{"v.zero && 1 / v.zero ? 9 : 4", 0, 4, ""},
		{"v.u / v.zero", -ERANGE, 0, "division by zero"},
		{"v.u % v.zero", -ERANGE, 0, "division by zero"},
		{"1 << v.s", -ERANGE, 0, "the shift"},
		{"v.most * v.most", -ERANGE, 0, "too large"},
		{"-v.least", -ERANGE, 0, "too large"},
		{"(uint8_t)v.s", 0, 253, ""},
		{"v.s < v.u", 0, 0, ""}, /* compared as unsigned */
		{"!v.zero + !!v.u + (v.u != 10)", 0, 2, ""},
		{"more[1022]", -ERANGE, 0, "isn't there"},
		{"more[0]", 0, 77, ""},
	};
	static const struct {
		unsigned u;
		int s;
		unsigned char low : 4, high : 4, zero;
		unsigned char big[2];
		long most, least;
		int more[1000];
	} memory = {10, -3, 2, 5, 0, {1, 2}, INT64_MAX, INT64_MIN, {77}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(buf_destroy) struct buf text = BUF_INIT;
		OWNED_BOUND bound = NULL;
		struct diag diag = {0};
		struct place place;
		uint64_t count = 0;
		int err;

		buf_printf(&text,
			   "struct { unsigned u; int s; unsigned char low : 4, high : 4, zero;\n"
			   "[[be]] uint16_t big; long most, least; } v @ 0;\n"
			   "int more[] @ 32; char x[][1] @ 0; int y[%s] @ 0;",
			   cases[i].count);
		bound = typed_bind(buf_cstr(&text), 4096);
		place = at(bound, "y");
		err = bound_count(bound, &place, read_bytes, (void *)&memory, &count, &diag);
		if (err != cases[i].err || count != cases[i].value ||
		    !strstr(diag.message, cases[i].message))
			fail_msg("%s: %d, %lu, %s", cases[i].count, err, (unsigned long)count,
				 diag.message);
	}
}

/* Text that asks for too much is told so, at once. Each is a head, a unit repeated, a tail. */
static void limits_are_told(void **state)
{
	static const struct {
		const char *head, *unit, *tail;
		size_t n;
		int err;
		const char *message;
	} cases[] = {
		{"int a[", "(", "", 1 << 20, -E2BIG, "more than 1 MiB"},
		{"int a[", "(", "", 1000000, -E2BIG, "64 levels"},
		{"int a[", "-", "", 1000000, -E2BIG, "64 levels"},
		{"int a[", "sizeof(int[", "", 90000, -E2BIG, "64 levels"},
		{"int a[", "1?", "", 500000, -E2BIG, "64 levels"},
		{"int n @ 0; int a[n", "+n", "] @ 0;", 500000, -E2BIG, "64 levels"},
		{"int ", "*", "x;", 1000000, -E2BIG, "64 levels"},
		{"int a", "[1]", ";", 300000, -E2BIG, "64 levels"},
		{"", "enum:", "", 200000, -E2BIG, "64 levels"},
		{"", "_Atomic(", "", 130000, -E2BIG, "64 levels"},
		{"", "typeof(", "", 140000, -E2BIG, "64 levels"},
		{"", "struct{int a __attribute__((aligned(sizeof(", "", 20000, -E2BIG, "64 levels"},
		{"int v[9] @ 0; int a[", "v[", "", 500000, -E2BIG, "64 levels"},
		{"", "struct{", "", 140000, -E2BIG, "64 levels"},
		{"", "{", "", 1000000, -EINVAL, "expected a declaration"},
		{"struct ", "a", "{int a;};", 1000, -EINVAL, "no file name has more"},
		{"struct s{", "int*a;", "};", 170000, -E2BIG, "65536 types"},
		{"struct s { int a; int b ", "[[if(a)]]", "; };", 100000, -E2BIG, "64 conditions"},
		{"#define A ", "1 ", "\n#define B A A A A A A A A\nB B B B B B B", 100000, -EINVAL,
		 "expected a declaration"},
		{"#define A ", "1+", "1\nint x[A+A+A+A+A+A+A+A] @ 0;", 100000, -E2BIG,
		 "250000 words"},
		{"#define A ;", " ",
		 ";\nA A A A A A A A A A A A A A A A A A A A A A A A A A A A A A A A A A A A A A A "
		 "A",
		 500000, -E2BIG, "16 MiB"},
		{"#define A(a", ",a", ") 1\n", 256, -E2BIG, "256 parameters"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CLEANUP(buf_destroy) struct buf text = BUF_INIT;
		OWNED_LAYOUT layout = NULL;
		struct diag diag = {0};
		int err;

		buf_puts(&text, cases[i].head);
		for (size_t j = 0; j < cases[i].n; j++)
			buf_puts(&text, cases[i].unit);
		buf_puts(&text, cases[i].tail);
		err = layout_parse(text.data, text.len, &layout, &diag);
		if (err != cases[i].err || !strstr(diag.message, cases[i].message))
			fail_msg("%s%s: %d, %s", cases[i].head, cases[i].unit, err, diag.message);
	}
}

/* The text, the place of the error, and words that its message must have. */
static const struct {
	const char *text;
	unsigned line, column;
	const char *message;
} refused[] = {
	{"", 1, 1, "nothing says"},
	{"struct X { foo a; };", 1, 12, "no type is named 'foo'"},
	{"namespace a { struct X { int a; }; }", 1, 1, "'namespace' is C++, and a layout is C"},
	{"struct X {\n\tuint33_t a; };", 2, 2, "did you mean 'uint32_t'"},
	{"struct X { int a; };\nX x @ 0;", 2, 1, "did you mean 'struct X'"},
	{"struct X { int a }", 1, 18, "expected ';' before '}'"},
	{"struct X { int a; ", 1, 19, "the text ends here"},
	{"struct X { int a; }", 1, 20, "expected ';'"},
	{"struct X { int a; }\nstruct Y { int a; };", 2, 1, "expected ';'"},
	{"struct X { intt a; };", 1, 12, "did you mean 'int'?"},
	{"#include <unheard/of.h>\nstruct X { foo_t a; };", 2, 12,
	 "what <unheard/of.h> declares isn't known here: put the declaration before this, unless "
	 "you mean 'float'"},
	{"struct LOUD X { int a; };", 1, 13, "is the word before it a macro"},
	{"struct X { struct X a; };", 1, 21, "only a pointer"},
	{"struct X { int a[1/0]; };", 1, 18, "division by zero"},
	{"struct X { int a; int b, a; };", 1, 26, "already a field"},
	{"int x;", 1, 5, "'x @ OFFSET'"},
	{"int x @ 0; int x @ 4;", 1, 16, "already the name"},
	{"int x @ -4;", 1, 5, "before the region's start"},
	{"int n @ 0; struct X { int a[n]; };", 1, 27, "must be constant"},
	{"/* no end", 1, 1, "'*/'"},
	{"struct X { unsigned a:33; };", 1, 21, "'unsigned int' has 32"},
	{"struct X { float a:3; };", 1, 18, "only whole numbers"},
	{"struct X { [[hx]] int a; };", 1, 14, "there are: hex oct dec char"},
	{"struct X { [[string]] int a; };", 1, 14, "'int' is none"},
	{"struct h { int count; } v @ 0;\nint x[v.cuont] @ 4;", 2, 9, "did you mean 'count'"},
	{"struct X { int n; int a[n]; };", 1, 25, "a bound is constant"},
	{"struct X { long long long a; };", 1, 12, "don't make a type"},
	{"struct X { int a[]; int b; };", 1, 16, "only the last"},
	{"struct X { int a; };\nstruct X { int b; };", 2, 8, "defined twice"},
	{"#define F(x) x\nint a[F(3, 4)] @ 0;", 2, 7, "takes 1 argument, here are more"},
	{"#define F(x, y) x\nint a[F(3)] @ 0;", 2, 7, "takes 2 arguments, not 1"},
	{"#define F(x) x\nint a[F((3)] @ 0;", 2, 7, "have no ')'"},
	{"#define F(x) x\nint a[F(\n#if 1\n3)\n#endif\n] @ 0;", 2, 7, "a line with '#'"},
	{"#define F(x,) x\n", 1, 13, "parameter is missing"},
	{"#define F(x y\n", 1, 13, "expected ',' or ')'"},
	{"#define F(x) #y\nint a[F(3)];", 2, 7, "stands before a parameter"},
	{"struct s { int n, v[4]; };\n[[hex, count(2)]] s.v;", 2, 8, "'count' is for declarations"},
	{"struct s { int n, v[4]; };\n[[if(n)]] s.v;", 2, 3, "'if' is for declarations"},
	{"#include <stdio.h>\n#include \"own.h\"\nint x @ 0;", 2, 2, "put its text in place"},
	{"#include <own.h>\nstruct X {\n\town_thing a;\n};", 3, 2, "what <own.h> declares"},
	{"_Static_assert(sizeof(int) == 8, \"int is \" \"wide\");", 1, 1, ": \"int is \""},
	{"#pragma scalar_storage_order big-endian\n", 1, 9, "isn't supported"},
	{"struct __attribute__((randomize_layout)) X { int a; };", 1, 23, "might change"},
	{"struct X { int a __attribute__((ms_struct)); };", 1, 33, "might change"},
	{"int a[1.5] @ 0;", 1, 7, "isn't a whole number"},
	{"int a[99999999999999999999] @ 0;", 1, 7, "doesn't fit in 64 bits"},
	{"_BitInt(1) x @ 0;", 1, 1, "2 to 65536"},
	{"#if defined(\n", 1, 13, "expected a macro's name"},
	{"#if __has_include(<x.h>\n#endif", 1, 5, "has no ')'"},
	{"#if 1\nint a @ 0;", 1, 2, "no #endif"},
	{"#error \"too old\"\n", 1, 2, "too old"},
	{"enum { N = sizeof(\"a\\\nb\") };\nnope x @ 0;", 3, 1, "nope"},
	{"enum { N = sizeof(\"a\\\nb) };\n", 1, 19, "partner"},
	{"struct X { int a[-1]; };", 1, 18, "-1"},
	{"struct X { char a[0x7fffffffffffffff][16]; };", 1, 19, "larger than any memory"},
};

static void refusals_say_why_and_where(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		OWNED_LAYOUT layout = NULL;
		struct diag diag = {0};

		assert_int_equal(try_parse(refused[i].text, &layout, &diag), -EINVAL);
		if (diag.line != refused[i].line || diag.column != refused[i].column ||
		    !strstr(diag.message, refused[i].message))
			fail_msg("%s\n%u:%u: %s\nexpected %u:%u: %s", refused[i].text, diag.line,
				 diag.column, diag.message, refused[i].line, refused[i].column,
				 refused[i].message);
	}
}

static void what_does_not_fit_is_refused(void **state)
{
	OWNED_LAYOUT layout = parse("\nlong x @ 4090;");
	OWNED_LAYOUT many = parse("struct s { int a; };");
	OWNED_LAYOUT empty = parse("struct e {}; struct e x[] @ 8;");
	struct bound *bound = NULL;
	struct diag diag = {0};

	(void)state;
	assert_int_equal(layout_bind(many, 1ull << 50, &bound, &diag), -E2BIG);
	assert_int_equal(diag.line, 0);
	assert_int_equal(layout_bind(empty, 4096, &bound, &diag), -EINVAL);
	assert_non_null(strstr(diag.message, "'struct e' has no bytes"));
	assert_int_equal(layout_bind(layout, 4096, &bound, &diag), -EINVAL);
	assert_int_equal(diag.line, 2);
	assert_string_equal(diag.message,
			    "'x' needs 8 bytes at 4090, but the region has only 4096");
	assert_int_equal(layout_bind(layout, 4000, &bound, &diag), -EINVAL);
	assert_null(bound);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variables_are_placed),
		cmocka_unit_test(counts_come_from_memory),
		cmocka_unit_test(the_last_struct_fills_the_region),
		cmocka_unit_test(c_is_understood),
		cmocka_unit_test(hints_are_of_the_values),
		cmocka_unit_test(pointers_know_their_target),
		cmocka_unit_test(counts_are_expressions),
		cmocka_unit_test(limits_are_told),
		cmocka_unit_test(refusals_say_why_and_where),
		cmocka_unit_test(what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
