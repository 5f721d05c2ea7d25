#!/usr/bin/env python3
"""Runs the benchmark programs and prints the table of ratios.

    bench/run.py [--quick] [--members 1000,1000000,10000000] [--passes 7] [--only NAME,…] [--json FILE]

Each program runs all its cases once per pass, one pass after the other; a ratio is taken within each pass, and the
table shows the median of the passes and their lowest and highest. Time is CPU time of the thread that did the work.
--quick runs everything once with few Members: it shows that the programs work, its figures mean nothing.
"""
import argparse
import json
import os
import subprocess
import sys
from statistics import median

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Runs:
    """What the programs printed: counters by (program, members, case), one value for each pass."""

    def __init__(self, options):
        self.options = options
        self.values = {}

    def run(self, program, members=1000, passes=None, seconds=None):
        options = self.options
        passes = passes or options.passes
        seconds = seconds or (0.01 if options.quick else 0.1)
        command = [os.path.join(options.bin, program), f"--members={members}", f"--passes={passes}",
                   f"--benchmark_min_time={seconds}", "--benchmark_format=json"]
        print("$", os.path.relpath(command[0], ROOT), *command[1:-1], file=sys.stderr, flush=True)
        report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)
        for row in report["benchmarks"]:
            _, case = row["name"].split("/manual_time")[0].split("/", 1)
            counters = {key: value for key, value in row.items() if isinstance(value, float)}
            self.values.setdefault((program, members, case), []).append(counters)

    def counter(self, program, members, case, name="ns"):
        return [run[name] for run in self.values.get((program, members, case), []) if name in run]

    def ratio(self, program, members, case, floor, name="ns"):
        pairs = zip(self.counter(program, members, case, name), self.counter(program, members, floor, name))
        return [a / b for a, b in pairs]


def count_text(members):
    power = len(str(members)) - 1
    return f"10^{power}" if members == 10 ** power else str(members)


class Table:
    def __init__(self):
        self.rows = []

    def add(self, what, target, values, unit="×", at_least=False, why="not measured"):
        """`target` None: a figure that is only reported."""
        row = {"what": what, "target": target, "at_least": at_least, "unit": unit, "values": values}
        row["measured"] = median(values) if values else None
        row["met"] = None
        if values and target is not None:
            row["met"] = row["measured"] >= target if at_least else row["measured"] <= target
        row["why"] = "" if values else why
        self.rows.append(row)

    def markdown(self):
        lines = ["| what | target | measured | lowest … highest | met |", "|---|---|---|---|---|"]
        for row in self.rows:
            unit = " " + row["unit"] if row["unit"] else ""
            target = "–" if row["target"] is None else f"{'≥' if row['at_least'] else '≤'} {row['target']:g}{unit}"
            if row["measured"] is None:
                measured, spread = row["why"], "–"
            else:
                measured = number(row["measured"]) + unit
                spread = f"{number(min(row['values']))} … {number(max(row['values']))}"
            met = {None: "–", True: "yes", False: "**no**"}[row["met"]]
            lines.append(f"| {row['what']} | {target} | {measured} | {spread} | {met} |")
        return "\n".join(lines)


def number(value):
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def commands(runs, table):
    for members in runs.options.members:
        runs.run("bench_commands", members)
    for case, what in (("send", "send to a known number"), ("right", "authenticate, right code"),
                       ("wrong", "authenticate, wrong code (two digests)")):
        for members in runs.options.members:
            table.add(f"{what}, {count_text(members)} Members, vs floor", 2.0,
                      runs.ratio("bench_commands", members, case, "floor_" + case))
    for members in runs.options.members[:1]:
        table.add("send with the default generator vs with the buffered one", None,
                  runs.ratio("bench_commands", members, "send_default_random", "send"))
        for case, what in (("send", "send"), ("right", "authenticate, right"), ("wrong", "authenticate, wrong")):
            table.add(f"heap allocations of one command: {what}", None,
                      runs.counter("bench_commands", members, case, "allocs"), unit="")


PARTS = [commands]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--members", type=lambda text: [int(n) for n in text.split(",")])
    parser.add_argument("--passes", type=int)
    parser.add_argument("--only", type=lambda text: text.split(","))
    parser.add_argument("--bin", default=os.path.join(ROOT, "build/bench/bin"))
    parser.add_argument("--json", default=os.path.join(ROOT, "build/bench/results.json"))
    options = parser.parse_args()
    options.passes = options.passes or (1 if options.quick else 7)
    options.members = options.members or ([1000, 10000] if options.quick else [1000, 1000000])

    runs, table = Runs(options), Table()
    for part in PARTS:
        if options.only is None or part.__name__ in options.only:
            part(runs, table)
    print(table.markdown())
    with open(options.json, "w", encoding="utf-8") as file:
        json.dump({"rows": table.rows, "quick": options.quick,
                   "runs": [{"program": p, "members": m, "case": c, "passes": v} for (p, m, c), v in runs.values.items()]},
                  file, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
