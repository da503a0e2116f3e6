#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The command line, mount(8) and fstab.
. "${0%/*}/lib.sh"
need_fuse

is "--version" "$("$PEEKFS" --version | head -1)" "peekfs $(sed -n "s/.*version: '\([0-9.]*\)'.*/\1/p" "$TESTS/../meson.build" | head -1)"
ok "--help succeeds" "$PEEKFS" --help
for word in MOUNTPOINT -f -d -s ro allow_other scan_ttl all; do
	ok "--help tells of $word" grep -qe "$word" <("$PEEKFS" --help 2>&1)
done
wrong() { # WHAT ARGUMENT...
	local said status
	said=$(timeout 20 "$PEEKFS" "${@:2}" 2>&1 </dev/null)
	status=$?
	if [ $status = 0 ] || [ $status = 124 ] || [ -z "$said" ]; then fail "$1" "status $status: $said"; else pass "$1: $(tail -1 <<<"$said" | cut -c1-100)"; fi
}
wrong "no mountpoint"
wrong "an unknown option" -o no_such_option "$MNT"
wrong "a bad value" -o scan_ttl=soon "$MNT"
wrong "a negative one" -o scan_ttl=-1 "$MNT"
wrong "a mountpoint that isn't there" "$WORK/none"
touch "$WORK/file"
wrong "a mountpoint that is a file" "$WORK/file"

daemon() { awk -F '\t' '$1 == "Pid:" {print $2}' "$MNT/status"; }
leave() { # PID
	settle
	umount "$MNT" && until_true 10 ended "$1"
} 2>/dev/null
"$PEEKFS" "$MNT" </dev/null >"$WORK/out" 2>&1
is "without -f it returns when the mount answers" "$? $(timeout 5 cat "$MNT/README" | wc -c | sed 's/^[1-9].*/some/')" "0 some"
pid=$(daemon)
is "the daemon has no terminal and its own session" "$(ps -o tty=,sid= -p "$pid" | xargs)" "? $pid"
ok "unmounted it ends" leave "$pid"

mount_peekfs -s
like "-s" "$(grep -i '^transport' "$MNT/status")" .
is "one thread answers" "$(timeout 10 head -c 10 "$MNT/README" | wc -c)" 10
unmount_peekfs
mount_peekfs -d
ok "-d tells requests" until_true 10 grep -qi lookup "$WORK/daemon.log"
unmount_peekfs

region v shm name=/$TAG-v size=4k
mount_peekfs -o ro
tried "-o ro" "open EROFS; open 0" open w "$(at v)/raw" open r "$(at v)/raw"
like "the kernel knows" "$(grep " $MNT " /proc/self/mountinfo)" " ro,"
unmount_peekfs

mount_peekfs -o scan_ttl=2
ls "$MNT/regions" >/dev/null
region late shm name=/$TAG-late size=4k
appeared() { ls "$MNT/regions" | grep -qx $TAG-late; }
start=$(now_ms)
ok "scan_ttl=2: a new region comes" until_true 6 appeared
between "scan_ttl=2: after two seconds, ms" $(($(now_ms) - start)) 1000 4000
unmount_peekfs

if [ "$(id -u)" = 0 ]; then
	# mount(8) finds it as it is installed; where it isn't, a link stands in for that.
	installed=$(command -v peekfs) || { installed=/usr/local/bin/peekfs && ln -s "$PEEKFS" $installed && undo "rm $installed"; }
	note "as $installed"
	if mount -t fuse.peekfs none "$MNT" -o ro,scan_ttl=5 2>"$WORK/mount.err"; then
		pid=$(daemon)
		like "mount -t fuse.peekfs" "$(grep " $MNT " /proc/self/mountinfo)" " ro,.* fuse.peekfs "
		like "its options arrive" "$(grep -i scan.ttl "$MNT/status")" "5"
		ok "unmounted it ends" leave "$pid"
	else
		fail "mount -t fuse.peekfs" "$(cat "$WORK/mount.err")"
	fi
	echo "peekfs $MNT fuse.peekfs noauto,allow_other,scan_ttl=3,nofail,x-systemd.automount,_netdev 0 0" >"$WORK/fstab"
	if mount -T "$WORK/fstab" "$MNT" 2>"$WORK/mount.err"; then
		pid=$(daemon)
		like "an fstab line" "$(grep " $MNT " /proc/self/mountinfo)" "fuse.peekfs peekfs .*allow_other"
		ok "unmounted it ends" leave "$pid"
	else
		fail "an fstab line" "$(cat "$WORK/mount.err")"
	fi
	"$PEEKFS" somewhere "$MNT" </dev/null >"$WORK/out" 2>&1
	ok "a source may stand before the mountpoint, as mount(8) has it" mounted
	ok "unmounted it ends" leave "$(daemon)"
	# mount.fuse3 mounts, and who serves it needs no right to.
	if ! command -v mount.fuse3 >/dev/null || ! setpriv --reuid=nobody --clear-groups test -x "$PEEKFS"; then
		skip "mounted by somebody else" "no mount.fuse3, or another user can't reach the build"
	elif mount.fuse3 "$PEEKFS#x" "$MNT" -o drop_privileges,setuid=nobody,allow_other 2>"$WORK/mount.err"; then
		pid=$(daemon)
		is "mounted by somebody else, it is served by whom he chose" "$(stat -c %U "/proc/$pid")" nobody
		ok "unmounted it ends" leave "$pid"
	else
		fail "mounted by somebody else" "$(cat "$WORK/mount.err")"
	fi
else
	skip "mount -t fuse.peekfs and fstab" "needs root"
fi
finish
