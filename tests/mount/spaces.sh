#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Processes in other namespaces, of other users, without a leader, with shared address spaces.
. "${0%/*}/lib.sh"
need_root "makes namespaces"

head -c 65536 /dev/zero | tr '\0' x >/dev/shm/$TAG-same
undo "rm -f /dev/shm/$TAG-same"
mkdir "$WORK/tree" "$WORK/lower" "$WORK/upper" "$WORK/work" "$WORK/overlay"
region mine shm name=/$TAG-mine
region inside shm name=/$TAG-same ns=pid,mnt tmpfs=/dev/shm
region deep file name="$WORK/tree/deep" ns=mnt tmpfs="$WORK/tree"
region user memfd name=$TAG-user uid=54321 gid=54321
region leader memfd name=$TAG-leader leaderexit
region sibling memfd name=$TAG-sibling sibling
mount_peekfs -o scan_ttl=0

say inside put 0 70656570
is "another mount namespace: its object, not ours of the same path" \
	"$(try open r "$(at inside)/raw" pread 0 4)" "open 0; pread 70656570"
ok "which is a region too" test -d "$MNT/by-id/$(stat -c '%Hd:%Ld:%i' /dev/shm/$TAG-same)/"
tried "written, it is theirs" "open 0; pwrite 1" open rw "$(at inside)/raw" pwrite 0 Z
told "they see it" inside "get 0 1" 5a
is "ours is as it was" "$(head -c 1 /dev/shm/$TAG-same)" x
is "another pid namespace: PID is ours, NSPID theirs" "$(column inside PID) $(column inside NSPID)" "${R[inside.pid]} 1"
say deep put 10 01
is "a file where our file system has none" "$(try open r "$(at deep)/raw" pread 10 1)" "open 0; pread 01"
is "another user" "$(column user UID)" 54321
is "a leader that has exited: its memory is found" "$(column leader PID)" "${R[leader.pid]}"
say leader put 0 0102
is "and read" "$(try open r "$(at leader)/raw" pread 0 2)" "open 0; pread 0102"
like "a CLONE_VM sibling: the mapping is there" "$(column sibling PID | xargs)" "${R[sibling.pid]}"
is "by its pid" "$(ls "$MNT/by-pid/${R[sibling.pid]}")" "memfd-$TAG-sibling"

if mount -t overlay overlay -o "lowerdir=$WORK/lower,upperdir=$WORK/upper,workdir=$WORK/work" "$WORK/overlay" 2>/dev/null; then
	undo "umount '$WORK/overlay'"
	printf 'lower file\n' >"$WORK/lower/$TAG-lower"
	region lower file name="$WORK/overlay/$TAG-lower" size=11 existing readonly
	name=$(ls "$MNT/by-pid/${R[lower.pid]}")
	is "a file of an overlay's lower layer: its name" "$name" $TAG-lower
	is "its bytes" "$(cat "$MNT/regions/$name/raw")" "lower file"
	cat "$MNT/regions/$name"/{info,hex,mappers} >/dev/null
	ok "looking doesn't copy it up" test ! -e "$WORK/upper/$TAG-lower"
	stop lower
else
	skip "a file of an overlay's lower layer" "no overlay here"
fi
finish
