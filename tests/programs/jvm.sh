#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The JVM: the counters of hsperfdata, against jcmd.
. "${0%/*}/lib.sh"
have java jcmd javac jq

javac -d "$WORK" "$PROGRAMS/Busy.java" || bail "javac"
start java java -XX:+UseSerialGC -Xmx64m -XX:TieredStopAtLevel=1 -cp "$WORK" Busy
hear java || bail "java: $(tail -n 3 "$WORK/programs.log")"
pid=${R_JOB[java]}
file=/tmp/hsperfdata_$(id -un)/$pid
[ -e "$file" ] || skip_all "the JVM made no $file"
undo 'rmdir "${file%/*}"' # which it leaves
learn_path perf "$file"

mount_peekfs
note "$(java -version 2>&1 | head -n 1)"
is "its name" "$(name_of perf)" "$pid"
is "its layout is known" "$(info perf Layout)" builtin

# A line for each counter; JQ says which.
ours() { # [JQ]
	(
		cd "$(at perf)/fields/entries" &&
			jq -r "select(${1:-true}) | \"\(.name)=\(if .type == \"B\" then .text else .number end)\"" [0-9]*/.json
	) | sort
}
# What the file says of itself jcmd prints among the counters.
theirs() { jcmd "$pid" PerfCounter.print | sed '1d; /^sun.perfdata/d; s/="\(.*\)"$/=\1/' | sort; }

for _ in 1 2 3; do ask java; done
ours >"$WORK/before"
theirs >"$WORK/jcmd"
ours >"$WORK/after"
is "how many counters, by jcmd" "$(field perf prologue/entries)" "$(wc -l <"$WORK/jcmd")"
names() { cut -d = -f 1 "$1" | sort; }
is "their names, by jcmd" "$(names "$WORK/before")" "$(names "$WORK/jcmd")"
# What didn't change while jcmd looked: the two agree to the letter.
comm -12 "$WORK/before" "$WORK/after" >"$WORK/still"
is "those that stand still, by jcmd" "$(comm -23 "$WORK/still" "$WORK/jcmd")" ""
between "which are most of them" "$(wc -l <"$WORK/still")" 120 1000
# A number that only rises: jcmd's is between what we saw before and after.
ours '.variability == "MONOTONIC" and .type == "J"' | names - >"$WORK/rising"
outside() {
	awk -F = 'FILENAME == ARGV[1] { rising[$1]; next } !($1 in rising) { next }
		$1 in last && $2 < last[$1] { print FILENAME, $1, $2, "after", last[$1] }
		{ last[$1] = $2 }' "$WORK"/{rising,before,jcmd,after}
}
is "those that rise, by jcmd" "$(outside)" ""

counter() { ours ".name == \"$1\"" | cut -d = -f 2-; }
was=$(counter sun.gc.collector.1.invocations)
for _ in 1 2 3 4 5; do ask java; done
is "five collections more" "$(counter sun.gc.collector.1.invocations)" $((was + 5))
is "and why" "$(counter sun.gc.lastCause)" "System.gc()"

dir=$(at perf)
stop java
ok "the file goes with the JVM" not test -e "$file"
gone() { [ ! -e "$dir" ]; }
ok "and its region" until_true 10 gone

finish
