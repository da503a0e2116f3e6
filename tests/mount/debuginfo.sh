#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Types by name out of the debug information of the programs that map a region.
. "${0%/*}/lib.sh"
need_root "reads what other processes map"
command -v gcc >/dev/null || skip_all "no gcc"

# Two versions of one program. Each maps the file it is given, stores its idea of a record in it,
# says so, and goes when it is told to.
cat >"$WORK/writer.c" <<'END'
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
enum mood { CALM, ANGRY = 7 };
typedef struct { int16_t x, y; } point_t;
struct node { struct node *next; int value; };
struct STU {
	int id;
	char name[NAME];
	char sex;
	enum mood mood;
	unsigned low : 3, high : 5;
	point_t at;
	struct node list;
#ifdef EXTRA
	long extra;
#endif
};
union both { int i; float f; };
union both unused;
int main(int argc, char **argv)
{
	int fd = open(argv[1], O_RDWR);
	char line[64];
	char *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	struct STU *all = (struct STU *)(map + 64);
	if (map == MAP_FAILED)
		return 1;
	close(fd);
	all[1] = (struct STU){.id = 42, .name = "Ann", .sex = 'f', .mood = ANGRY, .low = 5,
			      .high = 17, .at = {-1, 300}, .list.value = 9};
	printf("%zu %zu\n", sizeof(struct STU), __builtin_offsetof(struct STU, mood));
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin) && strcmp(line, "exit\n"))
		;
	return argc - 2 + (unused.i & 1);
}
END
build() { gcc -g -O0 "$@" "$WORK/writer.c"; }
build -DNAME=20 -o "$WORK/old" || bail "gcc failed"
build -DNAME=24 -DEXTRA -o "$WORK/new"
build -DNAME=20 -g1 -o "$WORK/lines"
build -DNAME=20 -o "$WORK/bare" && strip "$WORK/bare"
# A region is a file, so that it is there whoever comes and goes.
file=$WORK/$TAG-data
truncate -s 4096 "$file" && chmod 600 "$file"

run() { start "$1" "$2" "$file" && hear "$1" && read -r SIZE MOOD <<<"$REPLY"; } # ID PROGRAM
infos() { grep "^$1:" "$DIR/info" | cut -f2-; } # KEY
set_layout() { try open w,trunc "$DIR/layout" write "$1" dup-close close; }
refused() { # WHAT TEXT WHY
	like "$1: refused" "$(set_layout "$2")" "EINVAL"
	like "$1: says why" "$(infos Layout-Error)" "$3"
}

run a "$WORK/old" || bail "the program doesn't run"
chmod 711 "$WORK" # a stranger may look at the mount
mount_peekfs -o allow_other,scan_ttl=0
DIR=$MNT/regions/$TAG-data
ok "a struct by name" sh -c "echo 'debuginfo struct STU' >'$DIR/layout'"
is "fills the region" "$(ls "$DIR/fields")" records
is "with as many as fit" "$(ls "$DIR/fields/records" | wc -l)" $((4096 / SIZE))
is "every member" "$(ls "$DIR/fields/records/0" | xargs)" "at high id list low mood name sex"
like "info tells the program" "$(infos Debuginfo)" "^struct STU: $SIZE bytes, pid ${R_JOB[a]} old, .*/old$"
is "and nobody differs" "$(infos Debuginfo-Differs)" ""
echo 'struct STU s[] @ 64;' >"$DIR/layout"
is "looked up where it isn't declared" "$(cat "$DIR/fields/s/1/"{id,name,sex,mood,low,high,at/x,at/y,list/value} | xargs)" \
	"42 Ann f ANGRY 5 17 -1 300 9"
echo CALM >"$DIR/fields/s/1/mood"
is "written as well" "$(od -An -tu4 -j $((64 + SIZE + MOOD)) -N4 "$file" | xargs)" 0
echo 'debuginfo union both; union both b @ 0; point_t p @ 4; debuginfo enum mood; enum mood m @ 8; [[hex]] union both.i;' >"$DIR/layout"
is "unions, typedefs, enums, and hints over them" "$(ls "$DIR/fields" | xargs) $(cat "$DIR/fields/b/i")" "b m p 0x00000000"
echo 'debuginfo struct STU; struct twice { struct STU a, b; }; struct twice t @ 64;' >"$DIR/layout"
is "a struct of the text can hold it" "$(cat "$DIR/fields/t/b/id")" 42

before=$(cat "$DIR/layout")
refused "an unknown struct" 'debuginfo struct nowhere' "struct nowhere.*old"
refused "one that is only pointed to" 'struct nowhere n @ 0;' "nowhere"
refused "no name" 'debuginfo struct ;' .
is "the old layout stays" "$(cat "$DIR/layout")" "$before"

echo 'struct STU s[] @ 64;' >"$DIR/layout"
old_size=$SIZE
run b "$WORK/new" || bail "the program doesn't run"
is "an upgrade: the layout stays" "$(wc -c <"$DIR/fields/s/1/.raw")" "$old_size"
like "who agrees" "$(infos Debuginfo)" "pid ${R_JOB[a]} old"
like "who differs: size and first member" "$(infos Debuginfo-Differs)" \
	"^struct STU: $SIZE bytes, pid ${R_JOB[b]} new, .*/new; name: 20 bytes at 4 here, 24 at 4 there$"
echo 'struct STU  s[] @ 64;' >"$DIR/layout"
is "set anew: the youngest program's" "$(cat "$DIR/fields/s/1/name")" Ann
like "now the old one differs" "$(infos Debuginfo-Differs)" "pid ${R_JOB[a]} old"
is "a stranger isn't told of private types" \
	"$(setpriv --reuid=12345 --clear-groups grep -c "^Debuginfo" "$DIR/info" 2>&1)" 0
chmod 644 "$file" && chmod 755 "$WORK"
like "nor where they are, if he may read the region" \
	"$(setpriv --reuid=12345 --clear-groups grep "^Debuginfo" "$DIR/info" 2>&1 | xargs)" \
	"^Debuginfo: struct STU: [0-9]+ bytes, pid [0-9]+ new Debuginfo-Differs: .* old; name"
stop a
is "the old program is gone" "$(infos Debuginfo-Differs)" ""

rm "$WORK/new"
remount_peekfs -o allow_other,scan_ttl=0
is "a deleted program, after a remount" "$(cat "$DIR/fields/s/1/name" "$DIR/fields/s/1/extra" | xargs)" "Ann 0"
build -DNAME=20 -o "$WORK/new"
remount_peekfs -o allow_other,scan_ttl=0
is "and one that was replaced" "$(ls "$DIR/fields/s/1" | grep -c extra)" 1
stop b

run c "$WORK/lines"
refused "-g1" 'debuginfo struct STU' "was compiled with -g1"
stop c
run c "$WORK/bare"
refused "stripped" 'debuginfo struct STU' "no debug information"
stop c

# Debug information beside the program, in a mount namespace where the path leads elsewhere.
if unshare -m true 2>/dev/null; then
	mkdir -p "$WORK/inner/.debug" "$WORK/outer"
	build -DNAME=20 -Wl,--build-id=none -o "$WORK/inner/prog"
	objcopy --only-keep-debug "$WORK/inner/prog" "$WORK/inner/.debug/prog.debug"
	(cd "$WORK/inner/.debug" && objcopy --strip-all --add-gnu-debuglink=prog.debug ../prog)
	cat >"$WORK/elsewhere" <<END
mount --make-rprivate / && mount --bind '$WORK/inner' '$WORK/outer' && exec '$WORK/outer/prog' "\$1"
END
	start n unshare -m --propagation private sh "$WORK/elsewhere" "$file"
	hear n
	not test -e "$WORK/outer/prog" && ok "another mount namespace: a separate debug file" sh -c "echo 'debuginfo struct STU' >'$DIR/layout'"
	like "and the program's own path" "$(infos Debuginfo)" "/outer/prog$"
	stop n
else
	skip "another mount namespace" "unshare doesn't work here"
fi
finish
