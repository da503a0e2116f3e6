#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every kind of region: found, named, identified, described, read and written.
. "${0%/*}/lib.sh"
[ "$(id -u)" = 0 ] || skip_all "needs root: as a user only map_files-less access is tested, in unprivileged.sh"

# Whoever changes the machine's setting and puts it back holds this lock (test_places.c too).
exec 9</proc/sys/vm/nr_hugepages
flock 9
huge=$(cat /proc/sys/vm/nr_hugepages)
undo "echo $huge >/proc/sys/vm/nr_hugepages"
echo $((huge + 2)) >/proc/sys/vm/nr_hugepages

KEY=0x5a$(printf %06x $$)
region file file name="$WORK/$TAG-plain" size=128k
region shm shm name=/$TAG-q size=128k
region memfd memfd name=$TAG size=128k
region sysv sysv key=$KEY size=128k
region private sysv size=128k
region anon anon size=128k
region zero zero size=128k
region hugetlb hugetlb size=2m || R[hugetlb.why]="no huge page to be had"
mount_peekfs -o scan_ttl=0

names() { # what each kind is called
	case $1 in
	file) echo $TAG-plain ;;
	shm) echo $TAG-q ;;
	memfd) echo memfd-$TAG ;;
	sysv) echo sysv-$KEY ;;
	private) echo "sysv-${R[private.shmid]}" ;;
	anon | zero) echo "anon-${R[$1.ino]}" ;;
	*) name_of "$1" ;;
	esac
}

kind_of() {
	case $1 in
	private) echo sysv ;;
	zero) echo anon ;;
	*) echo "$1" ;;
	esac
}

for id in file shm memfd sysv private anon zero hugetlb; do
	if [ -n "${R[$id.why]:-}" ]; then
		skip "$id" "${R[$id.why]}"
		continue
	fi
	name=$(names $id) pid=${R[$id.pid]}
	read -r range _ <<<"${R[$id.map0]}"
	range=${range#range=}
	ok "$id: listed as $name" listed "$name"
	is "$id: by-id leads to it" "$(readlink "$(at $id)")" "../regions/$name"
	is "$id: by-pid leads to it" "$(readlink "$MNT/by-pid/$pid/$name")" "../../regions/$name"
	ok "$id: the link can be followed" test -d "$MNT/by-pid/$pid/$name/"
	is "$id: Name" "$(info $id Name)" "$name"
	is "$id: Kind" "$(info $id Kind)" "$(kind_of $id)"
	is "$id: Size" "$(info $id Size)" "${R[$id.size]}"
	is "$id: Device" "$(info $id Device)" "${R[$id.dev]}"
	is "$id: Inode" "$(info $id Inode)" "${R[$id.ino]}"
	is "$id: Mappers" "$(info $id Mappers)" 1
	is "$id: Writable" "$(info $id Writable)" yes
	is "$id: Layout" "$(info $id Layout)" none
	like "$id: Access" "$(info $id Access)" "^(passthrough|descriptor|process)$"
	ok "$id: info is Key:<tab>value" not grep -qvP '^[A-Z][A-Za-z-]*:\t' "$(at $id)/info"
	is "$id: mappers' header" "$(head -1 "$(at $id)/mappers" | xargs)" \
		"PID COMMAND UID PERM START END OFFSET NSPID ARGS"
	is "$id: mappers' line" \
		"$(column $id PID) $(column $id COMMAND) $(column $id UID) $(column $id PERM) $(column $id NSPID)" \
		"$pid make_region 0 rw-s $pid"
	is "$id: its range" "$(number "$(column $id START)") $(number "$(column $id END)")" \
		"$(number "${range%-*}") $(number "${range#*-}")"
	is "$id: its offset" "$(number "$(column $id OFFSET)")" 0
	is "$id: its command line" "$(sed 1d "$(at $id)/mappers" | grep -oF "$MAKER"'.*' | xargs)" \
		"$(sed 1d "$(at $id)/mappers" | grep -oF "$MAKER"'.*' | xargs)"

	say $id put 4097 70656570
	is "$id: raw shows what the program stored" "$(try open r "$(at $id)/raw" pread 4096 6)" "open 0; pread 007065657000"
	is "$id: raw's size" "$(stat -c %s "$(at $id)/raw")" "${R[$id.size]}"
	is "$id: hex shows it" "$(tail -c +$((256 * 79 + 1)) "$(at $id)/hex" | sed -n 1p)" \
		"$(dd if="$(at $id)/raw" bs=16 skip=256 count=1 status=none | hexdump -vC | sed -n '1s/^00000000/00001000/p')"
	tried "$id: raw is written" "open 0; pwrite 2; close 0" open rw "$(at $id)/raw" pwrite 131070 'xy' close
	told "$id: and the program sees it" $id "get 131070 2" 7879
	cat "$MNT/summary" >"$WORK/summary"
	like "$id: summary has a line" "$(grep -F -- "$name " "$WORK/summary" || cat "$WORK/summary")" "^$name +$(kind_of $id) +${R[$id.size]} "
done

like "status tells the daemon's pid" "$(cat "$MNT/status")" "$DAEMON"
is "summary's header" "$(head -1 "$MNT/summary" | xargs)" "NAME KIND SIZE RESIDENT MAPPERS LAYOUT PROGRAMS"
is "the root" "$(ls "$MNT" | grep -v metrics | xargs)" "README by-id by-pid regions status summary"
is "a region's directory" "$(ls "$(at shm)" | grep -v 'fields\|tables\|snapshots' | xargs)" "hex info layout mappers raw"

say anon unmap
ok "a region that nobody maps any more is gone" not test -e "$(at anon)/"
slay memfd
ok "and one whose program was killed" not test -e "$(at memfd)/"
ok "and that program's directory" not test -e "$MNT/by-pid/${R[memfd.pid]}"
finish
