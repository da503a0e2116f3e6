#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What live memory decides: where things stand, how many there are, what is there at all, and where
# pointers lead; while a program changes it.
. "${0%/*}/lib.sh"

le() { # WIDTH NUMBER: its bytes as memory has them, in hex
	local hex i out=
	hex=$(printf "%0$(($1 * 2))x" "$2")
	hex=${hex: -$(($1 * 2))}
	for ((i = $1 - 1; i >= 0; i--)); do out+=${hex:i*2:2}; done
	echo "$out"
}
put() { say "$1" put "$2" "$(le "$3" "$4")" || bail "put $*: $REPLY"; } # ID OFFSET WIDTH NUMBER
hex() { printf '%s' "$1" | od -An -tx1 -v | tr -d ' \n'; }
names() { ls "$1" 2>&1 | xargs; } # DIRECTORY

region p shm name=/$TAG-p size=8k keep
mount_peekfs
fields=$(at p)/fields

# ---- where, and how many ----

lay p <<'END'
struct header { uint32_t table_offset, count, version, text; };
struct entry { uint32_t key, value; };
struct header hdr @ 0;
struct entry table[hdr.count] @ hdr.table_offset;
[[if(hdr.version >= 2)]] uint64_t checksum @ 24;
char text[] @ hdr.text;
END
is "a layout with live places" "$(info p Layout) $(info p Layout-Error)" "written "
put p 0 4 64
put p 4 4 3
put p 12 4 4096
for i in 0 1 2; do put p $((64 + i * 8)) 4 $((100 + i)); done
say p put 4096 "$(hex hello)00"
is "an array is where the memory says" "$(cat "$fields"/table/*/key | xargs)" "100 101 102"
is "and a text, up to its NUL" "$(cat "$fields/text") $(stat -c %s "$fields/text")" "hello 6"
is "what isn't there isn't listed" "$(names "$fields")" "hdr table text"
is "nor found" "$(try stat "$fields/checksum")" "stat ENOENT"
ino=$(stat -c %i "$fields/table/2/value")
put p 0 4 1024
put p 1024 4 7
put p 8 4 2
is "it moves" "$(cat "$fields/table/0/key")" 7
is "its number doesn't" "$(stat -c %i "$fields/table/2/value")" "$ino"
is "and what wasn't there is" "$(cat "$fields/checksum")" 0
echo 9 >"$fields/table/1/value"
told "what is written there" p 'get 1036 4' "$(le 4 9)"
echo shall >"$fields/text"
told "a text of the same length" p 'get 4096 7' "$(hex shall)0000"
is "a longer one has no room" "$(try open w,trunc "$fields/text" write 'longer\x0a')" "open 0; write ERANGE"
put p 0 4 9000
is "beyond the end: its directory is there" "$(stat -c %F "$fields/table")" directory
like "and says so" "$(ls "$fields/table" 2>&1)" "Numerical result out of range"
like "and info tells why" "$(info p Layout-Error)" "line 4, column 33: 'table' is placed 9000 bytes from"
is "the others stay" "$(cat "$fields/hdr/count" "$fields/text" | xargs)" "3 shall"
put p 0 4 $((8192 - 20))
is "no more than there is room for" "$(names "$fields/table")" "0 1"
like "and info tells it" "$(info p Layout-Error)" "line 4, column 20: the count is 3, but there is room for 2"

# ---- inside records ----

# Each variant begins with the type that says which one it is.
lay p <<'END'
struct event {
	union {
		uint16_t type;
		[[case(type == 1)]] struct { uint16_t type, x; } key;
		[[case(type == 2)]] struct { uint16_t type, y; } button;
	};
} event @ 0;
END
say p put 0 01000700
echo '{"key": {"type": 2, "x": 8}}' >"$fields/event/.json"
is "a variant may say that it is another" "$(cat "$fields/event/.json")" '{"type": 2, "button": {"type": 2, "y": 8}}'
echo '{"type": 1, "key": {"x": 9}}' >"$fields/event/.json"
is "and another one come with its type" "$(cat "$fields/event/.json")" '{"type": 1, "key": {"type": 1, "x": 9}}'

lay p <<'END'
enum kind { NONE, POINT, NAME, LIST };
struct msg {
	uint8_t kind; uint8_t n; [[be]] uint16_t where;
	union {
		[[case(kind == POINT)]] struct { uint16_t x, y; } point;
		[[case(kind == NAME)]] char name[8];
		uint16_t list[4] [[case(kind == LIST), count(n)]];
	} body;
	[[if(where)]] char far[] @ where;
};
struct msg msgs[4] @ 0;
END
say p put 0 "0100000001000200"
say p put 12 "02000064$(hex abc)00"
say p put 112 "$(hex deep)00"
say p put 24 "03020000070008000900"
say p put 36 "0900"
is "a member for each kind" "$(cd "$fields/msgs" && echo ?/body/*)" "0/body/point 1/body/name 2/body/list"
is "a field of one" "$(cat "$fields/msgs/0/body/point/y")" 2
is "so many are used" "$(cat "$fields"/msgs/2/body/list/* | xargs)" "7 8"
is "none is true: only .raw and .json" "$(ls -A "$fields/msgs/3/body" | xargs)" ".json .raw"
is "a text by offset from its record" "$(cat "$fields/msgs/1/far")" deep
is "without a place it isn't listed" "$(names "$fields/msgs/0")" "body kind n where"
is "nothing is wrong so far" "$(info p Layout-Error)" ""
say p put 14 ffff
like "a place beyond the end" "$(cat "$fields/msgs/1/far" 2>&1)" "Numerical result out of range"
like "and info tells why" "$(info p Layout-Error)" "line 9, column 29: 'far' is placed 65535 bytes from its struct's start"
say p put 14 0064
is "as JSON" "$(cat "$fields/msgs/1/.json")" \
	'{"kind": 2, "n": 0, "where": 100, "body": {"name": "abc"}, "far": "deep"}'
is "and another" "$(cat "$fields/msgs/2/.json")" \
	'{"kind": 3, "n": 2, "where": 0, "body": {"list": [7, 8]}}'
echo '{"body": {"list": [1, 2]}}' >"$fields/msgs/2/.json"
told "JSON that is written" p 'get 24 8' 0302000001000200
like "no more elements than are used" "$(echo '{"body": {"list": [1, 2, 3]}}' 2>&1 >"$fields/msgs/2/.json")" "out of range"
like "nor members that aren't there" "$(echo '{"body": {"name": "x"}}' 2>&1 >"$fields/msgs/2/.json")" "Invalid argument"

# What says which members there are is written with them, in any order.
becomes() { # WHAT JSON HEX
	echo "$2" >"$fields/msgs/2/.json"
	told "$1" p 'get 24 12' "$3"
}
refuses() { # WHAT JSON
	local before
	say p get 24 12 && before=$REPLY
	like "$1" "$(echo "$2" 2>&1 >"$fields/msgs/2/.json")" "Invalid argument|out of range"
	told "$1: and nothing is changed" p 'get 24 12' "$before"
}
becomes "a kind and its data at once" '{"kind": 1, "body": {"point": {"x": 5, "y": 6}}}' 010200000500060009000000
becomes "the data first" '{"body": {"name": "xyz"}, "kind": 2}' 0202000078797a0009000000
becomes "a count and as many" '{"body": {"list": [1, 2, 3, 4]}, "n": 4, "kind": 3}' 030400000100020003000400
refuses "as many as there will be, no more" '{"n": 2, "body": {"list": [1, 2, 9]}}'
refuses "what was there counts only as it was" '{"kind": 2, "body": {"list": [1, 2, 3, 5]}}'
refuses "what won't be there" '{"kind": 2, "body": {"point": {"x": 1}}}'
refuses "a value that fits the old kind alone" '{"kind": 2, "body": {"list": [], "name": 5}}'
is "an object that was read" "$(cat "$fields/msgs/2/.json")" \
	'{"kind": 3, "n": 4, "where": 0, "body": {"list": [1, 2, 3, 4]}}'
becomes "and written with fewer of them, the rest left in it" \
	'{"kind": 3, "n": 2, "where": 0, "body": {"list": [1, 2, 3, 4]}}' 030200000100020003000400
becomes "and with another kind" '{"kind": 2, "n": 2, "where": 0, "body": {"list": [1, 2]}}' 020200000100020003000400
becomes "and with what stands elsewhere then" '{"kind": 3, "where": 88, "far": "DEEP"}' 030200580100020003000400
told "which is there" p 'get 112 5' "$(hex DEEP)00"
put p 24 4 $((0x0203))
say p put 112 "$(hex deep)00"

is "as a table: what isn't there is empty" "$(cat "$(at p)/tables/msgs.csv")" \
	"_index,kind,n,where,body.point.x,body.point.y,body.name,body.list.0,body.list.1,body.list.2,body.list.3,far
0000000,1,0,0,1,2,,,,,,
0000001,2,0,100,,,abc,,,,,deep
0000002,3,2,0,,,,1,2,,,
0000003,9,0,0,,,,,,,,"
is "as lines of JSON" "$(sed -n 2,3p "$(at p)/tables/msgs.jsonl")" \
	'{"_index": 1, "kind": 2, "n": 0, "where": 100, "body": {"name": "abc"}, "far": "deep"}
{"_index": 2, "kind": 3, "n": 2, "where": 0, "body": {"list": [1, 2]}}'
is "as text: lines of one length" "$(awk '{ print length }' "$(at p)/tables/msgs.txt" | sort -u | wc -l)" 1
is "whose size is told" "$(stat -c %s "$(at p)/tables/msgs.txt")" "$(wc -c <"$(at p)/tables/msgs.txt")"
like "and whose last is at once there" "$(tail -n 1 "$(at p)/tables/msgs.txt")" "^0000003 +9 +0 +0 *$"

# ---- records of varying length ----

lay p <<'END'
struct [[size(length)]] rec { uint16_t length; uint16_t id; char text[]; };
struct rec recs[] @ 0;
int ends[] @ 4096 [[until(self == 0)]];
END
say p put 0 "06000100$(hex aa)08000200$(hex bbbb)04000300"
say p put 18 "0000"
is "each where the last one ends" "$(cat "$fields"/recs/*/id | xargs)" "1 2 3"
is "its tail is text" "$(cat "$fields/recs/1/text")" bbbb
is "its bytes are its own" "$(stat -c %s "$fields"/recs/*/.raw | xargs)" "6 8 4"
is "as a table" "$(cat "$(at p)/tables/recs.csv")" "_index,length,id,text
0000000,6,1,aa
0000001,8,2,bbbb
0000002,4,3,"
is "as text" "$(awk '{ print $1, $4 }' "$(at p)/tables/recs.txt" | xargs)" "_index text 0000000 aa 0000001 bbbb 0000002"
long=$(printf '%05000d' 7)
say p put 18 "a0010400$(hex "${long: -400}")00000000000000000000000000000000"
say p put $((18 + 416)) "24000500$(hex "${long: -32}")25000600$(hex "${long: -33}")0000"
is "as text a long one is cut, and says so" "$(sed -n '5,7s/.* //p' "$(at p)/tables/recs.txt")" \
	"$(printf '%.29s...\n%s\n%.29s...' "${long: -400}" "${long: -32}" "${long: -33}")"
is "lines are still of one length" "$(awk '{ print length }' "$(at p)/tables/recs.txt" | sort -u | wc -l)" 1
is "in the others it is whole" "$(sed -n 5p "$(at p)/tables/recs.csv")" "0000003,416,4,${long: -400}"
printf '\x8a\x13\x04\x00%s\x00\x00' "${long: -4998}" | dd of="$(at p)/raw" seek=18 bs=1 status=none
is "a longer one, too" "$(sed -n 5p "$(at p)/tables/recs.csv")" "0000003,5002,4,${long: -4998}"
say p put 18 "0000"
is "as lines" "$(jq -c .text "$(at p)/tables/recs.jsonl" | xargs)" "aa bbbb "
is "there is no other" "$(try stat "$fields/recs/3")" "stat ENOENT"
ctl() { "$BUILD/tools/peekctl/peekctl" "$@" | xargs; }
address=${R[p.map0]#*range=} address=$((16#${address%%-*}))
name=$(name_of p)
if can_keep "peekctl shows the same"; then
	is "peekctl shows the same" "$(ctl show "$name/recs/1")" \
		"recs/1/length: 8 recs/1/id: 2 recs/1/text: bbbb"
	is "and finds it by its address" \
		"$(ctl where -n -o PATH,INTO,SIZE "${R_JOB[p]}" "$(printf %x $((address + 12)))")" "recs/1/text 2 4"
fi
say p put 18 "0500040041"
is "until there is" "$(cat "$fields/recs/3/text")" A
say p put 6 "02"
is "a length that can't be ends it" "$(names "$fields/recs")" 0
like "and info tells why" "$(info p Layout-Error)" "says that it has 2 bytes"
say p put 4096 "01000000ffffffff00000000"
is "up to a sentinel" "$(cat "$fields"/ends/* | xargs)" "1 -1"
say p put 0 "03$(hex ab)0104$(hex xyz)00"
lay p <<<'struct [[size(n)]] rec { uint8_t n; char text[]; };'
is "without a variable they fill the region" \
	"$(names "$fields/records"): $(cat "$fields"/records/*/text | tr '\n' ,)" "0 1 2: ab,,xyz,"
is "and are rows" "$(cut -d, -f3 "$(at p)/tables/records.csv" | tail -n +2 | xargs)" "ab xyz"

# ---- where pointers lead ----

lay p <<'END'
struct node {
	struct node *next;
	[[offset_from(heap)]] struct node *other;
	[[offset_from(self)]] struct node *near;
	[[offset_from(nodes_at + 16, struct node)]] uint32_t small;
	int32_t back [[offset_from(self, struct node)]];
	void *any; char *name; int id;
};
uint32_t heap @ 0; uint32_t nodes_at @ 4;
struct list { struct node *head; struct node first[2]; } lists[2] @ 1024;
struct node nodes[8] @ 128;
char title[16] @ 2048;
END
node=56 first=128
put p 0 4 64
put p 4 4 128
base=${R[p.map0]#*range=} base=$((16#${base%%-*}))
lead() { readlink "$fields/$1" || stat -c %F "$fields/$1"; } # PATH
put p $((first + 8)) 8 0
put p $first 8 $((base + first + 3 * node))
is "a pointer is a link" "$(lead nodes/0/next)" ../3
is "that is followed" "$(cd "$fields/nodes/0/next" && pwd -P)" "$(cd "$fields/nodes/3" && pwd -P)"
put p $((first + 3 * node)) 8 $((base + first + 5 * node))
put p $((first + 5 * node + 48)) 4 77
is "cd next/next walks the list" "$(cd "$fields/nodes/0" && cd next/next && cat id)" 77
put p $((first + 5 * node)) 8 $((base + first + 1))
is "into the middle of a record: a value" "$(lead nodes/5/next) $(cat "$fields/nodes/5/next")" \
	"regular file $(printf '0x%x' $((base + first + 1)))"
ino=$(stat -c %i "$fields/nodes/5/next")
put p $((first + 5 * node)) 8 0
is "null" "$(cat "$fields/nodes/5/next")" 0x0
printf '0x%x\n' $((base + first)) >"$fields/nodes/5/next"
is "written, it leads" "$(lead nodes/5/next)" ../0
isnt "the link is another inode" "$(stat -c %i "$fields/nodes/5/next")" "$ino"
is "a circle" "$(cd "$fields/nodes/0/next/next/next/next" && pwd -P)" "$(cd "$fields/nodes/3" && pwd -P)"
put p $((first + 5 * node)) 8 $((base + first + 5 * node))
is "to itself" "$(lead nodes/5/next) $(cat "$fields/nodes/5/next/id")" ". 77"
put p $((first + 5 * node)) 8 $((base + 65536))
is "behind the end" "$(lead nodes/5/next)" "regular file"
put p 1024 8 $((base + first + 2 * node))
put p 1032 8 $((base + 1024 + node * 2 + 16))
is "from another place" "$(lead lists/0/head)" ../../nodes/2
is "into a record in a record" "$(lead lists/0/first/0/next)" ../../../1/first/0
put p $((first + node + 8)) 8 $((first + 4 * node - 64))
is "an offset from what the memory says" "$(lead nodes/1/other)" ../4
put p $((first + node + 16)) 8 $((-node - 16))
is "an offset from itself" "$(lead nodes/1/near)" ../0
put p $((first + node + 16)) 8 1
is "of which 1 is null" "$(lead nodes/1/near) $(cat "$fields/nodes/1/near")" "regular file 0x1"
put p $((first + node + 24)) 4 $((2 * node - 16))
is "an integer" "$(lead nodes/1/small)" ../2
put p $((first + node + 28)) 4 $((-28))
is "a signed one" "$(lead nodes/1/back)" .
is "in JSON they are what they are" "$(grep -o '"small.*"any' "$fields/nodes/1/.json")" '"small": 96, "back": -28, "any'
echo '{"back": 0}' >"$fields/nodes/1/.json"
is "and can be changed there" "$(lead nodes/1/back)" "regular file"
put p $((first + 32)) 8 $((base + 1024))
is "a pointer to void: any struct" "$(lead nodes/0/any)" ../../lists/0
put p $((first + 40)) 8 $((base + 2048))
is "one to text" "$(lead nodes/0/name)" ../../title
is "a walk over all is no endless one" "$(find "$fields" -name id | wc -l)" 12
ok "nor one that follows" sh -c "find -L '$fields/nodes/0' -maxdepth 6 >/dev/null"

# ---- to what nothing places: the nodes of a list that an allocator gave out ----

lay p <<'END'
struct node { struct node *next; struct item *item; int id; };
struct item { int value; struct node *owner; };
struct { int n; struct node *head; } list @ 0;
struct item first @ 1024;
END
for i in 0 1 2 3; do
	put p $((2048 + i * 24)) 8 $((i < 3 ? base + 2048 + (i + 1) * 24 : 0))
	put p $((2048 + i * 24 + 8)) 8 $((i ? base + 4096 + i * 16 : base + 1024))
	put p $((2048 + i * 24 + 16)) 4 $((500 + i))
done
put p 8 8 $((base + 2048))
put p 4112 4 41
put p 4120 8 $((base + 2072))
is "a head leads to a node by its offset" "$(lead list/head)" ../.at/node/2048
is "cd next/next walks on" "$(cd "$fields/list/head" && cd next/next && pwd -P && cat id)" "$(realpath "$fields")/.at/node/2096
502"
is "to its end" "$(cat "$fields/list/head/next/next/next/id" "$fields/list/head/next/next/next/next" | xargs)" "503 0x0"
is "into another type and back" "$(cat "$fields/list/head/next/item/value" "$fields/list/head/next/item/owner/id" | xargs)" "41 501"
is "what is placed goes before" "$(lead list/head/item)" ../../../first
is "all of one" "$(cat "$fields/list/head/next/item/.json")" "{\"value\": 41, \"owner\": \"$(printf 0x%x $((base + 2072)))\"}"
echo 77 >"$fields/list/head/next/next/id"
told "what is written there" p 'get 2112 4' "$(le 4 77)"
is "types have directories" "$(names "$fields/.at")" "item node"
is "in which nothing is listed" "$(names "$fields/.at/node")$(names "$fields" | grep -F .at)" ""
is "numbers are theirs alone" "$(stat -c %i "$fields"/.at/{node/{2048,2056,2072},item/{2048,2056}} | sort -u | wc -l)" 5
is "the same by either way" "$(stat -Lc %i "$fields/list/head/next")" "$(stat -c %i "$fields/.at/node/2072")"
is "no other names" "$(try stat "$fields/.at/node/2049") $(try stat "$fields/.at/node/8184") $(try stat "$fields/.at/list")" \
	"stat ENOENT stat ENOENT stat ENOENT"
like "nor through JSON" "$(echo '{".at": {"node": [{"id": 1}]}}' 2>&1 >"$fields/.json")" "out of range"
put p 8 8 $((base + 2049))
is "no compiler's pointer: a value" "$(lead list/head)" "regular file"
put p 8 8 $((base + 8192 - 8))
is "no room for one: a value" "$(lead list/head)" "regular file"

# ---- while it changes ----

command -v gcc >/dev/null || { skip "while it changes" "no gcc here" && finish; }
gcc -std=gnu2x -Wno-attributes -O2 -pthread -o "$WORK/restless" "$TESTS/mount/restless.c" || bail "gcc"
start restless "$WORK/restless" "/dev/shm/$TAG-restless"
undo "rm -f /dev/shm/$TAG-restless"
hear restless || bail "restless"
until_true 10 test -e "$MNT/regions/$TAG-restless/info"
live=$MNT/regions/$TAG-restless/fields
{
	cat "$TESTS/mount/restless.h"
	echo 'struct shared shared @ 0;
	struct entry table[shared.header.count] @ shared.header.table;
	struct record records[] @ offsetof(struct shared, records);
	[[if(shared.header.kind)]] uint32_t odd @ 0;'
} >"$live/../layout" || bail "$(cat "$live/../info")"

# Each of the answers that a command gave, once; it is run so often. None at all is one, too.
answers() { # TIMES COMMAND...
	local i times=$1
	shift
	for ((i = 0; i < times; i++)); do "$@" 2>&1 | xargs; done | sed 's/^$/silence/' | sort -u | paste -s -d '|'
}
keys() { cut -d, -f2 "$live/../tables/table.csv"; }
ids() { sed 1d "$live/../tables/records.csv" | cut -d, -f3; }
ids_json() { jq -c '[.records[].id]' "$live/.json"; }
some=$((${SLOW:+10} + 0)) times=$((some ? 10 : 40))
like "a table that moves: of one place or the other, so many or so many" "$(answers $times keys | tr '|' '\n' |
	grep -vxE 'key( [12]000)( [12]001)( [12]002)(( [12]003)( [12]004))?' | head -3)" '^$'
like "records that move" "$(answers $times ids)" '^(0 1 2 3|0 1 3|0 1 2 3\|0 1 3)$'
like "the same as JSON" "$(answers $times ids_json)" '^(\[0,1,2,3\]|\[0,1,3\]|\[0,1,2,3\]\|\[0,1,3\])$'
like "a count" "$(answers $times ls "$live/table")" '^(0 1 2|0 1 2 3 4|0 1 2\|0 1 2 3 4)$'
link_of() { readlink "$live/shared/header/head" || echo none; }
like "a link that moves" "$(answers $times link_of | tr '|' '\n' | grep -vxE 'none|\.\./nodes/[04]')" '^$'
leads() { [[ $(link_of) == ../nodes/* ]]; }
ok "and leads somewhere at times" until_true 10 leads
like "what is there sometimes" "$(answers $times stat -c %s "$live/odd" | tr '|' '\n' |
	grep -vxE '[0-9]+|.*No such file or directory' | head -3)" '^$'
id_of() { cat "$live/shared/header/head/next/next/id"; }
like "a path through links" "$(answers $times id_of | tr '|' '\n' | grep -vxE '71|72|.*(No such|Not a|Stale).*' | head -3)" '^$'
found() { [[ $(id_of 2>/dev/null) == 7[12] ]]; }
ok "which leads there at times" until_true 10 found
echo stop >&"${R_IN[restless]}"
hear restless
is "stopped, it is what the program sees" "$REPLY" \
	"keys $(keys | sed 1d | xargs) ids $(ids | xargs) head $(cat "$live/shared/header/head/next/next/id" 2>/dev/null || echo -1)"
finish
