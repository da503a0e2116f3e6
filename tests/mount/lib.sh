# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2093,SC1083
#
# What every mount test begins with: `. "${0%/*}/lib.sh"`. It ends with `finish`.
#
#   mount_peekfs [OPTION...]     the build's daemon on $MNT, in a folder of its own; $DAEMON is its pid
#   region ID KIND [WORD...]     a process of ours with a memory object (see makers/make_region.c);
#                                ${R[ID.pid]} ${R[ID.dev]} ${R[ID.ino]} ${R[ID.size]} ${R[ID.map0]} ...
#   say ID COMMAND               tells it to do something; its answer is in $REPLY
#   stop ID, slay ID             ends it, kills it
#   at ID                        its directory in the mount, by its identity
#   ok, is, like, tried, skip    a case each, told as TAP
#
# Nothing outlives a test: whatever way it ends, its processes, its mounts and its files go.

set -u
LC_ALL=C
export LC_ALL
TESTS=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
BUILD=${PEEKFS_BUILD:-$TESTS/../build}
PEEKFS=${PEEKFS:-$BUILD/fs/peekfs}
MAKERS=${PEEKFS_MAKERS:-$BUILD/tests/makers}
EMPTYFS=${PEEKFS_EMPTYFS:-$BUILD/tests/bench/emptyfs}
MAKER=$MAKERS/make_region
SLOW=${PEEKFS_SANITIZED:-} # not empty: times and sizes of memory mean nothing
WORK=$(mktemp -d "${TMPDIR:-/tmp}/peekfs-test.XXXXXX") || exit 1
MNT=$WORK/mnt
TAG=pk$$ # in every name that others could have too
DAEMON=
mkdir "$MNT"
chmod 755 "$WORK" "$MNT"
export XDG_CONFIG_HOME=$WORK/config # no rules of whoever runs the tests
declare -A R=() R_JOB=() R_IN=() R_OUT=()
CASES=0 FAILED=0 UNDO=()
exec {QUIET}<><(:) # nobody ever writes here: read -t on it waits without a process

# ---- ends ----

undo() { UNDO+=("$1"); } # a command for the end, last one first

clean_up() {
	local i id pid
	trap '' EXIT INT TERM HUP
	for id in "${!R_JOB[@]}"; do echo exit >&"${R_IN[$id]}"; done 2>/dev/null
	until_true 10 all_ended # by themselves: then what they made goes too
	for id in "${!R_JOB[@]}"; do slay "$id"; done
	for ((i = ${#UNDO[@]} - 1; i >= 0; i--)); do eval "${UNDO[i]}" >/dev/null 2>&1; done
	mountpoint -q "$MNT" && { umount "$MNT" || umount -l "$MNT"; } 2>/dev/null
	[ -n "$DAEMON" ] && kill "$DAEMON" 2>/dev/null && { sleep 2 & wait -n "$DAEMON" $!; } 2>/dev/null
	{ for pid in $(jobs -p); do kill -9 "$pid"; done; wait; } 2>/dev/null
	rm -rf --one-file-system "$WORK"
}
trap 'clean_up' EXIT
trap 'exit 143' INT TERM HUP
trap : PIPE # what we tell somebody who has died is an error, not our death

all_ended() { ! kill -0 "${R_JOB[@]}"; }

finish() {
	if [ -n "$DAEMON" ]; then
		ok "the daemon is still there" kill -0 "$DAEMON"
		unmount_peekfs
	fi
	echo "1..$CASES"
	[ $FAILED -gt 0 ] && [ -s "$WORK/daemon.log" ] && tail -n 40 "$WORK/daemon.log" | sed 's/^/# daemon: /'
	exit 0
}

bail() {
	echo "Bail out! $*"
	[ -s "$WORK/daemon.log" ] && tail -n 40 "$WORK/daemon.log" | sed 's/^/# daemon: /'
	exit 1
}

skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

need_root() { [ "$(id -u)" = 0 ] || skip_all "needs root: $*"; }

need_fuse() {
	[ -c /dev/fuse ] || skip_all "no /dev/fuse here"
	[ -x "$PEEKFS" ] || bail "no daemon at $PEEKFS"
}

# ---- cases ----

note() { printf '# %s\n' "$*"; }

pass() {
	CASES=$((CASES + 1))
	printf 'ok %d - %s\n' $CASES "$1"
}

fail() {
	CASES=$((CASES + 1)) FAILED=$((FAILED + 1))
	printf 'not ok %d - %s\n' $CASES "$1"
	shift
	[ $# -gt 0 ] && printf '%s\n' "$@" | head -c 4000 | sed 's/^/#   /'
	return 1
}

skip() { # WHAT WHY
	CASES=$((CASES + 1))
	printf 'ok %d - %s # SKIP %s\n' $CASES "$1" "$2"
}

ok() { # WHAT COMMAND...: it must succeed
	local what=$1 status=0
	shift
	"$@" >"$WORK/ok.out" 2>&1 || status=$?
	if [ $status = 0 ]; then pass "$what"; else
		fail "$what" "failed ($status): $*" "$(head -c 1000 "$WORK/ok.out" | tr -d '\0')"
	fi
}

not() { ! "$@"; }

is() { # WHAT GOT WANT
	if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "got:  $2" "want: $3"; fi
}

isnt() { # WHAT GOT UNWANTED
	if [ "$2" != "$3" ]; then pass "$1"; else fail "$1" "got:  $2"; fi
}

like() { # WHAT GOT REGEX
	if [[ $2 =~ $3 ]]; then pass "$1"; else fail "$1" "got:  $2" "want: /$3/"; fi
}

between() { # WHAT GOT LEAST MOST
	if [[ $2 =~ ^[0-9]+$ ]] && [ "$2" -ge "$3" ] && [ "$2" -le "$4" ]; then pass "$1 ($2)"; else
		fail "$1" "got:  $2" "want: $3..$4"
	fi
}

# Layouts are kept on objects as user attributes, which tmpfs has since Linux 6.6.
keeps_attributes() { # [DIRECTORY]: of files there, else of shared memory
	local file status=0
	file=$(mktemp "${1:-/dev/shm}/$TAG-keeps.XXXXXX") || return
	setfattr -n user.peekfs.test -v 1 "$file" 2>/dev/null || status=$?
	rm -f "$file"
	return $status
}

can_keep() { # WHAT [DIRECTORY]: the same; where they don't, the case is skipped
	keeps_attributes "${@:2}" && return
	skip "$1" "${2:-/dev/shm} keeps no user attributes here: setfattr fails"
	return 1
}

try() { "$MAKERS/try" "$@" 2>&1 | paste -s -d ';' | sed 's/;/; /g'; }

tried() { # WHAT ANSWERS STEP...: see makers/try.c; answers are joined by "; "
	local what=$1 want=$2
	shift 2
	is "$what" "$(try "$@")" "$want"
}

# Until the command succeeds, asked again and again; false after so many seconds.
until_true() { # SECONDS COMMAND...
	local end=$((${EPOCHREALTIME/./} + $1 * 1000000))
	shift
	until "$@" 2>/dev/null; do
		[ ${EPOCHREALTIME/./} -lt $end ] || return 1
		read -r -t 0.02 -u "$QUIET" _
	done
	return 0
}

# The daemon says ten lines a second in its log: who counts on more of them waits for the next one.
next_second() {
	local now=$EPOCHSECONDS
	until [ "$EPOCHSECONDS" -gt $((now + 1)) ]; do read -r -t 0.02 -u "$QUIET" _; done
}

now_ms() { echo $((${EPOCHREALTIME/./} / 1000)); }

# ---- the daemon ----

ended() { ! kill -0 "$1"; }
mounted() { grep -qF " $MNT " /proc/self/mountinfo; }

mount_peekfs() { # [OPTION...]
	need_fuse
	"$PEEKFS" -f "$@" "$MNT" </dev/null >>"$WORK/daemon.log" 2>&1 &
	DAEMON=$!
	until_true 30 mounted_or_dead || bail "no mount after 30 s"
	mounted || bail "the daemon ended before it mounted"
	timeout 30 cat "$MNT/status" >"$WORK/status" || bail "the mount does not answer"
}

mounted_or_dead() { mounted || ended "$DAEMON"; }

# The kernel tells the daemon of what was closed when it has time to, and not at all once the mount
# goes: then the daemon ends with open files, which a sanitizer counts as lost. A question that is
# answered came behind all that.
settle() { timeout 10 stat -f "$MNT" >/dev/null 2>&1; }

unmount_peekfs() {
	local status
	settle
	until_true 10 umount "$MNT" || fail "unmounting" "$(umount "$MNT" 2>&1)" "$(users_of_mount)" || umount -l "$MNT"
	until_true 10 ended "$DAEMON" || not_ended
	wait "$DAEMON" 2>/dev/null
	status=$?
	DAEMON=
	is "the daemon ends well when it is unmounted" $status 0
}

remount_peekfs() { unmount_peekfs && mount_peekfs "$@"; }

users_of_mount() {
	find /proc/[0-9]*/{fd,cwd,root} -lname "$MNT*" -printf '%p %l\n' 2>/dev/null
	copies_of_mount
}

# A mount namespace that somebody made meanwhile has a copy of our mount, and keeps its server.
copies_of_mount() { grep -lF " $MNT " /proc/[0-9]*/mountinfo 2>/dev/null | head -5; }

not_ended() {
	local task copies
	copies=$(copies_of_mount | xargs)
	if [ -n "$copies" ]; then
		note "other namespaces have the mount still: $copies"
		kill "$DAEMON"
		until_true 10 ended "$DAEMON" && return
	fi
	note "the daemon doesn't end; its threads wait in:"
	for task in "/proc/$DAEMON"/task/*; do note "$(cat "$task/comm" "$task/wchan" | xargs): $(head -3 "$task/stack" | xargs)"; done
	kill -9 "$DAEMON"
}

daemon_rss() { awk '/^VmRSS/ {print $2}' "/proc/$DAEMON/status"; } # KiB

info() { awk -F '\t' -v key="$2:" '$1 == key {print $2}' "$(at "$1")/info"; } # ID KEY

passthrough() { grep -q '^Passthrough:[[:space:]]yes' "$MNT/status"; }

# ---- processes and their regions ----

start() { # ID PROGRAM [ARGUMENT...]: a process that we can talk to until it is stopped
	local id=$1
	shift
	mkfifo "$WORK/$id.in" "$WORK/$id.out"
	"$@" <"$WORK/$id.in" >"$WORK/$id.out" 2>>"$WORK/programs.log" &
	R_JOB[$id]=$!
	exec {R_IN[$id]}>"$WORK/$id.in" {R_OUT[$id]}<"$WORK/$id.out"
	rm "$WORK/$id.in" "$WORK/$id.out"
}

# ID: its next line; false at its end. Half a line isn't an answer, and the next one would be its rest.
hear() {
	local status=0
	read -r -t 60 -u "${R_OUT[$1]}" REPLY || status=$?
	[ $status -le 128 ] || bail "$1: no whole line in 60 s, but ${#REPLY} bytes of one"
	return $status
}

region() { # ID KIND [WORD...]; 77 where this machine hasn't got the kind
	local id=$1 word maps=0
	shift
	for word in "${!R[@]}"; do [[ $word == "$id".* ]] && unset "R[$word]"; done
	start "$id" "$MAKER" "$@"
	while hear "$id"; do
		case $REPLY in
		object\ *) for word in ${REPLY#object }; do R[$id.${word%%=*}]=${word#*=}; done ;;
		mapping\ *) R[$id.map$maps]=${REPLY#mapping } maps=$((maps + 1)) ;;
		sibling\ *) R[$id.sibling]=${REPLY#sibling } ;;
		ready) return 0 ;;
		unsupported\ *)
			R[$id.why]=$REPLY
			stop "$id"
			return 77
			;;
		*) break ;;
		esac
	done
	bail "make_region $*: $REPLY"
}

say() { # ID COMMAND...: $REPLY is the answer without its "ok"; false if it is an error
	local id=$1
	shift
	echo "$*" >&"${R_IN[$id]}"
	hear "$id" && [[ $REPLY =~ ^(.*)ok$ ]] || return 1
	REPLY=${BASH_REMATCH[1]% }
}

told() { # WHAT ID COMMAND WANT: what the program itself sees in its memory
	say "$2" "$3"
	is "$1" "$REPLY" "$4"
}

stop() { # ID...: those who came later hold its input open as well, so its end must be told
	local id
	for id; do
		echo exit >&"${R_IN[$id]}"
		wait "${R_JOB[$id]}"
		let_go "$id"
	done
} 2>/dev/null

let_go() { # ID
	local in=${R_IN[$1]} out=${R_OUT[$1]}
	exec {in}>&- {out}<&-
	unset "R_JOB[$1]" "R_IN[$1]" "R_OUT[$1]"
}

slay() { # ID...
	local id
	for id; do
		kill -9 "${R_JOB[$id]}"
		wait "${R_JOB[$id]}"
		let_go "$id"
	done
} 2>/dev/null

identity() { # ID
	if [ -n "${R[$1.shmid]:-}" ]; then echo "sysv:${R[$1.shmid]}"; else
		echo "${R[$1.dev]}:${R[$1.ino]}"
	fi
}

at() { echo "$MNT/by-id/$(identity "$1")"; }

name_of() { basename "$(readlink "$(at "$1")")"; } # ID: what it is called in regions/

listed() { ls "$MNT/regions" | grep -qxF -- "$1"; } # NAME

column() { # ID NAME: that column of its mappers, a line each
	awk -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) k = i; next } { print $k }' \
		"$(at "$1")/mappers"
}

# A list of mappers has them by pid; which of two programs has the smaller one is chance.
in_order() { printf '%s\n' "$@" | sort -n | xargs; } # NUMBER...: on one line

number() { # hex digits with or without 0x, to a number
	echo $((16#${1#0x}))
}

lay() { # ID: the layout text from stdin
	cat >"$(at "$1")/layout"
}

is_unlaid() { [[ $(info "$1" Layout) != @(written|attribute) ]]; }
unlay() { # ID: truncates its layout. The kernel tells of the last close(2) when it has returned.
	: >"$(at "$1")/layout"
	until_true 10 is_unlaid "$1"
}
