#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# create, resize, sync and rm: what the kernel and other programs see of it.
. "${0%/*}/lib.sh"

echo 'struct STU { int id; char name[20]; char sex; };' >"$WORK/stu.h"
exists() { [ -e "$1" ]; }

# ---- create ----

layout=(--layout "$WORK/stu.h")
keeps_attributes || layout=()
ctl create shm $TAG-a 2800 "${layout[@]}" -rn -o KIND,SIZE,MAPPED,NAME
undo "rm -f /dev/shm/$TAG-*"
is "shm: made, and its pages told" "$STATUS $OUT$ERR" "0 shm 2800 4096 $TAG-a"
is "shm: the object" "$(stat -c '%s %a' /dev/shm/$TAG-a)" "2800 600"
if can_keep "shm: its layout is on it"; then
	is "shm: its layout is on it" "$(getfattr --only-values -n user.peekfs.layout /dev/shm/$TAG-a 2>/dev/null)" "$(cat "$WORK/stu.h")"
	prints "shm: typed with no further step" 0 show $TAG-a/records/99/id
else
	refuses "shm: one with a layout can't be" 1 "keeps no user attributes" create shm $TAG-x 2800 --layout "$WORK/stu.h"
	ok "shm: and none is left" not exists /dev/shm/$TAG-x
fi
refuses "there is one" 1 "there is one already" create shm $TAG-a 100
is "which stays as it was" "$(stat -c %s /dev/shm/$TAG-a)" 2800
ctl create file "$WORK/$TAG-f" 10K --mode 640
is "file: made" "$STATUS$ERR $(stat -c '%s %a' "$WORK/$TAG-f")" "0 10240 640"
ctl create file "$WORK/$TAG-g" 64K --allocate --populate -rn -o SIZE,PATH
is "file: its blocks are there" "$STATUS $OUT $(($(stat -c %b "$WORK/$TAG-g") * 512))" "0 65536 $WORK/$TAG-g 65536"
ctl create sysv private 5000 -rn -o ID,SIZE
id=${OUT%% *}
undo "ipcrm -m ${id#sysv:}"
like "sysv: its number is told" "$STATUS $OUT" "^0 sysv:[0-9]+ 5000$"
is "sysv: ipcs sees it" "$(ipcs -m -i "${id#sysv:}" | sed -n 's/.*bytes=\([0-9]*\).*nattch=\([0-9]*\).*/\1 \2/p')" "5000 0"
key=0x$(printf '7%07x' $$)
ctl create sysv "$key" 4096
undo "ipcrm -M $key 2>/dev/null || :"
is "sysv: with a key" "$STATUS $(ipcs -m | grep -c "^$key ")" "0 1"
if [ "$(id -u)" = 0 ] && can_keep "sysv: a layout while nobody has it"; then
	does "sysv: a layout while nobody has it" layout "sysv-$key" "$WORK/stu.h"
	prints "sysv: is kept on it" 0 show "sysv-$key/records/0/id"
	does "sysv: taken away" layout -c "sysv-$key"
	refuses "sysv: it is gone" 1 "has no layout" show "sysv-$key/records/0/id"
fi
refuses "sysv: one has that key" 1 "already" create sysv "$key" 4096
prints "sysv: found by its key" "sysv-$key" ls -rn -o NAME "sysv-$key"

refuses "memfd: nobody would hold it" 2 "--hold" create memfd $TAG-m 100
refuses "anon neither" 2 "--hold" create anon x 100
refuses "locked by nobody" 2 "add --hold" create shm $TAG-x 100 --locked
refuses "another kind" 2 "no kind that can be made" create device x 100
refuses "no size" 2 "isn't a SIZE" create shm $TAG-x 10Q
refuses "size 0" 2 "isn't a SIZE: .*at least one byte" create shm $TAG-x 0
refuses "too large a size" 2 "isn't a SIZE: 2.63 bytes" create shm $TAG-x 8388608T
for size in 2K 2k 2KiB 0x800 2048; do
	prints "2048 as $size" 2048 create shm $TAG-k $size -rn -o SIZE
	rm -f /dev/shm/$TAG-k
done
refuses "no mode" 2 "isn't a MODE" create shm $TAG-x 10 -m 9
refuses "no key" 2 "no System V key" create sysv hello 10
refuses "a name that can't be" 1 "without" create shm a/b 10
refuses "no directory" 1 "." create file "$WORK/none/x" 10
is "its path is told once" "$(grep -o "$WORK/none/x" <<<"$ERR" | wc -l)" 1
echo 'int x[1000] @ 0;' >"$WORK/large.h"
refuses "a layout that doesn't fit" 1 "large.h:1:" create shm $TAG-x 100 -l "$WORK/large.h"
ok "of all these nothing is left" not exists /dev/shm/$TAG-x

start held "$PEEKCTL" create memfd $TAG-h 4096 --hold --locked "${layout[@]}" -rn -o NAME,ID
hear held
is "--hold: it is there" "${REPLY% *}" "memfd-$TAG-h"
is "--locked: in memory" "$(awk '/^VmLck/ { print $2 }' "/proc/${R_JOB[held]}/status")" 4
if can_keep "--hold: with its layout"; then
	prints "--hold: with its layout" 0 show "${REPLY#* }/records/0/id"
	does "--hold: written by others" set "${REPLY#* }/records/0/name" zhang
	prints "--hold: and read" zhang show "memfd-$TAG-h/records/0/name"
fi
refuses "rm: what has no name" 1 "no name" rm memfd-$TAG-h
kill -TERM "${R_JOB[held]}"
wait "${R_JOB[held]}"
is "it ends well" $? 0
let_go held
refuses "and takes it along" 1 "no region" ls memfd-$TAG-h

# ---- by the path of the object ----

prints "by its path" 0 show "/dev/shm/$TAG-a/records/99/id"
prints "and by C's own words" 0 show "/dev/shm/$TAG-a/records[99].id"
refuses "a field where a region is meant" 2 "whole region is '/dev/shm/$TAG-a'" layout "/dev/shm/$TAG-a/records"
refuses "a path of nothing" 1 "no region '/dev/shm/$TAG-none'" ls "/dev/shm/$TAG-none"
refuses "a directory" 1 "no program .*maps it" rm "$WORK"
refuses "a file that nobody maps" 1 "$WORK/$TAG-f: no program .*maps it.*rm\(1\)" rm "$WORK/$TAG-f"
ok "which stays" test -e "$WORK/$TAG-f"
region f file name="$WORK/$TAG-f" existing size=10240
prints "once it is mapped it is one" file ls -rn -o KIND "$WORK/$TAG-f"
stop f

# ---- resize ----

prints "longer" "$TAG-a: 28000 bytes, before 2800" resize $TAG-a 28000
can_keep "its layout reaches as far" &&
	prints "its layout reaches as far" 0 show $TAG-a/records/999/id
region a shm name=/$TAG-a existing size=28000
say a put 27999 5a
refuses "shorter, while it is mapped" 1 "process ${R[a.pid]} maps more than 8192 .*--force" resize $TAG-a 8K
is "is refused" "$(stat -c %s /dev/shm/$TAG-a)" 28000
prints "within the last page nobody dies" "$TAG-a: 26000 bytes, before 28000" resize $TAG-a 26000
prints "what comes new is zeros" "$TAG-a: 28000 bytes, before 26000" resize $TAG-a 28000
told "as the program sees" a "get 27999 1" 00
prints "forced" "$TAG-a: 8192 bytes, before 28000" resize -f $TAG-a 8K
is "it is done" "$(stat -c %s /dev/shm/$TAG-a)" 8192
region m memfd name=$TAG-m size=4k keep
prints "a memfd" "memfd-$TAG-m: 1048576 bytes, before 4096" resize memfd-$TAG-m 1M
say m seal grow
refuses "sealed" 1 "sealed" resize memfd-$TAG-m 2M
refuses "System V memory stays" 1 "keeps the size" resize "$id" 10000
refuses "size 0" 2 "isn't a SIZE" resize $TAG-a 0

truncate -s 0 /dev/shm/$TAG-e
does "one that has no bytes yet is in sync" sync $TAG-e
prints "and gets some" "$TAG-e: 5000 bytes, before 0" resize $TAG-e 5000

# ---- sync ----

region d file name="$WORK/$TAG-disk" size=64k
"$MAKERS/dirty" "$WORK/$TAG-disk" >/dev/null
case $? in
0)
	sync "$WORK/$TAG-disk"
	say d fill 0 64k 33
	if [ "$("$MAKERS/dirty" "$WORK/$TAG-disk")" -ge 16 ]; then
		does "--async" sync --async $TAG-disk
		does "sync" sync $TAG-disk
		is "nothing waits for the disk" "$("$MAKERS/dirty" "$WORK/$TAG-disk")" 0
	else
		skip "sync" "this file system tells of no page that waits for its disk"
	fi
	;;
*) skip "sync" "the kernel doesn't tell what waits for the disk" ;;
esac
does "--invalidate" sync --invalidate $TAG-disk
does "what has no disk is in sync" sync $TAG-a "$id" memfd-$TAG-m
stop d

# ---- rm ----

refuses "mapped: refused" 1 "mapped by 1 process .*--force" rm $TAG-a
ok "it is still there" exists /dev/shm/$TAG-a
prints "forced: what was done" "$TAG-a: removed /dev/shm/$TAG-a; its memory stays until 1 process lets it go" rm -f $TAG-a
ok "the name is gone" not exists /dev/shm/$TAG-a
told "the program has its memory" a "get 0 1" 00
refuses "once" 1 "no name" rm "$(identity a)"
truncate -s 100 /dev/shm/$TAG-l
prints "a leftover" "$TAG-l: removed /dev/shm/$TAG-l" rm $TAG-l
ok "is gone" not exists /dev/shm/$TAG-l
truncate -s 100 /dev/shm/$TAG-{k,l}
ctl rm $TAG-k $TAG-none $TAG-l
is "one that isn't there keeps no other: rm" "$STATUS $OUT" \
	"1 $TAG-k: removed /dev/shm/$TAG-k"$'\n'"$TAG-l: removed /dev/shm/$TAG-l"
like "and it is told" "$ERR" "no region '$TAG-none'"
ctl mappers -rno PID $TAG-none "$(identity a)"
is "mappers too" "$STATUS $OUT" "1 ${R[a.pid]}"
region s sysv size=4k
refuses "a segment in use: refused" 1 "mapped by 1 process .*--force" rm "$(identity s)"
told "it is still there" s "get 0 1" 00
is "for others too" "$(ipcs -m -i "${R[s.shmid]}" | grep -c nattch=1)" 1
like "forced" "$("$PEEKCTL" rm -f "$(identity s)")" "removed segment ${R[s.shmid]}; its memory stays until 1 process"
told "the program has it still" s "get 0 1" 00
prints "a segment" "sysv-${id#sysv:}: removed segment ${id#sysv:}" rm "$id"
refuses "is gone" 1 "no region" rm "$id"
like "by its key" "$("$PEEKCTL" rm "sysv-$key")" "^sysv-$key: removed segment [0-9]+$"
region p file name="$WORK/$TAG-p" size=4k
mv "$WORK/$TAG-p" "$WORK/$TAG-elsewhere" && echo precious >"$WORK/$TAG-p"
identity=$(identity p)
ctl rm -f "$identity"
is "never another object of that name" "$(cat "$WORK/$TAG-p")" precious

# ---- others' ----

if [ "$(id -u)" = 0 ]; then
	cp "$PEEKCTL" "$WORK/peekctl" && chmod 755 "$WORK/peekctl" && PEEKCTL=$WORK/peekctl
	truncate -s 4096 /dev/shm/$TAG-root && chmod 644 /dev/shm/$TAG-root
	region theirs shm name=/$TAG-root existing readonly size=4k uid=54321 gid=54321
	AS=(setpriv --reuid 54321 --regid 54321 --clear-groups)
	refuses "root's isn't removed by others" 1 "only its owner" rm -f $TAG-root
	refuses "nor resized" 1 "can't be opened for writing" resize $TAG-root 100
	ok "it is there" exists /dev/shm/$TAG-root
	ctl create shm $TAG-his 4096
	is "a user makes his own" "$STATUS$ERR $(stat -c '%u %s' /dev/shm/$TAG-his)" "0 54321 4096"
	prints "and removes it" "$TAG-his: removed /dev/shm/$TAG-his" rm $TAG-his
	region m memfd name=$TAG-mine size=4k uid=54321 gid=54321
	refuses "what only root can open" 1 "try as root" resize "$(identity m)" 8K
	does "it has no disk all the same" sync "$(identity m)"
	key=0x6$(printf '%07x' $$)
	ctl create sysv "$key" 4096 --mode 666 -rn -o ID
	shared=$OUT
	undo "ipcrm -m ${shared#sysv:}"
	region root sysv existing size=4k key="$key" mode=666
	refuses "a segment that others attach whom he can't see" 1 "(attached 1 times|no region)" rm "$shared"
	told "stays" root "get 0 1" 00
else
	skip "others'" "needs root"
fi
finish
