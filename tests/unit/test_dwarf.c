/* SPDX-License-Identifier: MIT */
/* Debug information as compilers, objcopy and dwz leave it: found, walked; broken: refused. */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compiled.h"

static const char source[] = "struct STU { int id; char name[20]; char sex; };\n"
			     "struct STU first = {1, \"a\", 'm'};\n"
			     "static struct STU *where = &first;\n"
			     "int main(void) { return where->id - 1; }\n";

static const char *const compilers[] = {"gcc", "clang"};

/* The top-level entry of that tag and name. */
static bool find(struct dwarf *dwarf, unsigned tag, const char *name, struct dwarf_entry *out)
{
	struct dwarf_unit unit = {0};

	while (dwarf_unit_next(dwarf, &unit) == 1) {
		int r = dwarf_entry_child(&unit.root, out);

		for (; r == 1; r = dwarf_entry_sibling(out, out)) {
			const char *is = dwarf_entry_name(out);

			if (is && dwarf_entry_tag(out) == tag && !strcmp(is, name))
				return true;
		}
	}
	return false;
}

/* A member's: DWARF 2 has an expression for it, DW_OP_plus_uconst. */
static uint64_t offset_of(const struct dwarf_entry *member)
{
	const struct dwarf_operation *operations;
	uint64_t number;
	size_t n;

	if (dwarf_entry_number(member, DWARF_AT_DATA_MEMBER_LOCATION, &number) == 0)
		return number;
	assert_int_equal(
		dwarf_entry_location(member, DWARF_AT_DATA_MEMBER_LOCATION, 0, &operations, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(operations[0].code, 0x23);
	return operations[0].a;
}

/* Reads all that the source declares. */
static void check(const char *program, const char *found_at)
{
	struct dwarf *dwarf = NULL;
	struct dwarf_entry type, member, variable;
	const struct dwarf_operation *operations;
	static const struct {
		const char *name;
		uint64_t offset;
	} members[] = {{"id", 0}, {"name", 4}, {"sex", 24}};
	struct diag diag = {0};
	uint64_t number;
	size_t n;

	if (compiled_dwarf(program, &dwarf, &diag) < 0)
		fail_msg("%s: %s", program, diag.message);
	assert_string_equal(dwarf_found_at(dwarf), found_at);
	assert_true(find(dwarf, DWARF_STRUCTURE_TYPE, "STU", &type));
	assert_int_equal(dwarf_entry_number(&type, DWARF_AT_BYTE_SIZE, &number), 0);
	assert_int_equal(number, 28);
	assert_int_equal(dwarf_entry_child(&type, &member), 1);
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		assert_int_equal(dwarf_entry_tag(&member), DWARF_MEMBER);
		assert_string_equal(dwarf_entry_name(&member), members[i].name);
		assert_int_equal(offset_of(&member), members[i].offset);
		assert_int_equal(dwarf_entry_sibling(&member, &member), i < 2);
	}
	assert_true(find(dwarf, DWARF_VARIABLE, "first", &variable));
	assert_int_equal(dwarf_entry_reference(&variable, DWARF_AT_TYPE, &member), 0);
	assert_ptr_equal(dwarf_entry_key(&member), dwarf_entry_key(&type));
	assert_int_equal(dwarf_entry_location(&variable, DWARF_AT_LOCATION, 0, &operations, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(operations[0].code, 0x03);
	assert_true(operations[0].a > 0);
	assert_int_equal(dwarf_entry_number(&variable, DWARF_AT_COUNT, &number), -ENOENT);
	dwarf_close(dwarf);
}

static void in_the_program(void **state)
{
	static const char *const flags[] = {
		"-g",
		"-gdwarf-4",
		"-gdwarf-5",
		"-g -gz",
		"-O2 -g -no-pie",
		"-gdwarf-4 -fdebug-types-section",
		"-gdwarf-5 -fdebug-types-section",
		"-gdwarf-3",
		"-gz -g3",
		"-gdwarf-2",
	};

	(void)state;
	compiled_write("a.c", source);
	for (size_t i = 0; i < ARRAY_SIZE(compilers); i++) {
		for (size_t j = 0; compiled_has(compilers[i]) && j < ARRAY_SIZE(flags); j++) {
			assert_true(compiled_run("%s %s -o a a.c", compilers[i], flags[j]));
			if (strstr(flags[j], "types-section"))
				continue; /* the type stands in a unit of its own */
			check("a", "");
		}
	}
}

static void apart_by_build_id(void **state)
{
	(void)state;
	compiled_write("a.c", source);
	assert_true(
		compiled_run("gcc -g -gz -Wl,--build-id=0x12345678 -o a a.c && "
			     "mkdir -p usr/lib/debug/.build-id/12 && objcopy --only-keep-debug a "
			     "usr/lib/debug/.build-id/12/345678.debug && strip a"));
	check("a", "/usr/lib/debug/.build-id/12/345678.debug");
}

static void apart_by_link(void **state)
{
	static const char *const places[] = {"", ".debug/", "usr/lib/debug/"};
	struct dwarf *dwarf = NULL;
	struct diag diag;

	(void)state;
	compiled_write("a.c", source);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		char where[64];

		assert_true(compiled_run("gcc -g -Wl,--build-id=none -o b a.c && mkdir -p ./%s && "
					 "objcopy --only-keep-debug b b.dbg && "
					 "objcopy --strip-all --add-gnu-debuglink=b.dbg b && "
					 "{ [ -z '%s' ] || mv b.dbg ./%s; }",
					 places[i], places[i], places[i]));
		snprintf(where, sizeof(where), "/%sb.dbg", places[i]);
		check("b", where);
		/* another file of that name isn't it */
		assert_true(compiled_run("printf x >>.%s", where));
		assert_int_equal(compiled_dwarf("b", &dwarf, &diag), -ENODATA);
		assert_true(compiled_run("rm .%s", where));
	}
	assert_int_equal(compiled_dwarf("b", &dwarf, &diag), -ENODATA);
}

static void shared_by_dwz(void **state)
{
	struct dwarf *dwarf = NULL;
	struct diag diag;

	(void)state;
	if (!compiled_has("dwz")) {
		print_message("# no dwz here\n");
		skip();
	}
	compiled_write("a.c", source);
	assert_true(compiled_run("gcc -gdwarf-4 -o a a.c && gcc -gdwarf-4 -O1 -o b a.c && "
				 "dwz -m shared.dwz -M shared.dwz a b"));
	check("a", "");
	check("b", "");
	assert_true(compiled_run("mkdir -p usr/lib/debug/.build-id && rm shared.dwz"));
	assert_int_equal(compiled_dwarf("a", &dwarf, &diag), -ENODATA);
	assert_non_null(strstr(diag.message, "shared.dwz"));
}

static void no_program(void **state)
{
	struct dwarf *dwarf = NULL;
	unsigned char id[DWARF_BUILD_ID_MAX];
	struct diag diag;
	int fd;

	(void)state;
	compiled_write("text", "#!/bin/sh\n");
	compiled_write("empty", "");
	assert_int_equal(compiled_dwarf("text", &dwarf, &diag), -EINVAL);
	assert_int_equal(compiled_dwarf("empty", &dwarf, &diag), -EINVAL);
	compiled_write("a.c", source);
	assert_true(compiled_run("gcc -Wl,--build-id=0x01020304 -o a a.c && strip a"));
	assert_int_equal(compiled_dwarf("a", &dwarf, &diag), -ENODATA);
	fd = compiled_open("a");
	assert_int_equal(dwarf_build_id(fd, id), 4);
	assert_int_equal(id[3], 4);
	close(fd);
}

/* Reads whatever can be read of it. */
static size_t walk(const struct dwarf_entry *parent, unsigned depth, size_t left)
{
	struct dwarf_entry entry, other;
	int r = dwarf_entry_child(parent, &entry);

	for (; r == 1 && left; r = dwarf_entry_sibling(&entry, &entry)) {
		const struct dwarf_operation *operations;
		uint64_t number;
		size_t n;

		left--;
		(void)dwarf_entry_name(&entry);
		(void)dwarf_entry_reference(&entry, DWARF_AT_TYPE, &other);
		(void)dwarf_entry_number(&entry, DWARF_AT_BYTE_SIZE, &number);
		(void)dwarf_entry_location(&entry, DWARF_AT_LOCATION, 0x1150, &operations, &n);
		(void)dwarf_entry_covers(&entry, 0x1150);
		if (depth < 20)
			left = walk(&entry, depth + 1, left);
	}
	return left;
}

/* Breaks one file of the program `a` in many ways. */
static void break_file(const char *name)
{
	CLEANUP(free_ptr) char *bytes = NULL;
	uint64_t random = 88172645463325252u;
	char path[400];
	long size;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "r");
	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	bytes = malloc((size_t)size);
	assert_int_equal(fread(bytes, 1, (size_t)size, file), size);
	fclose(file);
	for (int round = 0; round < 600; round++) {
		CLEANUP(free_ptr) char *copy = malloc((size_t)size);
		struct dwarf_unit unit = {0};
		struct dwarf *dwarf = NULL;
		struct diag diag;
		size_t left = 5000;
		long n = size;

		memcpy(copy, bytes, (size_t)size);
		for (int i = 0; i < 1 + round % 16; i++) {
			random ^= random << 13, random ^= random >> 7, random ^= random << 17;
			/* most of what matters stands in the last part */
			copy[(size_t)size - 1 - random % ((size_t)size / 3)] ^=
				(char)(random >> 40);
		}
		if (round % 10 == 9)
			n = (long)(random % (uint64_t)size);
		file = fopen(path, "w");
		assert_int_equal(fwrite(copy, 1, (size_t)n, file), n);
		fclose(file);
		if (compiled_dwarf("a", &dwarf, &diag) < 0)
			continue;
		for (int i = 0; i < 100 && dwarf_unit_next(dwarf, &unit) == 1; i++)
			left = walk(&unit.root, 0, left);
		dwarf_close(dwarf);
	}
	file = fopen(path, "w");
	assert_int_equal(fwrite(bytes, 1, (size_t)size, file), size);
	fclose(file);
}

/* A file with some bytes changed, or with its end missing, is read or refused, no more. */
static void broken(void **state)
{
	(void)state;
	compiled_write("a.c", source);
	assert_true(compiled_run("gcc -g -O2 -o a a.c"));
	break_file("a");
}

static void broken_split(void **state)
{
	static const char *const flags[] = {"gcc -gdwarf-5", "gcc -gdwarf-4", "clang -gdwarf-5"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		compiled_write("a.c", source);
		if (!compiled_run("%s -gsplit-dwarf -O2 -c a.c && gcc -o a a.o", flags[i]))
			continue;
		break_file("a.dwo");
		break_file("a");
	}
}

static int descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* Units in .dwo files: read beside the program, where they were compiled, in either version. */
static void split(void **state)
{
	(void)state;
	compiled_write("a.c", source);
	compiled_write("b.c",
		       "extern int main(void); struct other { long l; } other; void *b(void) {\n"
		       " return other.l ? (void *)main : 0; }\n");
	for (size_t i = 0; i < ARRAY_SIZE(compilers); i++)
		for (int version = 4; version <= 5; version++) {
			struct dwarf_unit unit = {0};
			struct dwarf *dwarf;
			struct diag diag;
			int n = 0, before;

			if (!compiled_run(
				    "%s -gdwarf-%d -gsplit-dwarf -g -c a.c b.c && gcc -o a a.o b.o",
				    compilers[i], version))
				continue;
			check("a", "");
			assert_int_equal(compiled_dwarf("a", &dwarf, &diag), 0);
			before = descriptors();
			for (; dwarf_unit_next(dwarf, &unit) == 1; n++) {
				assert_int_equal(unit.kind, DWARF_UNIT_COMPILE);
				assert_true(unit.part >= 2);
			}
			assert_int_equal(n, 2);
			assert_int_equal(descriptors(), before);
			assert_null(dwarf_missing(dwarf));
			dwarf_close(dwarf);
			assert_true(compiled_run("rm b.dwo"));
			check("a", "");
			assert_int_equal(compiled_dwarf("a", &dwarf, &diag), 0);
			unit = (struct dwarf_unit){0};
			while (dwarf_unit_next(dwarf, &unit) == 1)
				n -= unit.kind == DWARF_UNIT_SPLIT;
			assert_int_equal(n, 1);
			assert_non_null(strstr(dwarf_missing(dwarf), "/b.dwo"));
			dwarf_close(dwarf);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_the_program), cmocka_unit_test(apart_by_build_id),
		cmocka_unit_test(apart_by_link),  cmocka_unit_test(shared_by_dwz),
		cmocka_unit_test(no_program),	  cmocka_unit_test(broken),
		cmocka_unit_test(split),	  cmocka_unit_test(broken_split),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
