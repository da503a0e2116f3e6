/* SPDX-License-Identifier: MIT */
/*
 * Types out of debug information: what becomes of each thing that C, C++ and Rust have. That
 * offsets are right in general is for tests/structs/test_compiler.c.
 */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "found.h"

static void describe(const struct type *type, struct buf *out);

static void describe_members(const struct type *type, struct buf *out)
{
	buf_puts(out, type->kind == TYPE_UNION ? "union{" : "{");
	for (size_t i = 0; i < type->n_members; i++) {
		const struct member *member = &type->members[i];

		buf_printf(out, "%s%s@%" PRIu64, i ? " " : "", member->name, member->offset);
		if (member->type->bits && member->type->kind != TYPE_FLOAT)
			buf_printf(out, ".%u:%u", member->type->first_bit, member->type->bits);
		buf_puts(out, "=");
		describe(member->type, out);
	}
	buf_puts(out, "}");
}

/* A type in one line: what matters of it. */
static void describe(const struct type *type, struct buf *out)
{
	static const char *const kinds[] = {
		[TYPE_CHAR] = "char", [TYPE_BOOL] = "bool",   [TYPE_FLOAT] = "float",
		[TYPE_ENUM] = "enum", [TYPE_POINTER] = "ptr", [TYPE_WIDE] = "wide",
	};

	switch (type->kind) {
	case TYPE_STRUCT:
	case TYPE_UNION:
		describe_members(type, out);
		break;
	case TYPE_ARRAY:
		buf_printf(out, "[%" PRIu64 "]", type->length);
		describe(type->element, out);
		break;
	case TYPE_INTEGER:
		buf_printf(out, "%c%" PRIu64, type->is_signed ? 'i' : 'u', type->size * 8);
		break;
	case TYPE_STRING:
		buf_printf(out, "text%" PRIu64, type->size);
		break;
	case TYPE_BYTES:
		buf_printf(out, "bytes%" PRIu64, type->size);
		break;
	default:
		buf_puts(out, kinds[type->kind] ? kinds[type->kind] : "?");
	}
}

struct want {
	const char *name, *is;
};

/* Each name is what it should be. */
static void check(const char *program, const struct want *wants, size_t n)
{
	struct debug *debug;

	assert_int_equal(debug_new(&debug), 0);
	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_destroy) struct buf text = BUF_INIT;
		const struct type *type;
		struct diag diag = {0};

		if (found_in(debug, program, wants[i].name, &type, &diag) < 0)
			fail_msg("%s: %s", wants[i].name, diag.message);
		describe(type, &text);
		assert_string_equal(buf_cstr(&text), wants[i].is);
	}
	debug_unref(debug);
}

static void fails(const char *program, const char *name, int err, const char *why)
{
	const struct type *type = NULL;
	struct diag diag = {0};
	struct debug *debug;

	assert_int_equal(debug_new(&debug), 0);
	assert_int_equal(found_in(debug, program, name, &type, &diag), err);
	if (!strstr(diag.message, why))
		fail_msg("%s: '%s' doesn't say '%s'", name, diag.message, why);
	debug_unref(debug);
}

static void refused(const char *program, const char *name, const char *why)
{
	fails(program, name, -ENOENT, why);
}

static const char c_source[] =
	"#include <stdint.h>\n#include <stdbool.h>\n"
	"enum mood { LOW = -3, HIGH = 70000 }; enum small { ON = 1 } __attribute__((packed));\n"
	"typedef struct { short x, y; } point_t;\n"
	"typedef uint8_t mac_t[6];\n"
	"struct node { struct node *next; struct hidden *hidden; point_t *at; };\n"
	"struct all { char c; signed char sc; unsigned char uc; bool flag; const volatile int i;\n"
	" float f; double d; long double ld; __int128 big; int w; enum mood mood; enum small "
	"s;\n"
	" char name[8]; uint8_t raw[4]; mac_t mac; char lines[2][16]; int m[2][3][4]; point_t "
	"p[2];\n"
	" int (*fn)(void); int (*ap)[3]; union { int u; float v; }; struct { char in; };\n"
	" _Atomic unsigned at; _Complex float z; int none[0]; };\n"
	"struct bits { unsigned a : 3; int : 5; unsigned long long b : 40; bool t : 1; enum mood e "
	": 20; };\n"
	"struct open { int n; char rest[]; }; struct opens { int n; point_t rest[]; };\n"
	"struct all all; struct bits bits; struct node node; struct open op; struct opens ops;\n"
	"struct wide { int a; unsigned __int128 x : 70; int b; } wide;\n"
	"uint8_t many[256]; struct big { uint8_t b[256]; int i[65536]; } big;\n"
	"int main(void) { struct local { int inside; } l = {0}; return l.inside; }\n";

static void c_types(void **state)
{
	static const char *const compilers[] = {
		"gcc -gdwarf-5",
		"gcc -gdwarf-4",
		"gcc -gdwarf-5 -gz -O2",
		"gcc -gdwarf-5 -Wl,--compress-debug-sections=zstd",
		"gcc -gdwarf-3",
		"gcc -gdwarf-2 -gstrict-dwarf",
		"gcc -gdwarf-4 -fdebug-types-section",
		"gcc -gdwarf-5 -fdebug-types-section",
		"gcc -g -flto",
		"gcc -gdwarf-5 -gsplit-dwarf",
		"gcc -gdwarf-4 -gsplit-dwarf -O2",
		"gcc -gdwarf-5 -gsplit-dwarf -fdebug-types-section",
		"gcc -gdwarf-4 -gsplit-dwarf -fdebug-types-section",
		"gcc -gdwarf-5 -gsplit-dwarf -gz -flto",
		"clang -gdwarf-5",
		"clang -gdwarf-4",
		"clang -gdwarf-5 -gz -O1",
		"clang -gdwarf-4 -fdebug-types-section",
		"clang -gdwarf-5 -gsplit-dwarf -O1",
		"clang -gdwarf-4 -gsplit-dwarf",
		"clang -gdwarf-5 -gsplit-dwarf -gz",
		"clang -gdwarf-5 -gsplit-dwarf -fdebug-types-section",
	};
	static const struct want wants[] = {
		{"struct all",
		 "{c@0=char sc@1=i8 uc@2=u8 flag@3=bool i@4=i32 f@8=float d@16=float ld@32=float "
		 "big@48=wide w@64=i32 mood@68=enum s@72=enum name@73=text8 raw@81=bytes4 "
		 "mac@85=bytes6 lines@91=[2]text16 m@124=[2][3][4]i32 p@220=[2]{x@0=i16 y@2=i16} "
		 "fn@232=ptr ap@240=ptr u@248=i32 v@248=float in@252=char at@256=u32 z@260=bytes8 "
		 "none@268=[0]i32}"},
		{"struct bits", "{a@0.0:3=u8 b@0.8:40=u64 t@6.0:1=bool e@8.0:20=enum}"},
		{"struct wide", "{a@0=i32 x@4=bytes9 b@16=i32}"},
		{"struct node", "{next@0=ptr hidden@8=ptr at@16=ptr}"},
		{"struct open", "{n@0=i32 rest@4=text0}"},
		{"struct opens", "{n@0=i32 rest@4=[0]{x@0=i16 y@2=i16}}"},
		{"struct big", "{b@0=bytes256 i@256=[65536]i32}"},
		{"point_t", "{x@0=i16 y@2=i16}"},
		{"mac_t", "bytes6"},
		{"enum mood", "enum"},
		{"uint8_t", "u8"},
	};

	(void)state;
	compiled_write("c.c", c_source);
	for (size_t i = 0; i < ARRAY_SIZE(compilers); i++) {
		print_message("# %s\n", compilers[i]);
		if (!compiled_run("%s -o c c.c 2>/dev/null", compilers[i])) {
			print_message("# doesn't work here\n");
			continue;
		}
		check("c", wants, ARRAY_SIZE(wants));
		refused("c", "struct hidden", "no type of that name");
	}
	assert_true(compiled_run("gcc -g -O0 -o c c.c"));
	check("c", &(struct want){"struct local", "{inside@0=i32}"}, 1);
}

/* .dwo files in a package: what one unit has isn't another's. */
static void packaged(void)
{
	static const char *const ways[][2] = {
		{"gcc -gdwarf-4", "dwp"},	   {"gcc -gdwarf-5", "llvm-dwp"},
		{"clang -gdwarf-4", "dwp"},	   {"clang -gdwarf-5", "llvm-dwp"},
		{"gcc -gdwarf-4 -O2", "llvm-dwp"}, {"clang -gdwarf-4 -O1", "llvm-dwp"},
	};
	static const struct want wants[] = {
		{"struct node", "{next@0=ptr hidden@8=ptr at@16=ptr}"},
		{"struct opens", "{n@0=i32 rest@4=[0]{x@0=i16 y@2=i16}}"},
		{"struct apart", "{text@0=text12 n@16=i64 next@24=ptr}"},
	};

	compiled_write("apart.c",
		       "struct apart { char text[12]; long n; struct apart *next; } a;\n");
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		print_message("# %s, %s\n", ways[i][0], ways[i][1]);
		if (!compiled_run("%s -gsplit-dwarf -c c.c apart.c && gcc -o c c.o apart.o && "
				  "timeout 20 %s -e c -o c.dwp 2>/dev/null && rm *.dwo",
				  ways[i][0], ways[i][1])) {
			print_message("# doesn't work here\n");
			continue;
		}
		check("c", wants, ARRAY_SIZE(wants));
		assert_true(compiled_run("mv c.dwp elsewhere"));
		refused("c", "struct apart", "nor in the program's own .dwp");
	}
	if (compiled_run("gcc -gdwarf-4 -gsplit-dwarf -fdebug-types-section -c c.c && "
			 "gcc -o c c.o && dwp -e c -o c.dwp && rm *.dwo"))
		refused("c", "struct node", "-fdebug-types-section");
	assert_true(compiled_run("rm -f c.dwp elsewhere"));
}

/* Apart, and shared by two programs: the same types. */
static void files_apart(void **state)
{
	static const struct want wants[] = {
		{"struct node", "{next@0=ptr hidden@8=ptr at@16=ptr}"},
		{"struct opens", "{n@0=i32 rest@4=[0]{x@0=i16 y@2=i16}}"}};

	(void)state;
	compiled_write("c.c", c_source);
	assert_true(
		compiled_run("gcc -g -gz -pie -Wl,--build-id=0x1122334455667788 -o c c.c && "
			     "mkdir -p usr/lib/debug/.build-id/11 && objcopy --only-keep-debug c "
			     "usr/lib/debug/.build-id/11/22334455667788.debug && strip c"));
	check("c", wants, ARRAY_SIZE(wants));
	if (compiled_run("clang -g -gsplit-dwarf=single -c c.c 2>/dev/null && clang -o c c.o"))
		check("c", wants, ARRAY_SIZE(wants)); /* in the object files themselves */
	packaged();
	if (!compiled_has("dwz"))
		return;
	assert_true(compiled_run("gcc -gdwarf-4 -o c c.c && gcc -gdwarf-4 -O1 -o d c.c && "
				 "dwz -m both.dwz -M both.dwz c d"));
	check("c", wants, ARRAY_SIZE(wants));
	check("d", wants, ARRAY_SIZE(wants));
}

static void two_units(void **state)
{
	static const struct want wants[] = {
		{"struct same", "{first@0=i32}"},
		{"struct other", "{o@0=u16}"},
		{"struct holder", "{p@0=ptr}"},
	};
	const struct type *type;
	struct debug *debug;
	struct diag diag;

	(void)state;
	compiled_write("one.c",
		       "struct same { int first; } same; struct other; struct holder {\n"
		       " struct other *p; } holder; int main(void) { return same.first; }\n");
	compiled_write("two.c", "struct same { long second; }; static struct same same;\n"
				"struct other { unsigned short o; } other;\n"
				"long *two(void) { return &same.second; }\n");
	assert_true(compiled_run("gcc -g -o two one.c two.c"));
	check("two", wants, ARRAY_SIZE(wants));
	/* what is only declared in a pointer's unit leads nowhere: nothing is searched for it */
	assert_int_equal(debug_new(&debug), 0);
	assert_int_equal(found_in(debug, "two", "struct holder", &type, &diag), 0);
	assert_null(type->members[0].type->target);
	debug_unref(debug);
}

static void said_clearly(void **state)
{
	(void)state;
	compiled_write("c.c", c_source);
	assert_true(compiled_run("gcc -g1 -o c c.c"));
	refused("c", "struct all", "-g1");
	assert_true(compiled_run("gcc -g -gsplit-dwarf -o c c.c && rm *c.dwo"));
	refused("c", "struct all", "c.dwo, nor in the program's own .dwp");
	/* that of another compilation isn't it */
	assert_true(compiled_run("gcc -g -gsplit-dwarf -o c c.c && mv *c.dwo old.dwo &&"
				 "sed -i 's/int inside;/long inside;/' c.c && "
				 "gcc -g -gsplit-dwarf -o c c.c && mv old.dwo $(echo *c.dwo)"));
	refused("c", "struct all", "c.dwo, nor in the program's own .dwp");
	/* packed in no way that there is */
	assert_true(compiled_run(
		"gcc -g -gz -o c c.c && at=$(readelf -SW c | "
		"sed -n 's/.* .debug_info  *PROGBITS *[0-9a-f]* \\([0-9a-f]*\\).*/\\1/p') && "
		"printf '\\011' | dd of=c bs=1 conv=notrunc status=none seek=$((0x$at))"));
	fails("c", "struct all", -EINVAL, "type 9");
}

static const char cpp_source[] =
	"#include <cstdint>\n#include <atomic>\n#include <utility>\n"
	"struct empty {}; struct base { int a; char b; }; struct base2 { short c; };\n"
	"enum class color : uint8_t { red, green = 200 };\n"
	"namespace ns {\n"
	"struct derived : base, base2, empty { double d; color col; static int shared;\n"
	" virtual ~derived() {} };\n"
	"template <typename T, int N> struct ring { T slots[N]; std::atomic<uint32_t> head; };\n"
	"namespace { struct hidden { int h; }; hidden hh; }\n"
	"class out { public: struct in; in *p; int z; };\n"
	"struct out::in { int deep; };\n"
	"int derived::shared; derived g; ring<int, 4> r; ring<std::pair<int, char>, 2> rp;\n"
	"out o; out::in oi; typedef out alias; alias al; }\n"
	"struct twins : base { int a; } t; struct vbase : virtual base { int v; } v;\n"
	"int q; struct refs { int &r; decltype(nullptr) n; bool flag; char16_t u; } rr{q, "
	"nullptr};\n"
	"typedef void fn(); struct members { char c; int base::*m; fn base::*f; char d; } mm;\n"
	"int main() { return ns::hh.h + ns::g.shared; }\n";

static void cpp_types(void **state)
{
	static const char *const compilers[] = {"g++ -gdwarf-5", "g++ -gdwarf-4",
						"clang++ -gdwarf-5 -fstandalone-debug",
						"clang++ -gdwarf-4"};
	static const struct want wants[] = {
		{"ns::derived", "{a@8=i32 b@12=char c@16=i16 _vptr_derived@0=ptr d@24=float "
				"col@32=enum}"},
		{"ns::ring<int, 4>", "{slots@0=[4]i32 head@16={_M_i@0=u32}}"},
		{"ns::ring<int,4>", "{slots@0=[4]i32 head@16={_M_i@0=u32}}"},
		{"ns::ring<std::pair<int, char>, 2>",
		 "{slots@0=[2]{first@0=i32 second@4=char} head@16={_M_i@0=u32}}"},
		{"hidden", "{h@0=i32}"},
		{"ns::out::in", "{deep@0=i32}"},
		{"struct out", "{p@0=ptr z@8=i32}"},
		{"ns::alias", "{p@0=ptr z@8=i32}"},
		{"twins", "{base@0={a@0=i32 b@4=char} a@8=i32}"},
		{"enum color", "enum"},
		{"refs", "{r@0=ptr n@8=bytes8 flag@16=bool u@18=u16}"},
		{"members", "{c@0=char m@8=i64 f@16=bytes16 d@32=char}"},
	};

	(void)state;
	compiled_write("x.cc", cpp_source);
	for (size_t i = 0; i < ARRAY_SIZE(compilers); i++) {
		print_message("# %s\n", compilers[i]);
		if (!compiled_run("%s -o x x.cc 2>/dev/null", compilers[i])) {
			print_message("# doesn't work here\n");
			continue;
		}
		check("x", wants + (i > 1), ARRAY_SIZE(wants) - (i > 1));
		refused("x", "derived::nothing", "no type");
	}
}

/* What another library has isn't in clang's debug information: its bytes are, up to the next. */
static void only_declared(void **state)
{
	static const struct want wants[] = {
		{"lone", "{id@0=i32 name@8=bytes32 after@40=i32 two@48=bytes64 c@112=char}"},
		{"last", "{c@0=char s@8=bytes32}"},
		{"either", "union{u@0=i32}"},
	};

	(void)state;
	compiled_write("d.cc",
		       "#include <string>\n"
		       "struct lone { int id; std::string name; int after; std::string two[2];\n"
		       " char c; } l; struct last { char c; std::string s; } e;\n"
		       "union either { int u; std::string s; either() {} ~either() {} } u;\n"
		       "int main() { return l.id; }\n");
	if (!compiled_run("clang++ -g -fno-standalone-debug -o d d.cc")) {
		print_message("# no clang++ here\n");
		skip();
	}
	check("d", wants, ARRAY_SIZE(wants));
}

/* Their names are those of the namespace around them, too. */
static void inline_namespaces(void **state)
{
	static const char *const compilers[] = {"g++ -gdwarf-5", "clang++ -gdwarf-5"};
	static const struct want wants[] = {
		{"lib::item", "{now@0=i32}"},
		{"lib::v2::item", "{now@0=i32}"},
		{"lib::v1::item", "{then@0=i16}"},
		{"lib::in::deep", "{d@0=i64}"},
		{"lib::v2::in::deep", "{d@0=i64}"},
		{"lib::v2::abi::in::deep", "{d@0=i64}"},
		{"deep", "{d@0=i64}"},
	};

	(void)state;
	compiled_write("n.cc",
		       "namespace lib {\n"
		       "namespace v1 { struct item { short then; } i; }\n"
		       "inline namespace v2 { struct item { int now; } i2;\n"
		       "inline namespace abi { namespace in { struct deep { long d; } d; } } } }\n"
		       "int main() { return lib::i2.now; }\n");
	for (size_t i = 0; i < ARRAY_SIZE(compilers); i++) {
		print_message("# %s\n", compilers[i]);
		if (!compiled_run("%s -o n n.cc", compilers[i])) {
			print_message("# doesn't work here\n");
			continue;
		}
		check("n", wants, ARRAY_SIZE(wants));
		refused("n", "lib::v3::item", "no type");
		refused("n", "v2::v2::item", "no type");
	}
}

static void rust_types(void **state)
{
	static const struct want wants[] = {
		{"Plain", "{id@0=i32 name@4=bytes20 flag@24=bool c@28=u32 x@32=float}"},
		{"a::inner::Deep", "{__0@0=u32 __1@4=u16}"},
		{"Kind", "enum"},
		{"Maybe", "{variant@0=u8 Yes@0={__0@0=bool} No@0={}}"},
		{"Single", "{This@0={__0@0=u16}}"},
		{"Large", "bytes32"},
		{"Shape", "{variant@0=enum Circle@0={__0@4=float} Square@0={side@2=u16}}"},
	};

	(void)state;
	if (!compiled_has("rustc")) {
		print_message("# no rustc here\n");
		skip();
	}
	compiled_write(
		"a.rs",
		"#[repr(C)] pub struct Plain { pub id: i32, pub name: [u8; 20], pub flag: bool,\n"
		" pub c: char, pub x: f64 }\n"
		"#[repr(u8)] #[derive(Clone, Copy)] pub enum Kind { A = 1, B = 200 }\n"
		"pub enum Shape { Circle(f32), Square { side: u16 } }\n"
		"pub mod inner { #[repr(C)] pub struct Deep(pub u32, pub u16); }\n"
		"pub static mut PLAIN: Plain = Plain { id: 1, name: [0; 20], flag: true,\n"
		" c: 'x', x: 1.0 };\n"
		"pub enum Maybe { Yes(bool), No }\npub static mut MAYBE: Maybe = Maybe::No;\n"
		"pub enum Single { This(u16) }\npub static mut SINGLE: Single = Single::This(1);\n"
		"pub enum Large { A(i128), B }\npub static mut LARGE: Large = Large::B;\n"
		"pub static mut SHAPE: Shape = Shape::Circle(1.0);\n"
		"pub static mut DEEP: inner::Deep = inner::Deep(1, 2);\n"
		"pub static mut KIND: Kind = Kind::B;\n"
		"fn main() { unsafe { SHAPE = Shape::Square { side: 3 }; SINGLE = "
		"Single::This(2);\n"
		" MAYBE = Maybe::Yes(true); LARGE = Large::A(1); DEEP.1 = 4;\n"
		" PLAIN.id = 2; KIND = Kind::A; } }\n");
	if (!compiled_run("rustc -g a.rs 2>/dev/null")) {
		print_message("# rustc doesn't work here\n");
		skip();
	}
	check("a", wants, ARRAY_SIZE(wants));
}

/* Of gcc's scalar_storage_order: what the program stored there is what is decoded. */
static void storage_order(void **state)
{
	static const char *const flags[] = {"-gdwarf-5", "-gdwarf-4", "-gdwarf-2"};
	static const struct {
		const char *name;
		uint64_t value;
	} wants[] = {
		{"a", 17},
		{"b", 703710},
		{"c", (uint64_t)-33},
		{"d", 7158278826},
		{"s", (uint64_t)-100},
		{"t", 5},
		{"q", 1},
		{"z", 0},
		{"u", 258},
		{"x", 0x3ff8000000000000 /* 1.5 */},
		{"f", 0xc0100000 /* -2.25 */},
	};

	(void)state;
	compiled_write(
		"order.c",
		"#include <stdio.h>\n"
		"struct __attribute__((scalar_storage_order(\"big-endian\"))) order {\n"
		" unsigned a:5, b:20; int c:7; unsigned long d:33; short s:9; unsigned char t:3;\n"
		" _Bool q:1, z:1; unsigned short u; double x; float f;\n"
		"} order = {17, 703710, -33, 7158278826, -100, 5, 1, 0, 258, 1.5, -2.25f};\n"
		"int main(void) { fwrite(&order, sizeof(order), 1, stdout); }\n");
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		struct compiled_bytes bytes;
		const struct type *type;
		struct debug *debug;
		struct diag diag;

		if (!compiled_run("gcc %s -o order order.c 2>/dev/null && ./order >order.bytes",
				  flags[i]))
			skip(); /* a gcc without it */
		compiled_read("order.bytes", &bytes);
		assert_int_equal(debug_new(&debug), 0);
		assert_int_equal(found_in(debug, "order", "struct order", &type, &diag), 0);
		assert_int_equal(type->size, bytes.n);
		assert_int_equal(type->n_members, ARRAY_SIZE(wants));
		for (size_t k = 0; k < ARRAY_SIZE(wants); k++) {
			const struct member *member = &type->members[k];

			assert_string_equal(member->name, wants[k].name);
			assert_int_equal(type_decode(member->type, bytes.data + member->offset),
					 wants[k].value);
		}
		debug_unref(debug);
		free(bytes.data);
	}
}

/* A program with some bytes of its debug information changed gives types, or says why not, and
 * soon. */
static void broken(void **state)
{
	static const char *const names[] = {
		"struct all", "struct node",	  "enum mood", "ns::derived", "point_t",
		"twins",      "ns::ring<int, 4>", "nobody",    "Shape",	      "Niche"};
	static const struct {
		const char *command, *spoiled, *as, *program;
	} programs[] = {
		{"gcc -gdwarf-5 -o p c.c", "p", "broken", "broken"},
		{"gcc -gdwarf-4 -o p c.c", "p", "broken", "broken"},
		{"clang -gdwarf-5 -o p c.c", "p", "broken", "broken"},
		{"gcc -gdwarf-5 -gz -o p c.c", "p", "broken", "broken"},
		{"gcc -g -Wl,--compress-debug-sections=zstd -o p c.c", "p", "broken", "broken"},
		{"g++ -g -o p x.cc", "p", "broken", "broken"},
		{"rustc -g --crate-type=lib --emit=obj -C panic=abort -o b.o b.rs && "
		 "gcc -shared -nostdlib -o p b.o",
		 "p", "broken", "broken"},
		{"gcc -g -gsplit-dwarf -c c.c && gcc -o p c.o && mv c.dwo kept", "kept", "c.dwo",
		 "p"},
		{"gcc -gdwarf-4 -gsplit-dwarf -c c.c && gcc -o p c.o && dwp -e p -o kept && rm "
		 "c.dwo",
		 "kept", "p.dwp", "p"},
		{"gcc -gdwarf-5 -gsplit-dwarf -c c.c && gcc -o p c.o && "
		 "timeout 20 llvm-dwp -e p -o kept && rm c.dwo",
		 "kept", "p.dwp", "p"},
	};
	uint64_t random = 88172645463325252u;

	(void)state;
	compiled_write("c.c", c_source);
	compiled_write("x.cc", cpp_source);
	compiled_write(
		"b.rs",
		"#![no_std]\n#[panic_handler] fn p(_: &core::panic::PanicInfo) -> ! { loop {} }\n"
		"pub enum Shape { Circle(f32), Square { side: u16 }, Dot }\n"
		"pub enum Niche { In(Shape), Ref(Option<bool>), None }\n"
		"#[no_mangle] pub static mut N: Niche = Niche::In(Shape::Dot);\n");
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		struct compiled_bytes bytes;

		if (!compiled_run("%s 2>/dev/null", programs[i].command))
			continue;
		compiled_read(programs[i].spoiled, &bytes);
		for (int round = 0; round < 300; round++) {
			struct debug *debug;

			compiled_spoil(programs[i].as, &bytes, &random, 1 + (unsigned)round % 24);
			assert_int_equal(debug_new(&debug), 0);
			for (size_t j = 0; j < ARRAY_SIZE(names); j++) {
				CLEANUP(buf_destroy) struct buf text = BUF_INIT;
				const struct type *type;
				struct diag diag;

				if (found_in(debug, programs[i].program, names[j], &type, &diag) <
				    0)
					continue;
				if (type->span < 100000)
					describe(type, &text);
			}
			debug_unref(debug);
		}
		free(bytes.data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(c_types),	 cmocka_unit_test(files_apart),
		cmocka_unit_test(two_units),	 cmocka_unit_test(said_clearly),
		cmocka_unit_test(cpp_types),	 cmocka_unit_test(inline_namespaces),
		cmocka_unit_test(only_declared), cmocka_unit_test(rust_types),
		cmocka_unit_test(storage_order), cmocka_unit_test(broken),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
