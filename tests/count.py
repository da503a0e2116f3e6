#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""count.py BUILD-FOLDER: the cases of the last `meson test` there.
count.py FILE STATUS: those of one script, whose output is in the file.

Prints what failed, with its output, and what was skipped, with the reason; the last line is the
three numbers PASSED FAILED SKIPPED. A program that fails with every case in order (a leak found at
exit, a crash, a time-out) is one failed case more, and one that prints no case is judged as a whole.
"""

import json
import os
import re
import sys

CASE = re.compile(r"^(not )?ok\b\s*(\d*)\s*-?\s*([^#]*)(?:#\s*(SKIP|TODO)\S*\s*(.*))?", re.I)
PLAN_SKIP = re.compile(r"^1\.\.0\s*#\s*SKIP\S*\s*(.*)", re.I | re.M)
ENOUGH = 100  # lines of a failed program's output


def cases(text):
    """Yields (name, 'passed' | 'failed' | 'skipped', reason) of a TAP text."""
    remarks = []
    for line in text.splitlines():
        match = CASE.match(line)
        if not match:
            remarks.append(line.lstrip("# "))
            continue
        bad, number, name, directive, why = match.groups()
        name = name.strip() or "case " + number
        if directive and directive.upper() == "SKIP":
            yield name, "skipped", why or " ".join(remarks)
        elif directive:  # TODO: known not to work yet
            yield name, "skipped", "to do: " + why
        else:
            yield name, "failed" if bad else "passed", ""
        remarks = []


def judge(run):
    """The cases of one test program."""
    out = run["stdout"] or ""
    found = list(cases(out))
    fine = run["result"] in ("OK", "SKIP", "EXPECTEDFAIL")
    if not found:
        plan = PLAN_SKIP.search(out)
        if plan or run["returncode"] == 77:
            return [("all of it", "skipped", plan.group(1) if plan else out.strip())]
        return [("all of it", "passed" if run["result"] == "OK" else "failed", "")]
    if not fine and not any(state == "failed" for _, state, _ in found):
        found.append(("the program as a whole: " + run["result"], "failed", ""))
    return found


def read_runs(path, status=None):
    """The programs that ran, as meson logs them."""
    try:
        if status is not None:
            with open(path, encoding="utf-8", errors="replace") as output:
                return [{"name": os.path.basename(path), "stdout": output.read(),
                         "result": "ERROR" if int(status) else "OK", "returncode": int(status)}]
        with open(path + "/meson-logs/testlog.json", encoding="utf-8") as log:
            return [json.loads(line) for line in log]
    except OSError as error:
        print(error)
        return []


def main():
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    runs = read_runs(*sys.argv[1:])
    for run in runs:
        name = run["name"]
        failed = False
        for case, state, reason in judge(run):
            totals[state] += 1
            failed = failed or state == "failed"
            if state != "passed":
                print(f"  {state}: {name}: {case}" + (f" ({reason})" if reason else ""))
        if failed:
            text = (run["stdout"] or "") + "\n" + run.get("stderr", "")
            print(*("    " + line for line in text.splitlines()[-ENOUGH:]), sep="\n")
    print(totals["passed"], totals["failed"], totals["skipped"])


main()
