#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The tests' own tools, checked against /proc alone: what make_region says is there, is there.
. "${0%/*}/lib.sh"

range_of() { local range=${R[$1.map0]#range=}; echo "${range%% *}"; } # ID
maps_line() { grep -s "^$(range_of "$1") " "/proc/${R[$1.pid]}/maps"; } # ID
gone() { ! grep -s '^State:' "/proc/$1/status" | grep -qv 'Z'; } # PID
others_than() { ! pgrep -P "${R_JOB[$1]}" | sort | comm -12 - <(echo "$2") | grep -q .; } # ID PIDS
told_same() { say "$1" get 0 8 && [ "$REPLY" = "$2" ]; } # ID HEX

for kind in file shm memfd sysv anon zero secret perf uring aio bpf packet hugetlb; do
	case $kind in
	file) name=$WORK/$TAG ;;
	shm) name=/$TAG ;;
	*) name=$TAG ;;
	esac
	if ! region $kind $kind name="$name" size=128k; then
		skip "$kind" "${R[$kind.why]}"
		continue
	fi
	like "$kind: maps has it" "$(maps_line $kind)" "-[0-9a-f]+ [r-][w-]-s "
	say $kind put 8 706565 && say $kind get 7 5
	is "$kind: it holds what was put" "$REPLY" 0070656500
done

region several file name="$WORK/several" size=64k map=0:64k:rw map=4k:8k:r map=60k:64k:rw map=0:4k:rw:private
is "several mappings are told, the private one as such" \
	"${R[several.map1]#* }; ${R[several.map2]#* }; ${R[several.map3]#* }" \
	"perm=r--s offset=00001000; perm=rw-s offset=0000f000; perm=rw-p offset=00000000"
say several protect 8k 4k -
is "mprotect splits" "$(grep -c "$WORK/several" "/proc/${R[several.pid]}/maps")" 6

region sealed memfd name=$TAG seal=grow keep
ok "a seal is set" not say sealed truncate 1m
is "and the error is told" "$REPLY" "error EPERM"

region counter anon
say counter count 0 8 1000
say counter get 0 8
first=$REPLY
ok "a counter counts" until_true 10 not told_same counter "$first"

region leader memfd name=$TAG leaderexit
is "a leader that has exited shows no maps" "$(wc -c <"/proc/${R[leader.pid]}/maps")" 0
like "its thread does" "$(cat /proc/"${R[leader.pid]}"/task/*/maps)" "memfd:$TAG"

region sibling anon sibling
ok "a CLONE_VM sibling is a process of its own" test -d "/proc/${R[sibling.sibling]}"
is "with the same memory" "$(cat "/proc/${R[sibling.sibling]}/maps")" "$(cat "/proc/${R[sibling.pid]}/maps")"

if [ "$(id -u)" = 0 ]; then
	region away shm name=/$TAG-away ns=pid,mnt,ipc tmpfs=/dev/shm
	like "namespaces: the outer pid is told" "$(grep NSpid "/proc/${R[away.pid]}/status")" "${R[away.pid]}.1"
	ok "namespaces: its file system isn't ours" test ! -e /dev/shm/$TAG-away
	region user memfd name=$TAG uid=54321 gid=54321
	is "another user" "$(stat -c %u "/proc/${R[user.pid]}")" 54321
	region nodump memfd name=$TAG uid=54321 nodump
	is "not dumpable: what is in its /proc/PID is root's" "$(stat -c %u "/proc/${R[nodump.pid]}/maps")" 0
	pid=${R[away.pid]}
	slay away
	ok "killed from outside, it takes the inner one along" until_true 10 gone "$pid"
else
	skip "namespaces and users" "needs root"
fi

pid=${R[several.pid]}
stop several
ok "stopped, it is gone" test ! -d "/proc/$pid"
ok "and its file with it" test ! -e "$WORK/several"

is "try tells each step" "$(try open rw,creat "$WORK/t" write 'he\x41' map 0 3 rw put 0 4242 pread 0 9 seek data 3 open r "$WORK/none")" \
	"open 0; write 3; map 0; put 2; pread 424241; seek ENXIO; open ENOENT"

start churn "$MAKERS/churn" 200 20
hear churn
is "churn begins" "$REPLY" ready
first=$(pgrep -P "${R_JOB[churn]}" | sort)
ok "churn goes on" until_true 10 others_than churn "$first"
echo >&"${R_IN[churn]}"
hear churn
like "churn tells how many died" "$REPLY" "^died [0-9]+ "

start farm "$MAKERS/farm" 20 200 10 "$WORK"
hear farm
is "a farm is told" "$REPLY" "ready 20 200 100"
count() { pgrep -P "${R_JOB[farm]}" | sed 's,.*,/proc/&/maps,' | xargs cat | grep -c "$@"; }
is "it has as many shared mappings" "$(count ' rw-s ')" 200
is "and as many mappings" "$(count .)" 4000
finish
