#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Nothing is held: memory of the dead is free again, seen on 2 GiB; the notes say how soon.
. "${0%/*}/lib.sh"
need_root "passthrough"

MIB=2048
shmem() { awk '$1 == "Shmem:" { print int($2 / 1024) }' /proc/meminfo; } # MiB, of the whole machine
[ "$(awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo)" -gt $((MIB + 1024)) ] ||
	skip_all "needs $((MIB + 1024)) MiB of memory"
freed() { [ "$(shmem)" -lt $((full - MIB * 95 / 100)) ]; }

# Its own descriptors and mappings, by inode: names can be anything.
lets_go() {
	local inode=${R[a.ino]}
	[ -z "${R[a.shmid]:-}" ] || inode=${R[a.shmid]}
	! stat -L -c %i "/proc/$DAEMON/fd"/* 2>/dev/null | grep -qx "$inode" &&
		! awk '{print $5}' "/proc/$DAEMON/maps" | grep -qx "$inode"
}

mount_peekfs
for kind in memfd shm anon sysv; do
	words=()
	[ $kind = shm ] && words=("name=/$TAG-free" unlink)
	region a $kind size=${MIB}m "${words[@]}"
	region_id=$(at a)
	say a fill 0 ${MIB}m 5a
	full=$(shmem)
	until_true 10 test -e "$region_id/"
	lay a <<<'struct r { unsigned id; unsigned rest[15]; };'
	cat "$region_id/fields/records/5/id" "$region_id/info" "$MNT/summary" >/dev/null
	head -c 100000 "$region_id/hex" >/dev/null
	dd if="$region_id/raw" of=/dev/null bs=1M count=64 status=none
	printf '1\n' >"$region_id/fields/records/5/id"
	start holder "$MAKERS/try" open r "$region_id/raw" pread 0 1 open r "$region_id/hex" pread 0 1 wait
	for _ in 1 2 3 4 5; do hear holder; done
	stop holder
	ok "$kind: soon after the last file is closed the daemon has nothing of it" until_true 10 lets_go
	stop a
	start=$(now_ms)
	ok "$kind: $MIB MiB are free again" until_true 10 freed
	note "$kind: $(($(now_ms) - start)) ms; $((full - $(shmem))) MiB less"
done

region b memfd size=64m
say b fill 0 64m 5a
until_true 10 test -e "$(at b)/"
start holder "$MAKERS/try" open r "$(at b)/raw" wait pread 0 1
hear holder && hear holder
stop b
echo >&"${R_IN[holder]}"
hear holder
like "an open raw may hold it, and still answers" "$REPLY" "^pread (5a|EIO|)$"
stop holder
finish
