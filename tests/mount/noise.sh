#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What half the machine maps and nobody looks for isn't listed, but is there.
. "${0%/*}/lib.sh"
need_root "makes a file in /var/cache"

cache=/var/cache/$TAG.cache
head -c 8192 /dev/zero >"$cache"
undo "rm -f $cache"
mkdir -p "$HOME/.cache"
printf x >"$HOME/.cache/$TAG.home"
undo "rm -f '$HOME/.cache/$TAG.home'"
region cache file name="$cache" size=8192 existing readonly
region home file name="$HOME/.cache/$TAG.home" size=1 existing readonly
region uring uring
region perf perf
region data file name="$WORK/$TAG.data" size=8192 readonly
mount_peekfs -o scan_ttl=0

noise() { # ID NAME
	ok "$1: not listed" not listed "$2"
	ok "$1: not in summary" not grep -qF -- "$2 " "$MNT/summary"
	is "$1: reached by name" "$(info_by_name "$2" Mappers)" 1
	is "$1: reached by pid" "$(ls "$MNT/by-pid/${R[$1.pid]}")" "$2"
	is "$1: reached by identity" "$(name_of "$1")" "$2"
}
info_by_name() { awk -F '\t' -v key="$2:" '$1 == key {print $2}' "$MNT/regions/$1/info"; }

noise cache $TAG.cache
noise home $TAG.home
ok "a file elsewhere that is only read is listed" listed $TAG.data
for id in uring perf; do
	name=$(ls "$MNT/by-pid/${R[$id.pid]}")
	isnt "$id: it has a name" "$name" ""
	ok "$id: not listed" not listed "$name"
	like "$id: Kind" "$(info_by_name "$name" Kind)" "^(device|other)$"
	like "$id: its mapper" "$(sed 1d "$MNT/regions/$name/mappers")" "^${R[$id.pid]} "
	like "$id: its bytes are refused, not invented" "$(try open r "$MNT/regions/$name/raw" pread 0 1)" "^open E|pread E"
done
like "status counts what isn't listed" "$(grep -iE 'noise|hidden|left.out|not.listed' "$MNT/status")" "[1-9]"

region writer file name="$cache" size=8192 existing
ok "somebody maps it writable: it is listed" listed $TAG.cache
stop writer
ok "he ends: it isn't" not listed $TAG.cache
remount_peekfs -o scan_ttl=0,all
ok "-o all lists it" listed $TAG.cache
ok "and in summary" grep -qF "$TAG.cache " "$MNT/summary"
ok "and devices" listed "$(ls "$MNT/by-pid/${R[uring.pid]}")"
finish
