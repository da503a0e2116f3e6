#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The tools that people know behave as on any file.
. "${0%/*}/lib.sh"

region class shm name=/$TAG-class size=256k keep
mount_peekfs
dir=$(at class)
lay class <<'END'
// a class of students
struct STU { int id; char name[20]; char sex; };
struct STU students[8] @ 0;
struct STU more[1000] @ 65536;
END
i=0
for name in xiaoming xiaohong hanmeimei lilei lucy lily jim kate; do
	printf '%s\n' $((1000 + i)) >"$dir/fields/students/$i/id"
	printf '%s\n' $name >"$dir/fields/students/$i/name"
	printf 'm\n' >"$dir/fields/students/$i/sex"
	i=$((i + 1))
done
told "what echo wrote is in the memory" class "get 28 13" "e90300007869616f686f6e6700"
object=/dev/shm/$TAG-class

is "cat" "$(cat "$dir/fields/students/3/name")" lilei
ok "cat raw" cmp <(cat "$dir/raw") "$object"
ok "hexdump -C raw" cmp <(hexdump -C "$dir/raw") <(hexdump -C "$object")
ok "hex is what hexdump -vC prints" cmp <(hexdump -vC "$dir/raw") "$dir/hex"
is "hex's size" "$(stat -c %s "$dir/hex")" "$(hexdump -vC "$object" | wc -c)"
is "hex at an offset" "$(dd if="$dir/hex" bs=1 skip=1000003 count=300 status=none | md5sum)" \
	"$(hexdump -vC "$object" | dd bs=1 skip=1000003 count=300 iflag=fullblock status=none | md5sum)"
is "dd of a record" "$(dd if="$dir/raw" bs=28 skip=4 count=1 status=none | head -c 8 | tail -c 4)" lucy
is "grep -r" "$(cd "$dir" && grep -rx xiaoming fields)" "fields/students/0/name:xiaoming"
is "grep in binary" "$(grep -c hanmeimei "$dir/raw")" 1
is "strings" "$(strings -n 8 "$dir/raw" | head -1)" xiaoming
is "less" "$(LESSOPEN='' less -f "$dir/fields/students/6/name" | cat)" jim
is "less of hex" "$(LESSOPEN='' less "$dir/hex" | cat | md5sum)" "$(md5sum <"$dir/hex")"
is "tail -c" "$(tail -c 4 "$dir/raw" | od -An -tx1 | xargs)" "00 00 00 00"
is "tail of hex" "$(tail -n 1 "$dir/hex")" 00040000
is "wc -c" "$(wc -c <"$dir/raw") $(wc -c <"$dir/hex")" "262144 $(hexdump -vC "$object" | wc -c)"
is "wc -l" "$(wc -l <"$dir/hex")" 16385
is "head" "$(head -n 1 "$dir/hex")" "$(hexdump -vC "$object" | head -n 1)"
is "ls of an array" "$(ls "$dir/fields/students" | xargs)" "0 1 2 3 4 5 6 7"
is "find" "$(find "$dir/fields/" -name name | wc -l)" 1008
is "find by content size" "$(find "$dir/fields/students/" -name name -size -6c | sort | xargs -n1 dirname | xargs -n1 basename | xargs)" "4 5 6 7"
is "diff finds none" "$(diff "$dir/raw" "$object")" ""
is "diff of two records" "$(diff -r -x '.*' "$dir"/fields/students/{0,1} | grep -c '^[<>]')" 4
cp "$dir/raw" "$WORK/raw"
ok "cp" cmp "$WORK/raw" "$object"
cp -r "$dir/fields/students" "$WORK/students"
is "cp -r" "$(cat "$WORK"/students/{0,7}/name | xargs)" "xiaoming kate"
tar -C "$dir/" -cf "$WORK/x.tar" raw hex info layout fields/students 2>"$WORK/tar.err"
is "tar says nothing" "$(cat "$WORK/tar.err")" ""
mkdir "$WORK/untar"
tar -C "$WORK/untar" -xf "$WORK/x.tar"
ok "tar: raw" cmp "$WORK/untar/raw" "$object"
ok "tar: hex" cmp "$WORK/untar/hex" <(hexdump -vC "$object")
is "tar: a value" "$(cat "$WORK/untar/fields/students/5/name")" lily
ok "tar: info" grep -q "^Name:	$TAG-class$" "$WORK/untar/info"
is "md5sum" "$(md5sum <"$dir/raw")" "$(md5sum <"$object")"
is "sort and uniq over fields" "$(cat "$dir"/fields/students/*/sex | sort | uniq -c | xargs)" "8 m"
is "tee" "$(echo 7777 | tee "$dir/fields/students/0/id") $(cat "$dir/fields/students/0/id")" "7777 7777"
ok "xxd -r writes into raw" sh -c "echo '1c: 01020304' | xxd -r - '$dir/raw'"
told "at its place" class "get 28 4" 01020304
if command -v ed >/dev/null; then
	printf '%s\n' '1s/.*/tom/' w q | ed -s "$dir/fields/students/2/name"
	told "ed" class "get 60 4" 746f6d00
else
	skip ed "not installed"
fi
if command -v vim >/dev/null; then
	vim -u NONE -n -es -c '%s/.*/jerry/' -c wq "$dir/fields/students/2/name" </dev/null >"$WORK/vim" 2>&1 || note "vim: $(head -3 "$WORK/vim")"
	told "vim" class "get 60 6" 6a6572727900
else
	skip vim "not installed"
fi
sed -i 's/x/y/' "$dir/fields/students/0/name" 2>/dev/null && fail "sed -i makes a new file, which is refused" || pass "sed -i makes a new file, which is refused"
is "and leaves the value" "$(cat "$dir/fields/students/0/name")" xiaoming
ok "a link by pid can be followed by tools" cmp "$MNT/by-pid/${R[class.pid]}/$TAG-class/raw" "$object"
is "df answers" "$(df --output=fstype "$MNT" | tail -1)" fuse.peekfs
is "README is one screen" "$(awk 'length > 80 {n = 1} END {print (NR <= 50 && !n) ? "yes" : NR " lines"}' "$MNT/README")" yes
finish
