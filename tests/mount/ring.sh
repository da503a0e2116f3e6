#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The ring of tools/demo: made by one program through the library, written by a second, read by a
# third, and edited here. Its layout comes with it.
. "${0%/*}/lib.sh"
need_fuse
keeps_attributes || skip_all "/dev/shm keeps no user attributes here, where the ring has its layout"
DEMO=$BUILD/tools/demo
NAME=$TAG-ring
RING=$MNT/regions/$NAME/fields/ring

# shellcheck disable=SC2317 # what ok and until_true are given
heard() { # ID REGEX: of the lines that it prints from now on, one is like this
	while hear "$1"; do [[ $REPLY =~ $2 ]] && return; done
	return 1
}

# shellcheck disable=SC2317
only_errors() { # three in a row, as what stood in the pipe when the threshold changed comes first
	local row=0
	while [ "$row" -lt 3 ] && hear reader; do
		case $REPLY in
		*\ ERROR:*) row=$((row + 1)) ;;
		*missed) ;;
		*) row=0 ;;
		esac
	done
	[ "$row" = 3 ]
}

# shellcheck disable=SC2317
grown() { [ "$(cat "$RING/written")" -gt "$1" ]; }

end() { # ID: as ^C does
	kill -TERM "${R_JOB[$1]}"
	wait "${R_JOB[$1]}"
	local status=$?
	let_go "$1"
	return $status
}

undo "rm -f /dev/shm/$NAME"
mount_peekfs -o scan_ttl=0

like "nobody has made it" "$("$DEMO/ring-read" $NAME 2>&1)" "hasn't made it yet"
start maker "$DEMO/ring-make" $NAME
ok "it is made, and tells its size and its pages" heard maker "^made /$NAME: 1040 bytes, 4096 mapped"
like "making it again is refused, with what to do" "$("$DEMO/ring-make" $NAME 2>&1)" 'create_open'
is "it is typed with no further step" "$(awk -F '\t' '$1 == "Layout:" { print $2 }' "$MNT/regions/$NAME/info")" attribute
is "its fields" "$(cd "$RING" && echo *)" "interval slots threshold written"
is "its first values" "$(cat "$RING"/{interval,threshold,written} | paste -s -d ' ')" "1000 INFO 0"
is "as many slots as declared" "$(cd "$RING/slots" && echo * | wc -w)" 16
if [ "$(id -u)" = 0 ]; then
	# the mode of the object is 0644: readable by all, by peekfs or without
	mount_other() { # the same as another user sees it
		settle; umount "$MNT" && wait "$DAEMON" && DAEMON='' && mount_peekfs -o scan_ttl=0,allow_other
	}
	mount_other
	is "typed for another user, too" "$(setpriv --reuid 54321 --regid 54321 --clear-groups cat "$RING/threshold")" INFO
	ok "who may not edit it" not setpriv --reuid 54321 --regid 54321 --clear-groups sh -c "echo ERROR >$RING/threshold"
else
	skip "typed for another user, too" "needs root"
fi

start reader "$DEMO/ring-read" $NAME
start writer "$DEMO/ring-write" $NAME
ok "its maker tells who reads it" heard maker "^ring-read \(pid ${R_JOB[reader]}\) reads it since"
ok "and who writes" heard maker "^ring-write \(pid ${R_JOB[writer]}\) writes it since"
ok "the reader prints messages" heard reader '^[0-9]+ INFO: the temperature is [0-9]+ degrees$'
ok "an edit: the writer goes faster" sh -c "echo 10 >$RING/interval"
before=$(cat "$RING/written")
ok "and does" until_true 10 grown $((before + 50))
ok "an edit: the reader shows less" sh -c "echo ERROR >$RING/threshold"
ok "nothing but what is worst" only_errors
ok "a wrong edit is refused" not sh -c "echo AWFUL >$RING/threshold"
is "and changes nothing" "$(cat "$RING/threshold")" ERROR
end writer
ok "its maker tells who has left" heard maker "^ring-write .* has left"
number=$(($(cat "$RING/written") - 1))
is "the newest message stands in its slot" "$(cat "$RING/slots/$((number % 16))/number")" $number
ok "a message is edited" sh -c "echo 'hello from the shell' >$RING/slots/$((number % 16))/text"
is "in the object itself" "$(grep -ac 'hello from the shell' /dev/shm/$NAME)" 1
end reader
ok "the maker ends" end maker
ok "and has taken the name away" not test -e /dev/shm/$NAME
finish
