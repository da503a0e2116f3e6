#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# library.sh BUILD CC: what is installed is enough for somebody else's program, by both ways to
# link; prints TAP.
set -euo pipefail
build=${1:?usage: library.sh BUILD CC} cc=${2:-cc}
here=$(cd "${0%/*}" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/peekfs-library.XXXXXX")
trap 'rm -rf "$work"' EXIT
count=0 failed=0

# check NAME COMMAND...: its output is shown when it fails.
check() {
	local name=$1
	shift
	count=$((count + 1))
	if "$@" >"$work/log" 2>&1; then
		echo "ok $count - $name"
	else
		failed=$((failed + 1))
		echo "not ok $count - $name"
		sed 's/^/# /' "$work/log"
	fi
}

flags() { pkg-config --with-path="${pc%/*}" --define-variable=prefix="$prefix" "$@" peekfs; }

# shellcheck disable=SC2046
compile() { "$cc" -Wall -Werror -o "$work/program" "$here/program.c" $(flags --cflags --libs); }

run() { [[ $(LD_LIBRARY_PATH=${library%/*} "$work/program") == $'id 7\nname xiaoming\nsex \\x00' ]]; }

# shellcheck disable=SC2046
alone() {
	local header
	for header in "${headers[@]}"; do
		"$cc" "$@" -Wall -Wextra -Werror -fsyntax-only $(flags --cflags) -x c "$header" || return
	done
}

# Functions that a header declares and that aren't inline there, but not in the library.
missing() {
	local name symbols # not through a pipe: grep -q may end before nm does, which then fails
	symbols=$(nm -D --defined-only "$library")
	while read -r name; do
		grep -qE "^static inline.*[ *]$name\(" "${headers[@]}" ||
			grep -qE " $name(@|$)" <<<"$symbols" || echo "$name"
	done < <(sed -n '/^typedef/d; s/^[a-z][a-z_0-9 ]*[ *]\**\([a-z_0-9]*\)(.*/\1/p' "${headers[@]}")
}

check 'it installs' env DESTDIR="$work/root" meson install -C "$build" --no-rebuild --quiet
pc=$(find "$work/root" -name peekfs.pc)
prefix=$work/root$(sed -n 's/^prefix=//p' "$pc")
library=$(find "$work/root" -name 'libpeekfs.so.?')
mapfile -t headers < <(find "$work/root" -name '*.h')
check 'a program compiles and links by pkg-config' compile
check 'and runs' run
check 'each header can be included alone' alone
check 'and in a program of plain C11' alone -std=c11 -Wpedantic
check 'what the headers declare is in the library' [ -z "$(missing | tee /dev/stderr)" ]
check 'nothing else is' [ -z "$(nm -D --defined-only "$library" | awk '{ print $3 }' |
	grep -vE '^(PEEKFS_0|(bound|buf|create|created|diag|layout|memory|reader|region|registry|snapshot|track|trail|type|value|walk)_)' || true)" ]
echo "1..$count"
exit $((failed > 0))
