#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a crash leaves: regions that nobody maps. Looking at them must not touch them.
. "${0%/*}/lib.sh"

printf 'left\n' >/dev/shm/$TAG-left
truncate -s 8192 /dev/shm/$TAG-left
undo "rm -f /dev/shm/$TAG-left"
shmid=$(ipcmk -M 65536 -p 600 | grep -o '[0-9]*$')
undo "ipcrm -m $shmid"
R[seg.shmid]=$shmid R[left.dev]=$(stat -c '%Hd:%Ld' /dev/shm/$TAG-left) R[left.ino]=$(stat -c %i /dev/shm/$TAG-left)
region held memfd name=$TAG-held nomap keep size=12k
region crash shm name=/$TAG-crash size=16k
say crash put 0 6f6f7073
mount_peekfs -o scan_ttl=0

is "a shm object without mappers" "$(name_of left)" $TAG-left
ok "is listed" listed $TAG-left
is "its info" "$(info left Kind) $(info left Size) $(info left Mappers) $(info left Writable)" "shm 8192 0 no"
is "its mappers: a header" "$(wc -l <"$(at left)/mappers")" 1
is "its bytes" "$(head -c 5 "$(at left)/raw")" left
like "summary says so" "$(grep -F "$TAG-left " "$MNT/summary")" " LEFT( |$)"

ok "a memfd held by a descriptor only" listed memfd-$TAG-held
is "its info" "$(info held Size) $(info held Mappers)" "12288 0"
is "its bytes" "$(try open r "$(at held)/raw" slurp)" "open 0; slurp 12288 1"
like "who holds it" "$(cat "$(at held)"/{info,mappers})" "${R[held.pid]}"

slay crash
undo "rm -f /dev/shm/$TAG-crash"
is "what a killed program leaves" "$(info crash Mappers)" 0
is "with its bytes" "$(head -c 4 "$(at crash)/raw")" oops
rm /dev/shm/$TAG-crash
ok "removed, it is gone" not test -e "$(at crash)/"

facts() { ipcs -m -i "$shmid"; } # attach count, pids, times: to the second
before=$(facts)
key=$(ipcs -m | awk -v id="$shmid" '$2 == id {print $1}')
name=sysv-$key
ok "a SysV segment nobody is attached to" listed "$name"
is "its info" "$(info seg Kind) $(info seg Size) $(info seg Mappers)" "sysv 65536 0"
like "its creator is told" "$(cat "$(at seg)/info")" "[^0-9]$(awk '/cpid/ {sub(".*cpid=", ""); print $1}' <<<"$before" | tr -dc 0-9)"
is "its layout can't be told unasked" "$(info seg Layout), $(info seg Layout-Why | cut -d: -f1)" "none, nobody has it attached"
lay seg <<<'struct { uint32_t word, other; char text[8]; } first @ 0;'
is "one that is written isn't put on it yet" "$(info seg Layout-Kept), $(info seg Layout-Not-Kept | cut -d: -f1)" \
	"no, nobody has it attached"
ls -la "$MNT" "$MNT/regions/" "$(at seg)/" >/dev/null 2>&1
ls -laR "$(at seg)/" >/dev/null
stat "$(at seg)/raw" "$(at seg)/hex" >/dev/null
cat "$MNT/summary" "$(at seg)"/{info,mappers,layout} >/dev/null
is "listing and describing it attaches nothing, nor does telling its layout" "$(facts)" "$before"
is "its bytes are read when they are asked for" "$(try open r "$(at seg)/raw" pread 65530 100)" "open 0; pread 000000000000"
like "a field too, whatever its size was said to be" "$(cat "$(at seg)/fields/first/word")" '^[0-9]+$'
can_keep "which keeps the layout on it" &&
	is "which keeps the layout on it" "$(info seg Layout-Kept)$(info seg Layout-Not-Kept)" yes
unattached() { facts | grep -q nattch=0; }
ok "and it is soon let go" until_true 10 unattached

remount_peekfs
before=$(facts)
ls -laR "$(at seg)/" >/dev/null
is "its layout isn't looked for unasked" "$(cat "$(at seg)/layout"; info seg Layout) $(facts)" "none $before"
if can_keep "but by who asks for a field"; then
	like "but by who asks for a field" "$(cat "$(at seg)/fields/first/word")" '^[0-9]+$'
	is "and then it is known" "$(info seg Layout) $(info seg Layout-Why)" "attribute "
	like "its text too" "$(cat "$(at seg)/layout")" "first @ 0"
	ok "and it is soon let go" until_true 10 unattached
fi
unlay seg
is "one that is taken away is gone" "$(cat "$(at seg)/fields/first/word" 2>&1 | grep -c "No such file")" 1
remount_peekfs
is "for good, as a field was asked for" "$(cat "$(at seg)/fields/first/word" 2>&1 | grep -c "No such file")" 1

region late sysv size=4k
undo "ipcrm -m ${R[late.shmid]}"
remount_peekfs -o scan_ttl=3600
lay late <<<'struct { uint32_t word; void *to; } first @ 0;'
is "a segment that somebody has attached" "$(cat "$(at late)/fields/first/word")" 0
closed() { ! readlink "/proc/$DAEMON/fd/"* "/proc/$DAEMON/map_files/"* | grep -q SYSV; }
ok "nothing of it stays open" until_true 10 closed
slay late
shmid=${R[late.shmid]}
before=$(facts)
cat "$(at late)"/{info,mappers,layout} "$MNT/summary" >/dev/null
ls -laR "$(at late)/" >/dev/null
is "he has died since the last scan: describing it attaches nothing either" "$(facts)" "$before"
finish
