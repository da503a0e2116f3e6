#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What is one region, and what is a mapper of it.
. "${0%/*}/lib.sh"

region first shm name=/$TAG size=64k keep
region second shm name=/$TAG size=64k existing map=0:64k:r
region several shm name=/$TAG-several size=64k map=0:64k:rw map=4k:8k:rw map=8k:16k:r map=0:64k:rw:private
region beyond file name="$WORK/beyond" size=28 map=0:64k:rw
region split shm name=/$TAG-split size=64k
say split protect 16k 16k r
region reader file name="$WORK/reader" size=8k readonly
region blind memfd name=$TAG-blind size=8k map=0:8k:-
region grows shm name=/$TAG-grows size=4k map=0:64k:rw keep
region lonely file name="$WORK/lonely" size=8k map=0:8k:rw:private
mount_peekfs -o scan_ttl=0

is "two processes, one region" "$(column first PID | xargs)" \
	"$(in_order "${R[first.pid]}" "${R[second.pid]}")"
is "each with its own protection" "$(column first PERM | sort | xargs)" "r--s rw-s"
is "it is in both directories by pid" \
	"$(readlink "$MNT"/by-pid/{${R[first.pid]},${R[second.pid]}}/$TAG | sort -u)" "../../regions/$TAG"
is "Mappers counts mappings" "$(info first Mappers)" 2

is "one region mapped three times, the private mapping is none" "$(info several Mappers)" 3
is "their offsets" "$(column several OFFSET | while read -r o; do number "$o"; done | sort -n | xargs)" "0 4096 8192"
is "larger than its file: the size is the file's" "$(stat -c %s "$(at beyond)/raw") $(info beyond Size)" "28 28"
is "read to the end, not beyond" "$(try open r "$(at beyond)/raw" slurp)" "open 0; slurp 28 1"
is "split by mprotect: three mappers" "$(column split PERM | xargs)" "rw-s r--s rw-s"
is "split: their offsets" "$(column split OFFSET | while read -r o; do number "$o"; done | xargs)" "0 16384 32768"

is "mapped read-only: Writable" "$(info reader Writable)" no
tried "mapped read-only: not for root either" "open EACCES; open 0" open w "$(at reader)/raw" open r "$(at reader)/raw"
is "a mapping without any right is a mapper" "$(column blind PERM)" "---s"
tried "and is read through the object" "open 0; pread 00000000" open r "$(at blind)/raw" pread 0 4
ok "who maps privately only maps no region" not listed lonely

stop second
is "a mapper that ends goes" "$(column first PID)" "${R[first.pid]}"
say first map 0:4k:rw
is "a mapping more is there" "$(info first Mappers)" 2
say first fork
is "a child has its mappings too" "$(column first PID | sort -u | wc -l)" 2
say grows truncate 32k
is "a region that grows" "$(stat -c %s "$(at grows)/raw") $(info grows Size)" "32768 32768"
is "and its new bytes" "$(try open r "$(at grows)/raw" slurp)" "open 0; slurp 32768 1"
finish
