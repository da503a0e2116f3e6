#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# show, set and layout against what the programs themselves see in their memory.
. "${0%/*}/lib.sh"

cat >"$WORK/class.h" <<'END'
enum sex { FEMALE, MALE };
struct head { uint32_t count; };
struct STU { int id; char name[20]; char grade; uint8_t raw[3]; enum sex sex; double weight; int marks[2]; };
struct head head @ 0;
struct STU students[head.count] @ 64;
int numbers[3] @ 4096;
END
le() { # VALUE: as four bytes
	local hex
	hex=$(printf '%08x' $(($1 & 0xffffffff)))
	echo "${hex:6:2}${hex:4:2}${hex:2:2}${hex:0:2}"
}

hex() { od -An -v -tx1 | tr -d ' \n'; }

keeper a $TAG-a size=8k
a=$TAG-a
refuses "no layout: what to do" 1 "has no layout: peekctl layout $a FILE sets one, --layout" show $a

# ---- layout ----

refuses "no layout to print" 1 "has no layout" layout $a
echo 'struct S { int x };' >"$WORK/wrong.h"
refuses "a wrong layout: where and why" 1 "wrong.h:1:18: " layout $a "$WORK/wrong.h"
echo 'int x[1000000] @ 0;' >"$WORK/large.h"
refuses "one that doesn't fit" 1 "large.h:1:5: .*only 8192" layout $a "$WORK/large.h"
refuses "no such file" 1 "none.h: No such file" layout $a "$WORK/none.h"
refuses "an empty one" 1 "is empty: --clear" layout $a /dev/null
refuses "auto: who does that" 1 "only a mount does: echo auto > MOUNTPOINT/regions/$a/layout" layout $a <(echo auto)
does "set" layout $a "$WORK/class.h"
prints "printed" "$(cat "$WORK/class.h")" layout $a
is "it is on the object" "$(getfattr --only-values -n user.peekfs.layout "$KEEPER_AT/$a" 2>/dev/null)" "$(cat "$WORK/class.h")"
refuses "a wrong one changes nothing" 1 "wrong.h:1:18" layout $a "$WORK/wrong.h"
prints "the old one stays" "$(cat "$WORK/class.h")" layout $a
refuses "to clear and to set" 2 "one of them" layout -c $a "$WORK/class.h"
"$PEEKCTL" layout $a - <<<'int x @ 0;'
prints "from standard input" "int x @ 0;" layout $a
does "cleared" layout --clear $a
does "twice" layout --clear $a
refuses "it is gone" 1 "has no layout" layout $a

# ---- show ----

does "set again" layout $a "$WORK/class.h"
say a put 0 "$(le 2)"
say a put 64 "$(le -7)$(printf '%s' "xiaoming\\" | hex)00"
say a put 88 41abcdef
say a put 92 "$(le 1)"
say a put 96 000000000000f83f
say a put 104 "$(le 90)$(le -1)"
prints "a scalar" -7 show $a/students/0/id
prints "several" $'-7\nMALE\n1.5' show $a/students/0/id "$a/students[0].sex" $a/students/0/weight
record="students/0/id: -7
students/0/name: xiaoming\\\\
students/0/grade: A
students/0/raw: abcdef
students/0/sex: MALE
students/0/weight: 1.5
students/0/marks/0: 90
students/0/marks/1: -1"
prints "a record: a line a field" "$record" show $a/students/0
ctl show $a
is "the whole region" "$(grep -c '^students/[01]/' "$WORK/ctl.out") $(grep -E '^(head|numbers)/' "$WORK/ctl.out" | paste -sd ' ')" \
	"16 head/count: 2 numbers/0: 0 numbers/1: 0 numbers/2: 0"
is "each line is what that field alone is" "$(while IFS= read -r line; do
	[ "${line#*: }" = "$("$PEEKCTL" show "$a/${line%%: *}")" ] || echo "$line"
done < <(grep -v '^students/1' "$WORK/ctl.out"))" ""
if command -v jq >/dev/null; then
	is "JSON" "$("$PEEKCTL" show -J $a | jq -c '[.head.count, .students[0].name, .students[0].marks, (.students | length), .numbers]')" \
		'[2,"xiaoming\\",[90,-1],2,[0,0,0]]'
	is "JSON of a record" "$("$PEEKCTL" show -J $a/students/0 | jq -c .)" \
		'{"id":-7,"name":"xiaoming\\","grade":"A","raw":"abcdef","sex":"MALE","weight":1.5,"marks":[90,-1]}'
	is "JSON of a value" "$("$PEEKCTL" show -J $a/students/0/sex)" '"MALE"'
else
	skip "JSON" "no jq here"
fi
say a put 0 "$(le 0)"
prints "what isn't there now isn't shown" "" show $a/students
say a put 0 "$(le 2)"
refuses "no field" 1 "students/0 has no field or element 'age' now" show $a/students/0/age
refuses "nothing below a value" 1 "head/count is one value, nothing is below it" show $a/head/count/x
prints "a layout for this call" "name: xiaoming\\\\" show --layout <(echo 'char name[20] @ 68;') $a
prints "changes nothing" "$(cat "$WORK/class.h")" layout $a
refuses "a wrong one is refused" 1 "wrong.h:1:18" show --layout "$WORK/wrong.h" $a
is "from standard input" "$("$PEEKCTL" show -l - $a/x <<<'unsigned x @ 0;')" 2
is "for several" "$("$PEEKCTL" show -l - $a/x $a/x <<<'unsigned x @ 0;')" $'2\n2'
ctl show $a/nothing $a/students/0/age $a/head/count
is "one that isn't there keeps no other" "$STATUS $OUT" "1 $("$PEEKCTL" show $a/head/count)"

head -c 2M /dev/zero | tr '\0' x >/dev/shm/$TAG-long && undo "rm -f /dev/shm/$TAG-long"
echo 'struct t { int n; char text[] @ 8; }; int first @ 0; struct t t @ 0;' >"$WORK/long.h"
ctl show -J -l "$WORK/long.h" $TAG-long
like "JSON that ends too early doesn't look whole" "$STATUS ${OUT//x/}" '^1 \{"first": 2021161080, .*[^}]$'

# ---- pointers that lead somewhere, which the mount shows as links ----

keeper p $TAG-p size=4k
"$PEEKCTL" layout $TAG-p - <<<'struct n { [[offset_from(0)]] struct n *next; long v; }; struct n n[3] @ 0;'
say p put 0 1000000000000000
prints "one alone is its value" 0x10 show $TAG-p/n/0/next
prints "in JSON too" '"0x10"' show -J $TAG-p/n/0/next
prints "as in its record" $'n/0/next: 0x10\nn/0/v: 0' show $TAG-p/n/0
does "it is written" set $TAG-p/n/0/next 0x20
told "the program sees it" p "get 0 8" 2000000000000000
prints "it has a place" 8 where -rn -o SIZE $TAG-p/n/0/next
say p put 40 0700000000000000
prints "what it leads to" $'n/2/next: 0x0\nn/2/v: 7' show $TAG-p/n/0/next/
say p put 32 1000000000000000
say p put 24 0900000000000000
prints "a path through two of them" 9 show $TAG-p/n/0/next/next/v
prints "as C writes it" 9 show "$TAG-p/n[0].next.next.v"
prints "is found where the last one leads" "n/1/v 24" where -rn -o PATH,OFFSET $TAG-p/n/0/next/next/v
does "and written there" set $TAG-p/n/0/next/next/v 11
told "the program sees it" p "get 24 8" 0b00000000000000
refuses "null has nothing behind it" 1 "n/1/next leads to no record of the region now" show $TAG-p/n/1/next/
refuses "null leads nowhere" 1 "n/1/next leads to no record of the region now" show $TAG-p/n/0/next/next/next/v

"$PEEKCTL" layout $TAG-p - <<<'struct n { [[offset_from(0)]] struct n *next; long v; }; struct n head @ 0;'
say p put 0 4000000000000000
say p put 72 0c00000000000000
prints "a node that isn't placed" 12 show $TAG-p/head/next/v
prints "its place" ".at/n/64/v 72" where -rn -o PATH,OFFSET $TAG-p/head/next/v
prints "and by that" 12 show $TAG-p/.at/n/64/v
prints "all of it" $'.at/n/64/next: 0x0\n.at/n/64/v: 12' show $TAG-p/head/next/
prints "nothing is listed" "" show $TAG-p/.at/n

# ---- set ----

does "a number" set $a/students/0/id 42
told "the program sees it" a "get 64 4" "$(le 42)"
does "a negative one" set $a/students/0/id -5
told "the program sees it too" a "get 64 4" "$(le -5)"
does "a string" set $a/students/0/name 'two\nlines'
told "with its escapes" a "get 68 10" "$(printf 'two\nlines\0' | hex)"
does "an enum by name" set $a/students/0/sex FEMALE
told "it is 0" a "get 92 4" 00000000
does "an element" set "$a/students[0].marks[1]" 77
told "is set, its neighbour isn't" a "get 104 8" "$(le 90)$(le 77)"
refuses "out of range" 1 "out of range" set $a/students/0/id 3000000000
refuses "no number" 1 "." set $a/students/0/id many
refuses "too long" 1 "." set $a/students/0/name 123456789012345678901
told "what is refused changes nothing" a "get 64 4" "$(le -5)"
does "several fields as JSON" set $a/students/1 '{"id": 9, "name": "li", "marks": [1, 2]}'
told "are set together" a "get 112 6" "$(le 9)6c69"
refuses "all or nothing" 1 "sex" set $a/students/1 '{"id": 10, "sex": "OTHER"}'
told "nothing" a "get 112 4" "$(le 9)"
refuses "a record isn't a value" 1 "is a record" set $a/students/1 5
refuses "an array neither" 1 "is an array" set $a/students 5
refuses "no field" 1 "no field or element" set $a/nothing 5
refuses "no value" 2 "missing" set $a/head/count
does "by a layout for this call" set -l <(echo 'int x @ 128;') $a/x 11
told "is written" a "get 128 4" "$(le 11)"
prints "and no layout is changed" "$(cat "$WORK/class.h")" layout $a

keeper r $TAG-r size=4k map=0:4k:r
does "a layout of what is only read" layout $TAG-r <(echo 'int x @ 0;')
refuses "nobody maps it writable: nobody writes it" 1 "no program maps it writable" set $TAG-r/x 5

# ---- every kind ----

for kind in file memfd sysv anon; do
	region $kind $kind name="$WORK/$TAG-$kind" size=4k 2>/dev/null || region $kind $kind size=4k
	if [ "$(id -u)" != 0 ] && [[ $kind =~ sysv|anon ]]; then
		skip "$kind" "only root reaches an object without a descriptor"
		continue
	fi
	[ $kind = file ] || can_keep "$kind" || continue
	id=$(identity $kind)
	does "$kind: a layout" layout "$id" <(echo 'int x[2] @ 8;')
	does "$kind: set" set "$id/x/1" 258
	told "$kind: the program sees it" $kind "get 12 4" 02010000
	say $kind put 8 "$(le 77)"
	prints "$kind: shown" $'x/0: 77\nx/1: 258' show "$id"
	stop $kind
done

# ---- large: flat memory, no hole filled ----

if can_keep "a layout of a large one"; then
	truncate -s 1T /dev/shm/$TAG-big && undo "rm -f /dev/shm/$TAG-big"
	does "a layout of a large one" layout $TAG-big <(echo 'struct s { long a; char b[24]; }; struct s s[34359738368] @ 0;')
	prints "its last record" $'s/34359738367/a: 0\ns/34359738367/b: ' show $TAG-big/s/34359738367
	is "no hole is filled" "$(stat -c %b /dev/shm/$TAG-big)" 0
fi

# ---- who may ----

if [ "$(id -u)" != 0 ]; then
	skip "three users" "needs root"
	finish
fi
region mine file name="$WORK/$TAG-mine" size=4k mode=644
chmod 644 "$WORK/$TAG-mine"
region theirs file name="$WORK/$TAG-mine" existing readonly size=4k uid=54321 gid=54321
does "root sets a layout" layout $TAG-mine <(echo 'int mine @ 0;')
AS=(setpriv --reuid 54321 --regid 54321 --clear-groups)
cp "$PEEKCTL" "$WORK/peekctl" && chmod 755 "$WORK/peekctl" && PEEKCTL=$WORK/peekctl
echo 'short x[2] @ 0;' >"$WORK/other.h" && chmod 644 "$WORK/other.h"
prints "who may read it reads it" 0 show $TAG-mine/mine
refuses "he may not set its layout" 1 "(may not|can't be kept)" layout $TAG-mine "$WORK/other.h"
refuses "nor take it away" 1 "can't be taken away" layout -c $TAG-mine
is "it stays" "$(getfattr --only-values -n user.peekfs.layout "$WORK/$TAG-mine" 2>/dev/null)" "int mine @ 0;"
prints "a layout of his own serves him" $'x/0: 0\nx/1: 0' show -l "$WORK/other.h" $TAG-mine
refuses "he may not write it, and is not told that nobody may" 1 "of those that you may look at" set $TAG-mine/mine 5
told "it isn't written" mine "get 0 4" 00000000
region own memfd name=$TAG-own size=4k uid=54321 gid=54321
id=$(identity own)
say own put 0 07000000
prints "what only root can open is shown through its process" $'x/0: 7\nx/1: 0' show -l "$WORK/other.h" "$id"
does "and written" set -l "$WORK/other.h" "$id/x/1" 258
told "the program sees it" own "get 2 2" 0201
refuses "a layout can't be kept there" 1 "can't be kept on the object: .*only root" layout "$id" "$WORK/other.h"
AS=()
region others shm name=/$TAG-others size=4k mode=644 uid=54322 gid=54322
region open shm name=/$TAG-open size=8k mode=666 uid=54322 gid=54322
region hidden shm name=/$TAG-hidden size=4k mode=600 uid=54322 gid=54322
chmod 644 /dev/shm/$TAG-others
chmod 666 /dev/shm/$TAG-open
AS=(setpriv --reuid 54321 --regid 54321 --clear-groups)
is "what others may map, and he may read, is there" "$(cell NAME,MAPPERS,PROGRAMS,LEFT ls $TAG-others)" "$TAG-others 0 - -"
prints "a layout of his own serves him" $'x/0: 0\nx/1: 0' show -l "$WORK/other.h" $TAG-others
refuses "he may not set its layout" 1 "(may not|can't be kept)" layout $TAG-others "$WORK/other.h"
refuses "nor cut it" 1 "that you may not look at could map it.*--force" resize $TAG-open 1
refuses "nor remove it" 1 "only its owner" rm -f $TAG-others
refuses "what he may not read isn't" 1 "no region" show -l "$WORK/other.h" $TAG-hidden
AS=()
finish
