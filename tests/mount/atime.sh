#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Looking moves no timestamp: on tmpfs, and on ext4 that would note every access.
. "${0%/*}/lib.sh"
need_root "mounts an ext4 image"

mkdir "$WORK/ext4" "$WORK/tmpfs"
truncate -s 32M "$WORK/image"
if mkfs.ext4 -q "$WORK/image" 2>/dev/null && mount -o loop,strictatime "$WORK/image" "$WORK/ext4" 2>/dev/null; then
	undo "umount '$WORK/ext4'"
else
	R[ext4.why]="no ext4 image can be mounted here"
fi
mount -t tmpfs -o strictatime tests "$WORK/tmpfs" && undo "umount '$WORK/tmpfs'"

# An hour ago: whoever moves a time moves it visibly, on relatime mounts too.
make() { # ID PATH
	head -c 64k /dev/urandom >"$2"
	region "$1" file name="$2" size=64k existing
	touch -d '26 hours ago' "$2"
	R[$1.path]=$2
}
make tmpfs "$WORK/tmpfs/$TAG-t"
undo "rm -f '/var/tmp/$TAG-r' '/dev/shm/$TAG-s'"
make root "/var/tmp/$TAG-r" # of the root file system; TMPDIR may be another
make shm "/dev/shm/$TAG-s"
[ -n "${R[ext4.why]:-}" ] || make ext4 "$WORK/ext4/$TAG-e"
mount_peekfs -o scan_ttl=0

for id in tmpfs ext4 root shm; do
	if [ -n "${R[$id.why]:-}" ]; then
		skip "$id" "${R[$id.why]}"
		continue
	fi
	times() { stat -c '%x %y' "${R[$id.path]}"; }
	before=$(times)
	dir=$(at $id)
	ls -la "$MNT/regions" "$dir/" >/dev/null
	cat "$MNT/summary" "$dir"/{info,mappers} >/dev/null
	is "$id: listing and describing" "$(times)" "$before"
	cat "$dir/raw" >/dev/null
	head -c 100 "$dir/raw" >/dev/null
	is "$id: reading raw" "$(times)" "$before"
	cat "$dir/hex" >/dev/null
	is "$id: reading hex" "$(times)" "$before"
	try open r "$dir/raw" map 0 4096 r get 0 100 >/dev/null
	is "$id: mapping raw" "$(times)" "$before"
	cp "$dir/raw" "$WORK/copy" && tar -C "$dir/" -cf "$WORK/tar" raw hex
	is "$id: cp and tar" "$(times)" "$before"
	echo 'struct r { unsigned a; };' >"$dir/layout"
	accessed=$(stat -c %x "${R[$id.path]}")
	cat "$dir/fields/records/3/a" "$dir/layout" >/dev/null
	is "$id: fields" "$(stat -c %x "${R[$id.path]}")" "$accessed"
	note "$id: Atime-Kept $(info $id Atime-Kept), atime after setting a layout: $([ "$accessed" = "${before% * * *}" ] && echo kept || echo "$accessed, was $before")"
done
finish
