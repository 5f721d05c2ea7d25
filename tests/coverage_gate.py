#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads what `llvm-cov export` wrote, prints coverage per file of src/, and judges the gated files (B-06).

coverage_gate.py EXPORT.json EXPORT.lcov SUMMARY.json: writes the summary as JSON; exit status 1 when a gated file
is below the gate in lines, branches or MC/DC. A branch counts once, however often its code was instantiated.
"""
import collections
import glob
import json
import os
import re
import sys

GATE_PERCENT = 95.0
BRANCH_KINDS = (4, 6)  # of a plain condition, and of one that is part of an MC/DC decision
# Everything that decides: the layers up to the commands, and the driver.
# sha1_processor.cc asks which processor this is: no machine runs both answers.
GATED = re.compile(r"src/((base|model|rules|factors|plan|commands)/(?!sha1_processor)|engine/operation\.)")


class File:
    def __init__(self):
        self.lines = {}  # line: executions
        self.branches = collections.defaultdict(lambda: [0, 0])  # place: times true, times false
        self.decisions = {}  # place: for each condition, whether it was shown to matter alone

    def add_function(self, function):
        for branch in function["branches"]:
            if branch[6] == 0 and branch[8] in BRANCH_KINDS:
                sides = self.branches[tuple(branch[:4])]
                sides[0] += branch[4]
                sides[1] += branch[5]
        for record in function.get("mcdc_records", []):
            if record[4] == 0:
                place, shown = tuple(record[:4]), record[6]
                before = self.decisions.get(place, [False] * len(shown))
                self.decisions[place] = [a or b for a, b in zip(before, shown)]

    def forget(self, function):
        for line in range(function["regions"][0][0], function["regions"][0][2] + 1):
            self.lines.pop(line, None)
        self.branches = {at: sides for at, sides in self.branches.items() if not within(at, function)}

    def figures(self):
        lines = [count > 0 for count in self.lines.values()]
        sides = [side > 0 for both in self.branches.values() for side in both]
        shown = [s for decision in self.decisions.values() for s in decision]
        return {name: (sum(values), len(values))
                for name, values in (("lines", lines), ("branches", sides), ("mcdc", shown))}

    def missing(self):
        for line, count in sorted(self.lines.items()):
            if count == 0:
                yield line, 0, "line"
        for place, (yes, no) in sorted(self.branches.items()):
            if yes == 0 or no == 0:
                yield place[0], place[1], "never " + " nor ".join(
                    name for name, count in (("true", yes), ("false", no)) if count == 0)
        for place, shown in sorted(self.decisions.items()):
            for index, covered in enumerate(shown):
                if not covered:
                    yield place[0], place[1], f"condition {index + 1} of {len(shown)} not shown to matter alone"


def name_of(path):
    found = re.search(r"/(src/(?:\w+/)*\w+\.\w+)$", path)
    return found[1] if found else None


def within(place, function):
    return function["regions"][0][0] <= place[0] <= function["regions"][0][2]


def only_compiled(function, source):
    """Whether it ran in the compiler and nowhere else: a constexpr function that fills a table."""
    return function["count"] == 0 and source[function["regions"][0][0] - 1].startswith("constexpr ")


def explained():
    """What docs/coverage.md gives a reason for: (file, text of the line)."""
    with open("docs/coverage.md", encoding="utf-8") as page:
        rows = re.findall(r"^\| (src/\S+) \| `` (.*?) `` \|", page.read(), flags=re.M)
    return {(name, text.replace("\\|", "|")) for name, text in rows}


def percent(done, total):
    return 100.0 * done / total if total else 100.0


def main():
    files = collections.defaultdict(File)
    with open(sys.argv[1], encoding="utf-8") as export:
        functions = [f for f in json.load(export)["data"][0]["functions"] if name_of(f["filenames"][0])]
    for function in functions:
        files[name_of(function["filenames"][0])].add_function(function)
    for name in glob.glob("src/**/*.*", recursive=True):
        if re.match(r"src/(pool|postgres|redis|sqlite)/", name):
            continue  # components, which otpcore_tests does not link
        files[name]  # also one that no test reaches, and of which the export knows nothing
    name = None
    with open(sys.argv[2], encoding="utf-8") as lcov:
        for row in lcov:
            key, _, value = row.strip().partition(":")
            if key == "SF":
                name = name_of(value)
            elif key == "DA" and name:
                line, count = value.split(",")[:2]
                files[name].lines[int(line)] = int(count)
    source = {}
    for name in files:
        with open(name, encoding="utf-8") as text:
            source[name] = text.read().splitlines()
    for function in functions:
        name = name_of(function["filenames"][0])
        if only_compiled(function, source[name]):
            files[name].forget(function)
    summary, failed = {}, []
    print(f"{'file':34}{'lines':>18}{'branches':>18}{'MC/DC':>18}")
    for gated in (True, False):
        print("-- gated" if gated else "-- reported")
        for name in sorted(files):
            if bool(GATED.match(name)) != gated:
                continue
            if not files[name].lines:
                if name.endswith(".cc"):
                    failed += [name] * gated
                    print(f"{name:34}{'no test reaches it':>18}")
                continue
            figures = files[name].figures()
            summary[name] = {"gated": gated, **{k: {"covered": d, "count": t} for k, (d, t) in figures.items()}}
            cells = "".join(f"{f'{d}/{t} {percent(d, t):6.2f}%':>18}" for d, t in figures.values())
            print(f"{name:34}{cells}")
            if gated and any(percent(d, t) < GATE_PERCENT for d, t in figures.values()):
                failed.append(name)
    for gated in (True, False):
        totals = {}
        for key in ("lines", "branches", "mcdc"):
            rows = [row[key] for row in summary.values() if row["gated"] == gated]
            totals[key] = (sum(r["covered"] for r in rows), sum(r["count"] for r in rows))
        cells = "".join(f"{f'{d}/{t} {percent(d, t):6.2f}%':>18}" for d, t in totals.values())
        print(f"{'all gated' if gated else 'all reported':34}{cells}")
    known = explained()
    print("-- not covered")
    for name in sorted(files):
        for line, column, what in files[name].missing():
            text = source[name][line - 1].strip()
            why = "  (docs/coverage.md)" if (name, text) in known else ""
            print(f"{name}:{line}:{column}: {what}: {text}{why}")
    with open(sys.argv[3], "w", encoding="utf-8") as out:
        json.dump(summary, out, indent=1)
    if failed:
        print(f"below {GATE_PERCENT} %: {', '.join(failed)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
