#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Three users and a group: nobody sees or changes by the mount what open(2) of the object itself,
# or his own mapping of it, wouldn't give him; and who may, may.
. "${0%/*}/lib.sh"
need_root "tries as other users"
command -v setpriv >/dev/null || skip_all "no setpriv"

ALICE=60001 BOB=60002 CAROL=60003 GROUP=60010 # numbers are enough: no account is made
as() { # USER COMMAND...: bob and alice share a group
	local groups=--clear-groups user=$1
	[ "$user" != $CAROL ] && groups=--groups=$GROUP
	shift
	setpriv --reuid="$user" --regid="$user" $groups "$@"
}
answer() { # USER FLAGS PATH: yes or no
	case $(as "$1" "$MAKERS/try" open "$2" "$3") in
	"open 0") echo yes ;;
	"open EACCES" | "open EPERM" | "open EROFS") echo no ;;
	*) as "$1" "$MAKERS/try" open "$2" "$3" ;;
	esac
}
users() { # FLAGS PATH: alice bob carol
	echo "$(answer $ALICE "$1" "$2") $(answer $BOB "$1" "$2") $(answer $CAROL "$1" "$2")"
}

as $ALICE test -x "$MAKERS/try" || skip_all "other users can't reach the build"
mkdir "$WORK/open" "$WORK/closed" "$WORK/shared"
chmod 777 "$WORK/open"
chmod 700 "$WORK/closed" && chown $ALICE "$WORK/closed"
chgrp $GROUP "$WORK/shared" && chmod 770 "$WORK/shared"
mount_peekfs -o allow_other,scan_ttl=0

# Path-backed, mapped by its owner alice: the mount answers what the path answers.
object() { # FILE MODE GROUP
	truncate -s 4096 "$1"
	chown $ALICE:"$3" "$1"
	chmod "$2" "$1"
}
same() { # WHAT PATH
	local flags
	for flags in r w; do
		is "$1: open for $flags" "$(users $flags "$(at o)/raw")" "$(users $flags "$2")"
	done
	is "$1: a field follows raw" "$(users r "$(at o)/hex")" "$(users r "$2")"
	is "$1: root" "$(try open rw "$(at o)/raw")" "open 0"
}
# Who can't get there by its path can't by the mount, whatever else he is.
no_more() { # WHAT PATH
	local flags mount path user
	for flags in r w; do
		read -r -a mount <<<"$(users $flags "$(at o)/raw")"
		read -r -a path <<<"$(users $flags "$2")"
		for user in 1 2; do # alice is its owner, and maps it
			[ "${mount[user]}" = no ] || [ "${path[user]}" = yes ] || fail "$1: user $user may $flags" "${mount[*]} by the mount, ${path[*]} by its path"
		done
		pass "$1: nobody but its owner may $flags by the mount what he may not by its path (${mount[*]})"
	done
}
for mode in 600 640 644 660 664 666 604 400 000; do
	for where in "$WORK/open" /dev/shm; do
		file=$where/$TAG-$mode
		object "$file" $mode $GROUP
		region o file name="$file" size=4096 existing uid=0
		same "mode $mode in $where" "$file"
		stop o
		rm "$file"
	done
done
object "$WORK/closed/$TAG" 644 $ALICE
region o file name="$WORK/closed/$TAG" size=4096 existing uid=$ALICE
no_more "0644 in a directory of 0700" "$WORK/closed/$TAG"
is "0644 in a directory of 0700: who maps it" "$(users r "$(at o)/raw")" "yes no no"
stop o
region o file name="$WORK/closed/$TAG" size=4096 existing
is "0644 in a directory of 0700, mapped by root" "$(users r "$(at o)/raw")" "no no no"
stop o
object "$WORK/shared/$TAG" 664 $GROUP
region o file name="$WORK/shared/$TAG" size=4096 existing
no_more "0664 in a directory of the group" "$WORK/shared/$TAG"
is "0664 in a directory of the group: carol" "$(answer $CAROL r "$(at o)/raw")" no
stop o
object "$WORK/open/$TAG-gone" 666 $GROUP
region o file name="$WORK/open/$TAG-gone" size=4096 existing
rm "$WORK/open/$TAG-gone"
is "0666, deleted: its path leads nowhere, others may not" "$(users r "$(at o)/raw" | cut -d' ' -f2-)" "no no"
object "$WORK/open/$TAG-gone" 666 $GROUP
is "0666, replaced: its path leads to another, others may not" "$(users r "$(at o)/raw" | cut -d' ' -f2-)" "no no"
stop o
if command -v setfacl >/dev/null; then
	object "$WORK/open/$TAG-acl" 660 $GROUP
	setfacl -m u:$CAROL:rw "$WORK/open/$TAG-acl"
	region o file name="$WORK/open/$TAG-acl" size=4096 existing
	no_more "with an ACL" "$WORK/open/$TAG-acl"
	stop o
else
	skip "with an ACL" "no setfacl"
fi
object "$WORK/open/$TAG-ro" 666 $GROUP
region o file name="$WORK/open/$TAG-ro" size=4096 existing readonly
is "0666, mapped read-only: nobody writes" "$(users w "$(at o)/raw") $(users r "$(at o)/raw")" "no no no yes yes yes"
stop o

# What has no path belongs to whom every mapper agrees on.
for kind in memfd anon zero sysv; do
	region o $kind name=$TAG-who size=64k uid=$ALICE gid=$ALICE || { skip "$kind" "${R[o.why]}"; continue; }
	is "$kind of alice: read" "$(users r "$(at o)/raw")" "yes no no"
	is "$kind of alice: written" "$(users rw "$(at o)/raw")" "yes no no"
	is "$kind of alice: hex, layout" "$(users r "$(at o)/hex") $(users r "$(at o)/layout")" "yes no no yes no no"
	is "$kind: everybody may see that it is there" "$(as $CAROL cat "$(at o)/info" | awk '$1 == "Kind:" {print "seen"}')" seen
	start_of() { awk 'NR == 2 {print $5, $6, $7}' <(as "$1" cat "$(at o)/mappers"); }
	like "$kind: alice sees its addresses" "$(start_of $ALICE)" "[0-9a-f]{4} "
	is "$kind: carol doesn't" "$(start_of $CAROL)" "- - -"
	stop o
done
region o memfd name=$TAG-who size=64k uid=$ALICE gid=$ALICE nodump
is "a memfd of a process that isn't dumpable" "$(users r "$(at o)/raw")" "no no no"
stop o
region o memfd name=$TAG-who size=64k map=0:64k:r uid=$ALICE gid=$ALICE
is "a memfd that alice maps read-only" "$(users r "$(at o)/raw") $(users w "$(at o)/raw")" "yes no no no no no"
is "its layout: only root sets it" "$(users w "$(at o)/layout") $(try open w "$(at o)/layout")" "no no no open 0"
stop o
cp "$MAKER" "$WORK/open/setuid-maker"
chown $BOB "$WORK/open/setuid-maker" && chmod 4755 "$WORK/open/setuid-maker"
own=$MAKER
MAKER="$WORK/open/setuid-maker"
if [ "$(as $ALICE "$MAKERS/try" stat "$MAKER" | cut -d' ' -f5)" = $BOB ] && ! findmnt -no OPTIONS -T "$WORK" | grep -qw nosuid; then
	start o setpriv --reuid=$ALICE --regid=$ALICE --clear-groups "$MAKER" memfd name=$TAG-setuid
	hear o && R[o.line]=$REPLY
	for word in ${R[o.line]#object }; do R[o.${word%%=*}]=${word#*=}; done
	hear o && hear o
	is "a memfd of a setuid program: neither who ran it nor who owns it" "$(users r "$(at o)/raw")" "no no no"
	stop o
else
	skip "a memfd of a setuid program" "setuid has no effect here"
fi
MAKER=$own

# One object, two users.
region o shm name=/$TAG-two size=4096 mode=666
rm /dev/shm/$TAG-two
region other shm name=/$TAG-two2 size=4096 uid=$BOB gid=$BOB
chmod 666 /dev/shm/$TAG-two2
region third file name=/dev/shm/$TAG-two2 size=4096 existing uid=$ALICE gid=$ALICE
is "two users map one shm object whose path leads there: as its path says" "$(users r "$(at other)/raw")" "$(users r /dev/shm/$TAG-two2)"
rm /dev/shm/$TAG-two2
is "and when it doesn't: nobody's, for they are two" "$(users r "$(at other)/raw")" "no no no"
stop third
is "one of them goes: the other's" "$(users r "$(at other)/raw")" "no yes no"
is "an object of root that is deleted: nobody's" "$(users r "$(at o)/raw")" "no no no"
finish
