#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Rule files and built-in layouts: which regions they are for, what comes before them, mistakes.
. "${0%/*}/lib.sh"
need_root "makes regions of each kind"

RULES=$XDG_CONFIG_HOME/peekfs/layouts.d
mkdir -p "$RULES"

rule() { cat >"$RULES/$1.peek"; } # NAME: its text from stdin
# The rule that a region's layout is of: the file's name without its ending, or `none`.
ruled() {
	local file
	file=$(info "$1" Layout-Rule)
	file=${file##*/}
	echo "$(info "$1" Layout) ${file%.peek}"
}
is_ruled() { [ "$(ruled "$1")" = "$2" ]; }
expect() { # WHAT ID WANT: files are looked at once a second
	until_true 10 is_ruled "$2" "$3"
	is "$1" "$(ruled "$2")" "$3"
}

region a shm name=/$TAG-alpha size=8k
region b memfd name=$TAG-beta size=4k
region c file name=$WORK/gamma.db size=12k
region d anon size=4k
region e sysv size=4k key=0x5eed$((RANDOM % 10))
say a put 0 cafebabe00000007
rule 50-name <<END
match name("$TAG-al*") kind(shm);
struct a { [[be]] uint32_t magic; [[be]] uint32_t count; };
struct a head @ 0;
END
mount_peekfs

is "a name and a kind" "$(ruled a)" "rule 50-name"
is "it is the layout" "$(cat "$(at a)/fields/head/count")" 7
is "the text is read as if it had been written" "$(head -n 1 "$(at a)/layout")" "match name(\"$TAG-al*\") kind(shm);"
is "others have none" "$(ruled b), $(ruled c), $(ruled d), $(ruled e)" "none , none , none , none "
like "summary shows it" "$(grep "^$TAG-alpha" "$MNT/summary")" ' rule '
is "nothing is put on the object" "$(getfattr --only-values -n user.peekfs.layout "/dev/shm/$TAG-alpha" 2>&1 | grep -c struct)" 0

rule 40-magic <<'END'
match kind(shm, memfd) magic(0, "\xca\xfe" "\xba\xbe");
struct m { uint8_t magic[4]; };
END
expect "magic bytes, and the first by name wins" a "rule 40-magic"
say b put 0 cafebabe
expect "it holds for another kind too" b "rule 40-magic"
say b put 0 00
expect "until the bytes are others" b "none "
rule 20-large <<END
match name("$TAG-al*"); int x[4096] @ 0;
END
expect "one that doesn't fit" a "rule 20-large"
ls "$(at a)/fields" >"$WORK/nothing"
like "info tells why" "$(info a Layout-Error)" "needs 16384 bytes"
rm "$RULES/20-large.peek"
expect "it goes" a "rule 40-magic"
is "and what was wrong with it" "$(info a Layout-Error)" ""
rule 30-wrong <<'END'
match kind(shm) magic(4, "\xca\xfe");
match kind(memfd) magic(5, "\xca\xfe");
match size(1, 4095) kind(shm);
match program("nobody*");
struct x { int x; };
END
expect "conditions that don't hold" a "rule 40-magic"

rule 20-path <<END
match path("$WORK/*.db") size(4097, 1 << 20);
struct p { int x; };
END
expect "a path and a size" c "rule 20-path"
rule 10-program <<END
match name("anon-*") program("make_reg*");
match kind(sysv) program("$(realpath "$MAKERS")/make_region") size(4096);
struct q { int x; };
END
expect "a program's name" d "rule 10-program"
expect "a program's file" e "rule 10-program"

groups=$(awk '$9 ~ /^cgroup/ && /systemd|cgroup2/ || $8 == "cgroup2" { print $5; exit }' /proc/self/mountinfo)
unit=$groups/$TAG.service
if [ -n "$groups" ] && mkdir "$unit" 2>/dev/null && undo "rmdir '$unit'" && echo "${R_JOB[d]}" >"$unit/cgroup.procs"; then
	rule 05-unit <<<"match unit(\"$TAG.serv*\"); struct u { int x; };"
	expect "a unit" d "rule 05-unit"
	is "and not another" "$(ruled e)" "rule 10-program"
	echo "${R_JOB[d]}" >"$groups/cgroup.procs"
	rm "$RULES/05-unit.peek"
else
	skip "a unit" "no control groups to make here"
	skip "and not another" "no control groups to make here"
fi

lay a <<<'struct w { uint64_t v; };'
is "what is written comes first" "$(ruled a)" "written "
truncate -s 0 "$(at a)/layout"
expect "and when it is cleared the rule is back" a "rule 40-magic"

rule 00-bad <<<'match name("*"; struct b { int x; };'
rule 01-none <<<'struct n { int x; };'
rule 02-kind <<<'match kind(pipe); struct n { int x; };'
rule 03-empty <<<'match; struct n { int x; };'
mkfifo "$RULES/04-pipe.peek"
touch "$RULES/05-not-one"
expect "mistakes in a file leave the others alone" a "rule 40-magic"
until_true 10 grep -q 04-pipe "$MNT/status"
is "and status tells each" "$(grep ^Rule "$MNT/status" | sed "s|$RULES/||")" "$(printf '%s\n' \
	"Rules:	5" \
	"Rule-Error:	00-bad.peek: line 1, column 15: expected ')' after the condition before ';'" \
	"Rule-Error:	01-none.peek: no match: nothing says which regions it is for" \
	"Rule-Error:	02-kind.peek: line 1, column 12: expected one of file, shm, memfd, sysv, anon, hugetlb before 'pipe'" \
	"Rule-Error:	03-empty.peek: line 1, column 1: no type is named 'match' (to be looked up in programs, it must stand behind a match)" \
	"Rule-Error:	04-pipe.peek: it isn't a regular file")"

rule 40-magic <<'END'
match kind(shm) magic(0, "\xca\xfe\xba\xbe");
struct m { uint8_t magic[2]; uint16_t rest; };
END
until_true 10 test -e "$(at a)/fields/records/0/rest"
ok "a file that has changed is read again" test -e "$(at a)/fields/records/0/rest"
rm "$RULES/40-magic.peek"
expect "and one that has gone doesn't count" a "rule 50-name"

# A segment that nobody has attached is described without attaching it.
rule 60-sysv <<<'match kind(sysv) magic(0, "\x00"); struct s { int x; };'
rm "$RULES/10-program.peek"
expect "an attached segment's bytes are read" e "rule 60-sysv"
region f sysv size=4k
say f unmap
attached() { awk -v id="${R[f.shmid]}" '$2 == id { print $7, $13 }' /proc/sysvipc/shm; }
before=$(attached)
until_true 10 grep -q '^Leftover:.yes' "$(at f)/info"
is "an unattached one's aren't" "$(ruled f); $(attached)" "none ; $before"
region g sysv size=4k
remount_peekfs -o scan_ttl=60
is "of one that was attached when it was found" "$(find "$MNT/by-id/sysv:${R[g.shmid]}" | wc -l)" 1
say g unmap
users() { awk '$2 == '"${R[g.shmid]}"' { print $6, $7 }' /proc/sysvipc/shm; }
before=$(users)
is "and isn't any more neither" "$(ruled g); $(users)" "none ; $before"
remount_peekfs

# The login records, as util-linux writes them.
cat >"$WORK/utmp.text" <<'END'
[2] [00000] [~~  ] [reboot  ] [~           ] [6.1.0-host          ] [0.0.0.0        ] [2026-11-21T14:15:00,000000+00:00]
[7] [01234] [ts/0] [anna    ] [pts/0       ] [192.0.2.7           ] [192.0.2.7      ] [2026-11-21T14:16:40,250000+00:00]
END
utmpdump -r <"$WORK/utmp.text" >"$WORK/wtmp" 2>/dev/null
region login file name=$WORK/wtmp existing
expect "login records are known" login "builtin utmp"
record=$(at login)/fields/records/1
is "a record" "$(cat "$record"/{ut_type,ut_pid,ut_user,ut_line,ut_host,ut_tv/tv_sec,ut_tv/tv_usec} | xargs)" \
	"USER_PROCESS 1234 anna pts/0 192.0.2.7 2026-11-21T14:16:40Z 250000"
is "as many as there are" "$(ls "$(at login)/fields/records" | wc -l)" 2
finish
