/* SPDX-License-Identifier: MIT */
/*
 * Debug information that no compiler makes, but somebody might, to keep a daemon busy or to fill
 * its memory: written in assembler, read or refused in a moment. Whatever is asked of it answers
 * here before SIGALRM ends the test, which a search without bounds doesn't.
 */
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/clock.h"
#include "found.h"
#include "layout/cfi.h"
#include "layout/dwarf_image.h"
#include "layout/layout.h"
#include "layout/variable.h"

#define A_SECOND  1000000000u
#define IN_THE_CU 0x401010

/* What all programs here begin with: abbreviations are what .info needs of them. */
static const char abbreviations[] =
	"	.section .debug_abbrev,\"\",@progbits\n"
	".Labbrev:\n"
	/* 1: compile_unit with children: low_pc, high_pc */
	"	.byte 1, 0x11, 1, 0x11, 0x01, 0x12, 0x07, 0, 0\n"
	/* 2: namespace with children: sibling, name */
	"	.byte 2, 0x39, 1, 0x01, 0x13, 0x03, 0x08, 0, 0\n"
	/* 3: structure_type with children: name, byte_size */
	"	.byte 3, 0x13, 1, 0x03, 0x08, 0x0b, 0x06, 0, 0\n"
	/* 4: member: name, type, data_member_location */
	"	.byte 4, 0x0d, 0, 0x03, 0x08, 0x49, 0x13, 0x38, 0x06, 0, 0\n"
	/* 5: member: type, data_member_location */
	"	.byte 5, 0x0d, 0, 0x49, 0x13, 0x38, 0x06, 0, 0\n"
	/* 6: base_type: name, byte_size, encoding */
	"	.byte 6, 0x24, 0, 0x03, 0x08, 0x0b, 0x0b, 0x3e, 0x0b, 0, 0\n"
	/* 7: array_type with children: sibling, type */
	"	.byte 7, 0x01, 1, 0x01, 0x13, 0x49, 0x13, 0, 0\n"
	/* 8: variable: name, type, location */
	"	.byte 8, 0x34, 0, 0x03, 0x08, 0x49, 0x13, 0x02, 0x18, 0, 0\n"
	/* 9: enumerator: nothing */
	"	.byte 9, 0x28, 0, 0, 0\n"
	/* 10: pointer_type: type */
	"	.byte 10, 0x0f, 0, 0x49, 0x13, 0, 0\n"
	/* 11: pointer_type, 12: typedef: name, type */
	"	.byte 11, 0x0f, 0, 0, 0\n"
	"	.byte 12, 0x16, 0, 0x03, 0x08, 0x49, 0x13, 0, 0\n"
	/* 13: member: name, type, data_member_location, an expression */
	"	.byte 13, 0x0d, 0, 0x03, 0x08, 0x49, 0x13, 0x38, 0x18, 0, 0\n"
	/* 14: variable: name, type, location, a list */
	"	.byte 14, 0x34, 0, 0x03, 0x08, 0x49, 0x13, 0x02, 0x17, 0, 0\n"
	"	.byte 0\n"
	"	.macro unit\n" /* DWARF 4, 7.5.1.1 */
	"	.section .debug_info,\"\",@progbits\n"
	".Lcu:	.long .Lend - .Lversion\n"
	".Lversion:\n"
	"	.short 4\n"
	"	.long .Labbrev\n"
	"	.byte 8, 1\n"
	"	.quad 0x401000, 0x1000\n"
	"	.endm\n"
	"	.macro int_type\n"
	".Lint:	.byte 6\n"
	"	.asciz \"int\"\n"
	"	.byte 4, 5\n"
	"	.endm\n"
	"	.text\n"
	"	.globl _start\n"
	"_start: nop\n";

/* Assembles program `p` of the abbreviations and that text. */
static void assemble(const char *text)
{
	CLEANUP(buf_destroy) struct buf whole = BUF_INIT;

	assert_true(compiled_has("as"));
	buf_puts(&whole, abbreviations);
	buf_puts(&whole, text);
	compiled_write("p.s", buf_cstr(&whole));
	assert_true(compiled_run("as -o p.o p.s && ld -static -o p p.o"));
}

static int find(const char *name, const struct type **out, struct diag *diag, struct debug **debug)
{
	assert_int_equal(debug_new(debug), 0);
	return found_in(*debug, "p", name, out, diag);
}

/* Each is the one before's first child and its sibling as well: there are 2^40 ways to the last. */
static const char overlapping[] = "	unit\n"
				  "	.rept 40\n"
				  "1:	.byte 2\n"
				  "	.long 1f - .Lcu\n"
				  "	.asciz \"STU\"\n"
				  "	.endr\n"
				  "1:	.byte 0\n"
				  ".Lend:\n";

static bool tell(void *context, const struct variable *variable)
{
	(void)context;
	(void)variable;
	return true;
}

static int read_nothing(void *context, uint64_t address, void *to, size_t n)
{
	(void)context;
	(void)address;
	(void)to;
	(void)n;
	return -EIO;
}

static void overlapping_scopes(void **state)
{
	const struct type *type = NULL;
	struct diag diag = {0};
	struct debug *debug;

	(void)state;
	assemble(overlapping);
	assert_int_equal(find("struct STU", &type, &diag, &debug), -EINVAL);
	assert_non_null(strstr(diag.message, "can't be read"));
	debug_unref(debug);
}

static void overlapping_variables(void **state)
{
	struct machine machine = {.read = read_nothing};
	const uint64_t address = 0x404000;
	struct dwarf *dwarf;
	struct diag diag;

	(void)state;
	assemble(overlapping);
	assert_int_equal(compiled_dwarf("p", &dwarf, &diag), 0);
	assert_int_equal(variables_at(dwarf, &address, 1, clock_ns() + A_SECOND, tell, NULL),
			 -ETIMEDOUT);
	variables_in_scope(dwarf, IN_THE_CU, &machine, clock_ns() + A_SECOND, tell, NULL);
	dwarf_close(dwarf);
}

static bool once(void *context, const struct variable *variable)
{
	(void)variable;
	++*(unsigned *)context;
	return false;
}

/* Who has had enough isn't asked again, by the second search neither. */
static void enough(void **state)
{
	const uint64_t addresses[] = {0x404000, 0x404008};
	struct dwarf *dwarf;
	struct diag diag;
	unsigned told = 0;

	(void)state;
	assemble("	unit\n"
		 "	int_type\n"
		 ".Lpointer:\n"
		 "	.byte 10\n"
		 "	.long .Lint - .Lcu\n"
		 "	.irpc i, 08\n"
		 "	.byte 8\n"
		 "	.asciz \"p\"\n"
		 "	.long .Lpointer - .Lcu\n"
		 "	.byte 9, 3\n"
		 "	.quad 0x404000 + \\i\n"
		 "	.endr\n"
		 "	.byte 0\n"
		 ".Lend:\n");
	assert_int_equal(compiled_dwarf("p", &dwarf, &diag), 0);
	assert_int_equal(variables_at(dwarf, addresses, 2, clock_ns() + A_SECOND, once, &told), 0);
	assert_int_equal(told, 1);
	dwarf_close(dwarf);
}

/* Members without a name whose own are lifted: 20,000 times 20,000 names. */
static void lifted_members(void **state)
{
	const struct type *type = NULL;
	struct diag diag = {0};
	struct debug *debug;

	(void)state;
	assemble("	unit\n"
		 ".Lint:	.byte 6\n"
		 "	.asciz \"char\"\n"
		 "	.byte 1, 6\n"
		 ".Linner:\n"
		 "	.byte 3\n"
		 "	.asciz \"inner\"\n"
		 "	.long 20000\n"
		 "	.altmacro\n"
		 "	.macro member i\n"
		 "	.byte 4\n"
		 "	.asciz \"m\\i\"\n"
		 "	.long .Lint - .Lcu, \\i\n"
		 "	.endm\n"
		 "	.set i, 0\n"
		 "	.rept 20000\n"
		 "	member %i\n"
		 "	.set i, i + 1\n"
		 "	.endr\n"
		 "	.byte 0\n"
		 "	.byte 3\n"
		 "	.asciz \"STU\"\n"
		 "	.long 20000\n"
		 "	.rept 20000\n"
		 "	.byte 5\n"
		 "	.long .Linner - .Lcu, 0\n"
		 "	.endr\n"
		 "	.byte 0, 0\n"
		 ".Lend:\n");
	assert_int_equal(find("struct STU", &type, &diag, &debug), 0);
	assert_int_equal(type->kind, TYPE_BYTES);
	assert_int_equal(type->size, 20000);
	debug_unref(debug);
}

/* Arrays whose dimensions are all the same list, which begins with what are none. */
static void overlapping_arrays(void **state)
{
	const struct type *type = NULL;
	struct diag diag = {0};
	struct debug *debug;

	(void)state;
	assemble("	unit\n"
		 "	int_type\n"
		 "	.byte 3\n"
		 "	.asciz \"STU\"\n"
		 "	.long 60000\n"
		 "	.altmacro\n"
		 "	.macro member i\n"
		 "	.byte 4\n"
		 "	.asciz \"m\\i\"\n"
		 "	.long .Larrays + \\i * 9 - .Lcu, 0\n"
		 "	.endm\n"
		 "	.set i, 0\n"
		 "	.rept 60000\n"
		 "	member %i\n"
		 "	.set i, i + 1\n"
		 "	.endr\n"
		 "	.byte 0\n"
		 ".Larrays:\n"
		 "	.rept 60000\n"
		 "1:	.byte 7\n"
		 "	.long 1f - .Lcu, .Lint - .Lcu\n"
		 "	.endr\n"
		 "1:	.rept 60000\n"
		 "	.byte 9\n"
		 "	.endr\n"
		 "	.byte 0\n"
		 ".Lend:\n");
	assert_int_equal(find("struct STU", &type, &diag, &debug), -E2BIG);
	debug_unref(debug);
}

/* The second unit is of a version to come: what may be in it isn't said to be nowhere. */
static void broken_unit(void **state)
{
	const struct type *type = NULL;
	struct diag diag = {0};
	struct debug *debug;

	(void)state;
	assemble("	unit\n"
		 "	.byte 3\n"
		 "	.asciz \"first\"\n"
		 "	.long 4\n"
		 "	.byte 0, 0\n"
		 ".Lend:	.long 20\n"
		 "	.short 77\n"
		 "	.zero 18\n");
	assert_int_equal(find("struct first", &type, &diag, &debug), 0);
	debug_unref(debug);
	assert_int_equal(find("struct second", &type, &diag, &debug), -EINVAL);
	assert_non_null(strstr(diag.message, "can't be read"));
	debug_unref(debug);
}

/* A packed section of no bytes, and another of its name. */
static void packed_twice(void **state)
{
	struct dwarf *dwarf = NULL;
	struct diag diag;

	(void)state;
	assemble("	unit\n"
		 ".Lend:\n"
		 "	.section .zdebug_str,\"\",@progbits\n"
		 "	.ascii \"ZLIB\"\n"
		 "	.quad 0\n"
		 "	.section .zdebug_str,\"o\",@progbits,.text\n"
		 "	.ascii \"ZLIB\"\n"
		 "	.quad 0\n");
	assert_true(compiled_run("cp p.o p"));
	(void)compiled_dwarf("p", &dwarf, &diag);
	dwarf_close(dwarf);
}

/* A link to a file without end: its sum isn't taken. */
static void endless_file(void **state)
{
	struct dwarf *dwarf = NULL;
	struct diag diag;

	(void)state;
	assemble("	unit\n"
		 ".Lend:\n");
	assert_true(compiled_run("cp p p.debug && objcopy --strip-all --add-gnu-debuglink=p.debug "
				 "p && truncate -s 4T p.debug"));
	assert_int_equal(compiled_dwarf("p", &dwarf, &diag), -ENODATA);
	assert_true(compiled_run("rm p.debug"));
}

/* An ELF file without sections, of one program header and so many bytes, most of them a hole. */
static void write_note(const char *type, const char *size)
{
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;

	buf_printf(&text,
		   "	.byte 0x7f, 'E', 'L', 'F', 2, %d, 1, 0\n"
		   "	.quad 0\n"
		   "	.short 2, 62\n"
		   "	.long 1\n"
		   "	.quad 0, 64, 0\n"
		   "	.long 0\n"
		   "	.short 64, 56, 1, 64, 0, 0\n"
		   "	.long %s, 4\n"
		   "	.quad 120, 0, 0, %s, %s, 4\n",
		   __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 1 : 2, type, size, size);
	compiled_write("n.s", buf_cstr(&text));
	assert_true(compiled_run("as -o n.o n.s && objcopy -O binary -j .text n.o n && "
				 "truncate -s 2G n"));
}

/* Notes of a gigabyte aren't read for a build-id, nor frames of one for what calls whom. */
static void endless_notes(void **state)
{
	struct rusage before, after;
	unsigned char id[DWARF_BUILD_ID_MAX];
	struct cfi *cfi;
	int fd;

	(void)state;
	getrusage(RUSAGE_SELF, &before);
	write_note("4", "1 << 30");
	fd = compiled_open("n");
	assert_int_equal(dwarf_build_id(fd, id), -EINVAL);
	close(fd);
	write_note("0x6474e550", "1 << 30"); /* GNU_EH_FRAME */
	fd = compiled_open("n");
	assert_int_equal(cfi_open(fd, &cfi), -EINVAL);
	close(fd);
	getrusage(RUSAGE_SELF, &after);
	assert_in_range(after.ru_maxrss - before.ru_maxrss, 0, 256 << 10);
	write_note("4", "16");
	fd = compiled_open("n");
	assert_int_equal(dwarf_build_id(fd, id), 0);
	close(fd);
}

/* Sections of one name, each of which lies in the file, a hole: their sum is 2^64 + 16. */
static void endless_sections(void **state)
{
	static const char names[] = "\0.debug_str.dwo\0.shstrtab";
	static const uint64_t sizes[] = {0, 16 << 20, INT64_MAX,
					 ((uint64_t)1 << 63) + 17 - (16 << 20)};
	struct {
		Elf64_Ehdr header;
		Elf64_Shdr sections[5];
		char names[sizeof(names)];
	} file = {
		.header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
			   .e_type = ET_REL,
			   .e_machine = EM_X86_64,
			   .e_version = EV_CURRENT,
			   .e_shentsize = sizeof(Elf64_Shdr),
			   .e_shnum = 5,
			   .e_shstrndx = 4},
	};
	struct dwarf_image *image;
	int fd = memfd_create("hole", MFD_CLOEXEC), copy;

	(void)state;
	file.header.e_shoff = offsetof(typeof(file), sections);
	for (size_t i = 1; i < ARRAY_SIZE(sizes); i++)
		file.sections[i] =
			(Elf64_Shdr){.sh_name = 1, .sh_type = SHT_PROGBITS, .sh_size = sizes[i]};
	file.sections[4] = (Elf64_Shdr){.sh_name = 16,
					.sh_type = SHT_STRTAB,
					.sh_offset = offsetof(typeof(file), names),
					.sh_size = sizeof(names)};
	memcpy(file.names, names, sizeof(names));
	if (ftruncate(fd, INT64_MAX) < 0) {
		close(fd);
		print_message("no file can be so large here\n");
		skip();
	}
	assert_int_equal(pwrite(fd, &file, sizeof(file), 0), sizeof(file));
	assert_int_equal(dwarf_image_open_split(fd, NULL, &image, &copy, NULL), -E2BIG);
	close(fd);
}

/* A member's place is told by an expression of four million operations, each of which does nothing:
 * libdw would make a list of them. */
static void endless_expression(void **state)
{
	const struct type *type = NULL;
	struct rusage before, after;
	struct diag diag = {0};
	struct debug *debug;

	(void)state;
	assemble("	unit\n"
		 "	int_type\n"
		 "	.byte 3\n"
		 "	.asciz \"STU\"\n"
		 "	.long 8\n"
		 "	.byte 4\n"
		 "	.asciz \"a\"\n"
		 "	.long .Lint - .Lcu, 4\n"
		 "	.byte 13\n"
		 "	.asciz \"b\"\n"
		 "	.long .Lint - .Lcu\n"
		 "	.uleb128 4 << 20\n"
		 "	.fill 4 << 20, 1, 0x96\n"
		 "	.byte 0, 0\n"
		 ".Lend:\n");
	getrusage(RUSAGE_SELF, &before);
	assert_int_equal(find("struct STU", &type, &diag, &debug), 0);
	getrusage(RUSAGE_SELF, &after);
	assert_int_equal(type->n_members, 1);
	assert_in_range(after.ru_maxrss - before.ru_maxrss, 0, 64 << 10);
	debug_unref(debug);
}

/* The same at the end of a list, of a variable that is in every function. */
static void endless_list(void **state)
{
	const uint64_t address = 0x404000;
	struct rusage before, after;
	struct dwarf *dwarf;
	struct diag diag;
	unsigned told = 0;

	(void)state;
	assemble("	.section .debug_loclists,\"\",@progbits\n"
		 ".Llist:	.byte 5\n" /* DW_LLE_default_location */
		 "	.uleb128 4 << 20\n"
		 "	.fill 4 << 20, 1, 0x96\n"
		 "	.byte 0\n"
		 "	.section .debug_info,\"\",@progbits\n"
		 ".Lcu:	.long .Lend - .Lversion\n"
		 ".Lversion:\n"
		 "	.short 5\n"
		 "	.byte 1, 8\n"
		 "	.long .Labbrev\n"
		 "	.byte 1\n"
		 "	.quad 0x401000, 0x1000\n"
		 ".Lint:	.byte 6\n"
		 "	.asciz \"int\"\n"
		 "	.byte 4, 5\n"
		 ".Lpointer:\n"
		 "	.byte 10\n"
		 "	.long .Lint - .Lcu\n"
		 "	.byte 14\n"
		 "	.asciz \"p\"\n"
		 "	.long .Lpointer - .Lcu, .Llist\n"
		 "	.byte 0\n"
		 ".Lend:\n");
	assert_int_equal(compiled_dwarf("p", &dwarf, &diag), 0);
	getrusage(RUSAGE_SELF, &before);
	assert_int_equal(variables_at(dwarf, &address, 1, clock_ns() + A_SECOND, once, &told), 0);
	getrusage(RUSAGE_SELF, &after);
	assert_in_range(after.ru_maxrss - before.ru_maxrss, 0, 64 << 10);
	dwarf_close(dwarf);
}

static void release_nothing(void *owner)
{
	(void)owner;
}

static int find_for_text(void *context, const struct reader_name *name, struct reader_found *out,
			 struct diag *diag)
{
	out->release = release_nothing;
	return found_named(context, "p", name, &out->type, diag);
}

/* What a `void *` of a program leads to has neither a type nor a name. */
static void void_pointers(void **state)
{
	static const struct reader_ops ops = {find_for_text};
	static const char *const texts[] = {
		"debuginfo vp; char a[sizeof((*(vp)0)[1])] @ 0;",
		"debuginfo vp; char a[sizeof(*(vp)0)] @ 0;",
		"debuginfo vp; char a[(*(vp)0).b] @ 0;",
		"debuginfo vp; char a[((vp)0)->b] @ 0;",
		"debuginfo vp; typeof(*(vp)0) a @ 0;",
	};

	(void)state;
	assemble("	unit\n"
		 ".Lpointer:\n"
		 "	.byte 11\n"
		 "	.byte 12\n"
		 "	.asciz \"vp\"\n"
		 "	.long .Lpointer - .Lcu\n"
		 "	.byte 0\n"
		 ".Lend:\n");
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct layout *layout = NULL;
		struct diag diag = {0};
		struct reader reader = {&ops, NULL};
		struct debug *debug;

		assert_int_equal(debug_new(&debug), 0);
		reader.context = debug;
		assert_int_equal(
			layout_parse_with(texts[i], strlen(texts[i]), &reader, &layout, &diag),
			-EINVAL);
		if (!strstr(diag.message, "leads to"))
			fail_msg("%s: %s", texts[i], diag.message);
		debug_unref(debug);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(overlapping_scopes),
		cmocka_unit_test(overlapping_variables),
		cmocka_unit_test(enough),
		cmocka_unit_test(lifted_members),
		cmocka_unit_test(overlapping_arrays),
		cmocka_unit_test(broken_unit),
		cmocka_unit_test(packed_twice),
		cmocka_unit_test(endless_file),
		cmocka_unit_test(endless_notes),
		cmocka_unit_test(endless_sections),
		cmocka_unit_test(endless_expression),
		cmocka_unit_test(endless_list),
		cmocka_unit_test(void_pointers),
	};

	alarm(100);
	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
