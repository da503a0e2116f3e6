#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Setting a layout, being refused, keeping it, losing it.
. "${0%/*}/lib.sh"

region v shm name=/$TAG-v size=8k keep
region m memfd name=$TAG-m size=4k
region s sysv size=4k
region f file name="$WORK/$TAG-f" size=4k
mount_peekfs -o scan_ttl=0
dir=$(at v)

is "none at first" "$(info v Layout) $(wc -c <"$dir/layout") $(ls "$dir/fields" | wc -l)" "none 0 0"
text='struct header { uint32_t magic, count; };
struct item { uint16_t a, b; };
struct header hdr @ 0;
struct item items[hdr.count] @ 64;
uint8_t tail[16] @ sizeof(struct header) + 4096;'
printf '%s\n' "$text" >"$dir/layout"
is "it is there" "$(cat "$dir/layout")" "$text"
is "and is written" "$(info v Layout)" written
is "its variables" "$(ls "$dir/fields" | xargs)" "hdr items tail"
is "a count that the memory says: none" "$(ls "$dir/fields/items" | wc -l)" 0
say v put 4 03000000
is "the program counts on" "$(ls "$dir/fields/items" | xargs)" "0 1 2"
ino=$(stat -c %i "$dir/fields/items/2/b")
say v put 4 ffff0000
between "a count that lies: no more than fit" "$(ls "$dir/fields/items" | wc -l)" 3 2032
is "numbers don't move when a count changes" "$(stat -c %i "$dir/fields/items/2/b")" "$ino"
say v put 4 02000000
is "and less again" "$(try stat "$dir/fields/items/2")" "stat ENOENT"

refused() { # WHAT TEXT [WHERE]
	like "$1 is refused" "$(try open w,trunc "$dir/layout" write "$2" dup-close close)" "^open 0; write (EINVAL|[0-9]+; dup-close EINVAL|[0-9]+; dup-close 0; close EINVAL)"
	is "$1: the old one stays" "$(cat "$dir/layout")" "$text"
	is "$1: in effect too" "$(cat "$dir/fields/hdr/count")" 2
	like "$1: info tells why and where" "$(info v Layout-Error)" "${3:-.}"
}
refused "a missing semicolon" 'struct a { int x }; struct a a @ 0;' '1[:,] *(column )?1[78]'
refused "an unknown type" 'struct a { int x;\x0a  foo y; };' '2[:,] *(column )?3.*foo'
refused "nothing but a NUL" '\x00'
refused "a brace too few" 'struct a { int x;' .
refused "beyond the region" 'struct a { char x[5000]; }; struct a one @ 4096;' .
refused "a struct in itself" 'struct a { struct a x; };' .
refused "an array that overflows" 'struct a { int x[0x7fffffff][0x7fffffff][0x7fffffff]; };' .
refused "a width too large" 'struct a { int x : 33; };' .
refused "rubbish" '\x01\x02\xff' .
ok "a shell says so" not sh -c "echo 'struct {' >'$dir/layout'"

tried "in pieces" "open 0; write 11; write 8; write 8; close 0" open w,trunc "$dir/layout" write 'struct a { ' write 'int x; }' write '; // end' close
is "it is whole" "$(cat "$dir/layout")" "struct a { int x; }; // end"
is "with declarations only, the last struct fills the region" "$(ls "$dir/fields"; ls "$dir/fields/records" | wc -l)" "records
2048"
unlay v
is "truncated without writing: cleared" "$(info v Layout) $(wc -c <"$dir/layout")" "none 0"
ok "and its fields are gone" not test -e "$dir/fields/records"
exec {late}>"$dir/layout"
lay v <<<'int set_meanwhile @ 0;'
exec {late}>&-
settle
is "what is set between truncating and closing stays" "$(cat "$dir/layout")" 'int set_meanwhile @ 0;'
unlay v

header='#ifndef H_H
#define H_H
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif
#  if 1
typedef struct {
	int32_t id;
} item;
#  endif
static inline int id_of(const item *i)
{
	return i->id;
}
#ifdef __cplusplus
}
#endif
#endif /* H_H */'
ok "a header that bash writes line by line" bash -c 'echo "$1" >"$2"' - "$header" "$dir/layout"
is "it is whole" "$(cat "$dir/layout")" "$header"
echo "$(sed '$d' <<<"$header")" >"$dir/layout"
like "without its last #endif info tells" "$(info v Layout-Error)" "line 1, column 2: this #if has no #endif"
is "and the old one stays" "$(info v Layout)" written
echo >"$dir/layout"
is "an empty line clears it, too" "$(info v Layout) $(wc -c <"$dir/layout")$(info v Layout-Error)" "none 0"

kept() { # ID
	lay "$1" <<<'struct kept { uint64_t n; };'
	info "$1" Layout-Kept
}
declare -A KEPT
for id in v m s f; do
	KEPT[$id]=$(kept $id)
	note "$id: Layout-Kept ${KEPT[$id]:-(not said)}"
done
can_keep "the attribute is on the object" &&
	is "the attribute is on the object" "$(getfattr --only-values -n user.peekfs.layout /dev/shm/$TAG-v 2>/dev/null)" 'struct kept { uint64_t n; };'
remount_peekfs -o scan_ttl=0
for id in v m f s; do
	if [ "${KEPT[$id]}" = no ]; then
		like "$id: not kept, and so it was said" "$(info $id Layout)" none
	else
		is "$id: after a remount it is there" "$(cat "$(at $id)/layout"; info $id Layout; ls "$(at $id)/fields")" "struct kept { uint64_t n; };
attribute
records"
	fi
done
{ for i in {1..2000}; do echo "// a comment that makes it long $i"; done; echo 'struct lengthy { uint8_t x; };'; } >"$WORK/long"
cp "$WORK/long" "$(at f)/layout"
ok "one too long for the object is in effect" cmp "$WORK/long" "$(at f)/layout"
like "and is said not to be kept" "$(info f Layout-Kept)" "^no"
like "and why" "$(grep -i '^layout-' "$(at f)/info" | xargs)" "[a-z]{4}"

if can_keep "an attribute that somebody set, and mended"; then
	setfattr -n user.peekfs.layout -v 'struct set { uint32_t by, hand; };' /dev/shm/$TAG-v
	remount_peekfs -o scan_ttl=0
	is "an attribute that somebody set" "$(ls "$dir/fields/records/0" | xargs)" "by hand"
	setfattr -n user.peekfs.layout -v 'struct broken {' /dev/shm/$TAG-v
	remount_peekfs -o scan_ttl=0
	is "a broken one is no layout" "$(info v Layout)" none
	like "and info tells why" "$(info v Layout-Error)" .
	setfattr -n user.peekfs.layout -v 'struct mended { int a; };' /dev/shm/$TAG-v
	is "until it is mended" "$(info v Layout) $(info v Layout-Error)" "attribute "
fi

# ---- who is in a directory that a layout makes ----

# With names that the kernel may keep: as long as it does, who is in `fields` stands in for it.
remount_peekfs -o scan_ttl=60
lay v <<<'struct one { int first; } a @ 0, b @ 4;'
cd "$dir/fields" || bail "fields"
exec 5<.
is "who is in fields" "$(ls) $(stat -c %s a/first)" "a
b 2"
for layout in 'int a @ 0; int c @ 4;' 'struct two { int second; } a @ 0;' 'struct one { int first; } a @ 0;'; do
	lay v <<<"$layout"
	stays+="$(ls | xargs):$(pwd -P | sed 's,.*/,,'):$(cat a a/* 2>/dev/null | wc -l); "
done
is "finds there what each next layout makes" "$stays" "a c:fields:1; a:fields:1; a:fields:1; "
unlay v
is "and nothing, when there is none" "$(ls | wc -l)" 0
lay v <<<'int a @ 0;'
ok "it is the same directory" test . -ef "$dir/fields"
ok "and one that is open" test /proc/self/fd/5 -ef "$dir/fields"
lay v <<<'struct s { int i; }; struct t { struct s s[2]; } t @ 0;'
cd t/s/1 || bail "fields/t/s/1"
exec 6<.
lay v <<<'struct s { short a, b; int i; }; struct t { int n; struct s s[2]; } t @ 0;'
is "deeper, what it makes of the same path" "$(ls | xargs) $(stat -c %n /proc/self/fd/6/i >/dev/null && cat i a | wc -l)" "a b i 2"
is "and that is what is written" "$(echo 5 >a && cat "$dir/fields/t/s/1/a") $(jq .a .json)" "5 5"
lay v <<<'int t @ 0;'
ok "where it makes none, the directory is stale" not ls
cd "$dir/fields" && exec 6<&-
lay v <<<'int a @ 0;'
cd ../tables || bail tables
is "in tables, too" "$(ls)" ""
lay v <<<'int a[2] @ 0;'
is "there is a table then" "$(ls | xargs) $(wc -l <a.csv)" "a.csv a.jsonl a.txt 3"
lay v <<<'int a[3] @ 0;'
is "and another" "$(wc -l <a.csv) $(wc -l <a.txt)" "4 4"
cd / && exec 5<&-
remount_peekfs -o scan_ttl=0
say v truncate 16k
lay v <<<'struct r { uint8_t a[4096]; };'
is "a region of four" "$(ls "$dir/fields/records" | wc -l)" 4
say v truncate 32k
is "that grows is bound anew" "$(ls "$dir/fields/records" | wc -l)" 8
say v truncate 4000
is "with no room for one" "$(ls "$dir/fields/records" | wc -l)" 0
like "info tells why" "$(info v Layout-Error)" "^'records' is empty: one 'struct [a-z]+' has 4096 bytes, and there are 4000 from 0 on$"
finish
