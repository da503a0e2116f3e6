#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# PostgreSQL: its System V segment, its shared memory and its dynamic segments, against SQL,
# pg_controldata and ipcs; and that it starts again after a crash that peekfs looked at.
. "${0%/*}/lib.sh"
for bin in /usr/lib/postgresql/15/bin /usr/lib/postgresql/*/bin; do [ -x "$bin/postgres" ] && break; done
PATH=$bin:$PATH
have postgres initdb pg_controldata psql setpriv
[[ $(postgres --version) == *' 15.'* ]] || skip_all "the layouts are of PostgreSQL 15, this is $(postgres --version)"

# It refuses to run as root.
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
HOME=$WORK/pg DATA=$WORK/pg/data
mkdir "$HOME"
chown 65534:65534 "$HOME"
cd "$HOME" || exit 1
"${nobody[@]}" initdb -D "$DATA" -U postgres -A trust -N --no-locale -E UTF8 >"$WORK/initdb" 2>&1 ||
	bail "initdb: $(tail -n 3 "$WORK/initdb")"

start_server() {
	"${nobody[@]}" postgres -D "$DATA" -k "$HOME" -c listen_addresses= -c fsync=off -c max_connections=20 \
		-c shared_buffers=1MB -c autovacuum=off >>"$WORK/server.log" 2>&1 &
	SERVER=$!
	until_true 30 pg_isready -q -h "$HOME" || bail "postgres: $(tail -n 3 "$WORK/server.log")"
}

sql() { psql -h "$HOME" -U postgres -AtXqc "$1"; }

# A session that stays: what it prints is read by hear.
session() { start "$1" psql -h "$HOME" -U postgres -AtXqn; }

# What the kernel knows of a segment: who has it, and when it was attached and detached.
attached() { awk -v id="${R[head.shmid]}" '$2 == id { print "nattch", $7, "atime", $12, "dtime", $13 }' /proc/sysvipc/shm; }

control() { LC_ALL=C pg_controldata "$DATA" | sed -n "s|^$1: *||p"; } # LABEL

learn_segment() { # its id is the second word of a line of postmaster.pid
	read -r _ "R[head.shmid]" < <(sed -n 7p "$DATA/postmaster.pid")
	await head
}

rules postgresql-header postgresql-dsm
mount_peekfs
undo 'kill -INT $SERVER; wait $SERVER'
start_server
note "$(postgres --version)"

# ---- the System V segment: never attached ----

learn_segment
before=$(attached)
is "segment: its layout comes by a rule" "$(info head Layout)" rule
is "segment: its creator, as postmaster.pid has it" "$(field head header/creatorPID)" "$(head -1 "$DATA/postmaster.pid")"
is "segment: device and inode of the data" "$(fields head header/{device,inode})" "$(stat -c '%d %i' "$DATA")"
is "segment: it was not attached by us" "$(attached)" "$before"

# ---- the shared memory: what is where ----

learn_mapped memory $SERVER /dev/zero
base=$((16#${R[memory.start]}))
is "memory: its size, as the segment has it" "$(info memory Size)" "$(field head header/totalsize)"
is "memory: its size, by SHOW shared_memory_size" \
	"$((($(info memory Size) + 1048575) / 1048576))MB" "$(sql 'show shared_memory_size')"

echo "#define BASE $base" | cat - "$PROGRAMS/postgresql.peek" >"$WORK/layout"
cp "$WORK/layout" "$(at memory)/layout" || fail "the layout" "$(info memory Layout-Error)"

allocations() {
	jq -r '[.name, .location, .size, .allocated_size] | join("|")' "$(at memory)/tables/entries.jsonl" |
		while IFS='|' read -r name location sizes; do echo "$name|$((location - base))|$sizes"; done | sort
}
is "memory: the index, by pg_shmem_allocations" "$(allocations)" \
	"$(sql "select name, off, size, allocated_size from pg_shmem_allocations where name is not null and name != '<anonymous>'" | sort)"

place() { allocations | sed -n "s/^$1|\([0-9]*\)|.*/\1/p"; } # NAME: from the index
cat - "$PROGRAMS/postgresql.peek" >"$WORK/layout" <<END
#define BASE $base
#define CONTROL_FILE $(place 'Control File')
#define BACKENDS $(place 'Backend Status Array')
#define ACTIVITY $(place 'Backend Activity Buffer')
END
cp "$WORK/layout" "$(at memory)/layout" || fail "the layout" "$(info memory Layout-Error)"

# ---- pg_control ----

lsn() { printf '%X/%X\n' $(($1 >> 32)) $(($1 & 0xffffffff)); }

control_agrees() { # WHEN
	is "$1: the checkpoint, by pg_controldata" "$(lsn "$(field memory control/checkPoint)")" "$(control 'Latest checkpoint location')"
	is "$1: its redo, by pg_controldata" "$(lsn "$(field memory control/checkPointCopy/redo)")" "$(control "Latest checkpoint's REDO location")"
	is "$1: the next transaction, by pg_controldata" "0:$(field memory control/checkPointCopy/nextXid)" "$(control "Latest checkpoint's NextXID")"
	is "$1: and by SQL" "$(lsn "$(field memory control/checkPoint)")" "$(sql 'select checkpoint_lsn from pg_control_checkpoint()')"
}

is "control: the system's identifier" "$(field memory control/system_identifier)" "$(control 'Database system identifier')"
is "control: its state" "$(field memory control/state)" DB_IN_PRODUCTION
is "control: the same, by pg_controldata" "$(control 'Database cluster state')" "in production"
control_agrees "at first"
was=$(field memory control/checkPoint)
sql 'create table t as select generate_series(1, 1000) n; checkpoint' >/dev/null
control_agrees "after a checkpoint"
isnt "the checkpoint has moved" "$(field memory control/checkPoint)" "$was"

entry=$(jq 'select(.name == "Control File")._index' "$(at memory)/tables/entries.jsonl")
is "the index's pointer leads to it" "$(readlink "$(at memory)/fields/entries/$entry/location")" ../../control

# ---- what each process does ----

session one
ask one "begin; select 'session one';"
backend=$(sql "select pid from pg_stat_activity where query like '%session one%' and pid != pg_backend_pid()")
for slot in "$(at memory)"/fields/backends/[0-9]*; do [ "$(<"$slot/procpid")" = "$backend" ] && break; done
is "backend: its state" "$(<"$slot/state")" STATE_IDLEINTRANSACTION
is "backend: the same, by pg_stat_activity" "$(sql "select state from pg_stat_activity where pid = $backend")" "idle in transaction"
is "backend: when it began" "$(<"$slot/xact_start")" \
	"$(sql "select (extract(epoch from xact_start - '2000-01-01 UTC') * 1000000)::int8 from pg_stat_activity where pid = $backend")"
is "backend: its query" "$(field memory "activity/${slot##*/}")" "$(sql "select query from pg_stat_activity where pid = $backend")"
is "backend: by its own pointer too" "$(<"$slot/activity")" "$(field memory "activity/${slot##*/}")"
is "which is a link" "$(readlink "$slot/activity")" "../../activity/${slot##*/}"
is "backends: all of them" \
	"$(jq -r 'select(.procpid != 0) | "\(.procpid)"' "$(at memory)/tables/backends.jsonl" | grep -v "^$backend$" | sort)" \
	"$(pgrep -P $SERVER | grep -v "^$backend$" | sort)"

# ---- dynamic segments ----

learn_path control "/dev/shm/PostgreSQL.$(field head header/dsm_control)"
is "dynamic: its layout comes by a rule" "$(info control Layout)" rule
items=$(field control control/nitems)
for ((i = 0; i < items; i++)); do [ "$(field control item/$i/refcnt)" != 0 ] && break; done
learn_path segment "/dev/shm/PostgreSQL.$(field control item/$i/handle)"
is "dynamic: the list's size, by its own count" "$(info control Size)" $(($(field control control/maxitems) * 40 + 16))
is "dynamic: pages of a segment" "$(info segment Size)" 1048576
had() { [ "$(field control item/$i/refcnt)" = $((2 + $(info segment Mappers))) ]; }
ok "dynamic: who has it" until_true 10 had

# ---- a crash, that we look at: the segment is left, and PostgreSQL starts again ----

backends=$(pgrep -P $SERVER)
{ kill -9 $SERVER $backends && wait $SERVER; } 2>/dev/null
slay one
all_gone() { ! kill -0 $backends; }
until_true 10 all_gone || bail "processes of PostgreSQL don't end"
until_true 10 grep -q . <(attached) # its line is there still
before=$(attached)
like "crash: nobody has the segment" "$before" '^nattch 0 '
left() { [ "$(info head Leftover)" = yes ]; }
ok "crash: it is left" until_true 10 left
cat "$MNT/summary" "$(at head)"/{info,mappers,layout} >/dev/null
ls -lR "$(at head)/" >/dev/null
is "crash: looking doesn't attach it" "$(attached)" "$before"
lay_out_file head postgresql-header.peek
is "crash: nor does telling its layout" "$(attached)" "$before"
is "crash: its bytes, read when they are asked for" "$(field head header/creatorPID)" "$(head -1 "$DATA/postmaster.pid")"
like "crash: nobody has it after that" "$(attached)" '^nattch 0 '
start_server
is "PostgreSQL starts again" "$(sql 'select count(*) from t')" 1000
learn_segment
is "its new segment" "$(field head header/creatorPID)" "$(head -1 "$DATA/postmaster.pid")"
control_after() { learn_mapped memory $SERVER /dev/zero; }
ok "its new memory" control_after

kill -INT $SERVER
wait $SERVER
is "and ends well" $? 0
ok "and leaves no segment" not grep -qw "${R[head.shmid]}" <(awk '{ print $2 }' /proc/sysvipc/shm)

finish
