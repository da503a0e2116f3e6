#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# where: from addresses to fields and back, against offsets that a C compiler knows.
. "${0%/*}/lib.sh"

cat >"$WORK/class.h" <<'END'
struct head { uint16_t count; uint16_t flags : 3, rest : 13; };
union both { int32_t number; struct { uint8_t low; uint8_t high; } parts; };
struct STU { int id; char name[20]; char sex; };
struct more { char tag; double weight; union both both; };
struct head head @ 16;
struct STU students[head.count] @ 64;
struct more more[4] @ 4096;
END
map_start() { # ID N: first address of its nth mapping
	local range=${R[$1.map$2]#range=}
	echo "${range%%-*}"
}
address() { printf '%x' $((16#$(map_start "$1" 0) + $2)); } # ID OFFSET

keeper a $TAG-a size=8k
a=$TAG-a
does "a layout is set" layout $a "$WORK/class.h"
say a put 16 0300

while read -r path offset size type; do
	prints "$path: where it is" "$offset $size $type ${R[a.pid]} make_region rw-s $(address a "$offset")" \
		where -rn -o OFFSET,SIZE,TYPE,PID,COMMAND,PERM,ADDRESS "$a/$path"
	[[ $path == more/2/both* || $path == head* ]] && continue
	prints "$path: what is there" "$a $offset $path $size 0" \
		where -rn -o NAME,OFFSET,PATH,SIZE,INTO "${R[a.pid]}" "$(address a "$offset")"
	prints "$path: its last byte" "$path $((size - 1))" \
		where -rn -o PATH,INTO "${R[a.pid]}" "0x$(address a $((offset + size - 1)))"
done <<'END'
head/count 16 2 uint16_t
students/0/id 64 4 int
students/0/name 68 20 char[20]
students/0/sex 88 1 char
students/2/id 120 4 int
students/2/sex 144 1 char
more/0/tag 4096 1 char
more/0/weight 4104 8 double
more/2/both/number 4160 4 int32_t
more/3/weight 4176 8 double
END
prints "C's own way to write a path" "120 4" where -rn -o OFFSET,SIZE "$a/students[2].id"
prints "a record" "92 28 struct\x20STU" where -rn -o OFFSET,SIZE,TYPE $a/students/1
prints "a union's byte belongs to each member" "more/2/both/number"$'\n'"more/2/both/parts/low" \
	where -rn -o PATH "${R[a.pid]}" "$(address a 4160)"
prints "bit-fields share theirs" "head/flags"$'\n'"head/rest" \
	where -rn -o PATH "${R[a.pid]}" "$(address a 18)"
prints "padding is the record's" "students/1 25 28" \
	where -rn -o PATH,INTO,SIZE "${R[a.pid]}" "$(address a $((92 + 25)))"
prints "what lies between the variables is nobody's" "$a 3 -" \
	where -rn -o NAME,OFFSET,PATH "${R[a.pid]}" "$(address a 3)"
prints "an element that isn't there now is its array's" "students" \
	where -rn -o PATH "${R[a.pid]}" "$(address a $((64 + 3 * 28)))"
refuses "nor has it a path" 1 "students has no field or element '3' now" where $a/students/3
if command -v jq >/dev/null; then
	is "JSON" "$("$PEEKCTL" where -J "${R[a.pid]}" "$(address a 122)" | jq -c '.places[0]')" \
		"{\"name\":\"$a\",\"offset\":122,\"path\":\"students/2/id\",\"type\":\"int\",\"size\":4,\"into\":2}"
fi
prints "the region itself" "0 8192 $(map_start a 0)" where -rn -o OFFSET,SIZE,ADDRESS $a
prints "another layout for this call" "20 2 uint16_t" \
	where -rn -o OFFSET,SIZE,TYPE -l <(echo 'uint16_t x[8] @ 16;') $a/x/2

# ---- other processes, other offsets ----

keeper b $TAG-a existing size=8k map=4k:4k:r
prints "in each process that maps it" \
	"$(printf '%s %s\n' "${R[a.pid]}" "$(address a 4104)" "${R[b.pid]}" "$(address b 8)" | sort -n)" \
	where -rn -o PID,ADDRESS $a/more/0/weight
prints "only where it is mapped" "${R[a.pid]}" where -rn -o PID $a/head/count
prints "back, from the other" "$a 4104 more/0/weight r--s" \
	where -rn -o NAME,OFFSET,PATH,PERM "${R[b.pid]}" "$(address b 8)"
thread_of() { # ID: one that isn't the first
	local task
	for task in /proc/"${R[$1.pid]}"/task/*; do
		[ "${task##*/}" = "${R[$1.pid]}" ] || echo "${task##*/}"
	done | head -n 1
}
say a count 8 8 1000
prints "a thread is its process" "more/0/weight" \
	where -rn -o PATH "$(thread_of a)" "$(address a 4104)"

# ---- a region that nobody typed a layout for: its program's debug information tells ----

if command -v gcc >/dev/null && gcc -g -O2 -pthread -o "$WORK/pointers" "$TESTS/mount/pointers.c"; then
	start p "$WORK/pointers" global "$WORK/$TAG-p"
	hear p
	start=$(cell ADDRESS where "$TAG-p")
	prints "found by a variable" "students/1/name 2" \
		where -rn -o PATH,INTO "${R_JOB[p]}" "$(printf '%x' $((16#$start + 28 + 4 + 2)))"
	stop p
else
	skip "found by a variable" "no gcc"
fi

# ---- no answer ----

refuses "no process" 1 "no process 4194000" where 4194000 1000
refuses "no mapping" 1 "no shared mapping at 10" where "${R[a.pid]}" 10
region d memfd nomap keep
refuses "nothing shared" 1 "shares no memory" where "${R[d.pid]}" 10
refuses "no address" 2 "hex digits" where "${R[a.pid]}" hello
refuses "no address either" 2 "hex digits" where "${R[a.pid]}" 0x
refuses "no pid" 2 "hex digits" where -- -5 10
refuses "too large an address" 2 "hex digits" where "${R[a.pid]}" 11112222333344445
region c memfd name=$TAG-c size=100 map=0:8k:rw
ctl where -rn -o OFFSET "${R[c.pid]}" "$(address c 5000)"
like "behind the end: told" "$STATUS $OUT $ERR" "^0 5000 .*behind the end"
prints "no layout: the offset" "memfd-$TAG-c 50 - -" \
	where -rn -o NAME,OFFSET,PATH,TYPE "${R[c.pid]}" "$(address c 50)"
refuses "no layout: no field" 1 "has no layout: peekctl layout" where memfd-$TAG-c/x
finish
