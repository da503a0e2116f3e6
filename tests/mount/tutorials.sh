#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The cases of the tutorials on shared memory: each a small program in ../tutorials that knows
# nothing of peekfs, as /proc/PID/maps has it, and as the mount shows and edits it.
. "${0%/*}/lib.sh"
. "${0%/*}/programs.sh"
need_fuse

mount_peekfs -o scan_ttl=0

# ---- writer and reader: one file, two programs that aren't related ----

file=$WORK/$TAG-stu
begin writer writer "$file"
begin reader reader "$file"
learn writer
lay_out writer "$STU"
is "file: the mount has it by its name" "$(readlink "$(at writer)")" "../regions/$TAG-stu"
is "file: writer and reader are its mappers" "$(mappers writer 1)" "$(in_order "${R[writer.pid]}" "${R[reader.pid]}")"
is "file: one of them writes" "$(column writer PERM | sort | xargs)" "r--s rw-s"
is "file: the first id" "$(field writer records/0/id)" 10
is "file: the name" "$(field writer records/0/name)" xiaoming
is "file: the sex" "$(field writer records/0/sex)" m
answers "file: the writer counts" writer "" "id 11, name xiaoming, sex m"
answers "file: the reader sees it" reader "" "id 11, name xiaoming, sex m"
is "file: and so do we" "$(field writer records/0/id)" 11
ok "file: an edit" set_field writer records/0/id 1000
ok "file: of a string" set_field writer records/0/name xiaohong
answers "file: the reader sees the edit" reader "" "id 1000, name xiaohong, sex m"
answers "file: the writer goes on from it" writer "" "id 1001, name xiaohong, sex m"
is "file: raw is the file" "$(cmp "$(at writer)/raw" "$file" && echo same)" same
stop writer
learn reader
is "file: without its writer it is only read" "$(info reader Writable)" no
ok "file: and can't be edited" not set_field reader records/0/id 5
is "file: the reader's id stays" "$(field reader records/0/id)" 1001
stop reader

# ---- an int stored over text ----

begin over overwrite "$WORK/$TAG-over"
learn over
if [ "$(printf '\1\0' | od -An -td2 | tr -d ' ')" = 1 ]; then
	answers "in place: 0x30313233 over helloworld" over "" 3210oworld
	is "in place: in raw" "$(cat "$(at over)/raw")" 3210oworld
	lay_out over 'int32_t first @ 0; char rest[6] @ 4;'
	is "in place: as an int" "$(field over first)" $((0x30313233))
	is "in place: the rest is untouched" "$(field over rest)" oworld
	ok "in place: another int" set_field over first $((0x34333231))
	answers "in place: the program reads it from its file" over "" 1234oworld
else
	skip "in place" "this machine isn't little-endian"
fi
is "in place: hex is hexdump -vC" "$(cat "$(at over)/hex")" "$(hexdump -vC "$(at over)/raw")"
stop over

# ---- parent and child: memory without a name ----

for how in anon zero; do
	begin $how family $how
	learn $how
	lay_out $how "$STU"
	like "$how: maps has /dev/zero" "$(maps $how rw-s)" '/dev/zero \(deleted\)'
	is "$how: its kind" "$(info $how Kind)" anon
	is "$how: its name" "$(name_of $how)" "anon-${R[$how.ino]}"
	is "$how: parent and child are its mappers" "$(mappers $how 1)" "$(in_order "${R[$how.pid]}" "${R[$how.child]}")"
	is "$how: the first id" "$(field $how records/0/id)" 10
	ok "$how: an edit" set_field $how records/0/id 500
	answers "$how: the child counts from it" $how "" "child: id 501, name xiaoming, sex m"
	hear $how
	is "$how: the parent sees it" "$REPLY" "parent: id 501, name xiaoming, sex m"
	is "$how: and so do we" "$(field $how records/0/id)" 501
	ok "$how: by the child as well" test -e "$MNT/by-pid/${R[$how.child]}/anon-${R[$how.ino]}"
	dir=$(at $how)
	stop $how
	ok "$how: it goes with them" not test -e "$dir"
done

# ---- memory with a name or a key ----

pair() { # KIND WRITER READER
	lay_out "$2" "$STU"
	is "$1: both are its mappers" "$(mappers "$2" 1)" "$(in_order "${R[$2.pid]}" "${R[$3.pid]}")"
	is "$1: its kind" "$(info "$2" Kind)" "$1"
	is "$1: the first id" "$(field "$2" records/0/id)" 10
	answers "$1: the writer counts" "$2" "" "id 11, name xiaoming, sex m"
	is "$1: we see it" "$(field "$2" records/0/id)" 11
	ok "$1: an edit" set_field "$2" records/0/name wang
	answers "$1: the reader sees it" "$3" "" "id 11, name wang, sex m"
	stop "$3" "$2"
}

begin shm posix_shm write /$TAG
begin shm_reader posix_shm read /$TAG
learn shm
is "shm: its name" "$(name_of shm)" $TAG
pair shm shm shm_reader
ok "shm: the name goes" not test -e /dev/shm/$TAG

key=$((0x50000000 + $$))
begin sysv sysv write $key
begin sysv_reader sysv read $key
is "sysv: its name" "$(name_of sysv)" "sysv-$(printf '0x%08x' $key)"
like "sysv: maps has its key" "$(maps sysv rw-s)" "/SYSV$(printf %08x $key)"
pair sysv sysv sysv_reader

begin memfd memfd "$TAG m"
learn memfd
lay_out memfd "$STU"
is "memfd: its name" "$(name_of memfd)" "memfd-$TAG m"
is "memfd: who made it, and who was given it" "$(mappers memfd 1)" "$(in_order "${R[memfd.pid]}" "${R[memfd.child]}")"
is "memfd: neither has its descriptor any more" "$(readlink "/proc/${R[memfd.pid]}/fd/"* "/proc/${R[memfd.child]}/fd/"* | grep '^/memfd:')" ""
ok "memfd: an edit" set_field memfd records/0/id 40
answers "memfd: the other process counts from it" memfd "" "id 41, name xiaoming, sex m"
is "memfd: we see it" "$(field memfd records/0/id)" 41
stop memfd

# ---- msync ----

file=$WORK/$TAG-sync
dirty() { awk -v file="$file" '/^[0-9a-f]+-/ { here = index($0, file) } here && /_Dirty:/ { n += $2 } END { print n }' "/proc/${R[sync.pid]}/smaps"; }
begin sync sync "$file"
learn sync
lay_out sync "$STU"
id=10
for how in sync async invalidate; do
	id=$((id + 1))
	answers "msync: $how" sync $how "id $id, $how: done"
	is "msync: we see what was stored, $how" "$(field sync records/0/id)" $id
	is "msync: the file has it, $how" "$(od -An -td4 -N4 "$file" | tr -d ' ')" $id
done
set_field sync records/0/id 100
answers "msync: an edit of ours is synced as well" sync sync "id 101, sync: done"
if [ "$(stat -f -c %T "$WORK")" = tmpfs ]; then
	skip "msync: nothing is dirty" "a tmpfs has no disk"
else
	is "msync: nothing is dirty after MS_SYNC" "$(dirty)" 0
	field sync records/0/id >/dev/null
	cat "$(at sync)/raw" "$(at sync)/hex" >/dev/null
	is "msync: nor because we looked" "$(dirty)" 0
fi
stop sync

# ---- the mapping outlives its descriptor, and its file ----

begin outlive outlive "$WORK/$TAG-outlive"
learn outlive
lay_out outlive "$STU"
ok "outlive: the descriptor is closed" not test -e "/proc/${R[outlive.pid]}/fd/${R[outlive.fd]}"
answers "outlive: the program stores" outlive "" "id 11, name xiaoming, sex m"
is "outlive: we see it" "$(field outlive records/0/id)" 11
answers "outlive: the file is removed" outlive unlink "id 12, name xiaoming, sex m"
ok "outlive: from its directory" not test -e "$WORK/$TAG-outlive"
is "outlive: and known as deleted" "$(info outlive Deleted)" yes
is "outlive: we still see it" "$(field outlive records/0/id)" 12
ok "outlive: and edit it" set_field outlive records/0/id 70
answers "outlive: the program sees the edit" outlive "" "id 71, name xiaoming, sex m"
stop outlive

# ---- a length that is no multiple of the page ----

file=$WORK/$TAG-tail
begin tail tail "$file"
learn tail
is "tail: behind the end the mapping reads as zeros" "${R[tail.zeros]}" 3192
like "tail: the mapping is of whole pages" "$(mappers tail 5) $(mappers tail 6)" '^[0-9a-f]+ [0-9a-f]+$'
is "tail: two of them" $((16#$(mappers tail 6) - 16#$(mappers tail 5))) 8192
is "tail: raw is the file's 5000 bytes" "$(stat -c %s "$(at tail)/raw")" 5000
is "tail: read to its end" "$(wc -c <"$(at tail)/raw")" 5000
is "tail: all of them" "$(tr -d x <"$(at tail)/raw" | wc -c)" 0
is "tail: and not what was stored behind it" "$(tail -c 20 "$(at tail)/raw")" xxxxxxxxxxxxxxxxxxxx
is "tail: hex ends there" "$(tail -n 1 "$(at tail)/hex")" 00001388
like "tail: it is synced" "$(ask tail && echo "$REPLY")" '^synced'
is "tail: and isn't in the file" "$(tr -d x <"$file" | wc -c) $(stat -c %s "$file")" "0 5000"
stop tail

# ---- no room behind the mapping ----

for size in 100 0; do
	begin room no_room "$WORK/$TAG-room" $size
	learn room
	answers "no room, $size bytes: a naive reader dies" room "" "Bus error"
	is "no room, $size bytes: raw ends there" "$(wc -c <"$(at room)/raw")" $size
	is "no room, $size bytes: a read behind it finds the end" "$(try open r "$(at room)/raw" pread 4096 4)" "open 0; pread "
	ok "no room, $size bytes: no field can be placed there" not lay_out room 'int far @ 4096;'
	case $size in
	0) ok "no room, $size bytes: nor anywhere" not lay_out room 'int near @ 0;' ;;
	*) ok "no room, $size bytes: where there is room, it can" lay_out room 'int near @ 0;' ;;
	esac
	like "no room, $size bytes: info says why not" "$(info room Layout-Error)" \
		"$([ $size = 0 ] && echo 'only 0' || echo '^$')"
	answers "no room, $size bytes: the program lives" room "" "Bus error"
	stop room
done

# ---- MAP_PRIVATE beside MAP_SHARED ----

begin private private "$WORK/$TAG-private"
learn private
lay_out private "$STU"
answers "private: the program counts in its copy" private "" "shared 10, private 11"
is "private: only the shared mapping is a mapper" "$(mappers private 5)" "${R[private.shared]#0x}"
is "private: we see what is shared" "$(field private records/0/id)" 10
ok "private: an edit" set_field private records/0/id 50
answers "private: reaches the shared one alone" private "" "shared 50, private 12"
stop private

# ---- protections ----

for how in read:r--s none:---s exec:r-xs; do
	perm=${how#*:} how=${how%:*}
	begin prot protection "$WORK/$TAG-prot" "$how"
	learn prot
	like "PROT $how: maps" "$(maps prot "$perm")" "$TAG-prot"
	is "PROT $how: mappers" "$(mappers prot 4)" "$perm"
	ask prot
	case $how in
	none) is "PROT $how: what the program can do" "$REPLY" "load: Segmentation fault, store: Segmentation fault" ;;
	*) is "PROT $how: what the program can do" "$REPLY" "load: done, store: Segmentation fault" ;;
	esac
	is "PROT $how: we read it all the same" "$(head -c 8 "$(at prot)/raw")" xiaoming
	is "PROT $how: nobody maps it writable" "$(info prot Writable)" no
	tried "PROT $how: so it can't be written" "open EACCES" open rw "$(at prot)/raw"
	stop prot
done

# ---- MAP_FIXED ----

begin ring fixed "$WORK/$TAG-ring"
learn ring
first=${R[ring.address]#0x}
is "fixed: twice, side by side" "$(mappers ring 5)" "$first $(printf %x $((16#$first + 4096)))"
is "fixed: from the same offset" "$(mappers ring 7)" "0 0"
answers "fixed: a message over the end" ring hello "at 4093, begins with: lo"
is "fixed: goes on at the beginning" "$(head -c 2 "$(at ring)/raw")$(tail -c 3 "$(at ring)/raw")" lohel
is "fixed: raw is one page" "$(wc -c <"$(at ring)/raw")" 4096
printf LO | dd of="$(at ring)/raw" conv=notrunc status=none
answers "fixed: an edit is seen at once" ring x "at 997, begins with: LO"
stop ring

# ---- MAP_LOCKED ----

begin locked locked "$WORK/$TAG-locked"
learn locked
answers "locked: four pages" locked "" "locked 16 KiB"
is "locked: all in memory, three of them untouched" "$(info locked Resident)" 16384
cat "$(at locked)/raw" "$(at locked)/hex" >/dev/null
answers "locked: we change nothing about it" locked "" "locked 16 KiB"
stop locked

finish
