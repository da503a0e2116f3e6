#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Rust's enums with data: the variant by name, the members of the one that is there, and what Rust
# itself says after an edit.
. "${0%/*}/lib.sh"
need_fuse
need_root "looks into other processes"
command -v rustc >/dev/null || skip_all "no rustc"
rustc -g -A warnings -o "$WORK/variants" "$TESTS/mount/variants.rs" 2>"$WORK/rustc.log" ||
	skip_all "rustc doesn't work here: $(head -n 1 "$WORK/rustc.log")"

start v "$WORK/variants" "$WORK/$TAG-all"
hear v && [[ $REPLY == ready\ * ]] || bail "variants: $REPLY"
address=$(printf '%#x' "${REPLY#ready }")
mount_peekfs -o scan_ttl=0
DIR=$MNT/regions/$TAG-all
all=$DIR/fields/ALL
rust() { # PATTERN: what Rust says of it
	echo show >&"${R_IN[v]}" && hear v && grep -o -- "$1" <<<"$REPLY"
}
json() { python3 -c 'import json, sys; print(json.dumps(json.load(open(sys.argv[1]))))' "$all/$1/.json"; }

is "a static variable leads to it" "$(grep ^Layout: "$DIR/info" && ls -d "$all")" "Layout:	none
$all"
is "no data: its name" "$(ls "$all/messages/0"); $(cat "$all/messages/0/variant")" "variant; Ping"
is "named members" "$(cat "$all/messages/1/variant" "$all/messages/1/Move/"{x,y} | xargs)" "Move 1 -2"
is "members without names" "$(cat "$all/messages/2/Text/__0")" 61626364
is "only those of the variant that is there" "$(ls "$all/messages/1" | xargs)" "Move variant"
is "as a record" "$(json messages/1)" '{"variant": "Move", "Move": {"x": 1, "y": -2}}'
is "Option" "$(json some) $(json none)" '{"variant": "Some", "Some": {"__0": 7}} {"variant": "None"}'
is "repr(u8), with gaps" "$(json tagged) $(json a)" '{"variant": "B", "B": {"__0": 9}} {"variant": "A"}'
is "repr(C)" "$(json clike)" '{"variant": "B", "B": {"s": 3}}'
is "below zero" "$(json negative)" '{"variant": "Below", "Below": {"__0": 4}}'
is "one variant" "$(json only)" '{"This": {"__0": 11}}'
is "Result" "$(json result)" '{"variant": "Err", "Err": {"__0": 3}}'
is "a niche: a reference" "$(json reference)" "{\"Some\": {\"__0\": \"$address\"}}"
is "a niche: none" "$(json null)" '{"None": {}}'
is "a niche: not zero" "$(ls "$all/nonzero") $(ls "$all/zero")" "Some None"
is "a niche: bool" "$(json yes) $(json never)" '{"Some": {"__0": true}} {"None": {}}'
is "a niche in a niche" "$(json twice)" '{"Some": {"__0": {"None": {}}}}'
is "a niche: char" "$(ls "$all/letter")" Some
is "a niche of several" "$(json inner) $(json flag) $(json nothing)" \
	'{"Inner": {"__0": {"variant": "Move", "Move": {"x": 5, "y": 6}}}} {"Flag": {"__0": {"Some": {"__0": false}}}} {"Nothing": {}}'
is "a discriminant of 16 bytes: bytes" "$(wc -c <"$all/wide")" 65
like "a table" "$(cat "$DIR/tables/ALL.messages.csv" 2>&1 || ls "$DIR/tables")" "Move"

echo 77 >"$all/messages/1/Move/x"
is "a member is written" "$(rust 'Move { x: [0-9]*')" "Move { x: 77
Move { x: 5"
echo Text >"$all/messages/0/variant"
is "another variant" "$(ls "$all/messages/0" | xargs); $(rust 'messages: \[Text')" "Text variant; messages: [Text"
echo 'Nobody' 2>"$WORK/none" >"$all/messages/0/variant"
is "none that there isn't" "$(cat "$all/messages/0/variant")" Text
echo '{"variant": "None"}' >"$all/some/.json"
is "a record" "$(rust ' some: [A-Za-z]*')" " some: None"
echo Some >"$all/none/variant"
echo '{"Some": {"__0": 8}}' >"$all/none/.json"
is "another variant, then its data" "$(rust ' none: [^,]*')" " none: Some(8)"
before=$(cksum <"$DIR/raw")
for record in messages/1 tagged yes never twice inner flag nothing; do
	cat "$all/$record/.json" >"$WORK/json" && cat "$WORK/json" >"$all/$record/.json"
done
is "what is read is written back" "$(cksum <"$DIR/raw")" "$before"
echo 'debuginfo Message; struct Message all[3] @ 0;' >"$DIR/layout"
is "by name, in a layout" "$(cat "$DIR/fields/all/1/Move/x")" 77
finish
