#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Random structs, in the memory of a program that knows them by its compiler alone: every view of
# them says what the program says, and writing back what was read changes no byte.
# PEEKFS_STRUCTS=N makes N of them, PEEKFS_SEED=N those that a failure named.
. "${0%/*}/lib.sh"
need_fuse
command -v gcc >/dev/null || skip_all "no gcc here"
HERE=$BUILD/tests/structs
[ -x "$HERE/agree" ] || skip_all "the structs aren't built: no cmocka"

N=180 BATCH=180 LEAST=100; [ -z "$SLOW" ] || N=60 LEAST=20
N=${PEEKFS_STRUCTS:-$N}
[ -z "${PEEKFS_STRUCTS:-}" ] || LEAST=$((N / 3))
MOST=150; [ "$N" -le "$BATCH" ] || MOST=4000 # values in a struct
SEED=${PEEKFS_SEED:-${EPOCHREALTIME/./}}

# shellcheck disable=SC2317
first_is_listed() { ls "$MNT/regions" | grep -q "^$TAG-"; }

compared() { # WHAT LINE...: `agree` found nothing in which they differ
	local what checks failures
	while read -r what checks failures; do
		isnt "$1 $what: something is compared" "$checks" 0
		is "$1 $what: of $checks comparisons fail" "$failures" 0
	done
}

batch() { # N: so many structs, of the seed SEED
	local dir=$WORK/structs count
	rm -rf "$dir" && mkdir "$dir"
	"$HERE/make_records" "$SEED" "$1" "$dir" || bail "no structs"
	gcc -std=gnu17 -w -O0 -I"$dir" -I"$TESTS/structs" -o "$dir/records" "$dir/records.c" \
		"$TESTS/structs/truth.c" 2>"$dir/gcc.log" || bail "gcc: $(head -5 "$dir/gcc.log")"
	start records "$dir/records" "$TAG" "$SEED" $MOST "$dir"
	hear records
	like "seed $SEED: a program has them" "$REPLY" "^ready [1-9]"
	count=${REPLY#ready }
	had=$((had + count))
	ok "they are listed" until_true 10 first_is_listed
	say records print before
	"$HERE/agree" "$MNT" "$dir" "$TAG" before >"$dir/before.log" 2>"$dir/agree.log"
	is "seed $SEED: the comparison comes to its end" $? 0
	compared "seed $SEED:" <"$dir/before.log"
	is "jq reads the JSON of each" "$(cat "$MNT/regions/$TAG"-*/fields/.json | jq -c '.one' | wc -l)" "$count"
	cat "$MNT/regions/$TAG"-*/tables/v.jsonl >"$dir/rows"
	is "and each line of the tables'" "$(jq -c '._index' "$dir/rows" | wc -l)" "$(wc -l <"$dir/rows")"
	say records print after
	"$HERE/agree" "$MNT" "$dir" "$TAG" after >"$dir/after.log" 2>>"$dir/agree.log"
	is "seed $SEED: and the second" $? 0
	compared "seed $SEED:" <"$dir/after.log"
	head -n 50 "$dir/agree.log" | cut -c 1-400 | sed 's/^/# /'
	stop records
}

undo 'rm -f /dev/shm/$TAG-*' # of a program that was killed
mount_peekfs
had=0
for ((done = 0; done < N; done += BATCH, SEED++)); do
	batch $((N < BATCH ? N : BATCH))
done
between "of $N structs, those that aren't too large or have no values are left out: left" "$had" "$LEAST" "$N"
finish
