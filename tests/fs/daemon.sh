#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2012 # what ls lists is what is meant
# The daemon on the tree of fake_tree.c, whose files can be made to wait.
#   daemon.sh dev|uring|single
PEEKFS=${PEEKFS_FAKE:-${PEEKFS_BUILD:-$(dirname "$0")/../../build}/tests/fs/peekfs_fake}
. "${0%/*}/../mount/lib.sh"
transport=$1
parameter=/sys/module/fuse/parameters/enable_uring
options=()

switch_uring() { # while it is on, nobody else may change it
	need_root "to switch io_uring on in the kernel"
	[ -w $parameter ] || skip_all "this kernel has no FUSE over io_uring"
	exec {lock}>"${PEEKFS_URING_LOCK:-/tmp/uring.lock}"
	flock $lock
	undo "echo $(cat $parameter) >$parameter; exec {lock}>&-"
	echo Y >$parameter
}

case $transport in
uring) switch_uring ;;
single) options=(-s) ;;
dev) options=(-o no_io_uring) ;; # whoever else may have switched it on
esac

mount_peekfs "${options[@]}"
transport_line=$(sed -n 's/^Transport:\t//p' "$WORK/status")
case $transport in
uring)
	[ "$transport_line" = io_uring ] || skip_all "no io_uring: $transport_line"
	pass "the transport is io_uring"
	;;
*) like "the transport is /dev/fuse" "$transport_line" "^dev-fuse" ;;
esac

# ---- plain requests ----

is "a file is read" "$(cat "$MNT/constant")" 42
is "listed" "$(ls "$MNT" | paste -sd ' ')" "constant held many object slow status stuck value"
is "a million entries" "$(ls -U "$MNT/many" | wc -l)" 1000000
is "the last of them" "$(cat "$MNT/many/e999999")" 999999
echo 17 >"$MNT/value"
is "a value is written" "$(cat "$MNT/value")" 17
tried "a refused one" "open 0; write EINVAL" open w "$MNT/value" write "$(printf '%064d' 1)"
like "is explained in the log" "$(cat "$WORK/daemon.log")" "refused: line 1, column 2: it isn't one short value"
echo 0 >"$MNT/value"
tried "what isn't there" "open ENOENT" open r "$MNT/nothing"
tried "nothing is made" "open EPERM" open w,creat "$MNT/new"
ok "no directory either" not mkdir "$MNT/new"
tried "nothing is removed" "unlink EPERM" unlink "$MNT/value"
tried "modes and owners stay" "chmod EPERM; chown EPERM" chmod 600 "$MNT/value" chown 1 "$MNT/value"
ok "times too" not touch "$MNT/value"
like "extended attributes: none" "$(getfattr -d -m - "$MNT/value" 2>&1)" "not supported"
is "as many links as a test for directories wants" "$(stat -c %h "$MNT" "$MNT/value" | paste -sd ' ')" "1 1"

# ---- the object ----

tried "the object isn't cut" "size EPERM; size 0" size 5 "$MNT/object" size 1048576 "$MNT/object"
tried "O_TRUNC cuts nothing" "open 0; read 00" open rw,trunc "$MNT/object" read 1
tried "it is read where it was written" "open 0; pwrite 3; open 1; pread 616263" \
	open w "$MNT/object" pwrite 4096 abc open r "$MNT/object" pread 4096 3
tried "holes are told" "open 0; seek 0; seek 4096" open r "$MNT/object" seek hole 0 seek data 0
if passthrough; then
	tried "it is mapped, and what is mapped is what is read" "open 0; map 0; put 3; open 1; pread 78797a" \
		open rw "$MNT/object" map 0 4096 rw put 8 78797a open r "$MNT/object" pread 8 3
else
	tried "without passthrough it isn't mapped" "open 0; map ENODEV" open rw "$MNT/object" map 0 4096 rw
fi

# ---- waiting ----

others() { mapfile -t OTHERS < <(jobs -p | grep -vx "$DAEMON"); } # what runs in the background

no_lanes() { ! grep -qs '^peekfs-lane$' /proc/"$DAEMON"/task/*/comm; }

if [ "$transport" != single ]; then
	start=$(now_ms)
	ok "there are no threads to wait yet" no_lanes
	for n in 401 402 403 404 405 406 407 408; do cat "$MNT/slow/s$n" & done >"$WORK/slow" 2>&1
	others && wait "${OTHERS[@]}"
	between "eight slow files of different lanes are read together" $(($(now_ms) - start)) 400 2500
	is "each its own" "$(sort "$WORK/slow" | paste -sd ' ')" "401 402 403 404 405 406 407 408"

	for n in {1..40}; do cat "$MNT/stuck/7" & done >"$WORK/stuck" 2>&1
	others
	waiting() { [ "$(sed -n 's/^Waiting:\t//p' "$MNT/status")" = "$1" ]; }
	ok "forty readers of one stuck file wait" until_true 10 waiting 40
	is "others don't" "$(timeout 5 cat "$MNT/slow/s1" "$MNT/constant" | paste -sd ' ')" "1 42"
	if [ "$transport" = dev ]; then
		kill "${OTHERS[0]}"
		ok "one that is killed ends" until_true 10 not kill -0 "${OTHERS[0]}"
		ok "and the others go on waiting" until_true 10 not waiting 0
	fi
	echo 1 >"$MNT/value"
	wait "${OTHERS[@]}" 2>/dev/null
	is "then they get what they wanted" "$(sort -u "$WORK/stuck")" 7
	ok "nothing waits any more" until_true 10 waiting 0
	ok "and threads that are idle end" until_true 30 no_lanes
	is "after that requests are answered still" "$(timeout 5 cat "$MNT/constant")" 42
	echo 0 >"$MNT/value"
fi

# ---- ends ----

unmount_peekfs

mount_peekfs "${options[@]}"
settle
kill -TERM "$DAEMON"
wait "$DAEMON"
is "SIGTERM ends it well" $? 0
ok "and unmounts" not mounted
DAEMON=

if [ "$transport" != single ]; then
	mount_peekfs "${options[@]}" -o timeout=0.5
	for n in {1..10}; do
		tried "what doesn't answer is given up" "open ETIMEDOUT" open r "$MNT/stuck/$((n % 2))" &
	done >"$WORK/late"
	others && wait "${OTHERS[@]}"
	is "by all who wait" "$(grep -c '^ok' "$WORK/late")" 10
	like "the log says so" "$(cat "$WORK/daemon.log")" "doesn't answer; pid [0-9]+ is told so"
	ok "what has begun goes on" not waiting 0
	echo 1 >"$MNT/value"
	ok "until it ends" until_true 10 waiting 0
	is "and the mount answers" "$(timeout 5 cat "$MNT/stuck/3" "$MNT/constant" | paste -sd ' ')" "3 42"

	echo 0 >"$MNT/value"
	tried "a file whose read was given up is closed" "open 0; read ETIMEDOUT; close 0" \
		open r "$MNT/held" read 1 close
	is "which waits for the read that goes on" "$(timeout 5 cat "$MNT/slow/s300")" 300
	echo 1 >"$MNT/value"
	ok "and both end" until_true 10 waiting 0
	unmount_peekfs
fi

if [ "$transport" != single ]; then
	mount_peekfs "${options[@]}"
	for n in 301 302 303 304; do cat "$MNT/slow/s$n" & done >/dev/null 2>&1
	cat "$MNT/stuck/1" >/dev/null 2>"$WORK/error" &
	reader=$!
	until_true 10 waiting 5
	kill -TERM "$DAEMON"
	ok "SIGTERM ends it while something is stuck" until_true 10 not kill -0 "$DAEMON"
	wait "$DAEMON"
	is "well" $? 0
	wait "$reader"
	like "who waited is told" "$(cat "$WORK/error")" "not connected|connection abort"
	ok "and unmounts" not mounted
	DAEMON=
fi

"$PEEKFS" "${options[@]}" "$MNT" >"$WORK/out" 2>&1
is "in the background: it answers when the command returns" "$? $(cat "$MNT/constant")" "0 42"
is "nothing was said" "$(cat "$WORK/out")" ""
pid=$(pgrep -f -- "$PEEKFS.* $MNT\$")
is "it holds no folder and no terminal" "$(readlink "/proc/$pid/cwd" "/proc/$pid/fd/0" | paste -sd ' ')" "/ /dev/null"
settle
umount "$MNT"
gone() { ! grep -qs '^State:.[^Z]' "/proc/$1/status"; }
ok "it ends when it is unmounted" until_true 10 gone "$pid"

finish
