# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Talking with the programs of ../tutorials, and looking at their memory; sourced after lib.sh.

TUTORIALS=$BUILD/tests/tutorials
# shellcheck disable=SC2034 # the layout that they all have in common
STU='struct STU { int id; char name[20]; char sex; };'

begin() { # ID PROGRAM [ARGUMENT...]: what it says of itself goes to ${R[ID.KEY]}
	local id=$1 program=$2 word
	shift 2
	start "$id" "$TUTORIALS/tutorial-$program" "$@"
	if ! hear "$id" || [[ $REPLY != ready* ]]; then
		bail "$program: $REPLY $(tail -n 1 "$WORK/programs.log")"
	fi
	for word in ${REPLY#ready}; do R[$id.${word%%=*}]=${word#*=}; done
	R[$id.pid]=${R_JOB[$id]}
}

ask() { # ID [LINE]: the answer is in $REPLY
	echo "${2:-}" >&"${R_IN[$1]}"
	hear "$1"
}

answers() { # WHAT ID LINE WANT
	ask "$2" "$3"
	is "$1" "$REPLY" "$4"
}

maps() { awk -v perm="$2" '$2 == perm' "/proc/${R[$1.pid]}/maps"; } # ID PERM

# The region of the process's first shared mapping, as the kernel says which it is; then `at ID`
# is its directory.
learn() { # ID
	local line words
	line=$(awk '$2 ~ /s$/ { print; exit }' "/proc/${R[$1.pid]}/maps")
	read -ra words <<<"$line"
	R[$1.dev]=$((16#${words[3]%:*})):$((16#${words[3]#*:}))
	R[$1.ino]=${words[4]}
}

lay_out() { echo "$2" >"$(at "$1")/layout"; } # ID LAYOUT

field() { cat "$(at "$1")/fields/$2"; } # ID PATH

set_field() { echo "$3" >"$(at "$1")/fields/$2"; } # ID PATH VALUE

mappers() { awk -v n="$2" 'NR > 1 { print $n }' "$(at "$1")/mappers" | paste -s -d ' '; } # ID COLUMN
