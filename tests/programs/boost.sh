#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Boost.Interprocess: a named struct and a list by offset_ptr in a managed segment, against what the
# program says it sees.
. "${0%/*}/lib.sh"
compile boost.cc -lrt

start boost "$WORK/boost" $TAG-orders
hear boost || bail "boost: $(tail -n 3 "$WORK/programs.log")"
learn_path segment /dev/shm/$TAG-orders
mount_peekfs
is "its name" "$(name_of segment)" $TAG-orders
ask boost queue
queue=$REPLY
ask boost where
place=$REPLY

# ---- nothing is typed: a global of the program points to the struct ----

is "the named struct, by a variable of the program" "$(fields segment queue/0/{orders,limit})" "$queue"
is "its layout is of debug information" "$(info segment Layout)" debuginfo
like "where the variable points" "$(grep @ "$(at segment)/layout")" "Queue queue.* @ $place;"

# ---- types by name, places by hand ----

lay segment <<END
debuginfo struct Queue;
debuginfo struct Order;
struct Queue queue @ $place;
struct Order first @ $place + 16 + queue.first.internal.m_offset;
END
ask boost list
is "an order, that an offset_ptr leads to" "$(fields segment first/{number,who,price})" "${REPLY%% 2 *}"

# ---- all by hand: an offset_ptr says how far it is from itself to what it leads to, 1 is null ----

lay segment <<END
struct [[size(next == 1 ? sizeof(struct Order) : offsetof(struct Order, next) + next)]] Order {
	uint32_t number;
	char who[20];
	double price;
	[[offset_from(self, struct Order)]] int64_t next;
};
struct Queue {
	uint64_t orders;
	uint32_t limit;
	[[offset_from(self, struct Order)]] int64_t first, last;
};
struct Queue queue @ $place;
/* One after the other, as they were allocated. */
struct Order orders[queue.orders] @ $place + 16 + queue.first;
END

list() { # the orders, along the links
	local at
	at=$(at segment)/fields/queue/first
	while at=$(readlink -f "$at") && [ -d "$at" ]; do
		cat "$at"/{number,who,price}
		at=$at/next
	done | paste -s -d ' '
}

is "the list, along its links" "$(list)" "$REPLY"
ask boost "add dora 7.25"
ask boost list
is "an order more" "$(list)" "$REPLY"
is "the last" "$(field segment queue/last/who)" dora
ok "an edit" set_field segment queue/first/next/price 21.5
ask boost list
is "the program sees it" "$(list)" "$REPLY"
like "in its list" "$REPLY" "2 boris 21.5 3 "

stop boost
finish
