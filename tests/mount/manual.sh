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
	is "$1: $2" "$(cd "$dir" && bash -c "$2" 2>&1 | sed 's/^bash: line 1: //')" "$3"
}

dir=$MNT/regions/$TAG-example
end_example() {
	[ -z "${R_JOB[example]:-}" ] || stop example
	[ -z "$PROGRAM" ] || { kill "$PROGRAM" && wait "$PROGRAM"; } 2>/dev/null
	PROGRAM=''
	rm -f "/dev/shm$NAME"
	until_true 10 not test -e "$dir"
}

start_example() { # KIND SIZE
	end_example
	region example "$1" name="$NAME" size="$2"
	until_true 10 test -e "$dir/"
}

start_program() { # SOURCE
	end_example
	printf '%s' "$1" >"$WORK/example.c"
	cc -g -o "$WORK/example" "$WORK/example.c" 2>"$WORK/cc.err" || fail "$title: it compiles" "$(cat "$WORK/cc.err")"
	"$WORK/example" "$NAME" &
	PROGRAM=$!
	until_true 10 grep -qw "$PROGRAM" "$dir/mappers"
}

lay_rule() { # TEXT
	mkdir -p "$XDG_CONFIG_HOME/peekfs/layouts.d"
	printf '%s' "$1" >"$XDG_CONFIG_HOME/peekfs/layouts.d/example.peek"
	until_true 10 grep -q '^Layout:.rule' "$dir/info"
}

NAME=/$TAG-example PROGRAM=''
undo end_example
mount_peekfs
examples=0 title='' block='' inside='' next=''
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
		printf "${line#* }" | dd of="$dir/raw" bs=1 seek=$((${line%% *})) conv=notrunc status=none
		;;
	'.\" program'*) next=program ;;
	'.\" rule'*) next=rule ;;
	.EX) inside=1 block='' ;;
	.EE)
		inside=''
		[ -z "$next" ] || [ "$next" = session ] || examples=$((examples + 1))
		case $next in
		layout)
			printf '%s' "$block" >"$dir/layout" || fail "$title: its layout" "$(grep Error "$dir/info")"
			;;
		program) start_program "$block" ;;
		rule) lay_rule "$block" ;;
		session) run_session "$title" "${block%$'\n'}" ;;
		esac
		case $next in layout | program | rule) next=session ;; *) next='' ;; esac
		;;
	*) [ -z "$inside" ] || block+=$(plain "$line")$'\n' ;;
	esac
done <"$PAGE"
between "examples in the page" "$examples" 10 99
if command -v man >/dev/null; then
	is "man finds nothing to complain of" "$(man --warnings -l "$PAGE" 2>&1 >/dev/null)" ""
else
	skip "man finds nothing to complain of" "no man here"
fi
finish
