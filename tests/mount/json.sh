#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Whole records: jq reads them, what is written changes what it names, all of it or nothing.
. "${0%/*}/lib.sh"

region v shm name=/$TAG-v size=4k
mount_peekfs
lay v <<'END'
enum mood { CALM, CROSS = 7 };
struct point { int16_t x, y; };
struct rec { uint64_t id; char name[8]; struct point p, path[3]; double d; enum mood mood; void *next;
	uint8_t raw[3]; bool yes; };
struct header { uint32_t n; } hdr @ 0;
struct rec recs[hdr.n] @ 8;
END
rec=$(at v)/fields/recs/1
say v put 0 02000000
is "a new record" "$(cat "$rec/.json")" '{"id": 0, "name": "", "p": {"x": 0, "y": 0}, "path": [{"x": 0, "y": 0}, {"x": 0, "y": 0}, {"x": 0, "y": 0}], "d": 0, "mood": "CALM", "next": "0x0", "raw": "000000", "yes": false}'
is "its size" "$(stat -c %s "$rec/.json")" "$(wc -c <"$rec/.json")"
ok "an object is written" bash -c 'echo "{\"id\": 18446744073709551615, \"name\": \"小\\u00ff\", \"path\": [{}, {\"y\": -5}], \"d\": -0, \"mood\": \"CROSS\"}" >"$1/.json"' bash "$rec"
is "each field" "$(cd "$rec" && cat id name path/1/y d mood next | xargs)" '18446744073709551615 小xff -5 -0 CROSS 0x0'
is "jq reads it" "$(jq -c '[.name, .path[1].y, .mood, .yes]' "$rec/.json")" '["小ÿ",-5,"CROSS",false]'
told "the program's name" v "get 80 8" e5b08fff00000000

refused() { # TEXT ERROR WHY
	say v get 0 4k
	local before=$REPLY lines
	lines=$(wc -l <"$WORK/daemon.log")
	tried "$1 is refused" "open 0; write $2" open w "$rec/.json" write "$1"
	say v get 0 4k
	ok "and nothing is changed" test "$before" = "$REPLY"
	like "the log says why" "$(tail -n +$((lines + 1)) "$WORK/daemon.log")" "$TAG-v/fields/recs/1/\.json was refused: .*$3"
}
refused '{"id": 5, "p": {"z": 1}}' EINVAL 'p\.z: there is no such member'
refused '{"id": 5, "path": [{"x": 40000}]}' ERANGE "path\.0\.x: '40000' is out of range"
refused '{"name": "too long", "name": "123456789"}' ERANGE 'name: '
refused '{"id": 18446744073709551616}' ERANGE 'id: '
refused '{"mood": "ANGRY"}' EINVAL 'mood: .*CALM'
next_second
refused '{"id": 5} trailing' EINVAL 'line 1, column 11'
refused '{"id": 5, }' EINVAL 'line 1'
refused '[5]' EINVAL 'the record: '
refused '{"id": 5, "x\npeekfs: a line\u001b[1m": 5}' EINVAL 'x\\x0apeekfs: a line\\x1b\[1m: there is no such member$'
refused '{"id": 5, "name": "\udcff"}' EINVAL 'line 1, column 20: .*half a surrogate pair'
refused '{"id\u0000": 5}' EINVAL 'line 1, column 11: .*NUL in a name'

next_second
tried "a field" "open 0; write ERANGE" open w "$rec/path/2/x" write 40000
like "the log says which" "$(tail -n 1 "$WORK/daemon.log")" "$TAG-v/fields/recs/1/path/2/x was refused: '40000' is out of range"
tried "the region's own" "open 0; write ERANGE" open w "$(at v)/fields/.json" write '{"recs": [{"path": [{"x": 40000}]}]}'
like "the log says which" "$(tail -n 1 "$WORK/daemon.log")" "$TAG-v/fields/\.json was refused: recs\.0\.path\.0\.x: "
tried "a layout" "open 0; write 7; close EINVAL" open w "$(at v)/layout" write "int x @" close
like "the log says which" "$(tail -n 1 "$WORK/daemon.log")" "$TAG-v/layout was refused: line 1, "

big=$(printf '{ "p": { "x": 9 },%9000s "id": 77 }' '')
tried "a long text comes in pieces" "open 0; write 4000; write 5029; close 0" \
	open w "$rec/.json" write "${big:0:4000}" write "${big:4000}" close
is "and is whole" "$(cat "$rec/id" "$rec/p/x" | xargs)" "77 9"
ok "an editor's file" bash -c 'jq . "$1/.json" >"$2" && sed -i "s/77/78/" "$2" && cp "$2" "$1/.json"' bash "$rec" "$WORK/edited"
is "is taken" "$(cat "$rec/id")" 78

say v put 8 "$(for i in {1..160}; do printf %02x $((i * 91 % 251)); done)"
say v get 0 4k
before=$REPLY
for json in "$(at v)/fields/recs"/*/.json "$(at v)/fields/.json"; do
	cat "$json" >"$WORK/json" && cat "$WORK/json" >"$json" || fail "writing back $json"
done
say v get 0 4k
ok "reading and writing back changes no byte" test "$before" = "$REPLY"
is "the region's own has as many records as there are" "$(jq -c '.recs | length' "$(at v)/fields/.json")" 2

region u shm name=/$TAG-u size=8k
ok "it is listed" until_true 10 test -e "$(at u)"
lay u <<<'struct R { union { uint32_t word; uint8_t bytes[4]; float real; } u; int after; };'
rec=$(at u)/fields/records/0
say u put 0 0000803f2a000000
is "a union shows each member" "$(cat "$rec/.json")" '{"u": {"word": 1065353216, "bytes": "0000803f", "real": 1}, "after": 42}'
for edit in '.u.word = 1:01000000' '.u.bytes = "0a0b0c0d":0a0b0c0d' '.u.real = 2.5:00002040'; do
	jq "${edit%:*}" "$rec/.json" >"$WORK/edited" && cat "$WORK/edited" >"$rec/.json"
	told "edited: the member that was changed counts, ${edit%:*}" u "get 0 8" "${edit#*:}2a000000"
done
echo '{"u": {"word": 7, "real": 1}}' >"$rec/.json"
told "of several the last one counts" u "get 0 4" 0000803f
ok "one page was written" test "$(stat -c %b "/dev/shm/$TAG-u")" = 8
cat "$(at u)/fields/records/1000/.json" >"$WORK/json" && cat "$WORK/json" >"$(at u)/fields/records/1000/.json"
ok "written back, it stays a hole" test "$(stat -c %b "/dev/shm/$TAG-u")" = 8
finish
