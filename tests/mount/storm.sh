#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Regions that shrink, grow and die under their readers: errors for those, and nothing for others.
. "${0%/*}/lib.sh"

SECONDS_LONG=8
region fine shm name=/$TAG-fine size=64k
say fine put 0 2a000000
mount_peekfs -o scan_ttl=0
lay fine <<<'struct r { uint32_t n; };'

wild() { # a region that lives for a moment, changes its size and is killed
	local id=wild$1 end=$((SECONDS + SECONDS_LONG))
	while [ $SECONDS -lt $end ]; do
		region $id shm name=/$TAG-$id size=64k keep
		echo 'struct r { uint32_t n[16]; };' >"$MNT/regions/$TAG-$id/layout"
		for size in 4k 64k 100 1m 0 64k; do say $id truncate $size; done
		slay $id
		rm -f /dev/shm/$TAG-$id
	done
} 2>/dev/null
reader() { # reads whatever is there
	local end=$((SECONDS + SECONDS_LONG)) file
	while [ $SECONDS -lt $end ]; do
		for file in "$MNT/regions/$TAG-wild"*/{raw,hex,info,mappers,fields/records/{0,5,1000}/n/3} "$MNT/summary"; do
			cat "$file" >/dev/null
			dd if="$file" of=/dev/null bs=4k skip=2 count=2
			echo 1 >"$file"
		done
		"$MAKERS/try" open rw "$MNT/regions/$TAG-wild1/raw" pread 0 100 pwrite 60000 x seek data 0 map 0 4096 r
		find "$MNT/regions/$TAG-wild"* -maxdepth 2 -ls
	done
} >/dev/null 2>&1
for i in 1 2 3; do
	(wild $i) &
	(reader) &
done
wrong=0 reads=0 end=$((SECONDS + SECONDS_LONG))
while [ $SECONDS -lt $end ]; do
	[ "$(cat "$(at fine)/fields/records/0/n")" = 42 ] || wrong=$((wrong + 1))
	reads=$((reads + 1))
done
is "another region is read all the time" $wrong 0
note "$reads reads"
wait_for_all() { [ "$(jobs -r | grep -c 'wild\|reader')" = 0 ]; }
ok "everybody comes to an end" until_true 60 wait_for_all
is "and the region is as it was" "$(try open r "$(at fine)/raw" pread 0 4)" "open 0; pread 2a000000"
held() { # what the daemon has of our regions
	find "/proc/$DAEMON/fd" -lname "*$TAG*" -printf '%f %l\n'
	grep "$TAG" "/proc/$DAEMON/maps"
}
nothing_held() { [ -z "$(held | grep -v 'mnt$')" ]; }
until_true 10 nothing_held
is "the daemon holds nothing afterwards" "$(held | grep -v 'mnt$')" ""
finish
