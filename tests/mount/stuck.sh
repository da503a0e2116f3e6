#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A mapped file on a server that no longer answers: stat and open of it never return, so a scan
# must do neither, and who asks for it waits alone.
. "${0%/*}/lib.sh"
need_root "mounts another FUSE file system"

mkdir "$WORK/server"
"$EMPTYFS" "$WORK/server" -f --path=$TAG-stuck --cached </dev/null 2>>"$WORK/programs.log" &
server=$!
undo "kill -CONT $server; umount -l '$WORK/server'; kill -9 $server"
until_true 10 test -e "$WORK/server/$TAG-stuck" || bail "no empty server"
region stuck file name="$WORK/server/$TAG-stuck" size=11 existing readonly
region fine shm name=/$TAG-fine
say fine put 0 01
kill -STOP $server
mount_peekfs -o scan_ttl=0

soon() { timeout 10 "$@"; }
ok "listing answers" soon ls -l "$MNT"
ok "regions are listed" soon ls "$MNT/regions"
is "the stuck one is there by pid" "$(soon ls "$MNT/by-pid/${R[stuck.pid]}")" $TAG-stuck
ok "summary answers" soon cat "$MNT/summary"
is "another region is read" "$(soon "$MAKERS/try" open r "$(at fine)/raw" pread 0 1 | xargs)" "open 0 pread 01"
"$MAKERS/try" open r "$MNT/regions/$TAG-stuck/raw" pread 0 11 >"$WORK/waiter" &
waiter=$!
for _ in 1 2 3 4; do "$MAKERS/try" stat "$MNT/regions/$TAG-stuck/raw" >/dev/null & done
ok "while some wait for the stuck one, others are served" \
	soon cat "$(at fine)"/{info,mappers,hex,raw} "$MNT/status" "$MNT/summary"
kill -CONT $server
ok "when the server goes on, he is answered" until_true 10 ended $waiter
finish
