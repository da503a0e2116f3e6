#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Arrays as tables: what is in them, and that the programs that people have read them well.
. "${0%/*}/lib.sh"

TEN_MILLION=10000000
LATE=1000; [ -z "$SLOW" ] || LATE=5000 # ms
region v shm name=/$TAG-v size=64k
region big shm name=/$TAG-big size=$((TEN_MILLION * 28))
region bare shm name=/$TAG-bare size=4k
mount_peekfs
dir=$(at v)/tables fields=$(at v)/fields

is "without a layout there are none" "$(ls "$(at bare)/tables" | wc -l) $(ls -d "$(at bare)/tables")" "0 $(at bare)/tables"
lay v <<'END'
enum mood { CALM, CROSS = 7 };
struct point { int16_t x, y; };
struct slot { uint32_t id; char name[12]; enum mood mood; struct point p, pair[2]; int many[20]; };
struct queue { uint32_t head; struct slot slots[5]; float load[3]; };
struct queue q @ 0;
struct point points[q.head] @ 4096;
double grid[2][2] @ 8192;
uint8_t raw[16] @ 8300;
END
is "a table for each array that isn't in another" "$(ls -U "$dir" | xargs)" \
	"q.slots.txt q.slots.csv q.slots.jsonl q.load.txt q.load.csv q.load.jsonl points.txt points.csv points.jsonl grid.txt grid.csv grid.jsonl"
is "others aren't there" "$(try stat "$dir/raw.csv" stat "$dir/q.csv" stat "$dir/q.slots.0.many.csv" stat "$dir/q.slots.0.csv" \
	stat "$dir/q..slots.csv" stat "$dir/.csv" stat "$dir/q.slots" stat "$dir/q.slots." stat "$dir/q.slots..csv" stat "$dir/csv")" \
	"$(printf 'stat ENOENT; %.0s' {1..10} | sed 's/; $//')"

for i in 0 1 2 3 4; do
	printf '%s\n' $((i * 1000)) >"$fields/q/slots/$i/id"
	printf 'n,"%s\n' $i >"$fields/q/slots/$i/name"
	printf '%s\n' $((-i)) >"$fields/q/slots/$i/pair/1/y"
done
echo CROSS >"$fields/q/slots/3/mood"
echo 3 >"$fields/q/head"
is "CSV has a header" "$(head -n 1 "$dir/q.slots.csv")" \
	"_index,id,name,mood,p.x,p.y,pair.0.x,pair.0.y,pair.1.x,pair.1.y"
is "and quotes what must be" "$(tail -n 2 "$dir/q.slots.csv" | xargs -d '\n')" \
	'0000003,3000,"n,""3",CROSS,0,0,0,0,0,-3 0000004,4000,"n,""4",CALM,0,0,0,0,0,-4'
is "JSON by lines" "$(jq -c '[._index, .name, .mood, .pair[1].y, (.many | length)]' "$dir/q.slots.jsonl" | tail -n 1)" \
	'[4,"n,\"4","CALM",-4,20]'
is "a line is the record's .json" "$(sed -n 's/^{"_index": 3, /{/p' "$dir/q.slots.jsonl")" "$(cat "$fields/q/slots/3/.json")"
is "text" "$(cut -c 1-37 "$dir/q.slots.txt" | sed "s/ *$//")" " _index         id name         mood
0000000          0 n,\"0         CALM
0000001       1000 n,\"1         CALM
0000002       2000 n,\"2         CALM
0000003       3000 n,\"3         CROSS
0000004       4000 n,\"4         CALM"
is "scalars have one column" "$(xargs <"$dir/q.load.csv")" "_index,value 0000000,0 0000001,0 0000002,0"
is "arrays of arrays" "$(head -n 1 "$dir/grid.csv")" "_index,value.0,value.1"
is "as many rows as there are" "$(wc -l <"$dir/points.csv") $(wc -l <"$dir/points.jsonl") $(wc -l <"$dir/points.txt")" "4 3 4"
echo 9 >"$fields/q/head"
is "and then" "$(wc -l <"$dir/points.csv") $(wc -l <"$dir/points.jsonl") $(wc -l <"$dir/points.txt")" "10 9 10"

width=$(head -n 1 "$dir/q.slots.txt" | wc -c)
is "the size of text is exact" "$(stat -c %s "$dir/q.slots.txt")" "$((6 * width))"
is "and is what is read" "$(wc -c <"$dir/q.slots.txt")" "$((6 * width))"
is "streams have none" "$(stat -c %s "$dir/q.slots.csv" "$dir/q.slots.jsonl" | xargs)" "0 0"
is "row i stands at (i + 1) x the width" "$(dd if="$dir/q.slots.txt" bs="$width" skip=4 count=1 2>/dev/null | cut -c 1-18)" "0000003       3000"
is "text is read from anywhere" "$(cat "$dir/q.slots.txt")" "$(for at in $(seq 0 17 $((6 * width))); do
	dd if="$dir/q.slots.txt" iflag=skip_bytes,count_bytes skip="$at" count=17 bs=17 2>/dev/null; done)"
is "they can't be written" "$(try open w "$dir/q.slots.csv" open w "$dir/q.slots.txt")" "open EACCES; open EACCES"

bytes() { printf '%s' "$1" | od -An -tx1 | tr -d ' \n'; }
start reader "$MAKERS/try" open r "$dir/q.slots.txt" pread $((3 * width)) 18 wait pread $((3 * width)) 18
hear reader && hear reader
is "text through a descriptor" "$REPLY" "pread $(bytes '0000002       2000')"
echo 77 >"$fields/q/slots/2/id"
hear reader && echo >&"${R_IN[reader]}" && hear reader
is "and again, as it is now" "$REPLY" "pread $(bytes '0000002         77')"
is "a mapping of it is as it was when it was opened, at least" "$(look 0000002 "$dir/q.slots.txt" | cut -c 1-18)" "0000002         77"
echo 78 >"$fields/q/slots/2/id"
is "and again" "$(look 0000002 "$dir/q.slots.txt" | cut -c 1-18)" "0000002         78"
is "the first row is found too" "$(look 0000000 "$dir/q.slots.txt" | cut -c 1-18)" "0000000          0"
start mapper "$MAKERS/try" open r "$dir/q.slots.txt" map 0 100 r get 0 7 wait
hear mapper && hear mapper && hear mapper
is "who maps it" "$REPLY" "get $(bytes ' _index')"
ok "holds nobody up" timeout 20 cat "$MNT/summary" "$(at v)/info"
ok "and is no mapper" not grep -q "^${R_JOB[mapper]} " "$(at v)/mappers"
echo >&"${R_IN[mapper]}"

tried "a stream goes on where it was read to, and starts again" \
	"open 0; read $(bytes '_index,'); read $(bytes 'value'); pread $(bytes 'ndex'); pread $(bytes '_ind'); pread ; read $(bytes $'\n')" \
	open r "$dir/q.load.csv" read 7 read 5 pread 2 4 pread 0 4 pread 1000 4 read 1

unlay v
is "cleared with the layout" "$(ls "$dir" | wc -l)" 0

lay big <<<'struct STU { int id; char name[20]; char sex; };'
dir=$(at big)/tables/records
blocks=$(stat -c %b "/dev/shm/$TAG-big")
echo lili >"$(at big)/fields/records/8999999/name"
before=$(daemon_rss)
quick() { # WHAT WANT COMMAND...
	local start got
	start=$(now_ms)
	got=$("${@:3}")
	between "$1: at once, ms" $(($(now_ms) - start)) 0 $LATE
	is "$1" "$got" "$2"
}
row() { printf '%08d           0 %-20s .  ' "$1" "$2"; }
quick "ten million rows: tail" "$(row 9999999 '')" tail -n 1 "$dir.txt"
quick "look" "$(row 8999999 lili)" look 08999999 "$dir.txt"
quick "dd" "$(row 1234567 '')" dd if="$dir.txt" bs=46 skip=1234568 count=1 status=none
quick "head of a stream" "00009999,0,,\\x00" sh -c "head -n 10001 '$dir.csv' | tail -n 1 | tr -d '\n'"
is "size" "$(stat -c %s "$dir.txt")" $((46 * (TEN_MILLION + 1)))
is "all of it as CSV" "$(wc -l <"$dir.csv")" $((TEN_MILLION + 1))
is "and as JSON" "$(grep -n lili "$dir.jsonl")" '9000000:{"_index": 8999999, "id": 0, "name": "lili", "sex": "\u0000"}'
grown=$(($(daemon_rss) - before))
if [ -n "$SLOW" ]; then
	skip "the daemon's memory" "a sanitizer has memory of its own: $grown KiB"
else
	between "the daemon grew by, KiB" $((grown < 0 ? 0 : grown)) 0 8191
fi
between "a page was written, and no other allocated: blocks" $(($(stat -c %b "/dev/shm/$TAG-big") - blocks)) 0 8
finish
