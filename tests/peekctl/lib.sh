# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# What every test of peekctl begins with: the mount tests' habits, without a mount.
. "${BASH_SOURCE[0]%/*}/../mount/lib.sh"
PEEKCTL=${PEEKCTL:-$BUILD/tools/peekctl/peekctl}

# Where an object with a name can keep a layout.
KEEPER_AT=/dev/shm
keeps_attributes || KEEPER_AT=$WORK

keeper() { # ID NAME [WORD...]: a region there
	case $KEEPER_AT in
	/dev/shm) region "$1" shm name="/$2" "${@:3}" ;;
	*) region "$1" file name="$KEEPER_AT/$2" "${@:3}" ;;
	esac
}

# ctl VERB...: runs it; $OUT and $ERR are what it printed, $STATUS what it returned.
ctl() {
	STATUS=0
	"${AS[@]}" "$PEEKCTL" "$@" >"$WORK/ctl.out" 2>"$WORK/ctl.err" </dev/null || STATUS=$?
	OUT=$(<"$WORK/ctl.out") ERR=$(<"$WORK/ctl.err")
}
AS=() # a command that makes peekctl somebody else

prints() { # WHAT WANT VERB...
	local what=$1 want=$2
	shift 2
	ctl "$@"
	is "$what" "$STATUS $OUT${ERR:+ ($ERR)}" "0 $want"
}

refuses() { # WHAT STATUS REGEX VERB...: one line on stderr, nothing on stdout
	local what=$1 status=$2 regex=$3
	shift 3
	ctl "$@"
	like "$what" "$STATUS $OUT$ERR" "^$status peekctl( [a-z]+)?: [^"$'\n'"]*$regex"
}

does() { prints "$1" "" "${@:2}"; } # WHAT VERB...: and says nothing

cell() { # COLUMN VERB...: that column of what it lists, a line a row
	"${AS[@]}" "$PEEKCTL" "$2" -rn -o "$1" "${@:3}"
}

named() { cell NAME ls "$(identity "$1")"; } # ID: its name
