#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Records that change while they are read: each is of one moment or says that it is torn, and no
# scalar is ever mixed. PEEKFS_TORN_READS=1000000 makes the long run, of what changes 100,000 times a
# second; all else is read 20,000 times at most.
. "${0%/*}/lib.sh"
need_root "reads other people's memory"
READS=${PEEKFS_TORN_READS:-10000}
[ -z "$SLOW" ] || READS=$((READS / 10))

declare -A GOT=()
watch() { # WHAT FILE FORM READS: reads it and tells what was seen, in GOT
	local words before=() after=()
	say tick count && read -ra before <<<"$REPLY"
	words=$("$MAKERS/torn" "$DIR/$2" "$3" "$4" "$NAME" 2>&1) || fail "$1" "$words"
	say tick count && read -ra after <<<"$REPLY"
	note "$1: $words; changes a second: $(((after[1] - before[1]) * 1000000 / (after[2] - before[2] + 1)))"
	GOT=() && eval "GOT=($(sed -E 's/([a-z]+) ([0-9]+)/[\1]=\2/g' <<<"$words"))"
}
share() { echo $((GOT[$1] * 100 / GOT[records])); } # of records, per cent

tick() { # RATE [toggle|held]: NAME changes as often
	NAME=$TAG-$1${2:-} DIR=$MNT/regions/$TAG-$1${2:-}
	start tick "$MAKERS/ticker" "$NAME" "$@" && hear tick
	until_true 10 test -e "$DIR/" || bail "$NAME isn't there"
	{
		sed -n '/^struct/,/^};/p; /^\/\* -----/q' "$TESTS/makers/ticker.h"
		echo 'struct tick one @ 4024; struct tick rows[1000] @ 8192;'
	} >"$DIR/layout"
}

whole() { # WHAT: what holds for all that was read
	is "$1: each was read" "${GOT[reads]:-none}" "$2"
	is "$1: no scalar is mixed" "${GOT[half]:-}" 0
	is "$1: no record is mixed that doesn't say so" "${GOT[mixed]:-}" 0
}

mount_peekfs
for rate in 100000 flat bursts; do
	[ $rate = 100000 ] || [ "$READS" -le 20000 ] || READS=20000
	tick "$rate"
	watch "$rate, .json" fields/one/.json json "$READS"
	whole "$rate, .json" "$READS"
	between "and it was another one than before, times" "${GOT[moved]:-}" 2 "$READS"
	# under the thread sanitizer no record stands still for as many looks
	[ $rate = flat ] || [ "$SLOW" = thread ] || between "and few are torn, per cent" "$(share torn)" 0 50
	watch "$rate, .jsonl" tables/rows.jsonl jsonl $((READS / 200))
	whole "$rate, .jsonl" $((READS / 200))
	for form in csv txt; do
		watch "$rate, .$form" tables/rows.$form $form $((READS / 200))
		is "$rate, .$form: no scalar is mixed" "${GOT[half]:-}" 0
		[ $rate != 100000 ] || is "and no record, as each stands still at times" "${GOT[mixed]:-}" 0
	done
	watch "$rate, a scalar" fields/one/more/3 value "$READS"
	is "$rate, a scalar is never mixed" "${GOT[half]:-}" 0
	between "and it was another one than before, times" "${GOT[moved]:-}" 2 "$READS"
	stop tick
done
tick flat toggle
watch "two states in turn, .json" fields/one/.json json "$READS"
whole "two states in turn, .json" "$READS"
stop tick
# A third of the time half a change stands still, too long for a look or two.
tick 100000 held
watch "held up, .json" fields/one/.json json "$READS"
whole "held up, .json" "$READS"
# A look takes too long under a sanitizer to be near the next one.
[ -n "$SLOW" ] || between "and hardly one is of a change that stood still, in a thousand" \
	$((GOT[held] * 1000 / READS)) 0 10
[ "$SLOW" = thread ] || between "and few are torn, per cent" "$(share torn)" 0 50
stop tick
finish
