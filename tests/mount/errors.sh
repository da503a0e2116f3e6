#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Which error each mistake gives; and that bad input changes nothing.
. "${0%/*}/lib.sh"

region v shm name=/$TAG-v size=4k keep
region reader file name="$WORK/reader" size=4k readonly
mount_peekfs -o scan_ttl=0
for id in v reader; do
	[ $id = v ] && lay $id <<'END'
enum mood { CALM, CROSS };
struct all { int8_t i8; uint8_t u8; int32_t i32; uint64_t u64; float f; bool b; char c; char s[4]; uint8_t x[4]; enum mood m; int bit : 3; };
struct all v @ 0;
END
done
f=$(at v)/fields/v
say v fill 0 4k a5
say v get 0 4k
before=$REPLY

refused() { # FIELD TEXT ERROR
	like "$1: '$2' is $3" "$(try open w "$f/$1" write "$2" close)" "^open 0; write ($3); close 0$"
}
while read -r field text error; do
	[ "$text" = "''" ] && text=
	refused "$field" "$text" "$error"
done <<'END'
i8 128 ERANGE
i8 -129 ERANGE
u8 256 ERANGE
u8 -1 ERANGE
i32 2147483648 ERANGE
i32 99999999999999999999999 ERANGE
u64 18446744073709551616 ERANGE
u64 -1 ERANGE
i32 twelve EINVAL
i32 12x EINVAL
i32 0x EINVAL
i32 1.5 EINVAL
i32 1,2 EINVAL
i32 - EINVAL
f one EINVAL
f 1.5.5 EINVAL
b maybe EINVAL
c two EINVAL
c \x5cq EINVAL
s hello ERANGE
s a\x5cxzz EINVAL
x deadbe EINVAL
x deadbeefaa ERANGE|EINVAL
x deadbeeg EINVAL
m WILD EINVAL
bit 4 ERANGE
bit -5 ERANGE
END
refused i32 '\x0a' EINVAL
refused i32 '12 13' EINVAL
refused i32 '12\x0a13\x0a' EINVAL
refused i32 'a\x00b' EINVAL
refused f '1e999' ERANGE
say v get 0 4k
ok "none of these changed a byte" test "$before" = "$REPLY"

ok "a shell says so" not sh -c "echo twelve >'$f/i32'"
like "with the system's words" "$(bash -c "echo twelve >'$f/i32'" 2>&1)" "Invalid argument"
tried "opening with O_TRUNC alone" "open 0; close 0" open w,trunc "$f/i32" close
try open w "$f/i32" truncate 0 close >"$WORK/truncate"
note "a field that is truncated: $(cat "$WORK/truncate")"
say v get 0 4k
ok "neither changes a byte" test "$before" = "$REPLY"
tried "a value in pieces" "open 0; write 1; write 1; write 1; close 0" open w "$f/i32" write 1 write 2 write 3 close
told "is the whole value" v "get 4 4" 7b000000
like "a bad one in pieces fails at the latest in close" \
	"$(try open w "$f/i32" write 1 write x dup-close close)" "EINVAL"
tried "mapped read-only: raw" "open EACCES" open w "$(at reader)/raw"
tried "mapped read-only: hex" "open EACCES" open w "$(at reader)/hex"
tried "mapped read-only: its layout is root's to set" "open 0; close 0" open w,trunc "$(at reader)/layout" close
tried "hex is to be read" "open EACCES" open w "$(at v)/hex"
tried "info too" "open EACCES" open w "$(at v)/info"
like "no new files" "$(try open w,creat "$(at v)/new")" "^open E(ACCES|PERM|ROFS|NOSYS)$"
like "nothing is removed" "$(try unlink "$(at v)/raw" unlink "$f/i32")" "unlink E[A-Z]+; unlink E[A-Z]+"
like "no owner and no mode is set" "$(try chmod 666 "$f/i32" chown 1 "$f/i32")" "chmod E[A-Z]+; chown E[A-Z]+"
tried "what isn't there" "open ENOENT; open ENOENT; stat ENOENT" open r "$f/none" open r "$MNT/regions/$TAG-none/raw" stat "$MNT/by-id/9:9:9"
tried "a directory is no file" "open EISDIR" open w "$f"

# Shrunk and vanished: an open file says EIO, a new look-up ENOENT.
region brief shm name=/$TAG-brief size=8k keep
lay brief <<<'struct rec { uint32_t id; uint32_t pad[255]; };'
start holder "$MAKERS/try" open r "$(at brief)/fields/records/7/id" open r "$(at brief)/hex" open r "$(at brief)/fields/records/0/id" wait \
	use 0 pread 0 9 use 2 pread 0 9 wait use 2 pread 0 9 use 1 pread 0 9
hear holder && hear holder && hear holder && hear holder
say brief truncate 4k
echo >&"${R_IN[holder]}"
hear holder && hear holder && is "the region shrank below an open field" "$REPLY" "pread EIO"
hear holder && hear holder && is "a field that is still there" "$REPLY" "pread 300a"
hear holder
tried "a new look-up of the one that is gone" "open ENOENT" open r "$(at brief)/fields/records/7/id"
is "records are as many as fit now" "$(ls "$(at brief)/fields/records" | wc -l)" 4
stop brief
ls "$MNT/regions" >/dev/null # somebody asks: a scan finds out
echo >&"${R_IN[holder]}"
hear holder && hear holder && is "the last mapper is gone: an open field" "$REPLY" "pread EIO"
hear holder && hear holder && is "an open hex" "$REPLY" "pread EIO"
tried "a new look-up" "open ENOENT" open r "$MNT/regions/$TAG-brief/raw"

remount_peekfs -o ro,scan_ttl=0
lay v <<<'struct a { int x; };' 2>/dev/null
tried "-o ro" "open EROFS; open EROFS; open EROFS" open w "$(at v)/raw" open rw "$(at v)/raw" open w "$(at v)/layout"
finish
