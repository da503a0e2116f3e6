# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# What the tests of other people's programs share; each begins with `. "${0%/*}/lib.sh"`. What
# ../mount/lib.sh and ../mount/programs.sh have is there too: ID stands for a region, R[ID.pid] for
# a process that maps it.
#
# A program runs by itself here, whatever else this machine serves: on files, sockets and ports of
# its own below $WORK, in the foreground, so that it ends with the test.

PROGRAMS=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
. "$PROGRAMS/../mount/lib.sh"
. "$PROGRAMS/../mount/programs.sh"
PATH=$PATH:/usr/sbin:/sbin
need_root "some of these programs run as another user"
need_fuse

have() { # COMMAND...: or the test is skipped
	local command
	for command; do
		command -v "$command" >/dev/null || skip_all "no $command here"
	done
}

# The mount lists it; a region that is new may take a second.
is_there() { [ -e "$(at "$1")/" ]; } # ID
await() { ! mounted || until_true 10 is_there "$1"; } # ID

# The region that a path names.
learn_path() { # ID PATH
	read -r "R[$1.dev]" "R[$1.ino]" < <(stat -Lc '%Hd:%Ld %i' "$2")
	await "$1"
}

# The largest region that a process maps shared and whose line in its maps matches; or the one of
# that size.
learn_mapped() { # ID PID REGEX [SIZE]
	local line words best=0 span
	while read -r line; do
		[[ $line =~ $3 ]] || continue
		read -ra words <<<"$line"
		[[ ${words[1]} == *s ]] || continue
		span=$((16#${words[0]#*-} - 16#${words[0]%-*}))
		((span > best && span == ${4:-span})) || continue
		best=$span
		R[$1.dev]=$((16#${words[3]%:*})):$((16#${words[3]#*:}))
		R[$1.ino]=${words[4]} R[$1.start]=${words[0]%-*} R[$1.pid]=$2
		R[$1.shmid]=
		[[ $line != */SYSV* ]] || R[$1.shmid]=${words[4]}
	done <"/proc/$2/maps"
	((best)) && await "$1"
}

# The layouts of these names as rules of the daemon that is to be mounted.
rules() { # NAME...
	local name
	mkdir -p "$XDG_CONFIG_HOME/peekfs/layouts.d"
	for name; do cp "$PROGRAMS/$name.peek" "$XDG_CONFIG_HOME/peekfs/layouts.d/"; done
}

# The layout that stands in a file beside the tests.
lay_out_file() { # ID NAME
	cat "$PROGRAMS/$2" >"$(at "$1")/layout" || fail "the layout $2" "$(grep ^Layout-Error "$(at "$1")/info")"
}

# Fields of a region, joined by blanks.
fields() { # ID PATH...
	local dir
	dir=$(at "$1")/fields
	shift
	cat "${@/#/$dir/}" | paste -s -d ' '
}

# Compiles a program beside the tests to $WORK/NAME, or the test is skipped.
compile() { # SOURCE [ARGUMENT...]
	local source=$PROGRAMS/$1 name=${1%.*} compiler=cc
	[[ $1 != *.cc ]] || compiler=c++
	have $compiler
	shift
	$compiler -g -O1 -o "$WORK/$name" "$source" "$@" 2>"$WORK/compiler" ||
		skip_all "$name doesn't compile: $(grep -m 1 error "$WORK/compiler")"
}
