#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Python: multiprocessing.shared_memory, against what Python says it sees.
. "${0%/*}/lib.sh"
PYTHON=/usr/bin/python3
have $PYTHON
$PYTHON -c 'import multiprocessing.shared_memory' || skip_all "no multiprocessing.shared_memory here"

mount_peekfs
start py $PYTHON "$PROGRAMS/python.py" $TAG
hear py || bail "python: $(tail -n 3 "$WORK/programs.log")"
learn_path shm /dev/shm/$TAG
learn_path list /dev/shm/$TAG-list

sees() { # EXPRESSION: what Python sees
	ask py "$1"
	printf '%s\n' "$REPLY"
}

# ---- a block of bytes, packed by the module struct ----

is "its name" "$(name_of shm)" $TAG
is "its kind" "$(info shm Kind)" shm
# Its resource tracker is a process of its own, and maps nothing.
is "who maps it" "$(column shm PID)" "${R_JOB[py]}"
cat >"$(at shm)/layout" <<'END'
struct record { char magic[4]; uint32_t count; double ratio; char name[16]; };
int64_t numbers[8] @ 0;
struct record record @ 64;
END
sees 'numbers.__setitem__(3, -12345678901234567)' >/dev/null
is "a number" "$(field shm numbers/3)" "$(sees 'numbers[3]')"
is "the packed record" "$(fields shm record/{magic,count,ratio,name})" \
	"$(sees "' '.join(str(x.rstrip(bytes(1)).decode() if isinstance(x, bytes) else x) for x in struct.unpack_from('<4sId16s', shm.buf, 64))")"
ok "an edit" set_field shm record/ratio 0.1
ok "an edit of text" set_field shm record/name ñandú
is "Python sees it" "$(sees "struct.unpack_from('<d16s', shm.buf, 72)[0], shm.buf[80:96].tobytes().rstrip(bytes(1)).decode()")" "(0.1, 'ñandú')"
is "the whole block, by Python's hash" "$(sha256sum <"$(at shm)/raw")" "$(sees "__import__('hashlib').sha256(shm.buf).hexdigest()")  -"

# ---- a list of several types ----

lay_out_file list python-list.peek
is "the list's length" "$(field list length)" "$(sees 'len(items)')"
is "how its items are packed" "$(fields list formats/{0..6} | tr ' ' ,)" "$(sees "','.join(items._get_packing_format(i) for i in range(7))")"
cat "$PROGRAMS/python-list.peek" - >"$WORK/layout" <<'END'
#define ITEMS (length + 2) * 8
int64_t answer @ ITEMS + begins[0];
double ratio @ ITEMS + begins[1];
char name[] @ ITEMS + begins[3] [[count(begins[4] - begins[3])]];
END
cp "$WORK/layout" "$(at list)/layout"
is "items" "$(fields list answer ratio name)" "$(sees "f'{items[0]} {items[1]} {items[3]}'")"
ok "an item is edited" set_field list answer 43
ok "and another" set_field list name xiaohong
is "Python sees it" "$(sees 'items[0], items[3]')" "(43, 'xiaohong')"

# ---- another process of the same name ----

cat >"$WORK/second.py" <<'END'
from multiprocessing import resource_tracker, shared_memory
import sys
shm = shared_memory.SharedMemory(sys.argv[1])
resource_tracker.unregister(shm._name, "shared_memory")
print(shm.buf[3 * 8], flush=True)
sys.stdin.readline()
END
start second $PYTHON "$WORK/second.py" $TAG
hear second
both() { [ "$(column shm PID | xargs)" = "$(in_order "${R_JOB[py]}" "${R_JOB[second]}")" ]; }
ok "a second process maps it" until_true 10 both
stop second
dir=$(at shm)
stop py
gone() { [ ! -e "$dir" ]; }
ok "it goes when Python unlinks it" until_true 10 gone

finish
