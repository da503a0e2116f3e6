#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Looking and writing leave nothing behind that would hinder the program: seals, attach counts.
. "${0%/*}/lib.sh"

mount_peekfs -o scan_ttl=0
look() { # ID
	ls -l "$(at "$1")/" >/dev/null
	cat "$(at "$1")"/{info,mappers,hex,raw} >/dev/null
	lay "$1" <<<'struct r { uint32_t id; };'
	cat "$(at "$1")/fields/records/1/id" >/dev/null
}
region a memfd name=$TAG-a keep size=16k
say a fill 0 16k 5a # holes are never mapped
look a
start holder "$MAKERS/try" open r "$(at a)/raw" pread 0 1 open r "$(at a)/fields/records/2/id" pread 0 9 wait
for _ in 1 2 3 4 5; do hear holder; done
say a unmap
ok "F_SEAL_WRITE succeeds while files are open for reading" say a seal write
stop holder

region b memfd name=$TAG-b keep size=16k
say b fill 0 16k 5a
look b
printf '77\n' >"$(at b)/fields/records/1/id"
printf 'x' | dd of="$(at b)/raw" conv=notrunc status=none
told "written" b "get 4 4" 4d000000
say b unmap
ok "and soon after the last writer closed" until_true 10 say b seal write

region c memfd name=$TAG-c seal=grow,shrink size=16k
tried "a region sealed against growing is written" "open 0; pwrite 1" open rw "$(at c)/raw" pwrite 3 x
region d memfd name=$TAG-d keep size=16k
like "future writes sealed: refused, never ignored" "$(say d seal future; try open rw "$(at d)/raw" pwrite 0 x)" "^(open E(ACCES|PERM)|open 0; pwrite E(PERM|ACCES))"
finish
