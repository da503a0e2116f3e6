# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# What tools/up and tools/down share: the demo programs, what they leave, and the mounts. The state
# folder holds "pids" (NAME PID START-TIME), "mounts" (PATH, and whether up made the folder) and
# the programs' logs.

if ((EUID == 0)); then
	state=/run/peekfs-demo
	default_mountpoint=/mnt/peekfs
	class=demo-class
else
	state=${XDG_STATE_HOME:-$HOME/.local/state}/peekfs-demo
	default_mountpoint=$HOME/peekfs
	class=demo-class-$EUID
fi
student=$state/shared/demo-student

# One up or down at a time. What they start must not keep the lock: 9>&- goes with it.
mkdir -p "$(dirname "$state")"
exec 9<"$(dirname "$state")"
flock 9

# The start time of a process, in clock ticks since boot: with the pid it names one process for ever.
start_time() {
	local stat
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
	stat=${stat##*) }
	cut -d ' ' -f 20 <<<"$stat"
}

# demo_pid NAME: the pid of a demo that runs; status 1 when it doesn't.
demo_pid() {
	local name pid since
	[[ -f $state/pids ]] || return 1
	while read -r name pid since; do
		[[ $name == "$1" && $(start_time "$pid") == "$since" ]] && echo "$pid" && return
	done <"$state/pids"
	return 1
}

# The file system type mounted at a path, asked without touching it: a dead mount answers nothing.
mounted_type() {
	local path type
	while read -r path type; do
		[[ $(printf %b "$path") != "$1" ]] || echo "$type"
	done < <(sed -E 's/^([^ ]+ ){4}([^ ]+) .* - ([^ ]+) .*/\2 \3/' /proc/self/mountinfo) | tail -n 1
}

# within SECONDS COMMAND...: repeats the command until it succeeds or the time is over.
within() {
	local deadline=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS <= deadline)) || return 1
		sleep 0.1
	done
}

# unmount PATH: also a mount whose daemon is dead, or that somebody still stands in.
unmount() {
	local command=(umount)
	((EUID == 0)) || command=(fusermount3 -u)
	"${command[@]}" "$1" 2>/dev/null && return
	((EUID == 0)) && command+=(-l) || command+=(-z)
	"${command[@]}" "$1" || return 1
	say "$1 was in use; it is detached, and ends when its last user leaves"
}
