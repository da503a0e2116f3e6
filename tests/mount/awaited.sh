#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Rule files with types that only the programs know: who pays for looking them up, a program that
# starts again, under another number and with other types, and what is told when nobody knows them.
. "${0%/*}/lib.sh"
need_root "looks into other processes"
command -v gcc >/dev/null || skip_all "no gcc"

RULES=$XDG_CONFIG_HOME/peekfs/layouts.d
mkdir -p "$RULES"
cat >"$WORK/server.c" <<'END'
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <fcntl.h>
#include <sys/mman.h>
enum state { IDLE, BUSY = 5 };
struct worker {
	int32_t pid;
	enum state state;
#ifdef LATER
	uint64_t since;
#endif
	char task[12];
};
struct board {
	uint32_t used;
	uint32_t flags;
	struct worker workers[8];
};
int main(int argc, char **argv)
{
	int fd = argc > 1 ? open(argv[1], O_RDWR) : -1;
	struct board *board = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);
	if (board == MAP_FAILED)
		return 1;
	board->used = 2;
	board->flags = 0x80;
	board->workers[1] = (struct worker){.pid = 42, .state = BUSY, .task = "vacuum"};
	printf("%zu\n", offsetof(struct board, workers[1].task));
	fflush(stdout);
	return getchar() == 'x' && board->used;
}
END
build() { gcc -O1 "$@" "$WORK/server.c"; }
build -g -o "$WORK/$TAG-old" || bail "gcc failed"
build -g -DLATER -o "$WORK/$TAG-new"
build -o "$WORK/$TAG-bare"

# A program that runs, and the region that it has: DIR.
run() { # ID PROGRAM
	start "$1" "$WORK/$TAG-$2" && hear "$1" || bail "$2 doesn't run"
	TASK=$REPLY
	[ -z "$DAEMON" ] || until_true 10 found "$1" || bail "there is no region of $2"
}
found() {
	DIR=$(echo "$MNT/by-pid/${R_JOB[$1]}"/anon-*)
	[ -d "$DIR" ] && DIR=$(realpath "$DIR")
}
of() { grep "^$1:" "$DIR/info" | cut -f2-; } # KEY
told_of_board() { # WHAT: the whole record is what the program stored
	is "$1" "$(cat "$DIR/fields/board/"{used,flags,workers/1/{pid,state,task}} | xargs)" "2 0x00000080 42 BUSY vacuum"
}
# What `layout` refuses or `info` tells is looked for again after a second, or ten times as long as
# it took.
look_until() { until_true 20 test -e "$DIR/fields/$1"; }

cat >"$RULES/10-board.peek" <<END
match kind(anon) program("$TAG-*");

debuginfo struct board;
[[hex]] board.flags;
struct board board @ 0;
END
run a old
start opened "$MAKERS/opened" "$WORK/$TAG-old"
hear opened && [ "$REPLY" = ready ] || bail "opened: $REPLY"
opens() { say opened count && echo "$REPLY"; }
mount_peekfs
found a
first=$DIR

is "a rule is there before anybody looks" "$(of Layout) $(of Layout-Rule)" "rule $RULES/10-board.peek"
like "in summary too" "$(grep "^${DIR##*/} " "$MNT/summary")" " rule "
like "status tells that it asks programs" "$(grep ^Rule-Debuginfo "$MNT/status")" "10-board.peek: struct board$"
ok "bytes are read" cat "$DIR/"{hex,mappers}
is "and nobody has opened the program's file" "$(opens)" 0
told_of_board "fields are those of the program's type"
isnt "for which it was opened" "$(opens)" 0
is "info tells whose type it is" "$(of Debuginfo | sed 's/.*pid/pid/; s/,.*//')" "pid ${R_JOB[a]} ${TAG:0:11}-old"
is "the layout is the rule's text" "$(cat "$DIR/layout")" "$(cat "$RULES/10-board.peek")"
echo 9 >"$DIR/fields/board/used"
is "a field is written" "$(cat "$DIR/fields/board/used")" 9
touch "$RULES/99-other.peek"
exec {held}<"$DIR/fields/board"
until_true 10 grep -q 99-other "$MNT/status"
told="$(cat "$DIR/fields/board/workers/1/pid") $(cd "/proc/self/fd/$held" && ls used)"
exec {held}<&-
is "another file's change leaves what is open alone" "$told" "42 used"
lay_text() { cat >"$DIR/layout"; }
lay_text <<<'int x @ 0;'
is "what is written comes first" "$(of Layout) $(cat "$DIR/fields/x")" "written 9"
truncate -s 0 "$DIR/layout"
look_until board
is "and when it is cleared the rule's is back" "$(of Layout) $(cat "$DIR/fields/board/used")" "rule 9"

stop a
run b new
isnt "started again, the region has another number" "$DIR" "$first"
told_of_board "and the new program's types"
is "where the compiler has them" "$(dd if="$DIR/raw" bs=1 skip="$TASK" count=6 2>/dev/null)" vacuum
stop b

run c bare
ls "$DIR/fields" >"$WORK/none"
is "a program without -g: no layout" "$(of Layout) $(of Layout-Rule) $(wc -l <"$WORK/none")" "none $RULES/10-board.peek 0"
like "info tells why" "$(of Layout-Error)" \
	"^line 3, column 18: 'struct board' isn't declared here, and $TAG.*\(pid ${R_JOB[c]}\).* no debug information of it \(compile it with -g"
stop c

cat >"$RULES/10-board.peek" <<END
match kind(anon) program("$TAG-*");
struct board board @ 0;
struct plank { int x; };
strct_t typo @ 4096;
END
run d old
is_mistaken() { ls "$DIR/fields" >"$WORK/none" && [[ $(of Layout-Error) == *strct_t* ]]; }
until_true 20 is_mistaken
like "a mistake behind it is told when somebody looks" "$(of Layout-Error)" "^line 4, column 1: .*strct_t"
cat >"$RULES/10-board.peek" <<END
match kind(anon) program("$TAG-*");
struct board board @ 0;
END
look_until board
is "until the file is mended" "$(of Layout) $(of Layout-Error) $(cat "$DIR/fields/board/used")" "rule  2"
cat >"$RULES/05-first.peek" <<<'struct x { nobody_t x; }; match kind(anon);'
until_true 10 grep -q "05-first" "$MNT/status"
like "the match stands before what is looked up" "$(grep 05-first "$MNT/status")" "^Rule-Error:.*no type is named 'nobody_t' \(.*behind a match\)"

# One region that programs come and go by.
file=/dev/shm/$TAG-data
undo "rm -f $file"
truncate -s 8192 "$file"
cat >"$RULES/20-file.peek" <<END
match path("$file");
struct board board @ 0;
END
DIR=$MNT/regions/$TAG-data
serve() { start "$1" "$WORK/$TAG-$2" "$file" && hear "$1" || bail "$2 doesn't run"; } # ID PROGRAM
mapped_by() { [ "$(of Mappers)" = "$1" ]; }
serve e old
look_until board
inode() { stat -c %i "$DIR/fields/board"; }
before=$(inode)
serve f old
until_true 10 mapped_by 2
ls "$DIR/fields" >/dev/null
is "another process of the same program: the same fields" "$(cat "$DIR/fields/board/used") $(inode)" "2 $before"
stop e f
until_true 10 mapped_by 0
is "nobody maps it any more: they stay" "$(cat "$DIR/fields/board/used") $(inode)" "2 $before"
serve g new
until_true 10 mapped_by 1
until_true 20 test -e "$DIR/fields/board/workers/1/since"
is "a program with another type: its own" "$(cat "$DIR/fields/board/workers/1/task")" vacuum
stop g

found d
rm "$RULES/10-board.peek"
until_true 10 not test -e "$DIR/fields/board"
is "a file that is gone takes its layout along" "$(of Layout)$(of Layout-Rule)" none
finish
