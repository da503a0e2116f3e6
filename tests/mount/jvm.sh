#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The JVM's own counters, records of varying length with places by offset, without a layout being
# written; compared with what jcmd prints of them.
. "${0%/*}/lib.sh"

command -v java javac jcmd >/dev/null || skip_all "no JDK here"

cat >"$WORK/Waits.java" <<'END'
public class Waits {
	public static void main(String[] arguments) throws Exception {
		System.out.println(ProcessHandle.current().pid());
		System.in.read();
	}
}
END
javac -d "$WORK" "$WORK/Waits.java" || bail "javac"
start jvm java -Xmx32m -XX:+UsePerfData -cp "$WORK" Waits
hear jvm || bail "no JVM"
pid=$REPLY
mount_peekfs
dir=$MNT/by-pid/$pid/$pid
until_true 10 test -e "$dir/info"
counters() { jcmd "$pid" PerfCounter.print | sed '1d' | tr -d '"' | sort; }
counters >"$WORK/first" # jcmd itself adds some
awk -F '\t' '$1 == "Layout:" { print $2 }' "$dir/info" >"$WORK/layout"
is "its layout is built in" "$(cat "$WORK/layout")" builtin
counters >"$WORK/jcmd"
# What jcmd says of the file itself stands in its prologue.
is "the prologue" "$(sed -n 's/^sun.perfdata.\(used\|overflow\)=//p' "$WORK/jcmd" | xargs)" \
	"$(cat "$dir/fields/prologue/overflow" "$dir/fields/prologue/used" | xargs)"
sed -i '/^sun.perfdata/d' "$WORK/jcmd"
between "so many counters" "$(wc -l <"$WORK/jcmd")" 100 1000
is "as many entries" "$(ls "$dir/fields/entries" | wc -l)" "$(cat "$dir/fields/prologue/num_entries")"
is "all of their names" "$(jq -r .name "$dir/tables/entries.jsonl" | sort | diff - <(cut -d= -f1 "$WORK/jcmd" | sort))" ""
# What doesn't change for as long as the JVM lives; vectors of J are nobody's.
jq -r 'select(.data_variability == "CONSTANT" and (.text or .value)) | "\(.name)=\(.text // .value)"' \
	"$dir/tables/entries.jsonl" | tr -d '"' | sort >"$WORK/constants"
between "constants among them" "$(wc -l <"$WORK/constants")" 20 1000
is "each with its value" "$(comm -23 "$WORK/constants" "$WORK/jcmd")" ""
last=$(ls "$dir/fields/entries" | tail -n 1)
name=$(cat "$dir/fields/entries/$last/name")
is "one by its index" "$(jq -r "select(._index == $last) | .name" "$dir/tables/entries.jsonl")" "$name"
i=$(jq -r 'select(.name == "java.threads.live") | ._index' "$dir/tables/entries.jsonl")
is "a live one" "java.threads.live=$(cat "$dir/fields/entries/$i/value")" "$(counters | grep '^java.threads.live=')"
is "the memory has no fault" "$(awk -F '\t' '$1 == "Layout-Error:"' "$dir/info")" ""
finish
