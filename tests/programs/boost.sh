#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Boost.Interprocess: a named struct and a list by offset_ptr in a managed segment, against what the
# program says it sees.
. "${0%/*}/lib.sh"
compile boost.cc -lrt

mount_peekfs -o scan_ttl=0
start boost "$WORK/boost" $TAG-orders
hear boost || bail "boost: $(tail -n 3 "$WORK/programs.log")"
learn_path segment /dev/shm/$TAG-orders
is "its name" "$(name_of segment)" $TAG-orders

ask boost where
place=$REPLY
# An offset_ptr says how far it is from itself to what it points to; 1 is the null pointer.
cat >"$(at segment)/layout" <<END
struct Order { uint32_t number; char who[20]; double price; int64_t next; };
struct Queue { uint64_t orders; uint32_t limit; int64_t first, last; };
struct Queue queue @ $place;
END
ask boost queue
is "the named struct" "$(fields segment queue/{orders,limit})" "$REPLY"

list() { # the orders, found by their links
	local at=$((place + 16)) next
	next=$(field segment queue/first)
	while ((next != 1)); do
		at=$((at + next))
		echo "struct Order { uint32_t number; char who[20]; double price; int64_t next; } order @ $at;" >"$(at segment)/layout"
		fields segment order/{number,who,price}
		next=$(field segment order/next) at=$((at + 32))
	done | paste -s -d ' '
}

ask boost list
is "the list, by its links" "$(list)" "$REPLY"

stop boost
finish
