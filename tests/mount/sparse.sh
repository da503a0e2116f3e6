#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# 64 GiB of holes: looked at from every side, and not a page more than before.
. "${0%/*}/lib.sh"
need_root "passthrough"

SIZE=$((64 << 30))
object=/dev/shm/$TAG-big
region big shm name=/$TAG-big size=$SIZE
for at in 4096 $((3 << 30)) $((4294967296 + 12345)) $((SIZE - 100)); do
	say big put $at "$(printf %016x $at)"
done
mount_peekfs
dir=$(at big)
blocks() { stat -c %b "$object"; }
before=$(blocks)
is "its size" "$(stat -c %s "$dir/raw")" $SIZE
is "its blocks" "$(stat -c %b "$dir/raw")" "$before"

start=$(now_ms)
dd if="$dir/raw" of=/dev/null bs=4M count=512 status=none
took=$(($(now_ms) - start))
note "2 GiB of holes by raw in $took ms"
if [ $((took * 32)) -lt 60000 ]; then
	is "read in full" "$(try open r "$dir/raw" slurp | cut -d' ' -f1-4)" "open 0; slurp $SIZE"
else
	skip "read in full" "64 GiB would take more than a minute here: $took ms for 2 GiB"
	ok "read in part" dd if="$dir/raw" of=/dev/null bs=4M skip=8192 count=256 status=none
fi
is "allocates nothing" "$(blocks)" "$before"

dd if="$dir/raw" of=/dev/null bs=1M iflag=direct count=64 status=none 2>/dev/null
is "nor does O_DIRECT" "$(blocks)" "$before"

wrong=0
for _ in {1..200}; do
	row=$((RANDOM * RANDOM * 4 + RANDOM))
	row=$((row % (SIZE / 16)))
	# 79 bytes a row while offsets have eight digits, 80 beyond 4 GiB
	if [ $row -lt 268435456 ]; then at=$((row * 79)); else at=$((268435456 * 79 + (row - 268435456) * 80)); fi
	got=$(dd if="$dir/hex" iflag=skip_bytes,count_bytes skip=$at count=80 bs=80 status=none | head -1)
	[[ $got == "$(printf %08x $((row * 16)))  "* ]] || { wrong=$((wrong + 1)) && note "row $row: $got"; }
done
is "hex at 200 random offsets" $wrong 0
is "hex equals hexdump across the 4 GiB line" \
	"$(dd if="$dir/hex" iflag=skip_bytes,count_bytes skip=$((268435200 * 79)) count=$((256 * 79 + 256 * 80)) bs=4k status=none | md5sum)" \
	"$(hexdump -vC -s $((268435200 * 16)) -n 8192 "$object" | head -n 512 | md5sum)"
is "and at its end" "$(tail -n 7 "$dir/hex")" "$(hexdump -vC -s $((SIZE - 96)) "$object")"
is "allocates nothing" "$(blocks)" "$before"

lay big <<'END'
struct point { int32_t x, y; };
struct rec { uint32_t id; struct point p; uint8_t rest[4084]; };
END
last=$((SIZE / 4096 - 1))
is "the last record" "$(cat "$dir/fields/records/$last/p/y")" 0
for i in 1 2 77 1048575 1048576 $((last / 2)) $last; do
	cat "$dir/fields/records/$i"/{id,p/x,p/y,.raw} >/dev/null
done
is "fields allocate nothing" "$(blocks)" "$before"
value=$(cat "$dir/fields/records/1/id")
is "a value that is there" "$value" 0
is "after all of it" "$(blocks)" "$before"

start=$(now_ms)
cp --sparse=auto "$dir/raw" "$WORK/copy"
note "cp --sparse=auto in $(($(now_ms) - start)) ms"
is "cp: the size" "$(stat -c %s "$WORK/copy")" $SIZE
between "cp: sparse" "$(stat -c %b "$WORK/copy")" 1 1024
wrong=0
for at in 4096 $((3 << 30)) $((4294967296 + 12345)) $((SIZE - 100)); do
	[ "$(try open r "$WORK/copy" pread $at 8)" = "open 0; pread $(printf %016x $at)" ] || wrong=$((wrong + 1))
done
is "cp: what is in it" $wrong 0
is "and after all" "$(blocks)" "$before"
say big get 0 8
is "the program sees nothing new" "$REPLY" 0000000000000000
finish
