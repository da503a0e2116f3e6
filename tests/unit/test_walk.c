/* SPDX-License-Identifier: MIT */
/* What live memory decides: where things stand, how many there are, what is there at all; over
 * memory that means well and over memory that doesn't. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "layout/walk.h"
#include "page.h"
#include "typed.h"

static bool remembers;
static struct walk walk;
static struct diag diag;

/* The trail to "a.b.0"; what names don't find, or where a place isn't sensible: an error. */
static int follow(const struct bound *bound, const char *path, struct trail *trail)
{
	char copy[256], *rest = copy, *name;
	int r = 0;

	snprintf(copy, sizeof(copy), "%s", path);
	diag = (struct diag){0};
	reads = 0;
	walk_begin(&walk, bound, read_memory, NULL, &diag);
	walk.remembers = remembers;
	trail_begin(&walk, trail);
	while (r == 0 && *path && (name = strsep(&rest, "."))) {
		uint64_t index = 0;

		r = walk_lookup(&walk, trail, name, NULL, &index);
		if (r == 0)
			r = walk_down(&walk, trail, index);
	}
	return r;
}

/* Offset and size of what is there, which its number finds as well; or the error. */
static void there(const struct bound *bound, const char *path, uint64_t offset, uint64_t size)
{
	struct trail trail, again;
	int r = follow(bound, path, &trail);

	if (r < 0)
		fail_msg("%s: %d, %s", path, r, diag.message);
	if (trail_end(&trail)->offset != offset || trail_end(&trail)->size != size)
		fail_msg("%s: at %lu, %lu bytes; not at %lu, %lu", path,
			 (unsigned long)trail_end(&trail)->offset,
			 (unsigned long)trail_end(&trail)->size, (unsigned long)offset,
			 (unsigned long)size);
	walk_begin(&walk, bound, read_memory, NULL, &diag);
	assert_int_equal(walk_find(&walk, trail_end(&trail)->ordinal, &again), 0);
	assert_int_equal(again.n, trail.n);
	assert_int_equal(trail_end(&again)->offset, offset);
	assert_ptr_equal(trail_end(&again)->type, trail_end(&trail)->type);
}

static void fails(const struct bound *bound, const char *path, int err, const char *why)
{
	struct trail trail;
	int r = follow(bound, path, &trail);

	if (r != err || !strstr(diag.message, why))
		fail_msg("%s: %d, '%s'; not %d, '%s'", path, r, diag.message, err, why);
}

/* How many children there are, by counting and by asking for each in turn. */
static void counts(const struct bound *bound, const char *path, uint64_t expected)
{
	struct trail trail;
	uint64_t n = 0, i = 0;

	assert_int_equal(follow(bound, path, &trail), 0);
	assert_int_equal(walk_count(&walk, &trail, &n), 0);
	if (n != expected)
		fail_msg("%s: %lu, not %lu", path, (unsigned long)n, (unsigned long)expected);
	assert_int_equal(follow(bound, path, &trail), 0);
	while (i <= expected && walk_has(&walk, &trail, i) == 0)
		i++;
	assert_int_equal(i, expected);
}

static void clear(void)
{
	memset(&memory, 0, sizeof(memory));
}

static void placed_by_expression(void **state)
{
	OWNED_BOUND bound = typed_bind(
		"struct header { uint32_t table_offset, count; [[be]] uint32_t other; };\n"
		"struct entry { uint64_t key; uint32_t value; };\n"
		"struct header hdr @ 0;\n"
		"struct entry table[hdr.count] @ hdr.table_offset;\n"
		"struct entry rest[] @ hdr.table_offset + 16;\n"
		"int last @ hdr.other;\n"
		"char text[] @ hdr.other;\n",
		SIZE);

	(void)state;
	clear();
	memory.words[0] = 64;
	memory.words[1] = 3;
	memory.bytes[11] = 200;
	there(bound, "table", 64, SIZE - 64);
	counts(bound, "table", 3);
	there(bound, "table.2.value", 64 + 2 * 16 + 8, 4);
	fails(bound, "table.3", -ENOENT, "");
	there(bound, "rest.1", 96, 16);
	counts(bound, "rest", (SIZE - 80) / 16);
	there(bound, "last", 200, 4);
	there(bound, "text", 200, SIZE - 200);

	memory.words[0] = SIZE - 40; /* room for two and a half */
	counts(bound, "table", 2);
	fails(bound, "table.2", -ENOENT, "");
	memory.words[0] = SIZE;
	counts(bound, "table", 0);
	fails(bound, "rest", -ERANGE, "outside the region");
	memory.words[0] = SIZE + 1;
	fails(bound, "table", -ERANGE, "'table' is placed 4097 bytes from the region's start");
	assert_int_equal(diag.line, 4);
	memory.words[0] = UINT32_MAX;
	fails(bound, "table.0.key", -ERANGE, "outside the region");
	memory.bytes[10] = SIZE / 256 - 1;
	memory.bytes[11] = 253;
	fails(bound, "last", -ERANGE, "has no room");
	memory.bytes[11] = 252;
	there(bound, "last", SIZE - 4, 4);
}

static void placed_by_a_pointer(void **state)
{
	OWNED_BOUND bound =
		typed_bind("struct { void *start, *data; char *name; } pool @ 0;\n"
			   "int here @ (uint64_t)pool.data - (unsigned long)pool.start;\n"
			   "struct { int *to; int v @ (uintptr_t)to & 0xfff; } s @ 32;",
			   SIZE);

	(void)state;
	clear();
	memory.words[0] = memory.words[2] = 0x7000;
	memory.words[1] = memory.words[3] = 0x7fff;
	memory.words[2] += 256;
	there(bound, "here", 256, 4);
	memory.words[3] += 1; /* all 64 bits count */
	fails(bound, "here", -ERANGE, "outside the region");
	memory.words[8] = 0x1040;
	there(bound, "s.v", 32 + 64, 4);
}

static void used_elements_of_a_struct(void **state)
{
	OWNED_BOUND bound = typed_bind(
		"struct s { [[count(n)]] uint16_t v[8]; int8_t n; char name[16] [[count(n)]];\n"
		"  struct { [[count(n - 1)]] int w[4]; } in; };\n"
		"struct s all[4] @ 0; [[count(all[1].n)]] int some[3] @ 512;",
		SIZE);

	(void)state;
	clear();
	memory.bytes[16] = 3;
	counts(bound, "all", 4);
	counts(bound, "all.0.v", 3);
	there(bound, "all.0.v.2", 4, 2);
	there(bound, "all.0.name", 17, 3);
	fails(bound, "all.0.v.3", -ENOENT, "");
	counts(bound, "all.0.in.w", 2);
	counts(bound, "all.1.v", 0);
	there(bound, "all.1.v", 52, 16);
	memory.bytes[16] = 100;
	counts(bound, "all.0.v", 8);
	there(bound, "all.0.name", 17, 16);
	memory.bytes[16] = 0x80;
	fails(bound, "all.0.v.0", -ERANGE, "the count is -128");
	memory.bytes[52 + 16] = 2;
	counts(bound, "some", 2);
}

static void members_by_condition(void **state)
{
	OWNED_BOUND bound = typed_bind(
		"enum kind { POINT = 1, LINE, TEXT = 9 };\n"
		"union shape { [[case(kind == POINT)]] struct { int x, y; } point;\n"
		"  [[case(kind == LINE)]] int line[4]; char text[16] [[case(kind == TEXT)]]; };\n"
		"struct rec { [[if(hdr.version >= 2)]] int extra; [[le]] uint16_t kind;\n"
		"  union shape shape;\n"
		"  union { [[case(kind == POINT)]] int a; [[case(kind == LINE)]] int b; };\n"
		"  [[if(extra > 0)]] struct { int c; [[if(extra > 1)]] int d; }; };\n"
		"struct { uint8_t version; } hdr @ 0;\n"
		"struct rec recs[4] @ 64; [[if(hdr.version == 7)]] int late @ 1000;",
		SIZE);

	(void)state;
	clear();
	fails(bound, "recs.0.extra", -ENOENT, "");
	fails(bound, "recs.0.shape.point", -ENOENT, "");
	fails(bound, "recs.0.a", -ENOENT, "");
	fails(bound, "late", -ENOENT, "");
	memory.bytes[0] = 2;
	there(bound, "recs.0.extra", 64, 4);
	memory.bytes[64 + 4] = 1;
	there(bound, "recs.0.shape.point.y", 64 + 12, 4);
	there(bound, "recs.0.a", 64 + 24, 4);
	fails(bound, "recs.0.b", -ENOENT, "");
	fails(bound, "recs.0.shape.line", -ENOENT, "");
	memory.bytes[64 + 4] = 2;
	there(bound, "recs.0.shape.line.3", 64 + 20, 4);
	there(bound, "recs.0.b", 64 + 24, 4);
	fails(bound, "recs.0.c", -ENOENT, "");
	memory.bytes[64] = 1;
	there(bound, "recs.0.c", 64 + 28, 4);
	fails(bound, "recs.0.d", -ENOENT, "");
	memory.bytes[64] = 2;
	there(bound, "recs.0.d", 64 + 32, 4);
	memory.bytes[0] = 7;
	there(bound, "late", 1000, 4);
}

static void members_by_offset(void **state)
{
	OWNED_BOUND bound = typed_bind(
		"struct rec { uint32_t name_offset; int32_t n; char name[] @ name_offset;\n"
		"  [[absolute]] char far[] @ name_offset + 8; int v[] @ 8 [[count(n)]];\n"
		"  struct { uint8_t x, y; } pair @ n; };\n"
		"struct rec recs[8] @ 64;",
		SIZE);

	(void)state;
	clear();
	assert_int_equal(typed_place(bound, "recs").type->element->size, 8);
	memory.words[18] = 100;
	memory.words[19] = 5;
	there(bound, "recs.1.name", 72 + 100, SIZE - 172);
	there(bound, "recs.1.far", 108, SIZE - 108);
	counts(bound, "recs.1.v", 5);
	there(bound, "recs.1.v.4", 72 + 8 + 16, 4);
	there(bound, "recs.1.pair.y", 72 + 5 + 1, 1);
	memory.words[18] = SIZE;
	fails(bound, "recs.1.name", -ERANGE, "'name' is placed 4096 bytes from its struct's start");
	memory.words[18] = UINT32_MAX;
	there(bound, "recs.1.far", 7, SIZE - 7); /* unsigned, as in C */
	memory.words[19] = (uint32_t)-72;
	there(bound, "recs.1.pair", 0, 2);
	memory.words[19] = (uint32_t)-73;
	fails(bound, "recs.1.pair", -ERANGE, "outside the region");
	memory.words[19] = SIZE - 72 - 1;
	fails(bound, "recs.1.pair.x", -ERANGE, "no room");
	memory.words[19] = UINT32_MAX;
	fails(bound, "recs.1.v.0", -ERANGE, "the count is -1");
	memory.words[19] = INT32_MAX;
	counts(bound, "recs.1.v", (SIZE - 80) / 4);
}

static void records_say_their_length(void **state)
{
	OWNED_BOUND bound =
		typed_bind("struct [[size(length)]] rec { [[be]] uint16_t length; uint8_t kind; "
			   "char data[]; };\n"
			   "struct { uint32_t start, n; } hdr @ 0;\n"
			   "struct rec recs[] @ hdr.start; struct rec two[2] @ 16;\n"
			   "[[count(hdr.n)]] struct rec some[] @ 16; struct rec one @ 16;",
			   SIZE);
	size_t at = 16;

	(void)state;
	clear();
	memory.words[0] = 16;
	memory.words[1] = 4;
	for (unsigned i = 0; i < 10; i++) {
		memory.bytes[at + 1] = (unsigned char)(4 + i);
		at += 4 + i;
	}
	counts(bound, "recs", 10);
	assert_true(walk.cut);
	assert_non_null(strstr(diag.message, "says that it has 0 bytes"));
	counts(bound, "two", 2);
	counts(bound, "some", 4);
	there(bound, "one", 16, 4);
	there(bound, "one.data", 19, 1);
	there(bound, "recs.3", 16 + 4 + 5 + 6, 7);
	there(bound, "recs.9.data", at - 13 + 3, 10);
	there(bound, "two.1.kind", 16 + 4 + 2, 1);
	fails(bound, "recs.10", -ENOENT, "");
	memory.bytes[17] = 5; /* moves all that follow */
	there(bound, "recs.1", 21, 5 << 8);
	memory.bytes[17] = 3; /* C pads the struct to 4 bytes, but nobody pads a record */
	counts(bound, "recs", 1);
	there(bound, "one", 16, 3);
	there(bound, "one.kind", 18, 1);
	there(bound, "one.data", 19, 0);
	memory.bytes[17] = 2; /* shorter than a record */
	counts(bound, "recs", 0);
	fails(bound, "one", -ERANGE, "not between 3 and");
	memory.bytes[16] = 0xff; /* longer than the region */
	counts(bound, "recs", 0);
	memory.words[0] = SIZE;
	counts(bound, "recs", 0);
}

/* As records of one length do, where no variable is placed. */
static void they_fill_the_region(void **state)
{
	OWNED_BOUND bound = typed_bind("struct [[size(n)]] r { uint8_t n; char text[]; };", SIZE);

	(void)state;
	clear();
	memory.bytes[0] = 3;
	memory.bytes[3] = 1;
	memory.bytes[4] = 2;
	counts(bound, "records", 3);
	there(bound, "records", 0, SIZE);
	there(bound, "records.0.text", 1, 2);
	there(bound, "records.2", 4, 2);
}

/* Lengths change behind the back of who remembers where elements were. */
static void marks_are_checked(void **state)
{
	OWNED_BOUND bound =
		typed_bind("struct [[size(n)]] r { uint8_t n; }; struct r r[] @ 0;", SIZE);
	struct trail trail;

	(void)state;
	memset(&memory, 1, SIZE);
	remembers = true;
	assert_int_equal(follow(bound, "r.3000", &trail), 0);
	assert_int_equal(reads, 3002);
	assert_int_equal(follow(bound, "r.3001", &trail), 0);
	assert_int_equal(trail_end(&trail)->offset, 3001);
	assert_true(reads < 2000);
	memory.bytes[1500] = 3;
	assert_int_equal(follow(bound, "r.3000", &trail), 0);
	assert_int_equal(trail_end(&trail)->offset, 3002);
	memory.bytes[1500] = 0;
	assert_int_equal(follow(bound, "r.3000", &trail), -ENOENT);
	counts(bound, "r", 1500);
	memory.bytes[1500] = 1;
	counts(bound, "r", SIZE);
	memory.bytes[SIZE - 900] = 0;
	counts(bound, "r", SIZE - 900);
	counts(bound, "r", SIZE - 900);
	remembers = false;
}

static unsigned char large[4 * SIZE];

static int read_large(void *context, uint64_t offset, void *to, size_t n)
{
	(void)context;
	assert_in_range(offset, 0, sizeof(large) - n);
	memcpy(to, large + offset, n);
	return 0;
}

/* The struct around an array gets shorter than where its elements were. */
static void marks_end_with_their_array(void **state)
{
	OWNED_BOUND bound = typed_bind("struct [[size(n)]] r { uint8_t n; };"
				       "struct [[size(n)]] box { uint32_t n; struct r r[]; };"
				       "struct box box @ 0;",
				       sizeof(large));
	static const uint32_t lengths[] = {12000, 2504};
	struct trail trail;

	(void)state;
	memset(large, 3, sizeof(large));
	remembers = true;
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		uint64_t n = 0;

		memcpy(large, &lengths[i], sizeof(lengths[i]));
		follow(bound, "", &trail);
		walk.read = read_large;
		assert_int_equal(walk_down(&walk, &trail, 0), 0);
		assert_int_equal(walk_down(&walk, &trail, 1), 0);
		assert_int_equal(walk_has(&walk, &trail, 2400), i ? -ENOENT : 0);
		assert_int_equal(walk_count(&walk, &trail, &n), 0);
		assert_int_equal(n, (lengths[i] - 4) / 3);
	}
	remembers = false;
}

static void arrays_end_at_a_sentinel(void **state)
{
	OWNED_BOUND bound = typed_bind(
		"struct e { uint16_t key, value; };\n"
		"struct l { [[until(self == end)]] int16_t list[6]; int16_t end; };\n"
		"struct l l @ 0; struct e table[] @ 64 [[until(key == 0 || (int16_t)self.value == "
		"l.end)]];\n"
		"[[until(self == 0)]] uint32_t words[] @ 2048; int eternal[] @ 0 [[until(self != "
		"self)]];\n"
		"struct f { uint32_t n; [[until(self == n)]] uint32_t v[]; } f @ 1024;\n",
		SIZE);

	(void)state;
	clear();
	counts(bound, "table", 0);
	counts(bound, "l.list", 0);
	counts(bound, "eternal", SIZE / 4);
	memory.words[3] = 0xffff; /* end: -1 */
	counts(bound, "l.list", 6);
	memory.words[1] = 0xffff;
	counts(bound, "l.list", 2);
	memset(memory.bytes + 64, 1, 40);
	counts(bound, "table", 10);
	there(bound, "table.9.value", 64 + 38, 2);
	memory.words[16 + 4] = 0xffff0001;
	counts(bound, "table", 4);
	memset(memory.bytes + 2048, 1, 2048);
	counts(bound, "words", 512);
	there(bound, "words.511", 4092, 4);
	counts(bound, "f.v", 0);
	memory.words[1024 / 4] = 9;
	memory.words[1024 / 4 + 6] = 9;
	counts(bound, "f.v", 5);
	there(bound, "f.v.4", 1024 + 5 * 4, 4);
}

/* Each asks for more than there is, or for itself. */
static void hostile(void **state)
{
	OWNED_BOUND bound = typed_bind(
		"struct r { uint64_t off, n; int b @ a; int a @ b; char t[] @ off;\n"
		"  [[count(n)]] int v[16]; int w[] [[count(n)]] @ off; int x @ n + off;\n"
		"  int c @ (d ? 1 : 0) + d + d; int d @ (e ? 1 : 0) + e; int e @ f + f;\n"
		"  int f @ g + g + g + g; int g @ n / off; };\n"
		"struct r r @ 0; struct r all[r.n] @ r.off;",
		SIZE);
	static const uint64_t odd[] = {0,	  1,	      15,	  SIZE - 1,
				       SIZE,	  SIZE + 1,   INT32_MAX,  UINT32_MAX,
				       INT64_MAX, 1ull << 63, UINT64_MAX, UINT64_MAX - 15};
	static const char *const paths[] = {"r.t", "r.v.3",   "r.w.0", "r.x",
					    "r.c", "all.0.t", "all.3"};

	(void)state;
	clear();
	fails(bound, "r.a", -ELOOP, "needs itself");
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(odd); k++) {
			memory.longs[0] = odd[i];
			memory.longs[1] = odd[k];
			for (size_t p = 0; p < ARRAY_SIZE(paths); p++) {
				struct trail trail;
				uint64_t n = 0;

				if (follow(bound, paths[p], &trail) < 0)
					continue;
				assert_true(trail_end(&trail)->offset <= SIZE);
				assert_true(trail_end(&trail)->size <=
					    SIZE - trail_end(&trail)->offset);
				walk_count(&walk, &trail, &n);
				assert_true(n <= SIZE);
			}
		}
	}
}

/* Memory that has any size and is empty. */
static int read_nothing(void *context, uint64_t offset, void *to, size_t n)
{
	(void)context, (void)offset;
	reads++;
	memset(to, 0, n);
	return 0;
}

/* One answer takes so many steps and no more, whatever they are spent on: of elements whose
 * conditions take `each` steps it looks at that many less. */
static void bounded(void **state)
{
	static const struct {
		const char *text;
		unsigned each;
	} cases[] = {
		{"int many[] @ 0 [[until(self == 1)]];", 2},
		{"int many[] @ 0 [[until(self+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1 == 1)]];",
		 22},
		{"struct { struct { struct { struct { struct { struct { int k; } f; } e; } d; } c; "
		 "} b; } "
		 "many[] @ 0 [[until(b.c.d.e.f.k)]];",
		 6},
		{"struct { struct { struct { struct { struct { int v[1 << 26] [[until(k)]]; } e; } "
		 "d; } "
		 "c; } many; int k; } all @ 0;",
		 5},
		{"struct [[size(16)]] { int k; } many[] @ 0;", 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		OWNED_BOUND bound = typed_bind(cases[i].text, 1ull << 36);
		struct trail trail;
		uint64_t n = 7;

		follow(bound, "", &trail);
		walk.read = read_nothing;
		while (trail_end(&trail)->type->kind != TYPE_ARRAY)
			assert_int_equal(walk_down(&walk, &trail, 0), 0);
		assert_int_equal(walk_count(&walk, &trail, &n), -E2BIG);
		assert_int_equal(n, 7);
		assert_non_null(strstr(diag.message, "more than the 1048576 steps"));
		assert_in_range(walk.last.index, WALK_STEPS_MAX / cases[i].each - 1,
				WALK_STEPS_MAX / cases[i].each + 1);
	}
}

static void refused(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"struct s { int n; [[if(m)]] int a; };", "is named 'm'"},
		{"int *p @ 0; int q @ p + 4;", "'p' is of type 'int *', where a whole number"},
		{"struct s { [[if()]] int a; };", "expected an expression before ')'"},
		{"struct {} [[count", "expected"},
		{"struct s { [[if(a b)]] int a; };", "expected the end of the expression"},
		{"struct s { [[if(a]] int a; };", "')' after the expression"},
		{"struct s { [[count(n)]] int a; int n; };", "'count' is for arrays"},
		{"struct s { [[until(1)]] char a[4]; };", "'until' is for arrays of values"},
		{"int a[] @ 0 [[until(0)]];", "the same for every element"},
		{"int a[] @ 0 [[until(sizeof(int) > 4 || 1 / 0)]];", "the same for every element"},
		{"struct s { [[offset_from(0)]] int a; };", "what does 'int' lead to?"},
		{"struct s { [[offset_from(0)]] float a; };", "for pointers and integers"},
		{"struct s { [[size(4)]] int a; };", "'size' belongs to a struct"},
		{"struct s { [[absolute]] int a; };", "that '@' places"},
		{"struct [[if(1)]] s { int a; };", "belongs to a field"},
		{"struct [[size(n)]] s { int n; }; struct t { struct s s[4]; };",
		 "place it with '@'"},
		{"struct s { int a[] @ 4; float f; int b @ f; };", "a whole number is needed"},
		{"typedef int t[4] [[count(1)]];", "for fields and placed variables"},
		{"int x @ 1 / 0;", "division by zero"},
		{"struct s { int n; int v[2]; [[if(v[2])]] int a; };", "outside of"},
		{"struct s { int a; int b; [[if(a.x)]] int c; };", "has no fields"},
		{"struct s { [[if(1), if(1), count(1), count(1)]] int a[3]; };",
		 "a 'count' already"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct layout *layout;
		struct diag why = {0};
		int r = layout_parse(cases[i].text, strlen(cases[i].text), &layout, &why);

		if (r != -EINVAL || !strstr(why.message, cases[i].why))
			fail_msg("%s\n%d, '%s'; not '%s'", cases[i].text, r, why.message,
				 cases[i].why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(placed_by_expression),
		cmocka_unit_test(placed_by_a_pointer),
		cmocka_unit_test(used_elements_of_a_struct),
		cmocka_unit_test(members_by_condition),
		cmocka_unit_test(members_by_offset),
		cmocka_unit_test(records_say_their_length),
		cmocka_unit_test(they_fill_the_region),
		cmocka_unit_test(marks_are_checked),
		cmocka_unit_test(marks_end_with_their_array),
		cmocka_unit_test(arrays_end_at_a_sentinel),
		cmocka_unit_test(hostile),
		cmocka_unit_test(bounded),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
