#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Names of regions: what a shell or a terminal would trip over, and several with one name.
. "${0%/*}/lib.sh"

mount_peekfs -o scan_ttl=0
named() { # WHAT NAME-OF-FILE(\xNN) NAME-IN-TREE
	region f file name="$WORK/$2" size=4096
	say f put 0 "$(printf %04x $CASES)"
	is "$1: its name" "$(name_of f)" "$3"
	ok "$1: listed" listed "$3"
	is "$1: its bytes" "$(try open r "$MNT/regions/$3/raw" pread 0 2)" "open 0; pread $(printf %04x $((CASES - 2)))"
	is "$1: info stays in its lines" "$(grep -cP '^[A-Z][A-Za-z-]*:\t' "$(at f)/info")" "$(wc -l <"$(at f)/info")"
	is "$1: not deleted" "$(info f Deleted)" no
	stop f
}

named "a blank" 'two words' 'two words'
named "a newline" 'new\x0aline' 'new\x0aline'
named "what maps would show the same" 'new\x5c012line' 'new\x5c012line'
named "a backslash" 'back\x5cslash' 'back\x5cslash'
named "not UTF-8" 'l\xe4ngst' 'l\xe4ngst'
named "UTF-8" 'größe' 'größe'
named "half a character" 'x\xc3' 'x\xc3'
named "an escape sequence" '\x1b[31mred' '\x1b[31mred'
named "a leading dash" '-rf' '\x2drf'
named "a leading dot" '.hidden' '\x2ehidden'
named "a dash and a dot inside" 'a-b.c' 'a-b.c'
named "alive, with a name that looks deleted" 'alive (deleted)' 'alive (deleted)'
named "a star" '*' '*'
long=$(printf 'x%.0s' {1..250})
named "a long one is cut" "$long" "${long:0:200}"

region slash memfd 'name=a\x2fb'
is "a slash in a memfd's name" "$(name_of slash)" 'memfd-a\x2fb'
region empty memfd name=
is "an empty one" "$(name_of empty)" 'memfd-'
region gone file name="$WORK/$TAG-gone" unlink
is "a deleted file keeps its name" "$(name_of gone)" $TAG-gone
is "and is deleted" "$(info gone Deleted)" yes
region looks file name="$WORK/$TAG-looks (deleted)" unlink
is "deleted, with a name that looks deleted" "$(name_of looks)" "$TAG-looks (deleted)"

mkdir "$WORK/d1" "$WORK/d2"
region one file name="$WORK/d1/$TAG-same"
region two file name="$WORK/d2/$TAG-same"
is "of two files with one name, one has it, the other adds its inode" \
	"$(printf '%s\n' "$(name_of one)" "$(name_of two)" | sort | head -1)" "$TAG-same"
like "the other" "$(printf '%s\n' "$(name_of one)" "$(name_of two)" | sort | tail -1)" "^$TAG-same@(${R[one.ino]}|${R[two.ino]})$"

region old file name="$WORK/$TAG-again" unlink
is "while it is the only one" "$(name_of old)" $TAG-again
say old put 0 01
start holder "$MAKERS/try" open r "$(at old)/raw" wait pread 0 1
hear holder && hear holder
region new file name="$WORK/$TAG-again"
say new put 0 02
is "the name belongs to whom the path leads to" "$(name_of new)" $TAG-again
is "the other one has another" "$(name_of old)" "$TAG-again@${R[old.ino]}"
is "each with its own bytes" \
	"$(try open r "$MNT/regions/$TAG-again/raw" pread 0 1 open r "$MNT/regions/$TAG-again@${R[old.ino]}/raw" pread 0 1)" \
	"open 0; pread 02; open 1; pread 01"
echo >&"${R_IN[holder]}"
hear holder
is "an open file stays with its object" "$REPLY" "pread 01"

region m1 memfd name=$TAG-m
read -r -t 0.05 -u "$QUIET" _ # start times are told in ticks of 10 ms
region m2 memfd name=$TAG-m
is "of two memfds the first one has the name" "$(name_of m1) $(name_of m2)" "memfd-$TAG-m memfd-$TAG-m@${R[m2.ino]}"
stop m1
is "when it goes, the name is free for the other" "$(name_of m2)" "memfd-$TAG-m"
stop m2

if [ "$(id -u)" = 0 ]; then
	KEY=0x6b$(printf %06x $$)
	region s1 sysv key=$KEY ns=ipc
	region s2 sysv key=$KEY ns=ipc
	ns=$(readlink /proc/"${R[s2.pid]}"/ns/ipc | tr -dc 0-9)
	is "one SysV key in two namespaces" "$(ls "$MNT/by-pid/${R[s1.pid]}") $(ls "$MNT/by-pid/${R[s2.pid]}")" \
		"sysv-$KEY sysv-$KEY@$ns.${R[s2.shmid]}"
	say s1 put 0 01 && say s2 put 0 02
	is "each with its own bytes" \
		"$(try open r "$MNT/by-pid/${R[s1.pid]}/sysv-$KEY/raw" pread 0 1 open r "$MNT/by-pid/${R[s2.pid]}/sysv-$KEY@$ns.${R[s2.shmid]}/raw" pread 0 1)" \
		"open 0; pread 01; open 1; pread 02"
else
	skip "one SysV key in two namespaces" "needs root"
fi
finish
