#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a new user does: tools/up, a look, an edit, tools/down. Prints TAP. It runs in a mount
# namespace with a /run and a /dev/shm of its own, so that it disturbs nobody's demos.
set -uo pipefail
cd "$(dirname -- "${BASH_SOURCE[0]}")/.." || exit 1

if [[ ! ${PEEKFS_APART:-} ]]; then
	((EUID == 0)) || { echo '1..0 # SKIP only root may make a mount namespace' && exit 0; }
	PEEKFS_APART=1 exec unshare --mount --propagation private -- "$PWD/tests/up-and-down.sh"
fi
# Copies of others' mounts would keep those alive when they are unmounted.
awk '/ - fuse/ { print $5 }' /proc/self/mountinfo | xargs -r -n 1 umount -l
mount -t tmpfs none /run
mount -t tmpfs none /dev/shm
unset SUDO_UID SUDO_GID
work=$(mktemp -d "${TMPDIR:-/tmp}/peekfs-up.XXXXXX")
trap 'tools/down >/dev/null 2>&1; rm -rf "$work"' EXIT
mnt=$work/mnt
student=$mnt/regions/demo-student
class=$mnt/regions/demo-class

count=0 failed=0
# ok NAME COMMAND...: one case; what the command prints is shown when it fails.
ok() {
	local name=$1 said
	shift
	count=$((count + 1))
	if said=$("$@" 2>&1); then
		echo "ok $count - $name"
	else
		failed=$((failed + 1))
		echo "not ok $count - $name"
		echo "# ${said//$'\n'/$'\n# '}"
	fi
}

# soon COMMAND...: succeeds within five seconds.
soon() {
	local deadline=$((SECONDS + 5))
	until "$@"; do
		((SECONDS < deadline)) || return 1
		sleep 0.1
	done
}

counts_on() {
	local first
	first=$(<"$student/fields/records/0/id")
	soon has_grown "$first"
}
has_grown() { (($(<"$student/fields/records/0/id") > $1)); }
edit_is_printed() {
	echo 1000 >"$class/fields/records/0/id" &&
		soon grep -q 'student 0 is now: id 1000' /run/peekfs-demo/class-keeper.log &&
		[[ $(<"$class/fields/records/0/id") == 1000 ]]
}
hex_is_hexdump() { cmp <(hexdump -vC "$class/raw") "$class/hex"; }
finds() { [[ $(grep -rl xiaoming "$student/fields" --exclude=.raw) == *records/0/name ]]; }
tried() { sed -n "s|^ *\($PWD/build/[^ ]*\) ls.*|\1|p" "$work/up"; }
lists_demos() { "$(tried)" ls | grep -q demo-class; }
says_already() { [[ $(tools/up "$mnt") == *already* ]]; }
demos() { cut -d ' ' -f 2 /run/peekfs-demo/pids; }
is_gone() {
	local pid
	[[ ! -e $mnt && ! -e /run/peekfs-demo && ! -e /dev/shm/demo-class ]] || return 1
	for pid in $pids; do [[ ! -d /proc/$pid ]] || return 1; done
}

# shellcheck disable=SC2016 # the inner shell's
ok 'tools/up' bash -c 'tools/up "$1" >"$2"' - "$mnt" "$work/up"
ok 'peekctl is there, as it says, and lists the same' lists_demos
pids="$(demos) $(sed -n 's/^Pid:[[:space:]]*//p' "$mnt/status")"
ok "the writer's record counts on" counts_on
ok 'an edit is printed by the program that maps the class' edit_is_printed
ok 'grep -r finds the name' finds
ok 'hex is what hexdump prints' hex_is_hexdump
ok 'tools/up again leaves it' says_already
kill -9 "${pids##* }"
ok 'tools/up after the daemon died' tools/up "$mnt"
ok 'and the record still counts' counts_on
pids="$(demos) $(sed -n 's/^Pid:[[:space:]]*//p' "$mnt/status")"
ok 'tools/down' tools/down "$mnt"
ok 'leaves nothing' is_gone
ok 'tools/down again' tools/down "$mnt"
echo "1..$count"
exit $((failed > 0))
