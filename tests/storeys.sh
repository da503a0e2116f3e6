#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# storeys.sh SOURCE-TREE: each storey includes only those below it; prints TAP.
set -euo pipefail
cd "${1:?usage: storeys.sh SOURCE-TREE}"

declare -A below=(
	[core/base]='base'
	[core/region]='base region'
	[core/layout]='base layout'
	[core/view]='base region layout view'
	[core/node]='base region layout view node'
	[tools]='base region layout view node tools demo peekctl'
	[fs]='base region layout view node fs'
)

# Reads lines "FILE:LINE:#include ..." of one storey's files and prints those that break a rule.
wrong_includes() {
	awk -v storey="$1" -v allowed="${below[$1]}" '
		BEGIN { n = split(allowed, names, " "); for (i = 1; i <= n; i++) ok[names[i]] }
		match($0, /"[^"]*"/) {
			header = substr($0, RSTART + 1, RLENGTH - 2)
			slash = index(header, "/")
			if (slash ? !(substr(header, 1, slash - 1) in ok) : storey ~ /^core/) print
		}
		/[<"](fuse|cuse)/ && storey != "fs" { print }'
}

includes_of() {
	grep -rnE --include='*.[ch]' '^[[:space:]]*#[[:space:]]*include' "$1" || true
}

count=0
failed=0
# result NAME TEXT: a case that passes when there is no text.
result() {
	count=$((count + 1))
	if [[ -z $2 ]]; then
		echo "ok $count - $1"
	else
		failed=$((failed + 1))
		echo "not ok $count - $1"
		echo "# ${2//$'\n'/$'\n# '}"
	fi
}

for storey in core/base core/region core/layout core/view core/node tools fs; do
	result "$storey includes only what is below it" "$(includes_of $storey | wrong_includes $storey)"
done

# debug_readers: reads lines as above, prints those of files that mustn't know libdw.
debug_readers() {
	grep -E '^[^:]+:[0-9]+:[[:space:]]*#[[:space:]]*include[[:space:]]*[<"](elfutils/|dwarf\.h|libelf\.h|gelf\.h|libdw)' |
		grep -vE '^core/layout/(dwarf(_[a-z]+)?\.c|dwarf_inside\.h|cfi\.c):' || true
}
result 'only the readers of debug information include libdw and libelf' "$(for dir in core fs tools; do includes_of $dir; done | debug_readers)"
result 'core never prints, logs or exits' \
	"$(grep -rnE --include='*.c' \
		'\<(printf|vprintf|fprintf|vfprintf|puts|putchar|perror|syslog|v?warnx?|v?errx?|_?exit)\(([^)]|$)' core |
		grep -vE '^[^:]+:[0-9]+:[[:space:]]*/?\*')"

# The rules themselves: each of these lines must be found.
result 'an include of a higher storey is found' \
	"$(wrong_includes core/region <<<'a.c:1:#include "layout/type.h"' | grep -q . || echo missed)"
result 'an include without its folder is found' \
	"$(wrong_includes core/base <<<'a.c:1:#include "buf.h"' | grep -q . || echo missed)"
result 'FUSE outside fs is found' \
	"$(wrong_includes core/node <<<'a.c:1:#include <fuse_lowlevel.h>' | grep -q . || echo missed)"
result 'libdw in another file is found' \
	"$(debug_readers <<<'core/layout/a.c:1:#include <elfutils/libdw.h>' | grep -q . || echo missed)"
result 'a lower storey is no mistake' "$(wrong_includes fs <<<'a.c:1:#include "node/tree.h"')"

echo "1..$count"
exit $((failed > 0))
