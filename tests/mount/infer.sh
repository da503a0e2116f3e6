#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Layouts that nobody wrote: what the variables of the programs that map a region point to, with
# nobody stopped, and what `auto` finds in the frames of their threads. The programs are compiled
# here, in the ways that people compile.
. "${0%/*}/lib.sh"
need_fuse
need_root "looks into other processes"
command -v gcc >/dev/null || skip_all "no gcc"

SOURCES=$TESTS/mount
compilers=(gcc)
command -v clang >/dev/null && compilers+=(clang)

build() { # OUTPUT COMPILER SOURCE FLAG...
	local to=$1 cc=$2 from=$3
	shift 3
	# .dwo files are left where it runs
	(cd "$WORK" && "$cc" -g -D_GNU_SOURCE "$@" -o "$to" "$from" -pthread) || bail "$cc $* doesn't compile $from"
	case $* in *-DPACKAGED*) (cd "$WORK" && dwp -e "$to" -o "$to.dwp" && rm -f ./*.dwo) || bail "no package" ;; esac
}
packaged="-O2 -gdwarf-4 -gsplit-dwarf -DPACKAGED" # binutils' dwp knows no other
command -v dwp >/dev/null || packaged=-O0
run() { # ID PROGRAM [ARGUMENT...] FILE: its region is that of FILE
	local id=$1 file=${!#}
	rm -f "$file" # or its layout is kept on it
	start "$@"
	hear "$id" && [ "$REPLY" = ready ] || bail "$2: $REPLY"
	R[$id.name]=${file##*/}
}
dir() { echo "$MNT/regions/${R[$1.name]}"; } # ID
says() { awk -F '\t' -v key="$2:" '$1 == key {print $2}' "$(dir "$1")/info"; } # ID KEY
ask() { { echo auto >"$(dir "$1")/layout"; } 2>&1; } # ID
refused() { ! ask "$1" >/dev/null; }
declared() { grep -v '^/\*' "$(dir "$1")/layout"; } # ID: its layout without comments

mount_peekfs -o allow_other,scan_ttl=0

# ---- the tutorial's writer: its pointer is a local variable of main ----

for cc in "${compilers[@]}"; do
	for flags in -O0 -O1 -O2 "-O2 -no-pie" "-O2 -gdwarf-4" "-O3 -gz" \
		"-O2 -gdwarf-4 -fdebug-types-section" "-O1 -fdebug-types-section" "-O0 -gsplit-dwarf" \
		"-O2 -gsplit-dwarf" "-O2 -gsplit-dwarf -gdwarf-4 -no-pie" "$packaged"; do
		what="$cc $flags"
		build "$WORK/writer" $cc "$TESTS/tutorials/writer.c" $flags
		run writer "$WORK/writer" "$WORK/$TAG-stu"
		is "$what: nothing is known unasked" "$(cat "$(dir writer)/layout")" ""
		ok "$what: auto" ask writer
		is "$what: the name" "$(cat "$(dir writer)"/fields/*/name)" xiaoming
		is "$what: the id" "$(cat "$(dir writer)"/fields/*/id)" 10
		is "$what: the layout" "$(declared writer)" $'debuginfo struct STU;\nstruct STU student @ 0;'
		is "$what: info says from where" "$(says writer Layout)" debuginfo
		like "$what: and of which variable" "$(says writer Variable)" \
			"^struct STU @ 0: local student in main of $WORK/writer, pid ${R_JOB[writer]}, thread ${R_JOB[writer]} \(writer\)$"
		[ -n "$SLOW" ] || between "$what: microseconds that it stood still" "$(says writer Auto-Stop-Us)" 1 999999
		echo >&"${R_IN[writer]}"
		hear writer
		is "$what: the writer goes on" "$REPLY" "id 11, name xiaoming, sex m"
		is "$what: and so do we" "$(cat "$(dir writer)"/fields/student/id)" 11
		stop writer
	done
done

# ---- static and global variables: nobody is stopped ----

for cc in "${compilers[@]}"; do
	# the second: .bss far from .data
	for flags in -O0 "-no-pie -Wl,-Tbss=0x8000000" "-O2 -no-pie" "-O0 -gsplit-dwarf -gdwarf-4" \
		"-O2 -gsplit-dwarf" "$packaged"; do
		what="$cc $flags"
		build "$WORK/pointers" $cc "$SOURCES/pointers.c" $flags
		run p "$WORK/pointers" global "$WORK/$TAG-global-$cc${flags//[^a-zA-Z0-9]/}"
		ls "$(dir p)" >/dev/null
		cat "$(dir p)/raw" >/dev/null
		is "$what: who doesn't look finds nothing" "$(says p Layout)" none
		is "$what: a global pointer" "$(cat "$(dir p)/fields/students/0/name")" xiaoming
		is "$what: as many as fit" "$(ls "$(dir p)/fields/students" | wc -l)" 12
		is "$what: its layout" "$(declared p)" $'debuginfo struct STU;\nstruct STU students[] @ 0;'
		is "$what: nobody was stopped" "$(says p Auto-Stop-Us)" ""
		cat "$(dir p)/layout" >"$WORK/text"
		ok "$what: the text can be written back" cp "$WORK/text" "$(dir p)/layout"
		is "$what: and means the same" "$(cat "$(dir p)/fields/students/0/name")" xiaoming
		is "$what: but it is written now" "$(says p Layout)" written
		stop p
	done
done

build "$WORK/pointers" gcc "$SOURCES/pointers.c" -O2
run p "$WORK/pointers" parts "$WORK/$TAG-parts"
is "members of a static struct: a header and records" "$(declared p)" \
	$'debuginfo struct header;\ndebuginfo struct STU;\nstruct header table_header @ 0;\nstruct STU table_records[] @ 64;'
is "the header" "$(cat "$(dir p)/fields/table_header/magic")" 4711
is "the records" "$(cat "$(dir p)/fields/table_records/0/name")" xiaoming
is "each has a line" "$(says p Variable | cut -d: -f1)" $'struct header @ 0\nstruct STU @ 64'
stop p

run p "$WORK/pointers" two "$WORK/$TAG-two"
is "a cursor and what it runs over are one array" "$(declared p)" \
	$'debuginfo struct STU;\nstruct STU table_records[] @ 64;'
like "the array's name is the one that points to its first" "$(says p Variable)" "^struct STU @ 64: static table.records of"
like "the cursor is listed" "$(says p Candidate)" "^struct STU @ 148: global students of"
stop p

run p "$WORK/pointers" rivals "$WORK/$TAG-rivals"
is "rivals: one of them is used" "$(ls "$(dir p)/fields" | wc -l) $(says p Variable | grep -c ' @ 0: global ')" "1 1"
is "rivals: the other is listed" "$(says p Candidate | grep -c ' @ 0: global ')" 1
stop p

run p "$WORK/pointers" typedef "$WORK/$TAG-typedef"
is "a struct that only a typedef names" "$(cat "$(dir p)/fields/points/2/y")" 2.5
stop p

mkdir -p "$WORK/new/mount" "$WORK/new/tutorials"
sed 's/name\[20\]/name[44]/' "$TESTS/tutorials/tutorial.h" >"$WORK/new/tutorials/tutorial.h"
cp "$SOURCES/pointers.c" "$WORK/new/mount/"
build "$WORK/newer" gcc "$WORK/new/mount/pointers.c" -O2
run p "$WORK/pointers" global "$WORK/$TAG-disagree"
file=${R[p.name]}
start q "$WORK/newer" global "$WORK/$file" && hear q
is "programs that disagree: the name" "$(cat "$(dir p)/fields/students/0/name")" xiaoming
is "programs that disagree: one of them is believed" "$(says p Variable | grep -c @) $(says p Candidate | grep -c @)" "1 1"
is "programs that disagree: its shape counts" "$(($(stat -c %s "$(dir p)/fields/students/1/.raw")))" \
	"$(says p Variable | grep -q newer && echo 52 || echo 28)"
stop p q

for cc in g++ clang++; do
	command -v $cc >/dev/null || continue
	$cc -g -o "$WORK/shop" "$SOURCES/shop.cc" || bail "$cc doesn't compile shop.cc"
	run p "$WORK/shop" "$WORK/$TAG-$cc"
	is "$cc: arguments of templates, and one name in two namespaces" "$(declared p)" \
		'debuginfo struct shop::ring<shop::item,4>;
debuginfo struct shop::ring<unsigned int,2>;
debuginfo struct store::item;
struct shop::ring<shop::item,4> sold @ 0;
struct shop::ring<unsigned int,2> counts[85] @ 1024;
struct store::item heaviest[] @ 2048;'
	is "$cc: values" "$(cd "$(dir p)/fields" && cat sold/items/1/{price,name} counts/0/items/1 heaviest/0/weight | xargs)" "5 pear 9 2.5"
	cat "$(dir p)/layout" >"$WORK/text"
	ok "$cc: the text can be written back" cp "$WORK/text" "$(dir p)/layout"
	is "$cc: and means the same" "$(cat "$(dir p)/fields/sold/items/1/name")" pear
	ok "$cc: so can one's own" try open w,trunc "$(dir p)/layout" \
		write 'shop::item a @ 20; const struct shop :: ring < unsigned  int, 2 > b @ 1024; [[hex]] shop::item.price;' dup-close close
	is "$cc: it means that" "$(cat "$(dir p)"/fields/a/{name,price} "$(dir p)/fields/b/items/1" | xargs)" "pear 0x00000005 9"
	ok "$cc: made by macros" try open w,trunc "$(dir p)/layout" \
		write '#define NS shop\x0a#define OF(x) ring<NS::x /* so */, 4>\x0aNS::OF(item) a @ 0;' dup-close close
	like "$cc: a path that isn't there" \
		"$(try open w,trunc "$(dir p)/layout" write 'shop::itm a @ 20;' dup-close close) $(says p Layout-Error)" \
		"EINVAL.*line 1, column 1: 'shop::itm' isn't declared here, and"
	stop p
done

if command -v rustc >/dev/null && rustc -g -A warnings -o "$WORK/rust" "$SOURCES/shop.rs" 2>/dev/null; then
	run p "$WORK/rust" "$WORK/$TAG-rust"
	is "Rust: a static variable" "$(cat "$(dir p)/fields/SOLD/items/1/price")" 5
	is "Rust: its type has a path and arguments" "$(declared p | tail -n 1)" "struct shop::Ring<shop::goods::Item,3> SOLD @ 0;"
	ok "Rust: auto" ask p
	like "Rust: a pointer to c_void says nothing" "$(says p Candidate)" "void @ 0: local map in main of"
	stop p
else
	skip "Rust" "no rustc that works here"
fi

build "$WORK/pointers" gcc "$SOURCES/pointers.c" -O2
run p "$WORK/pointers" none "$WORK/$TAG-none"
ok "no variable: auto is refused" refused p
like "no variable: what to do, and that is not -g" "$(says p Layout-Error)" \
	"points into it: 1 processes, 1 threads .*; if the compiler has dropped it, say what is there: debuginfo struct NAME$"
echo "debuginfo struct STU; struct STU kept[] @ 64;" >"$(dir p)/layout"
is "no variable: that works" "$(cat "$(dir p)/fields/kept/0/name")" xiaoming
stop p

# ---- where the debug information is ----

build "$WORK/libkeep.so" gcc "$SOURCES/pointers.c" -O2 -shared -fPIC -DLIBRARY
build "$WORK/user" gcc "$SOURCES/pointers.c" -O2 -L"$WORK" -Wl,-rpath,"$WORK" -Wl,--no-as-needed -lkeep
run p "$WORK/user" library "$WORK/$TAG-library"
is "a shared library's variable" "$(cat "$(dir p)"/fields/kept_by_library/0/name)" xiaoming
like "is said to be of it" "$(says p Variable)" "of $WORK/libkeep.so, pid"
stop p

build "$WORK/bare" gcc "$SOURCES/pointers.c" -O1 -s
run p "$WORK/bare" global "$WORK/$TAG-stripped"
is "stripped: nothing" "$(cat "$(dir p)/layout")$(says p Layout)" none
ok "stripped: auto is refused" refused p
is "stripped: there is nothing that could be kept" "$(says p Layout)$(says p Layout-Kept)" none
like "stripped: and says why" "$(says p Layout-Error)" "points into it: 1 processes, 1 threads were looked at, 0 were left alone; bare: there is no debug information of it"
stop p
for flag in "-gsplit-dwarf:in .dwo files" "-g1:compiled with -g1"; do
	(cd "$WORK" && gcc -g -D_GNU_SOURCE "${flag%:*}" -o lacking "$SOURCES/pointers.c" -pthread && rm -f ./*.dwo)
	run p "$WORK/lacking" global "$WORK/$TAG${flag%:*}"
	ok "${flag%:*}: auto is refused" refused p
	like "${flag%:*}: and says why" "$(says p Layout-Error)" "points into it: 1 processes, .*; lacking: .*its debug information.* ${flag#*:}"
	stop p
done
(
	cd "$WORK" && gcc -g -D_GNU_SOURCE -O3 -o whole "$SOURCES/pointers.c" -pthread &&
		objcopy --only-keep-debug whole linked.debug && strip -o linked whole &&
		objcopy --add-gnu-debuglink=linked.debug linked
)
run p "$WORK/linked" global "$WORK/$TAG-linked"
is "stripped: a separate debug file" "$(cat "$(dir p)/fields/students/0/name")" xiaoming
stop p
cp "$WORK/pointers" "$WORK/replaced"
run p "$WORK/replaced" global "$WORK/$TAG-replaced"
rm "$WORK/replaced"
cp /bin/true "$WORK/replaced"
is "a program replaced since its start" "$(cat "$(dir p)/fields/students/0/name")" xiaoming
stop p

# ---- frames ----

for cc in "${compilers[@]}"; do
	for flags in -O0 -O2; do
		build "$WORK/pointers" $cc "$SOURCES/pointers.c" $flags
		run p "$WORK/pointers" handler "$WORK/$TAG-handler"
		ok "$cc $flags: auto through a signal handler" ask p
		like "$cc $flags: finds the function that was interrupted" "$(says p Variable)" "local in_frame in interrupted of"
		stop p
		run p "$WORK/pointers" pausing "$WORK/$TAG-pausing"
		ok "$cc $flags: auto where the pointer is in a register that a callee leaves alone" ask p
		like "$cc $flags: finds it" "$(says p Variable)" "local kept in pausing of"
		slay p
		run p "$WORK/pointers" thread "$WORK/$TAG-thread"
		ok "$cc $flags: auto in a thread" ask p
		like "$cc $flags: finds its variable" "$(says p Variable)" "local of_thread in run of"
		is "$cc $flags: both threads were stopped" "$(says p Auto-Threads)" 2
		stop p
	done
done

# ---- what is known stays ----

build "$WORK/writer" gcc "$TESTS/tutorials/writer.c" -O1
run w "$WORK/writer" "$WORK/$TAG-stays"
ask w
mount -i -o remount "$MNT" || bail "remount" # the kernel forgets all files of the mount
is "forgotten by the kernel: what auto found is still told" \
	"$(says w Layout) $(says w Variable | cut -d: -f1) $(says w Auto-Threads)" "debuginfo struct STU @ 0 1"
echo 'strukt' 2>/dev/null >"$(dir w)/layout"
mount -i -o remount "$MNT"
like "and why a text was refused" "$(says w Layout-Error)" "no type is named 'strukt'"
echo 'struct STU s @ 0;' >"$(dir w)/layout"
is "until another is set" "$(says w Layout) $(says w Layout-Error)" "written "
stop w

# ---- who is left alone, and who may ask ----

build "$WORK/pointers" gcc "$SOURCES/pointers.c" -O2
start p "$WORK/pointers" self "$WORK/$TAG-self" "$MNT/regions/$TAG-self/layout" && hear p
R[p.name]=$TAG-self
hear p
is "a program may ask about itself, and isn't interrupted by it" "$REPLY" "done"
like "its own thread is left alone" "$(says p Auto-Left-Alone)" "1 busy"
is "a global one is found" "$(says p Variable | cut -d, -f1)" "struct STU @ 0: global students of $WORK/pointers"
stop p

build "$WORK/writer" gcc "$TESTS/tutorials/writer.c" -O2
run w "$WORK/writer" "$WORK/$TAG-stopped"
kill -STOP "${R_JOB[w]}"
until_true 10 grep -q '^State:.T' "/proc/${R_JOB[w]}/status"
ok "a stopped program: auto is refused" refused w
like "and says why" "$(says w Layout-Error)" "0 threads were looked at, 1 were left alone"
like "it stays stopped" "$(grep State "/proc/${R_JOB[w]}/status")" "T \(stopped\)"
kill -CONT "${R_JOB[w]}"
ok "when it runs again it is found" ask w
chmod 666 "$WORK/$TAG-stopped"
: >"$(dir w)/layout"
if setpriv --reuid=60001 --regid=60001 --clear-groups test -w "$(dir w)/layout"; then
	setpriv --reuid=60001 --regid=60001 --clear-groups bash -c "echo auto >'$(dir w)/layout'" 2>"$WORK/refusal"
	like "others' programs aren't stopped for who may write the layout" "$(cat "$WORK/refusal")" "[Pp]ermission denied"
	is "nothing was set" "$(says w Layout)" none
	setpriv --reuid=60001 --regid=60001 --clear-groups sh -c "printf 'int n @ 0;\n' >'$(dir w)/layout'"
	is "though he may set one" "$(says w Layout)" written
else
	skip "others' programs aren't stopped for who may write the layout" "the file is in a directory that others can't enter"
fi
stop w

install -d -o 60001 "$WORK/alice"
build "$WORK/alice/pointers" gcc "$SOURCES/pointers.c" -O2
start a setpriv --reuid=60001 --regid=60001 --clear-groups "$WORK/alice/pointers" global "$WORK/alice/$TAG-alice"
hear a
R[a.name]=$TAG-alice
is "a user's program types his region" "$(cat "$(dir a)/fields/students/0/name")" xiaoming
variable() { setpriv --reuid="$1" --regid="$1" --clear-groups cat "$(dir a)/info" | grep '^Variable'; }
like "he learns of which variable" "$(variable 60001)" "global students of $WORK/alice/pointers"
is "another doesn't" "$(variable 60002)" $'Variable:\t-'
: >"$(dir a)/layout"
ok "he may ask for auto" setpriv --reuid=60001 --regid=60001 --clear-groups sh -c "echo auto >'$(dir a)/layout'"
stop a

finish
