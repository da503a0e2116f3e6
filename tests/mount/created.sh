#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Regions that a program makes through libpeekfs, of every kind: typed in the mount with no further
# step, and followed through what the program does with them.
. "${0%/*}/lib.sh"
. "${0%/*}/programs.sh"
need_fuse

size() { stat -Lc %s "$(at "$1")/raw"; }                   # ID
records() { (cd "$(at "$1")/fields/records" && echo * | wc -w); } # ID

mount_peekfs -o scan_ttl=0

for kind in file shm memfd sysv anon zero; do
	case $kind in
	file) name=$WORK/$TAG-file ;;
	shm) name=/$TAG ;;
	memfd) name=$TAG ;;
	*) name= ;;
	esac
	if [[ $kind =~ sysv|anon|zero ]] && [ "$(id -u)" != 0 ]; then
		skip "$kind: typed" "only root reaches an object without a descriptor"
		continue
	fi
	can_keep "$kind: typed" "$([ $kind = file ] && echo "$WORK" || echo /dev/shm)" || continue
	begin $kind created $kind ${name:+"$name"}
	[ $kind = sysv ] || learn $kind
	is "$kind: its layout came with it" "$(info $kind Layout)" attribute
	is "$kind: the first id" "$(field $kind records/0/id)" 10
	is "$kind: the name" "$(field $kind records/0/name)" xiaoming
	is "$kind: ten records, or a whole page of them" "$(records $kind)" \
		"$([[ $kind =~ anon|zero ]] && echo 146 || echo 10)"
	ok "$kind: an edit" set_field $kind records/0/id 77
	answers "$kind: the program sees it" $kind count "id 78, name xiaoming, sex m"
	answers "$kind: it syncs" $kind sync "id 78, name xiaoming, sex m"
	ask $kind lock
	if [ -n "$SLOW" ]; then
		skip "$kind: it locks" "under a sanitizer mlock() does nothing"
	else
		is "$kind: it locks" "$(awk '/^VmLck/ { print $2 }' "/proc/${R[$kind.pid]}/status")" 4
	fi
	ask $kind unlock
	is "$kind: it unlocks" "$(awk '/^VmLck/ { print $2 }' "/proc/${R[$kind.pid]}/status")" 0
	ask $kind "resize 1000"
	if [[ $kind =~ file|shm|memfd ]]; then
		is "$kind: it makes room for a thousand" "$(size $kind) $(records $kind)" "28000 1000"
		ask $kind "count 999"
		is "$kind: the last of them counts" "$(field $kind records/999/id)" 1
		is "$kind: the first is as it was" "$(field $kind records/0/id)" 78
		ask $kind "resize 2"
		is "$kind: it makes them two" "$(size $kind) $(records $kind)" "56 2"
	else
		like "$kind: it can't be made larger, and is told so" "$REPLY" '^no: .*keeps the size'
	fi
	answers "$kind: its name is removed" $kind remove "id 78, name xiaoming, sex m"
	is "$kind: it is still there" "$(field $kind records/0/id)" 78
	stop $kind
done

# ---- a layout that the program changes while we look ----

again() { [ "$(field again it/first 2>/dev/null)" = 10 ]; }
if can_keep "a new layout"; then
	begin again created shm /$TAG-again
	learn again
	field again records/0/id >/dev/null
	ask again "layout struct { int first; } it @ 0;"
	is "a new layout is on the object" "$(getfattr --only-values -n user.peekfs.layout /dev/shm/$TAG-again 2>/dev/null)" \
		"struct { int first; } it @ 0;"
	ok "and in the mount" until_true 10 again
	stop again
fi

# ---- who may change the layout: who may write the region, and nobody else ----

if [ "$(id -u)" != 0 ]; then
	skip "three users" "needs root"
	finish
fi
can_keep "three users" "$WORK" || finish
settle
umount "$MNT" && wait "$DAEMON"
DAEMON=
mount_peekfs -o scan_ttl=0,allow_other
OWNER=54321 MEMBER=54322 OTHER=54323 GROUP=54400

as() { # UID COMMAND...: a member of GROUP, but for OTHER
	local uid=$1 group=$GROUP
	shift
	[ "$uid" != $OTHER ] || group=$OTHER
	setpriv --reuid "$uid" --regid $group --clear-groups "$@"
}

try_layout() { as "$1" sh -c "echo 'struct { int by_$1; } it @ 0;' >'$(at shared)/layout'"; } # UID

mkdir -m 755 "$WORK/open"
chown $OWNER:$GROUP "$WORK/open"
start shared setpriv --reuid $OWNER --regid $GROUP --clear-groups \
	"$TUTORIALS/tutorial-created" file "$WORK/open/$TAG-shared"
hear shared
R[shared.pid]=${R_JOB[shared]}
learn shared
is "three users: the object is its owner's and his group's" "$(stat -c '%u %g %a' "$WORK/open/$TAG-shared")" "$OWNER $GROUP 664"
for uid in $OWNER $MEMBER $OTHER; do
	is "three users: $uid sees it typed" "$(as "$uid" cat "$(at shared)/fields/records/0/name")" xiaoming
done
for uid in $OWNER $MEMBER; do
	ok "three users: $uid may write it, and set its layout" try_layout "$uid"
	is "three users: everybody sees that" "$(as $OTHER ls "$(at shared)/fields/it")" "by_$uid"
	is "three users: as does the object" "$(getfattr --only-values -n user.peekfs.layout "$WORK/open/$TAG-shared" 2>/dev/null)" "struct { int by_$uid; } it @ 0;"
done
ok "three users: $OTHER may not" not try_layout $OTHER
is "three users: and nothing changes" "$(ls "$(at shared)/fields/it")" "by_$MEMBER"
ok "three users: nor by truncating it" not as $OTHER sh -c ": >'$(at shared)/layout'"
is "three users: the layout stays" "$(info shared Layout)" written
chmod 600 "$WORK/open/$TAG-shared"
ok "three users: the group no longer may, as soon as the object says so" not try_layout $MEMBER
ok "three users: nor see it" not as $MEMBER ls "$(at shared)/fields"
ok "three users: its owner may" try_layout $OWNER
stop shared
finish
