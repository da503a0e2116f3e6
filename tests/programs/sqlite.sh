#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# SQLite: the index of a write-ahead log, against pragmas, the shell and the log itself.
. "${0%/*}/lib.sh"
have sqlite3

mount_peekfs
start sqlite sqlite3 -batch "$WORK/$TAG.db"

sql() { # STATEMENTS: the line that they print
	ask sqlite "$1" || bail "sqlite3: $(tail -n 1 "$WORK/programs.log")"
}

wal() { od -An -t "${3:-u4}" --endian=big -j "$1" -N "$2" "$WORK/$TAG.db-wal" | xargs; } # OFFSET BYTES [FORMAT]

sql 'pragma journal_mode=wal;'
sql 'pragma wal_autocheckpoint=0;'
sql "create table t (a); insert into t values (1); insert into t values (2); select sqlite_version();"
note "SQLite $REPLY"
learn_path shm "$WORK/$TAG.db-shm"
is "its name" "$(name_of shm)" $TAG.db-shm
is "who maps it" "$(column shm PID)" "${R_JOB[sqlite]}"
is "it is known" "$(info shm Layout)" builtin

agrees() { # WHEN
	sql 'pragma page_count;'
	is "$1: pages, by pragma page_count" "$(field shm header/0/pages)" "$REPLY"
	sql 'pragma page_size;'
	is "$1: the page's size, by pragma page_size" "$(field shm header/0/page_size)" "$REPLY"
	is "$1: the log's frames, by its length" "$(field shm header/0/last_frame)" \
		$((($(stat -c %s "$WORK/$TAG.db-wal") - 32) / ($(wal 8 4) + 24)))
	is "$1: the salt, as the log has it" "$(fields shm header/0/salt/{0,1})" "$(wal 16 8 x4 | sed 's/\</0x/g')"
	is "$1: both headers are equal" "$(cat "$(at shm)/fields/header/0/.json")" "$(cat "$(at shm)/fields/header/1/.json")"
}

agrees "three transactions"
is "transactions" "$(field shm header/0/changes)" 3
is "the format's version" "$(field shm header/0/version)" "$(wal 4 4)"

# Which page each frame holds: the log says it in the first word of each frame's header.
frames=$(field shm header/0/last_frame) pages=
for ((i = 0; i < frames; i++)); do pages+=" $(wal $((32 + i * 4120)) 4)"; done
is "the page of each frame, as the log has it" "$(fields shm page_of_frame/{0..9} 2>/dev/null)" "${pages# }"
is "as many as there are frames" "$(ls "$(at shm)/fields/page_of_frame" | wc -l)" "$frames"

sql 'insert into t select randomblob(3000) from generate_series(1, 20); select count(*) from t;'
is "the shell counts its rows" "$REPLY" 22
agrees "twenty pages more"
is "nothing is back in the database" "$(field shm checkpoint/backfilled)" 0

# A reader of its own keeps the log's frames: its mark is the frame it reads up to.
start reader sqlite3 -batch "$WORK/$TAG.db"
ask reader 'begin; select count(*) from t;'
mark=$(field shm header/0/last_frame)
sql 'insert into t values (3); pragma wal_checkpoint(passive);'
IFS='|' read -r _ log moved <<<"$REPLY"
is "a checkpoint: frames in the log" "$(field shm header/0/last_frame)" "$log"
is "a checkpoint: frames brought back" "$(field shm checkpoint/backfilled)" "$moved"
is "it went as far as the reader's mark" "$moved" "$mark"
like "the reader's mark is one of the five" " $(fields shm checkpoint/read_marks/{0..4}) " " $mark "
both() { [ "$(column shm PID | xargs)" = "$(in_order "${R_JOB[sqlite]}" "${R_JOB[reader]}")" ]; }
ok "the reader maps it too" until_true 10 both
ask reader 'commit; select 1;'
sql 'pragma wal_checkpoint(passive);'
is "all is back when the reader has ended" "$(field shm checkpoint/backfilled)" "${REPLY##*|}"

sql 'pragma integrity_check;'
is "the database is whole" "$REPLY" ok
for id in reader sqlite; do
	echo .quit >&"${R_IN[$id]}"
	wait "${R_JOB[$id]}"
	let_go $id
done
ok "the index goes with its last user" not test -e "$WORK/$TAG.db-shm"

finish
