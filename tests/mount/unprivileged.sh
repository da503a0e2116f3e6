#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Mounted by a user through fusermount3: his own processes, and only what he may.

# A namespace of its own, where everybody may open /dev/fuse: the machine's stays as it is.
if [ "$(id -u)" = 0 ] && [ -z "${PEEKFS_OWN_DEV:-}" ]; then
	PEEKFS_OWN_DEV=1 exec unshare -m --propagation private "$0"
fi
. "${0%/*}/lib.sh"
[ -z "${PEEKFS_OWN_DEV:-}" ] || awk '/ - fuse/ {print $5}' /proc/self/mountinfo | xargs -r -n1 umount -l # others' keep their own
need_root "becomes another user"
ALICE=$(id -u nobody) BOB=$(id -u daemon) # fusermount3 wants to know a name
command -v fusermount3 >/dev/null || skip_all "no fusermount3"
[ -u "$(command -v fusermount3)" ] || skip_all "fusermount3 isn't setuid"
setpriv --reuid=$ALICE --regid=$ALICE --clear-groups test -x "$PEEKFS" || skip_all "other users can't reach the build"

mknod -m 666 "$WORK/fuse" c 10 229 && mount --bind "$WORK/fuse" /dev/fuse && undo "umount /dev/fuse"
chown $ALICE:$ALICE "$MNT"
as() { setpriv --reuid=$ALICE --regid=$ALICE --clear-groups "$@"; }

region mine memfd name=$TAG-mine size=64k uid=$ALICE gid=$ALICE
region file file name=/dev/shm/$TAG-file size=64k uid=$ALICE gid=$ALICE
region anon anon size=64k uid=$ALICE gid=$ALICE
region other memfd name=$TAG-other size=64k uid=$BOB gid=$BOB
region root memfd name=$TAG-root size=64k
say mine put 0 01 && say file put 0 02 && say anon put 0 03

as "$PEEKFS" -f -o scan_ttl=0 "$MNT" </dev/null >"$WORK/daemon.log" 2>&1 &
DAEMON=$!
until_true 30 mounted_or_dead && mounted || bail "no mount: $(cat "$WORK/daemon.log")"
as timeout 30 cat "$MNT/status" >"$WORK/status" || bail "the mount does not answer"
note "$(grep -iE '^(transport|passthrough)' "$WORK/status" | xargs -d '\n')"

list=$(as ls "$MNT/regions")
ok "his own are listed" grep -qx memfd-$TAG-mine <<<"$list"
ok "of every kind" grep -qx "anon-${R[anon.ino]}" <<<"$list"
ok "another user's aren't" not grep -q "$TAG-other" <<<"$list"
ok "nor root's" not grep -q "$TAG-root" <<<"$list"
declare -A byte=([mine]=01 [file]=02 [anon]=03)
for id in mine file anon; do
	is "$id: raw" "$(as "$MAKERS/try" open r "$(at $id)/raw" pread 0 1 | xargs)" "open 0 pread ${byte[$id]}"
	is "$id: hex" "$(as head -c 12 "$(at $id)/hex")" "00000000  ${byte[$id]}"
	as sh -c "echo 'struct r { uint32_t id, n; };' >'$(at $id)/layout'"
	as sh -c "echo 4711 >'$(at $id)/fields/records/1/n'"
	told "$id: a field is written" $id "get 12 4" 67120000
	is "$id: and read" "$(as cat "$(at $id)/fields/records/1/n")" 4711
	is "$id: its size" "$(as stat -c %s "$(at $id)/raw")" 65536
	like "$id: Access" "$(as cat "$(at $id)/info" | awk '$1 == "Access:" {print $2}')" "^(descriptor|process)$"
	is "$id: Writable" "$(as cat "$(at $id)/info" | awk '$1 == "Writable:" {print $2}')" yes
	say $id put 65535 7f
	is "$id: its end" "$(as "$MAKERS/try" open r "$(at $id)/raw" pread 65535 9 pread 65536 1 | xargs)" "open 0 pread 7f pread"
	like "$id: a page that nobody has touched: an error or its zeros, as it can be told" \
		"$(as cat "$(at $id)/info" | awk '$1 == "Access:" {print $2}') $(as "$MAKERS/try" open r "$(at $id)/raw" pread 40960 2 | xargs)" \
		"^(descriptor open 0 pread 0000|process open 0 pread EIO)$"
done 2>>"$WORK/errors"
sed 's/^/# /' "$WORK/errors"
like "a mapping of raw is refused, not stale" "$(as "$MAKERS/try" open r "$(at mine)/raw" map 0 4096 r | xargs)" "open 0 map (ENODEV|0)"
if command -v gcc >/dev/null; then
	install -d -o $ALICE "$WORK/own"
	gcc -g -O2 -D_GNU_SOURCE -o "$WORK/pointers" "$TESTS/mount/pointers.c" -pthread
	start global as "$WORK/pointers" global "$WORK/own/$TAG-global" && hear global
	is "a global pointer of his own program" "$(as cat "$MNT/regions/$TAG-global/fields/students/0/name")" xiaoming
	start handler as "$WORK/pointers" handler "$WORK/own/$TAG-handler" && hear handler
	if [ "$(cat /proc/sys/kernel/yama/ptrace_scope 2>/dev/null || echo 0)" = 0 ]; then
		as sh -c "echo auto >'$MNT/regions/$TAG-handler/layout'"
		like "auto stops his own program" "$(as cat "$MNT/regions/$TAG-handler/info")" "local in_frame in interrupted of"
	else
		skip "auto stops his own program" "yama forbids it"
	fi
	stop global handler
else
	skip "layouts that nobody wrote" "no gcc"
fi
slay mine
ok "a region that dies goes" as test ! -e "$MNT/regions/memfd-$TAG-mine"
as stat -f "$MNT" >/dev/null # as settle does
as fusermount3 -u "$MNT"
wait $DAEMON
is "fusermount3 -u ends it well" $? 0
DAEMON=
finish
