#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# nginx: its counters, against stub_status, and a zone of limit_req, against its log.
. "${0%/*}/lib.sh"
have nginx curl

cat >"$WORK/conf" <<END
daemon off;
pid $WORK/pid;
error_log $WORK/log info;
worker_processes 2;
events { worker_connections 64; }
http {
	access_log off;
	client_body_temp_path $WORK/1;
	proxy_temp_path $WORK/2;
	fastcgi_temp_path $WORK/3;
	uwsgi_temp_path $WORK/4;
	scgi_temp_path $WORK/5;
	limit_req_zone \$arg_user zone=users:256k rate=1r/m;
	server {
		listen unix:$WORK/socket;
		location /status { stub_status; }
		location / {
			limit_req zone=users burst=2 nodelay;
			root $WORK/www;
		}
	}
}
END
mkdir "$WORK/www"
echo hello >"$WORK/www/hello"
chmod -R a+rX "$WORK/www"
nginx -e "$WORK/log" -c "$WORK/conf" 2>>"$WORK/programs.log" &
SERVER=$!
undo 'kill $SERVER; wait $SERVER'
get() { curl -s --unix-socket "$WORK/socket" "http://here$1"; }
answered() { get /status >"$WORK/answer"; }
until_true 20 answered || bail "nginx: $(tail -n 3 "$WORK/log" "$WORK/programs.log")"
note "$(nginx -v 2>&1)"

rules nginx-status
mount_peekfs
learn_mapped counters $SERVER /dev/zero 4096
learn_mapped zone $SERVER /dev/zero 262144
is "its layout comes by a rule" "$(info counters Layout)" rule

# ---- the counters ----

# stub_status: "Active connections: 1", a header, "accepted handled requests", "Reading: 0 ...".
agrees() { # WHEN
	local words
	read -ra words < <(get /status | tr '\n' ' ')
	is "$1: accepts, handled, requests, by stub_status" \
		"$(fields counters {accepted,handled,requests}/n)" "${words[*]:7:3}"
}

agrees "at first"
was=$(field counters requests/n)
for ((i = 0; i < 5; i++)); do get /hello >/dev/null; done
agrees "after five requests"
is "they were counted, and we have no request of our own" $(($(field counters requests/n) - was)) 6
idle() { [ "$(fields counters {active,reading,writing,waiting}/n)" = "0 0 0 0" ]; }
ok "nobody is connected then" until_true 10 idle

# ---- the zone ----

lay_out_file zone nginx-zone.peek
is "the pool's free pages, at most all" "$(($(field zone pool/pfree) < $(info zone Size) / 4096))" 1

nodes() { # the nodes' text and excess, the latest first: along the links
	local at=limit/queue end
	cd "$(at zone)/fields" || return
	end=$(readlink -f $at)
	while at=$(readlink -f "$at/next") && [ -n "$at" ] && [ "$at" != "$end" ]; do
		paste -d ' ' "$at"/../{text,excess}
	done
}

for user in anna boris anna anna chen anna; do get "/hello?user=$user" >>"$WORK/answers"; done
# nginx logs what it refuses, with the excess: 'limiting requests, excess: 2.990 by zone "users"'.
excess=$(sed -n 's/.*limiting requests, excess: \([0-9]*\)\.\([0-9]*\) by zone "users".*/\1\2/p' "$WORK/log" | tail -n 1)
is "the keys, the latest first" "$(nodes | awk '{ print $1 }' | paste -s -d ' ')" "anna chen boris"
stored=$(nodes | awk '$1 == "anna" { print $2 }')
between "the excess of who asked too often" "$stored" 1900 2000
between "one request more was too much, by the log" "$excess" $((stored + 900)) $((stored + 1000))
is "the root of the tree is the node that all lead up to" "$(field zone limit/root/text)" "$(cd "$(at zone)/fields/nodes/2" && cat "$(readlink -f parent)/text")"

kill $SERVER
wait $SERVER
is "nginx ends well" $? 0

finish
