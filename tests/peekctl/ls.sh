#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ls and mappers against what the programs themselves say, and the shapes of their output.
. "${0%/*}/lib.sh"

for kind in file shm memfd sysv anon; do
	case $kind in
	file) words=(name="$WORK/$TAG-file") name=$TAG-file ;;
	shm) words=("name=/$TAG-shm") name="$TAG-shm" ;;
	memfd) words=("name=$TAG-memfd") name=memfd-$TAG-memfd ;;
	*) words=() name= ;;
	esac
	region $kind $kind "${words[@]}" size=12k || { skip "$kind" "${R[$kind.why]}" && continue; }
	case $kind in
	sysv) name=sysv-${R[sysv.shmid]} ;;
	anon) name=anon-${R[anon.ino]} ;;
	esac
	prints "$kind: found by its number" "$name $kind 12288 1 yes no $(identity $kind)" \
		ls -rn -o NAME,KIND,SIZE,MAPPERS,WRITABLE,LEFT,ID "$(identity $kind)"
	prints "$kind: and by its name" "$(identity $kind)" ls -rn -o id "$name"
	like "$kind: it is listed" "$(cell NAME,PROGRAMS ls)" "(^|"$'\n'")$name make_region($|"$'\n'")"
	prints "$kind: its mapper" "${R[$kind.pid]} make_region $(id -u) rw-s" \
		mappers -rn -o PID,COMMAND,UID,PERM "$name"
	map=$(sed -n 's/^range=\([^ ]*\).*/\1/p' <<<"${R[$kind.map0]}")
	prints "$kind: its addresses" "${map/-/ } 0" mappers -rn -o START,END,OFFSET "$name"
done

# ---- shapes ----

ctl ls
like "columns" "$(head -n 1 "$WORK/ctl.out")" "^NAME +KIND +SIZE +RESIDENT +MAPPERS +LAYOUT +PROGRAMS$"
ctl ls -n
unlike() { if [[ $2 =~ $3 ]]; then fail "$1" "$2"; else pass "$1"; fi; }
unlike "-n: no line of names" "$OUT" "RESIDENT"
prints "-o: only these, in that order" "SIZE NAME"$'\n'"12288 $TAG-shm" ls -r -o size,NAME $TAG-shm
like "-o +: these too" "$("$PEEKCTL" ls -r -o +id | head -n 1)" "^NAME KIND SIZE RESIDENT MAPPERS LAYOUT PROGRAMS ID$"
if command -v jq >/dev/null; then
	is "-J is JSON, numbers are numbers" "$("$PEEKCTL" ls -J | jq -c ".regions[] | select(.name == \"$TAG-shm\") | [.kind, .size + 1, .mappers]")" '["shm",12289,1]'
	is "-J: what is true" "$("$PEEKCTL" ls -J -o left,deleted $TAG-shm | jq -c '.regions[0]')" '{"left":false,"deleted":false}'
	"$PEEKCTL" ls -aJ -o +path,uid,mode,id | jq -e '.regions | length > 0' >/dev/null
	is "-J of everything is JSON" $? 0
else
	skip "-J" "no jq here"
fi
is "rows are by what is resident" "$(cell RESIDENT ls | grep -v '^-' | sort -c -rn 2>&1)" ""
hidden=$(comm -13 <(cell ID ls | sort) <(cell ID ls -a | sort) | wc -l)
is "-a lists no less" "$([ "$hidden" -ge 0 ] && [ -z "$(comm -23 <(cell ID ls shm 2>/dev/null | sort) <(cell ID ls -a | sort))" ] && echo yes)" yes
refuses "a column that isn't" 2 "no column 'FOO'.*--help" ls -o FOO
refuses "-J and -r" 2 "one of them" ls -Jr
refuses "an option that isn't" 2 "no option '--foo'" ls --foo
refuses "a verb that isn't" 2 "no verb 'frobnicate'" frobnicate
refuses "no verb" 2 "missing"
refuses "mappers of what?" 2 "missing" mappers
refuses "a name that isn't" 1 "no region '$TAG-none'" ls $TAG-none
refuses "a field isn't a region" 2 "the whole region is '$TAG-shm'" ls $TAG-shm/a
ctl ls $TAG-none $TAG-shm
is "one that isn't there hides no other" "$STATUS $(grep -c "$TAG-shm" "$WORK/ctl.out")" "1 1"
for verb in "" ls mappers where show set layout create resize sync rm; do
	ctl $verb --help
	like "$verb --help" "$STATUS$ERR $OUT" "^0 Usage: peekctl .*"
	ctl $verb --version
	like "$verb --version" "$STATUS $OUT" "^0 peekctl [0-9.]+$"
done
is "nobody reads standard output: that is told" "$("$PEEKCTL" ls 2>&1 >/dev/full | wc -l)" 1

# ---- names ----

region odd memfd 'name='$TAG'-a\x20b\x0ac\xff' size=4k
is "odd names: a line each" "$(cell ID,KIND ls | grep -c "^$(identity odd) memfd$")" 1
name=memfd-$TAG'-a b\x0ac\xff'
prints "are printed as they stand in the tree" "$name" ls -n -o NAME "$(identity odd)"
prints "and are found as --raw prints them" "$(identity odd)" ls -rn -o ID "$(cell NAME ls "$(identity odd)")"
prints "and are found as they stand in the tree" "$(identity odd)" ls -rn -o ID "$name"
if command -v jq >/dev/null; then
	is "in JSON too" "$("$PEEKCTL" ls -J "$(identity odd)" | jq -r '.regions[0].name')" "$name"
fi

# ---- what is left over ----

shm=/dev/shm/$TAG-left
truncate -s 5000 "$shm" && undo "rm -f $shm"
prints "a leftover" "LEFT shm 5000 0 yes" ls -rn -o PROGRAMS,KIND,SIZE,MAPPERS,LEFT $TAG-left
prints "has no mappers" "" mappers -rn $TAG-left
if command -v jq >/dev/null; then
	is "nor in JSON" "$("$PEEKCTL" mappers -J $TAG-left | jq -c .)" '{"mappers":[]}'
fi

# ---- several mappings ----

region many shm name=/$TAG-many size=16k map=0:4k:r map=8k:8k:rw map=4k:4k:r
maps=$(awk -v inode="${R[many.ino]}" '$5 == inode { split($1, a, "-"); print a[1], a[2], $2, $3 }' "/proc/${R[many.pid]}/maps" |
	while read -r start end perm offset; do printf '%x %x %s %x\n' $((16#$start)) $((16#$end)) "$perm" $((16#$offset)); done)
prints "each mapping, as maps has it" "$maps" mappers -rn -o START,END,PERM,OFFSET $TAG-many

# ---- ordinary users see their own ----

if [ "$(id -u)" = 0 ]; then
	region user memfd name=$TAG-user size=4k uid=54321 gid=54321
	AS=(setpriv --reuid 54321 --regid 54321 --clear-groups)
	cp "$PEEKCTL" "$WORK/peekctl" && chmod 755 "$WORK/peekctl" && PEEKCTL=$WORK/peekctl
	is "a user sees his own" "$(cell ID ls | grep -cx "$(identity user)")" 1
	is "and not root's" "$(cell ID ls -a | grep -cx "$(identity memfd)")" 0
	refuses "nor by name" 1 "you may not" ls "$(identity memfd)"
else
	skip "an ordinary user" "needs root to be one"
fi

# ---- the mount calls them the same ----

if [ "$(id -u)" = 0 ] && [ -c /dev/fuse ]; then
	AS=()
	mount_peekfs -o scan_ttl=0
	for id in file shm memfd anon odd many user; do
		is "$id: named as in the mount" "$(basename "$(readlink "$(at $id)")")" \
			"$("$PEEKCTL" ls -J "$(identity $id)" | jq -r '.regions[0].name')"
	done
else
	skip "names as in the mount" "no mount here"
fi
finish
