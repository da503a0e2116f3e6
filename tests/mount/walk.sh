#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The tree against an independent walk over /proc/PID/maps, while processes come and go.
. "${0%/*}/lib.sh"
HERE=${0%/*}
RATE=100 # processes a second
TTL=0.2  # seconds

walk() { # what is mapped shared now, peekfs itself aside
	grep -s '^[^ ]* ..[-x]*s ' /proc/[0-9]*/maps | sed 's,^/proc/\([0-9]*\)/maps:,\1 ,' |
		awk -v self="$DAEMON" '$1 != self' | awk -f "$HERE/walk.awk" | sort -u
}

# The same from the tree. What goes between the listing and the look is no error.
tree() {
	(cd "$MNT/by-id" && grep -s '' -- */mappers) | awk '
		function bare(hex) { sub(/^0x/, "", hex); sub(/^0+/, "", hex); return hex == "" ? "0" : hex }
		{
			split($0, part, "/mappers:")
			$0 = part[2]
			if ($1 != "PID")
				print $1, bare($5) "-" bare($6), $4, bare($7), part[1]
		}' | sort -u
}

# Of lines, those of our own processes that live still: others may have mapped and unmapped between.
ours() {
	while read -r pid rest; do
		grep -qxE "PPid:	(${R_JOB[farm]}|${R_JOB[churn]:-none})" "/proc/$pid/status" && echo "$pid $rest"
	done 2>/dev/null
}

compare() { # WHAT
	walk >"$WORK/before"
	read -r -t $TTL -u "$QUIET" # what was scanned before is too old now
	tree >"$WORK/tree"
	walk >"$WORK/after"
	comm -12 "$WORK/before" "$WORK/after" >"$WORK/all-along"
	sort -u "$WORK/before" "$WORK/after" >"$WORK/ever"
	is "$1: what was there all along is in the tree" "$(comm -23 "$WORK/all-along" "$WORK/tree" | head)" ""
	is "$1: what is in the tree was there" "$(comm -13 "$WORK/ever" "$WORK/tree" | ours | head)" ""
	note "$1: $(wc -l <"$WORK/tree") mappings in the tree, $(wc -l <"$WORK/all-along") there all along"
}

mount_peekfs -o all,scan_ttl=$TTL
start farm "$MAKERS/farm" 200 60 10 "$WORK"
hear farm
compare "at rest"
between "there was something to compare" "$(wc -l <"$WORK/all-along")" 2000 1000000
start churn "$MAKERS/churn" $RATE 40
hear churn
compare "with $RATE a second coming and going"
compare "and again"
echo >&"${R_IN[churn]}"
hear churn
note "churn $REPLY"
read -r _ died took <<<"$REPLY"
ok "they did come and go at that rate" awk "BEGIN { exit !($died > 0.9 * $RATE * $took) }"

compare "at rest again"
is "every region has a name of its own" "$(readlink "$MNT"/by-id/* | sort | uniq -d)" ""
finish
