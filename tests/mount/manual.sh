#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The examples of peekfs-layout(5), each run as it stands in the page.
. "${0%/*}/lib.sh"

PAGE=$TESTS/../core/layout/peekfs-layout.5

# roff's escapes in examples, undone.
plain() {
	local text=$1
	text=${text//\\-/-} text=${text//\\(aq/\'} text=${text//\\&/}
	printf '%s' "${text//\\e/\\}"
}

# The commands of a session one by one, what follows each being what it must print.
run_session() { # TITLE SESSION
	local title=$1 line command='' want='' n=0
	while IFS= read -r line; do
		if [[ $line == '$ '* ]]; then
			[ -z "$command" ] || run_command "$title" "$command" "$want"
			command=${line#'$ '} want='' n=$((n + 1))
		else
			want+=${want:+$'\n'}$line
		fi
	done <<<"$2"
	run_command "$title" "$command" "$want"
}

run_command() { # TITLE COMMAND WANT
	is "$1: $2" "$(cd "$(at example)" && bash -c "$2" 2>&1 | sed 's/^bash: line 1: //')" "$3"
}

start_example() { # KIND SIZE
	[ -z "${R_JOB[example]:-}" ] || stop example
	region example "$1" name="$NAME" size="$2"
	until_true 5 test -e "$(at example)/"
}

NAME=/$TAG-example
mount_peekfs
examples=0 title='' block='' inside=
while IFS= read -r line; do
	case $line in
	'.SS '*) title=${line#.SS } next='' ;;
	'.\" region '*)
		read -r _ _ kind size <<<"$line"
		start_example "$kind" "$size"
		next=layout
		;;
	'.\" put '*)
		line=${line#*put }
		# shellcheck disable=SC2059
		printf "${line#* }" | dd of="$(at example)/raw" bs=1 seek=$((${line%% *})) conv=notrunc status=none
		;;
	.EX) inside=1 block='' ;;
	.EE)
		inside=
		case $next in
		layout)
			printf '%s' "$block" >"$(at example)/layout" || fail "$title: its layout" "$(info example Layout-Error)"
			examples=$((examples + 1)) next=session
			;;
		session) run_session "$title" "${block%$'\n'}" && next='' ;;
		esac
		;;
	*) [ -z "$inside" ] || block+=$(plain "$line")$'\n' ;;
	esac
done <"$PAGE"
between "examples in the page" "$examples" 1 99
if command -v man >/dev/null; then
	is "man finds nothing to complain of" "$(man --warnings -l "$PAGE" 2>&1 >/dev/null)" ""
else
	skip "man finds nothing to complain of" "no man here"
fi
finish
