#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# raw is the object: mapped, written, sought, copied, held open with everything else at once.
. "${0%/*}/lib.sh"
need_root "passthrough"

region v shm name=/$TAG-v size=1m keep
region holes shm name=/$TAG-holes size=1m
say holes put 64k 01 && say holes put 512k 02
mount_peekfs
raw=$(at v)/raw

if passthrough; then
	say v put 0 11
	start mapper "$MAKERS/try" open rw "$raw" map 0 1048576 rw get 0 1 wait get 0 1 put 4096 2233 wait
	hear mapper && hear mapper && hear mapper
	is "raw mapped shows the memory" "$REPLY" "get 11"
	hear mapper
	say v put 0 12
	echo >&"${R_IN[mapper]}"
	hear mapper
	is "and the other program's next store at once" "$REPLY" "get 12"
	hear mapper && hear mapper
	told "and its own are seen there" v "get 4096 2" 2233
	pid=${R_JOB[mapper]}
	with_it() { column v PID | grep -x "$pid"; }
	ok "who maps raw is a mapper" until_true 10 with_it
	is "of the same region" "$(ls "$MNT/by-pid/$pid")" $TAG-v
	start=$(awk -v pid="$pid" '$1 == pid {print $5}' "$(at v)/mappers")
	is "with the address it has there" "$(grep -c "^$(printf %x $((16#${start#0x})))-" "/proc/$pid/maps")" 1
	stop mapper
	ok "until it ends" until_true 10 not with_it
	is "info's Access" "$(info v Access)" passthrough
else
	skip "raw mapped" "$(grep -i passthrough "$MNT/status")"
	tried "without passthrough a shared mapping is refused, not stale" "open 0; map ENODEV" open rw "$raw" map 0 4096 rw
fi

# Everything open at once, opened in every order, and no EIO.
lay v <<<'struct rec { uint32_t id; uint8_t rest[60]; };'
f=$(at v)/fields/records/1/id
printf '5\n' >"$f"
orders=0
for order in "r $raw|rw $raw|r $(at v)/hex|rw $f" "rw $f|r $(at v)/hex|rw $raw|r $raw" \
	"r $(at v)/hex|r $raw|rw $f|rw $raw" "rw $raw|rw $f|r $raw|r $(at v)/hex" "w $raw|r $(at v)/hex|w $f|r $raw"; do
	steps=()
	while read -r flags path; do steps+=(open "$flags" "$path"); done < <(tr '|' '\n' <<<"$order")
	got=$(try "${steps[@]}" use 0 pread 64 1 use 1 pread 64 1 use 2 pread 0 8 use 3 pread 0 1)
	[[ $got =~ EIO || ! $got =~ "open 0; open 1; open 2; open 3" ]] && note "$order: $got" && orders=$((orders + 1))
done
is "raw, hex and a field in any order without EIO" $orders 0
start holder "$MAKERS/try" open r "$raw" wait
hear holder && hear holder
errors=0
for _ in {1..20}; do
	dd if="$raw" bs=64k status=none | cmp -s - "/dev/shm/$TAG-v" || errors=$((errors + 1))
	head -c 100 "$(at v)/hex" >/dev/null || errors=$((errors + 1))
	echo 6 >"$f" && cat "$f" >/dev/null || errors=$((errors + 1))
done
is "with raw held open, everything else still works" $errors 0
stop holder

tried "writing lands in the memory" "open 0; pwrite 3; pread 616263" open rw "$raw" pwrite 100 abc pread 100 3
told "the program's" v "get 100 3" 616263
tried "reading ends at the end" "open 0; pread 00; pread ; seek 1048576" open r "$raw" pread 1048575 9 pread 1048576 1 seek end 0
tried "O_APPEND is refused" "open EPERM" open w,append "$raw"
before=$(md5sum <"/dev/shm/$TAG-v")
tried "O_TRUNC changes nothing" "open 0; close 0" open w,trunc "$raw" close
like "another size is refused" "$(try open rw "$raw" truncate 4096 close size 0 "$raw" size 2097152 "$raw")" \
	"^open 0; truncate EPERM; close 0; size EPERM; size EPERM$"
is "the memory is as it was" "$(md5sum <"/dev/shm/$TAG-v")" "$before"
is "and as long" "$(stat -c %s /dev/shm/$TAG-v "$raw" | xargs)" "1048576 1048576"

head -c 512k /dev/urandom >"$WORK/new"
ok "cp onto raw" cp "$WORK/new" "$raw"
ok "overwrites bytes" cmp -n 524288 "$WORK/new" /dev/shm/$TAG-v
is "and cuts nothing off" "$(stat -c %s /dev/shm/$TAG-v)" 1048576
ok "its mappers live" say v get 1048575 1
ok "dd with conv=notrunc" dd if="$WORK/new" of="$raw" bs=4k seek=64 conv=notrunc status=none
ok "and without" dd if="$WORK/new" of="$raw" bs=4k status=none

tried "raw says where its holes are" "open 0; seek 65536; seek 69632; seek 524288; seek ENXIO" open r "$(at holes)/raw" \
	seek data 0 seek hole 65536 seek data 69632 seek data 600000
is "and how many blocks it has" "$(stat -c %b "$(at holes)/raw")" "$(stat -c %b /dev/shm/$TAG-holes)"
cp --sparse=auto "$(at holes)/raw" "$WORK/copy"
ok "a copy is equal" cmp "$WORK/copy" /dev/shm/$TAG-holes
between "and sparse" "$(stat -c %b "$WORK/copy")" 1 64
is "du" "$(du -k "$(at holes)/raw" | cut -f1)" 8

# One aligned store, one load: nobody ever sees half of it.
READS=30000
for case in uint16_t:2:0x0000:0xffff uint32_t:4:0x00000000:0xffffffff uint64_t:8:0x0000000000000000:0xffffffffffffffff; do
	IFS=: read -r type width zero one <<<"$case"
	region flip memfd name=$TAG-$type size=4k
	until_true 10 test -e "$(at flip)/"
	say flip flip 64 "$width" 0
	lay flip <<<"struct rec { [[hex]] $type value; }; struct rec v @ 64;"
	is "$type that flips is never half seen" "$(try open r "$(at flip)/fields/v/value" watch $READS)" \
		"open 0; watch $zero $one"
	stop flip
done
finish
