#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The JVM: the counters of hsperfdata, against jcmd.
. "${0%/*}/lib.sh"
have java jcmd javac

javac -d "$WORK" "$PROGRAMS/Busy.java" || bail "javac"
start java java -XX:+UseSerialGC -Xmx64m -XX:TieredStopAtLevel=1 -cp "$WORK" Busy
hear java || bail "java: $(tail -n 3 "$WORK/programs.log")"
pid=${R_JOB[java]}
file=/tmp/hsperfdata_$(id -un)/$pid
[ -e "$file" ] || skip_all "the JVM made no $file"
undo 'rmdir "${file%/*}"' # which it leaves
learn_path perf "$file"

rules jvm
mount_peekfs -o scan_ttl=0
note "$(java -version 2>&1 | head -n 1)"
is "its name" "$(name_of perf)" "$pid"
like "its layout comes by itself" "$(info perf Layout)" '^(rule|builtin)$'

jcmd "$pid" PerfCounter.print | sed 1d >"$WORK/counters"
# What the file says of itself jcmd prints among the counters.
is "how many counters, by jcmd" "$(field perf prologue/entries)" "$(grep -cv '^sun.perfdata' "$WORK/counters")"
is "the file's own, by jcmd" "$(fields perf prologue/{major,minor,overflow})" \
	"$(sed -n 's/^sun.perfdata.\(majorVersion\|minorVersion\|overflow\)=//p' "$WORK/counters" | paste -s -d ' ')"

dir=$(at perf)
stop java
ok "the file goes with the JVM" not test -e "$file"
ok "and its region" not test -e "$dir"

finish
