#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# LMDB: the table of readers and the meta pages, against mdb_stat.
. "${0%/*}/lib.sh"
have mdb_stat
compile lmdb.c -llmdb

mount_peekfs
mkdir "$WORK/env"
for id in one two; do
	start $id "$WORK/lmdb" "$WORK/env"
	hear $id && [[ $REPLY == ok ]] || bail "lmdb: $REPLY"
done
learn_path lock "$WORK/env/lock.mdb"
learn_path data "$WORK/env/data.mdb"
is "both processes map the lock file" "$(column lock PID | xargs)" "$(in_order "${R_JOB[one]}" "${R_JOB[two]}")"
is "the data is mapped read-only" "$(column data PERM | sort -u)" r--s
is "its lock file is known" "$(info lock Layout)" builtin
lay_out_file data lmdb-data.peek

stat_of() { # LABEL: what mdb_stat says of it
	mdb_stat -e "$WORK/env" | sed -n "s/^ *$1: //p"
}

# mdb_stat prints process, thread and transaction of each reader. It is no reader itself.
readers() { mdb_stat -r "$WORK/env" | awk '$1 ~ /^[0-9]+$/ { print $1, $2, $3 }'; }

ours() {
	local slot
	for slot in "$(at lock)"/fields/reader/[0-9]*/; do
		(cd "$slot" && [ "$(<pid)" != 0 ] && echo "$(<pid)" "$(sed 's/^0x0*//' thread)" "$(sed 's/^18446744073709551615$/-/' txnid)")
	done
}

agrees() { # WHEN
	local txnid meta
	txnid=$(stat_of 'Last transaction ID')
	meta=now
	is "$1: the last transaction, by mdb_stat" "$(field lock head/txnid)" "$txnid"
	is "$1: as its meta page says" "$(field data "$meta/txnid")" "$txnid"
	is "$1: readers, by mdb_stat" "$(field lock head/readers)" "$(stat_of 'Number of readers used')"
	is "$1: pages, by mdb_stat" $(($(field data "$meta/last_page") + 1)) "$(stat_of 'Number of pages used')"
	is "$1: entries, by mdb_stat" "$(field data "$meta/main/entries")" "$(mdb_stat "$WORK/env" | sed -n 's/^ *Entries: //p')"
	is "$1: the table of readers, by mdb_stat" "$(ours)" "$(readers)"
}

answers "a transaction" one "put fruit apple" ok
agrees "at first"
answers "another process writes" two "put fruit pear" ok
answers "it begins to read" two "read" ok
for ((i = 0; i < 20; i++)); do ask one "put key$i value"; done
answers "the first reads too" one "read" ok
agrees "two readers"
is "the slots tell who reads" "$(fields lock reader/{0,1}/pid)" "${R_JOB[two]} ${R_JOB[one]}"
is "and that one reads what is old" "$(fields lock reader/{0,1}/txnid)" "2 22"
# mdb_dump -p prints " key" and " value", each on a line of its own.
dump() { mdb_dump -p "$WORK/env" | sed -n 's/^ //p' | paste -d ' ' - - | sort; }
records() { (cd "$(at data)/fields/records" && for r in *; do paste -d ' ' "$r/key" "$r/value"; done) | sort; }
same() { [ "$(records)" = "$(dump)" ]; }
ok "the records, by mdb_dump, once it is known that the file grew" until_true 10 same
is "the last of them" "$(records | tail -n 1)" "key9 value"
answers "a reader ends" two "done" ok
agrees "one reader"
is "the map's size, by mdb_stat" "$(field data meta/0/map_size)" "$(stat_of 'Map size')"
is "the page's size, by mdb_stat" "$(field data meta/0/free/pad)" "$(stat_of 'Page size')"
is "nobody writes" "$(field lock writers_mutex/owner)" 0
answers "one writes, and doesn't end it" two "hold" ok
is "the lock tells who writes" "$(field lock writers_mutex/owner)" "${R_JOB[two]}"
ask two "done"
is "then nobody again" "$(field lock writers_mutex/owner)" 0

# Who dies while reading leaves his slot, as a crash does.
before=$(readers | wc -l)
slay one
is "a dead reader's slot is still taken" "$(field lock reader/1/txnid)" 22
is "mdb_stat says the same" "$(readers | wc -l)" "$before"
stop two

finish
