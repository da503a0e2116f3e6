#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Scalars: their text, what the program sees of a write, and that reading and writing back is exact.
. "${0%/*}/lib.sh"

region v shm name=/$TAG-v size=64k
mount_peekfs
lay v <<'END'
enum mood { CALM, CROSS = 7, WILD = -3 };
struct point { int32_t x, y; };
struct all {
	int8_t i8; uint8_t u8; int16_t i16; uint16_t u16;	// 64 65 66 68
	int32_t i32; uint32_t u32; int64_t i64; uint64_t u64;	// 72 76 80 88
	float f; double d;					// 96 104
	char c; bool yes;					// 112 113
	char name[20];						// 114
	uint8_t digest[4];					// 134
	enum mood mood;						// 140
	void *where;						// 144
	unsigned low : 3, high : 5; signed int below : 4;	// 152
	[[hex]] uint32_t mask;					// 156
	[[be]] uint32_t wire;					// 160
	struct point p, pair[2];				// 164 172
	int32_t grid[2][3];					// 188
	union { uint32_t word; uint8_t bytes[4]; } u;		// 212
	uint16_t last;						// 216
};
struct all v @ 64;
END
is "the layout is taken" "$(info v Layout)" written
fields=$(at v)/fields/v
put() { say v put "$1" "$2"; }

# WHERE HEX-IN-MEMORY FIELD TEXT: the text is shown for these bytes, and makes them.
value() {
	put "$1" "$2"
	is "$3 of $2" "$(cat "$fields/$3")" "$4"
	is "$3: its size" "$(stat -c %s "$fields/$3")" $((${#4} + 1))
	put "$1" "$(printf "%0${#2}d" 0)"
	ok "$3: $4 is written back" write_field "$3" "$4"
	told "$3: the program sees it" v "get $1 $((${#2} / 2))" "$2"
}
write_field() { printf '%s\n' "$2" >"$fields/$1"; }

value 64 80 i8 -128
value 64 7f i8 127
value 65 ff u8 255
value 66 0080 i16 -32768
value 68 ffff u16 65535
value 72 00000080 i32 -2147483648
value 76 ffffffff u32 4294967295
value 80 0000000000000080 i64 -9223372036854775808
value 88 ffffffffffffffff u64 18446744073709551615
value 96 cdcccc3d f 0.1
value 96 00008040 f 4
value 96 0000807f f inf
value 104 9a9999999999b93f d 0.1
value 104 182d4454fb210940 d 3.141592653589793
value 104 0100000000000000 d 5e-324
value 104 0000000000000080 d -0
value 112 41 c A
value 112 0a c '\n'
value 112 1b c '\x1b'
value 112 5c c '\\'
put 112 00
cat "$fields/c" >"$WORK/value" && put 112 41 && cat "$WORK/value" >"$fields/c"
told "a NUL as a character is written back" v "get 112 1" 00
value 113 01 yes true
value 113 00 yes false
value 114 7869616f6d696e6700000000000000000000 name xiaoming
value 114 6c6f6e672061732069742063616e206265212121 name 'long as it can be!!!'
value 114 610a62c3a4ff00 name 'a\nbä\xff'
value 134 deadbeef digest deadbeef
value 140 07000000 mood CROSS
value 140 fdffffff mood WILD
value 140 05000000 mood 5
value 144 00e0adde0bb0fe7f where 0x7ffeb00bdeade000
value 156 0000ffc0 mask 0xc0ff0000
value 160 01020304 wire 16909060
value 168 ffffffff p/y -1
value 180 2a000000 pair/1/x 42
value 208 2a000000 grid/1/2 42
value 212 01020304 u/word 67305985
value 212 01020304 u/bytes 01020304

put 152 00000000
printf '5\n' >"$fields/low" && printf '17\n' >"$fields/high" && printf -- '-8\n' >"$fields/below"
told "bit-fields lie as the compiler lays them" v "get 152 4" "$(printf '%02x%02x0000' $((5 | 17 << 3)) 8)"
is "and are read" "$(cat "$fields"/{low,high,below} | xargs)" "5 17 -8"

put 76 00000000
for text in 0x10 16; do
	write_field u32 $text
	told "an integer is written as $text" v "get 76 4" 10000000
done
printf 7 >"$fields/u32"
told "without a newline" v "get 76 4" 07000000
put 114 "$(printf '41%.0s' {1..20})"
write_field name abc
told "a shorter string ends with a NUL and leaves what is behind" v "get 114 8" 6162630041414141
put 130 4141414142

put 64 "$(for i in {1..154}; do printf %02x $((i * 37 % 251)); done)"
put 96 0000803f && put 104 000000000000f03f && put 113 01
say v get 0 64k
before=$REPLY
while read -r file; do
	cat "$file" >"$WORK/value" && cat "$WORK/value" >"$file" || note "$file: $(cat "$WORK/value")"
done < <(find "$fields" -type f ! -name '.*')
say v get 0 64k
ok "reading and writing back every field changes no byte" test "$before" = "$REPLY"
is "every scalar was one" "$(find "$fields" -type f ! -name '.*' | wc -l)" 36

is "a struct's .raw" "$(od -An -tx1 "$fields/p/.raw" | tr -d ' \n')" "$(try open r "$(at v)/raw" pread 164 8 | sed 's/.* //')"
tried "written" "open 0; pwrite 8" open rw "$fields/p/.raw" pwrite 0 '\x01\x00\x00\x00\x02\x00\x00\x00'
is "it is read as values" "$(cat "$fields"/p/{x,y} | xargs)" "1 2"
tried "and not beyond its end" "open 0; pread 0000; pread " open r "$fields/p/.raw" pread 6 10 pread 8 1
is "an array lists its indices in order" "$(ls -U "$fields/grid/1" | xargs)" "0 1 2"

# A shell's echo and printf write texts of several lines in pieces.
region lines shm name=/$TAG-lines size=4k
d=$(at lines)
ok "it is listed" until_true 10 test -e "$d"
for text in $'struct A {\n  int a;\n  int b;\n};' $'/* two\nlines */\nstruct A\n{ int a, b; };' \
	$'#include <stdint.h>\n\nstruct A { int32_t a;\n int b; };\nstruct A records[2] @ 0;'; do
	for how in 'echo "$1" >"$2"' 'printf "%s\n" "$1" >"$2"' 'true; echo "$1"; echo "$1" >"$2"'; do
		ok "bash: $how" bash -c "$how" bash "$text" "$d/layout"
		is "the whole of it is the layout" "$(cat "$d/layout")" "$text"
	done
done
text=$'{\n  "a": 5,\n  "b": [\n  ]\n}'
text=${text/\[*\]/7}
for how in 'echo "$1" >"$2"' 'true; echo "$1"; echo "$1" >"$2"'; do
	ok "a record: $how" bash -c "$how" bash "$text" "$d/fields/records/0/.json"
	is "and all of it" "$(cat "$d/fields/records/0/.json")" '{"a": 5, "b": 7}'
done
before=$(cat "$d/layout")
ok "a wrong last line is refused" \
	not bash -c 'printf "struct B { int b; };\nno such;\n" >"$1"' bash "$d/layout"
is "and those before it are taken back" "$(cat "$d/layout")" "$before"

# A record whose JSON can't be had at one moment.
region big shm name=/$TAG-big size=64m
d=$(at big)
ok "it is listed" until_true 10 test -e "$d"
lay big <<<'struct R { int id; int a[10000000]; };'
ok "all of a large record can be listed" ls -l -A "$d/fields/records/0"
like "and its .json says that it is too long" "$(cat "$d/fields/records/0/.json" 2>&1)" "too large"

finish
