#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Hints: what a process has in its memory is shown in the form that they ask for, and what is
# written in that form is what the process sees. Truths are date(1), Python's ipaddress and uuid.
. "${0%/*}/lib.sh"

region h shm name=/$TAG-h size=4k
mount_peekfs
lay h <<'END'
#include <stdint.h>
#include <time.h>
enum mode { R = 1, W = 2, X = 4, ALL = 7 };
enum mood { CALM, CROSS = 7 };
struct pair { int64_t tv_sec, tv_nsec; };
struct all {
	[[oct]] uint16_t mode;			// 0
	[[char]] uint8_t letter;		// 2
	[[dec]] char small;			// 3
	[[ip4]] uint32_t ip;			// 4
	[[ip6]] uint8_t ip6[16];		// 8
	[[uuid]] uint8_t id[16];		// 24
	[[uuid, le]] uint8_t guid[16];		// 40
	[[mac]] uint8_t mac[6];			// 56
	[[enum(mood)]] uint8_t mood;		// 62
	[[flags(mode)]] uint8_t rights;		// 63
	[[time]] uint32_t at;			// 64
	[[percent, doc("how full the queue is")]] uint8_t full;	// 68
	[[time(ms)]] int64_t at_ms;		// 72
	[[time]] struct pair when;		// 80
	[[time]] double moment;			// 96
	[[percent]] double part;		// 104
	[[units("ms"), doc("after so long a slot is free")]] int32_t timeout;	// 112
	[[hidden]] int32_t secret;		// 116
	[[be, units("B")]] uint32_t size;	// 120
	uint32_t plain;				// 124
};
[[hex]] all.plain;
struct all v @ 0;
[[doc("the last two")]] struct all pair[2] @ 1024;
END
is "the layout is taken" "$(info h Layout)" written
d=$(at h)/fields
fields=$d/v

# WHERE HEX-IN-MEMORY FIELD TEXT: the text is shown for these bytes, and makes them.
value() {
	say h put "$1" "$2"
	is "$3 of $2" "$(cat "$fields/$3")" "$4"
	say h put "$1" "$(printf "%0${#2}d" 0)"
	ok "$3: $4 is written back" write_field "$3" "$4"
	told "$3: the program sees it" h "get $1 $((${#2} / 2))" "$2"
}
write_field() { printf '%s\n' "$2" >"$fields/$1"; }
little() { python3 -c 'import sys; print(int(sys.argv[1]).to_bytes(int(sys.argv[2]), "little", signed=True).hex())' "$@"; }

value 0 ed81 mode 0100755
value 2 41 letter A
value 3 ff small -1
value 4 c0000201 ip 192.0.2.1
address=2001:db8:0:0:1:0:0:1
value 8 "$(python3 -c 'import ipaddress, sys; print(ipaddress.ip_address(sys.argv[1]).packed.hex())' $address)" \
	ip6 2001:db8::1:0:0:1
id=$(cat /proc/sys/kernel/random/uuid)
value 24 "${id//-/}" id "$id"
value 40 "$(python3 -c 'import uuid, sys; print(uuid.UUID(sys.argv[1]).bytes_le.hex())' "$id")" guid "$id"
value 56 02005e1000ff mac 02:00:5e:10:00:ff
value 62 07 mood CROSS
value 63 15 rights 'R|X|0x10'
value 63 00 rights 0
now=$(date +%s)
value 64 "$(little "$now" 4)" at "$(date -u -d "@$now" +%Y-%m-%dT%H:%M:%SZ)"
value 68 2a full 42%
value 72 "$(little "$((now * 1000 + 7))" 8)" at_ms "$(date -u -d "@$now.007" +%Y-%m-%dT%H:%M:%S.%3NZ)"
value 72 "$(little -1 8)" at_ms 1969-12-31T23:59:59.999Z
value 80 "$(little "$now" 8)$(little 123456789 8)" when "$(date -u -d "@$now.123456789" +%Y-%m-%dT%H:%M:%S.%NZ)"
value 96 "$(python3 -c 'import struct, sys; print(struct.pack("<d", float(sys.argv[1])).hex())' "$now.25")" \
	moment "$(date -u -d "@$now" +%Y-%m-%dT%H:%M:%S).25Z"
value 104 000000000000c03f part 12.5%
value 112 dc050000 timeout '1500 ms'
value 120 00000100 size '256 B'
value 124 ff000000 plain 0x000000ff
write_field timeout 20
told "units can be left out" h "get 112 4" 14000000
write_field rights ALL
told "flags by a name for several" h "get 63 1" 07

refused() { # FIELD TEXT ERROR
	say h get 0 128
	local before=$REPLY
	like "$1: '$2' is refused" "$(bash -c 'printf "%s\n" "$1" >"$2"' bash "$2" "$fields/$1" 2>&1)" "$3"
	say h get 0 128
	is "and nothing has changed" "$REPLY" "$before"
}
refused ip 192.0.2.256 "Invalid argument"
refused mac 02:00:5e:10:00 "Invalid argument"
refused at 2200-01-01T00:00:00Z "out of range"
refused at "$(date +%FT%T)" "Invalid argument"
refused rights 'R|Q' "Invalid argument"
refused full 300% "out of range"

say h put 116 05000000
is "a hidden field isn't listed" "$(ls "$fields" | grep -c secret)" 0
is "but there" "$(cat "$fields/secret")" 5
ok "and can be written" write_field secret 6
told "the program sees it" h "get 116 4" 06000000
is "it isn't in .json" "$(python3 -c 'import json, sys; print("secret" in json.load(open(sys.argv[1])))' "$fields/.json")" False
is "what is counted is a number in .json, what is read a text" \
	"$(python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); print(r["timeout"], r["size"], r["full"], r["part"], r["ip"], r["rights"])' "$fields/.json")" \
	"20 256 42 0.125 192.0.2.1 R|W|X"
is ".doc has a line for each field that has one" "$(cat "$fields/.doc")" \
	$'full:\thow full the queue is\ntimeout:\tafter so long a slot is free'
is "and for variables" "$(cat "$d/.doc")" $'pair:\tthe last two'
is "it is listed where there is one" "$(ls -A "$d" | xargs)" ".doc pair v"

say h get 0 128
before=$REPLY
say h put 1024 "$before"
# shellcheck disable=SC2016
python3 - "$(at h)/tables/pair" "$fields" <<'END' >"$WORK/tables.out" 2>&1
import csv, json, os, sys
path, fields = sys.argv[1:]
row = next(csv.DictReader(open(path + '.csv')))
line = json.loads(open(path + '.jsonl').readline())
text = open(path + '.txt').read().splitlines()
assert len(set(map(len, text))) == 1, 'lines of several lengths'
for name in os.listdir(fields):
    if name.startswith('.') or os.path.isdir(fields + '/' + name):
        continue
    value = open(fields + '/' + name).read().rstrip('\n')
    bare = {'timeout': '20', 'size': '256', 'full': '42', 'part': '0.125'}.get(name, value)
    assert row[name] == bare, (name, row[name], bare)
    assert str(line[name]) == bare, (name, line[name])
    column = text[0].split().index(name)
    assert text[1].split()[column] == bare, (name, text[1])
assert 'secret' not in row and 'secret' not in line
print('as in fields')
END
is "tables say the same" "$(cat "$WORK/tables.out")" "as in fields"

say h get 0 128
before=$REPLY
for file in "$fields"/[!.]*; do
	[ -d "$file" ] && continue
	cat "$file" >"$WORK/value" && cat "$WORK/value" >"$file" || note "$file"
done
cat "$fields/.json" >"$WORK/value" && cat "$WORK/value" >"$fields/.json" || note .json
told "what is read is written back and changes no byte" h "get 0 128" "$before"

finish
