#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Two mounts at once, and one that died: what is mapped through another's raw is listed, and nobody
# waits for anybody.
. "${0%/*}/lib.sh"
need_root "passthrough"

region v shm name=/$TAG-v size=64k
say v put 0 01
mkdir "$WORK/other"
"$PEEKFS" -f -o scan_ttl=0 "$WORK/other" </dev/null 2>>"$WORK/programs.log" &
other=$!
undo "umount -l '$WORK/other'; kill -9 $other"
until_true 10 test -e "$WORK/other/README" || bail "no second mount"
start mapper "$MAKERS/try" open r "$WORK/other/by-id/$(identity v)/raw" map 0 65536 r get 0 1 wait
hear mapper && hear mapper
mapped=$REPLY
pid=${R_JOB[mapper]}
hear mapper && hear mapper
then=$REPLY
mount_peekfs -o scan_ttl=0,all
if [ "$mapped" = "map 0" ]; then
	is "through the other mount it is mapped" "$then" wait
	name=$(ls "$MNT/by-pid/$pid")
	isnt "it is listed here too" "$name" ""
	is "as what isn't known to be harmless" "$(awk -F '\t' '$1 == "Kind:" {print $2}' "$MNT/regions/$name/info")" other
	is "and is a mapper there" "$(awk -v pid=$pid '$1 == pid {print $4}' "$WORK/other/by-id/$(identity v)/mappers")" r--s
else
	skip "mapped through another mount" "no passthrough: $mapped"
fi
ok "neither daemon is listed" not ls -d "$MNT/by-pid/$DAEMON" "$WORK/other/by-pid/$other"
kill -STOP $other
ok "while the other doesn't answer: ls" timeout 10 ls "$MNT/regions"
ok "while the other doesn't answer: summary" timeout 10 cat "$MNT/summary"
is "while the other doesn't answer: a region" "$(timeout 10 head -c 1 "$(at v)/raw" | od -An -tx1 | xargs)" 01
kill -CONT $other
kill -9 $other
until_true 10 ended $other
ok "when the other is dead: ls" timeout 10 ls "$MNT/regions"
is "when the other is dead: a region" "$(timeout 10 head -c 1 "$(at v)/raw" | od -An -tx1 | xargs)" 01
stop mapper

# ---- one whose mount is gone, but for a copy that another namespace has ----

first=$DAEMON
mkfifo "$WORK/hold"
unshare -m --propagation private sh -c 'read -r line <"$1"' - "$WORK/hold" &
keeper=$!
undo "kill $keeper"
apart() { [ "$(readlink /proc/$keeper/ns/mnt)" != "$(readlink /proc/$$/ns/mnt)" ]; }
until_true 10 apart || bail "no namespace"
until_true 10 umount "$MNT"
if kill -0 $first; then
	undo "kill -9 $first"
	mount_peekfs
	kill $first
	until_true 10 ended $first
	ok "it ends and leaves the mount that came after it alone" test -e "$MNT/README"
else
	skip "it leaves the mount that came after it alone" "the copy didn't keep it"
	DAEMON=
fi
kill $keeper
finish
