#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Apache: its scoreboard, against mod_status.
. "${0%/*}/lib.sh"
have apache2 curl
modules=/usr/lib/apache2/modules
[ -e $modules/mod_mpm_event.so ] || skip_all "no $modules/mod_mpm_event.so"

# A port is needed; one that is taken is told at once.
write_conf() {
	cat >"$WORK/conf" <<END
ServerRoot $WORK
ServerName localhost
Listen 127.0.0.1:$port
PidFile $WORK/pid
Mutex pthread
ErrorLog $WORK/log
LogLevel info
User #65534
Group #65534
LoadModule mpm_event_module $modules/mod_mpm_event.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule status_module $modules/mod_status.so
StartServers 2
ServerLimit 4
ThreadLimit 8
ThreadsPerChild 5
MaxRequestWorkers 20
MinSpareThreads 5
MaxSpareThreads 20
ExtendedStatus On
DocumentRoot $WORK/www
<Location /status>
	SetHandler server-status
</Location>
END
}
mkdir "$WORK/www"
echo hello >"$WORK/www/hello"
chmod -R a+rX "$WORK/www"
get() { curl -s -m 10 "http://127.0.0.1:$port$1"; }
answered_or_dead() { get /hello >/dev/null || ended $SERVER; }
for _ in 1 2 3 4 5; do
	port=$((20000 + RANDOM % 12000))
	write_conf
	apache2 -D FOREGROUND -f "$WORK/conf" 2>>"$WORK/programs.log" &
	SERVER=$!
	until_true 20 answered_or_dead
	ended $SERVER || break
done
ended $SERVER && bail "apache2: $(tail -n 3 "$WORK/log" "$WORK/programs.log")"
undo 'kill $SERVER; wait $SERVER'
note "$(apache2 -v | head -n 1)"

rules apache
mount_peekfs
learn_mapped board $SERVER /dev/zero
is "its layout comes by a rule" "$(info board Layout)" rule
is "its length" $(($(field board length) / 4096)) $((($(info board Size) - 1) / 4096))
is "the limits, as they were configured" "$(fields board global/{server_limit,thread_limit})" "4 8"

status() { sed -n "s/^$1: //p" "$WORK/status"; } # LABEL
workers() { jq -c "$1" "$(at board)/tables/workers.jsonl"; } # JQ

# The letters of mod_status, by what each worker does; a slot of no process is a dot.
scoreboard() { workers 'if .pid == 0 then "." else {DEAD: ".", STARTING: "S", READY: "_", READING: "R", WRITING: "W", KEEPALIVE: "K", LOGGING: "L", LOOKING_UP: "D", CLOSING: "C", GRACEFUL: "G", IDLE_KILL: "I"}[.status] end' | tr -d '"\n'; }

for ((i = 0; i < 7; i++)); do get "/hello?$TAG=$i" >/dev/null; done
is "processes, that Apache has" \
	"$(jq '.pid | select(. != 0)' "$(at board)/tables/processes.jsonl" | sort -n | paste -s -d ' ')" \
	"$(pgrep -P $SERVER | sort -n | paste -s -d ' ')"
get '/status?auto' >"$WORK/status"
is "when it started, by mod_status" "$(date -d "$(field board global/restart_time)" +%s)" "$(date -d "$(status RestartTime)" +%s)"
is "the generation, by mod_status" "$(field board global/generation)" "$(status ParentServerMPMGeneration)"
like "the last request of a worker" "$(workers .request)" "hello.$TAG=6 HTTP/1.1"

# mod_status counts and prints while its own request is on; afterwards that is counted as well.
accesses=$(status 'Total Accesses')
counted() { [ "$(workers .accesses | awk '{ n += $1 } END { print n }')" = $((accesses + 1)) ]; }
ok "accesses, by mod_status" until_true 10 counted
note "mod_status: $accesses accesses, $(status BusyWorkers) busy"
quiet() { [ "$(scoreboard | tr -d ._)" = "" ]; }
ok "nobody works then" until_true 10 quiet
is "workers that wait, by mod_status and one more" "$(scoreboard | tr -dc _ | wc -c)" $(($(status IdleWorkers) + 1))
is "the board, by mod_status when its own worker waits" "$(scoreboard | fold -w 8 | cut -c 1-5 | tr -d '\n')" "$(status Scoreboard | tr W _)"

kill $SERVER
wait $SERVER
is "Apache ends well" $? 0

finish
