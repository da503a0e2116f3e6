#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes the bundles (bundle.h) in corpus/dwarf: small programs by this machine's compilers, each with
# the files that its debug information leads to. Those that are there were made by gcc 12, clang 14,
# binutils 2.40, dwz 0.15 and rustc; what is missing here is left out. (llvm-dwp 14 never ends on what
# gcc makes of DWARF 5.)
# tests/fuzz/corpus_dwarf.sh [FOLDER]
set -eu
to=$(realpath "${1:-${0%/*}/corpus/dwarf}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >one.c <<'END'
enum mood { CALM, CROSS = 7 };
typedef const volatile int number;
union any { char text[4]; float f; number n; };
struct STU { int id; char name[20]; struct STU *next; union any any; enum mood mood;
	unsigned low : 3, high : 5; double grid[2][3]; };
struct all { struct STU *first; struct { short x, y; } at[2]; struct all **more; };
struct STU *students;
static struct all state, *states[3];
static int *numbers;
unsigned short *halves;
enum mood *moods;
double (*rows)[4][2];
struct STU (*table)[3];
void *any, **anything;
char *text;
typedef unsigned char uint8_t;
uint8_t *octets;
__attribute__((noinline)) static int inner(struct STU *stu, int n)
{
	struct STU *local = stu + n;
	static char *text;
	volatile char room[32];
	if (n > 2) {
		struct all *block = &state + n;
		room[n] = block->at[0].x;
		text = (char *)&room[n];
	}
	return room[0] + local->id + (text ? *text : 0) + *numbers + states[n]->at[1].y;
}
int outer(union any *any)
{
	return inner(students, (int)any->f) + inner(students + 1, 3);
}
void _start(void)
{
	state.first = students;
	outer(0);
}
END
cat >two.c <<'END'
struct STU { int id; char name[20]; struct STU *next; };
struct other { long long wide; struct STU *all[4]; void *any; } *other;
struct STU *second(struct other *o) { return o->all[1]; }
END
cat >one.cc <<'END'
namespace shop { inline namespace v2 {
template <typename T, int N> struct Item { T all[N]; enum class Kind : char { A, B = 'b' } kind; struct In { T t; } *in; };
struct Base { int id; virtual int get() { return id; } };
struct Left : virtual Base { int left; };
struct STU : Left { Item<short, 3> items; static int n; int STU::*member; struct { int a; union { int b; float c; }; }; };
typedef Item<unsigned long, 2> Longs;
} namespace { struct Hidden { bool yes; } *hidden; } }
shop::STU *students;
shop::v2::Item<int, 4> *ints;
shop::Longs *longs, &ref = *longs;
shop::Item<shop::STU *, 1> *deep;
shop::Longs::Kind *kinds;
struct all { shop::Longs::In *in; } all;
extern "C" int _start(shop::STU *stu)
{
	struct Here { int n; shop::STU *stu; } here = {1, stu}, *local = &here;
	static Here *kept;
	kept = local;
	all.in = longs->in;
	return kept->n + stu->left + ints->all[1] + (shop::hidden ? 1 : 0) + (int)ref.all[0] + (deep != 0) + (kinds != 0);
}
END
cat >one.rs <<'END'
#![no_std]
#![crate_type = "staticlib"]
#[panic_handler] fn panic(_: &core::panic::PanicInfo) -> ! { loop {} }
pub enum Kind { Ping, Move { x: i32, y: i32 }, Text([u8; 4]) }
pub struct STU { kind: Kind, maybe: Option<u8>, place: Option<&'static i32>, yes: Option<bool> }
#[no_mangle] pub static mut STUS: Option<&'static STU> = None;
#[no_mangle] pub extern "C" fn _start(s: &'static STU) { unsafe { STUS = Some(s) } }
END

# Parts of a bundle: NAME FILE ...
pack() { # BUNDLE NAME FILE [NAME FILE ...]
	python3 - "$@" <<'END'
import struct, sys
out = open(sys.argv[1], "wb")
for name, path in zip(sys.argv[2::2], sys.argv[3::2]):
    data = open(path, "rb").read()
    out.write(bytes([len(name)]) + name.encode() + struct.pack("<I", len(data)) + data)
END
}

small=(-nostdlib -static '-Wl,-z,noseparate-code' '-Wl,--build-id=sha1' '-Wl,--gc-sections')
flags=(-fno-stack-protector -fno-builtin -fno-pic -no-pie -fdebug-prefix-map="$work=.")

# COMPILER FLAGS ...: one.o and two.o, with their .dwo files, and the program
compile() {
	local cc=$1
	shift
	rm -f ./*.dwo ./*.o program*
	"$cc" "${flags[@]}" "$@" -c one.c && "$cc" "${flags[@]}" "$@" -c two.c &&
		gcc "${small[@]}" -no-pie -o program one.o two.o
}
id_path() { # FILE: what stands behind /usr/lib/debug for its build-id
	readelf -n "$1" | sed -n 's|.*Build ID: \(..\)\(.*\)|\1/\2.debug|p'
}

for cc in gcc clang; do
	for version in 4 5; do
		name=$cc$version
		# frames, scopes, lists of locations
		compile $cc -gdwarf-$version -O1 && pack "$to/${name}_O1" program program
		# .dwo files
		compile $cc -gdwarf-$version -gsplit-dwarf -O1 &&
			pack "$to/${name}_dwo" program program one.dwo one.dwo two.dwo two.dwo
		# a package of them
		dwp=dwp
		[[ $version = 4 ]] || dwp=llvm-dwp
		compile $cc -gdwarf-$version -gsplit-dwarf && timeout 20 $dwp -e program -o p.dwp &&
			pack "$to/${name}_dwp" program program .dwp p.dwp
	done
done
compile gcc -gdwarf-5 && objcopy --compress-debug-sections=zlib program && pack "$to/zlib" program program
compile gcc -gdwarf-4 && objcopy --compress-debug-sections=zlib-gnu program && pack "$to/zlib_gnu" program program
compile gcc -gdwarf-5 && objcopy --compress-debug-sections=zstd program && pack "$to/zstd" program program
compile gcc -gdwarf-4 -gsplit-dwarf -fdebug-types-section &&
	pack "$to/types_dwo" program program one.dwo one.dwo two.dwo two.dwo
compile gcc -gdwarf-4 -gsplit-dwarf -fdebug-types-section && dwp -e program -o p.dwp &&
	pack "$to/types_dwp" program program .dwp p.dwp
compile gcc -gdwarf-5 -gsplit-dwarf && for dwo in one two; do
	objcopy --compress-debug-sections=zstd $dwo.dwo
done && pack "$to/zstd_dwo" program program one.dwo one.dwo two.dwo two.dwo

# what is kept apart: by build-id, by a link and its CRC
compile gcc -gdwarf-5 -O1 && objcopy --only-keep-debug program apart.debug && objcopy --strip-debug program &&
	pack "$to/apart_id" program program "$(id_path program)" apart.debug
compile gcc -gdwarf-5 && objcopy -R .note.gnu.build-id program &&
	objcopy --only-keep-debug program apart.debug && objcopy --strip-debug program &&
	objcopy --add-gnu-debuglink=apart.debug program && pack "$to/apart_link" program program .debug/apart.debug apart.debug
# apart, and a package beside it
compile gcc -gdwarf-4 -gsplit-dwarf && dwp -e program -o p.dwp && objcopy --only-keep-debug program apart.debug &&
	objcopy --strip-debug program &&
	pack "$to/apart_dwp" program program "$(id_path program)" apart.debug "program.dwp" p.dwp

# dwz's: what two programs share
for version in 4 5; do
	compile gcc -gdwarf-$version && cp program program2 && cp program program3 &&
		dwz -q -m shared -M /a/shared program program2 program3 && [[ -e shared ]] &&
		pack "$to/dwz$version" program program "$(id_path shared)" shared || echo "no dwz $version" >&2
done

# C++: namespaces, templates, bases, types within functions
for cc in g++ clang++; do
	for version in 4 5; do
		rm -f program
		$cc "${flags[@]}" -gdwarf-$version -O1 -fno-rtti -fno-exceptions -fdebug-types-section -c one.cc -o cc.o &&
			gcc "${small[@]}" -no-pie -Wl,--unresolved-symbols=ignore-all -o program cc.o && pack "$to/$cc$version" program program
	done
done

# Rust's variants
if rustc -C opt-level=1 -C panic=abort -g -o rust.a one.rs 2>/dev/null; then
	ar t rust.a | grep '^rust\|^one' | head -n 1 | xargs -I{} ar p rust.a {} >rust.o &&
		gcc "${small[@]}" -no-pie -o program rust.o && pack "$to/rust" program program
fi
