#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Ten thousand regions of a program with debug information: nobody opens it until somebody looks at
# a region's fields.
. "${0%/*}/lib.sh"
need_root "looks into other processes"
command -v gcc >/dev/null || skip_all "no gcc"

REGIONS=10000; [ -z "$SLOW" ] || REGIONS=1000
gcc -g -D_GNU_SOURCE -o "$WORK/idle" "$TESTS/mount/idle.c" || bail "it doesn't compile"
start idle "$WORK/idle" $REGIONS
hear idle && [ "$REPLY" = ready ] || bail "idle: $REPLY"
start opened "$MAKERS/opened" "$WORK/idle"
hear opened && [ "$REPLY" = ready ] || bail "opened: $REPLY"
opens() { say opened count && echo "$REPLY"; }
untyped() { awk '$1 ~ /^memfd-(job|chosen)/ && $6 == "none"' "$MNT/summary" | wc -l; }

mount_peekfs
dir=$MNT/by-pid/${R_JOB[idle]}
is "all of them are there" "$(ls -U "$dir" | wc -l)" $REGIONS
is "and in summary, without a layout" "$(untyped)" $REGIONS
ok "some are described" cat "$dir/memfd-job"*7/{info,mappers}
ok "and their bytes read" cat "$dir/memfd-job"*7/{hex,raw}
is "nobody opened the program's file" "$(opens)" 0
is "until somebody looks at fields" "$(cat "$dir"/memfd-chosen/fields/chosen/name)" idle
isnt "then it was opened" "$(opens)" 0
is "and the others have no layout still" "$(untyped)" $((REGIONS - 1))

# A rule for all of them with a type that is to be looked up: as cheap until somebody looks.
ruled() { awk '$1 ~ /^memfd-job/ && $6 == "rule"' "$MNT/summary" | wc -l; }
mkdir -p "$XDG_CONFIG_HOME/peekfs/layouts.d"
echo 'match name("memfd-job*"); debuginfo struct job;' >"$XDG_CONFIG_HOME/peekfs/layouts.d/job.peek"
until_true 10 grep -q job.peek "$MNT/status"
unmount_peekfs && mount_peekfs # who has types of the program already wouldn't open it
before=$(opens)
is "a rule is there for all" "$(ruled)" $((REGIONS - 1))
ok "some are described again" cat "$dir/memfd-job"*7/{info,mappers}
is "nobody opened the program's file" "$(opens)" "$before"
is "until somebody looks at fields" "$(cat "$dir"/memfd-job/fields/records/0/id)" 0
isnt "then it was opened again" "$(opens)" "$before"
finish
