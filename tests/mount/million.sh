#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Ten million records with records in them: what is asked for is what it costs.
. "${0%/*}/lib.sh"
need_root "passthrough"

RECORDS=10000000
LIMIT=8192 # KiB that the daemon may grow by, over all of it
LATE=1000; [ -z "$SLOW" ] || LATE=5000
[ "$(awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo)" -gt 2048 ] || skip_all "needs 2 GiB of memory"
region sparse shm name=/$TAG-sparse size=$((RECORDS * 48))
region full shm name=/$TAG-full size=$((RECORDS * 48))
say full fill 0 $((RECORDS * 48)) 20
mount_peekfs

rec='struct point { int32_t x, y; }; struct leg { struct point from, to; };
struct rec { uint32_t id; char name[20]; struct leg leg; double weight; };'
before=$(daemon_rss)
for id in sparse full; do
	lay $id <<<"$rec"
	dir=$(at $id)/fields
	last=$((RECORDS - 1))
	blocks=$(stat -c %b "/dev/shm/$TAG-$id")
	quick() { # WHAT COMMAND...
		local start
		start=$(now_ms)
		"${@:2}" >/dev/null || note "failed: $*"
		between "$id: $1 at once, ms" $(($(now_ms) - start)) 0 $LATE
	}
	quick "stat of the last record" stat "$dir/records/$last"
	quick "a look-up of its field" test -f "$dir/records/$last/leg/to/y"
	quick "a read of it" cat "$dir/records/$last/leg/to/y"
	is "$id: one more isn't there" "$(try stat "$dir/records/$RECORDS")" "stat ENOENT"
	is "$id: nor is 007" "$(try stat "$dir/records/007" stat "$dir/records/-1" stat "$dir/records/18446744073709551616")" \
		"stat ENOENT; stat ENOENT; stat ENOENT"
	is "$id: looking allocated nothing" "$(stat -c %b "/dev/shm/$TAG-$id")" "$blocks"
	wrong=0
	for i in 0 1 4095 4096 65535 65536 1048577 9999998 $last; do
		printf '%s\n' $((i + 7)) >"$dir/records/$i/leg/to/y"
		say $id get $((i * 48 + 36)) 4
		[ "$REPLY" = "$(printf '%08x' $((i + 7)) | sed 's/\(..\)\(..\)\(..\)\(..\)/\4\3\2\1/')" ] || wrong=$((wrong + 1))
		say $id put $((i * 48)) "$(printf '%08x' $((i * 3)) | sed 's/\(..\)\(..\)\(..\)\(..\)/\4\3\2\1/')"
		[ "$(cat "$dir/records/$i/id" "$dir/records/$i/leg/to/y" | xargs)" = "$((i * 3)) $((i + 7))" ] || wrong=$((wrong + 1))
	done
	is "$id: values are read and written where the program has them" $wrong 0
	start=$(now_ms)
	is "$id: ls -U | wc -l" "$(ls -U "$dir/records" | wc -l)" $RECORDS
	note "$id: ls of ten million names in $(($(now_ms) - start)) ms; daemon grown by $(($(daemon_rss) - before)) KiB"
	is "$id: the names are the indices" "$(ls -U "$dir/records" | awk 'NR <= 3 || $1 != NR - 1' | head | xargs)" "0 1 2"
done
grown=$(($(daemon_rss) - before))
if [ -n "$SLOW" ]; then
	skip "the daemon's memory" "a sanitizer has memory of its own: $grown KiB"
else
	between "the daemon grew by, KiB" $((grown < 0 ? 0 : grown)) 0 $((LIMIT - 1))
fi
finish
