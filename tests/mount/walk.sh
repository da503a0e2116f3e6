#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The tree against an independent walk over /proc/PID/maps, while processes come and go.
. "${0%/*}/lib.sh"
HERE=${0%/*}
RATE=100

walk() { # what is mapped shared now, peekfs itself aside
	grep -s '^[^ ]* ..[-x]*s ' /proc/[0-9]*/maps | sed 's,^/proc/\([0-9]*\)/maps:,\1 ,' |
		awk -v self="$DAEMON" '$1 != self' | awk -f "$HERE/walk.awk" | sort -u
}

# The same from the tree. An entry that goes between the listing and the look is no error.
tree() {
	local link identity
	for link in "$MNT"/by-id/*; do
		identity=${link##*/}
		sed 1d "$link/mappers" 2>/dev/null | awk -v identity="$identity" '
			function bare(hex) { sub(/^0x/, "", hex); sub(/^0+/, "", hex); return hex == "" ? "0" : hex }
			{ print $1, bare($5) "-" bare($6), $4, bare($7), identity }'
	done | sort -u
}

still_living() { # of lines, those whose process still lives: they were there all the time
	while read -r pid rest; do [ -d "/proc/$pid" ] && echo "$pid $rest"; done
}

compare() { # WHAT
	walk >"$WORK/before"
	tree >"$WORK/tree"
	walk >"$WORK/after"
	comm -12 "$WORK/before" "$WORK/after" >"$WORK/all-along"
	sort -u "$WORK/before" "$WORK/after" >"$WORK/ever"
	is "$1: what was there all along is in the tree" "$(comm -23 "$WORK/all-along" "$WORK/tree" | head)" ""
	is "$1: what lives and is in the tree was there" \
		"$(comm -13 "$WORK/ever" "$WORK/tree" | still_living | head)" ""
	note "$1: $(wc -l <"$WORK/tree") mappings in the tree, $(wc -l <"$WORK/all-along") there all along"
}

mount_peekfs -o all
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
names=$(ls "$MNT/regions" | wc -l) ids=$(ls "$MNT/by-id" | wc -l)
is "every region has a name of its own" "$names" "$ids"
finish
