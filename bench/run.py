#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the benchmark programs and prints the table of ratios.

Each program runs all its cases once per pass, one pass after the other; a ratio is taken within each pass, and the
table shows the median of the passes with the lowest and the highest. Time is CPU time of the thread that did the work.
--quick runs everything with few Members: it shows that the programs work and that no row is missing, its figures mean
nothing.
"""
import argparse
import json
import os
import subprocess
import sys
from statistics import median

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SPARE_BYTES = 2 << 30  # left to others when the greatest number of Members is chosen
FLOOR_BYTES = 850  # of both floors, for each Member


class Runs:
    """What the programs printed: counters by (program, members, case), one value for each pass."""

    def __init__(self, options):
        self.options = options
        self.values = {}
        self.skipped = {}

    def path(self, program):
        return os.path.join(self.options.bin, program)

    def run(self, program, members=1000, passes=None, seconds=None, only=None):
        quick = self.options.quick
        command = [self.path(program), f"--members={members}", f"--passes={passes or self.options.passes}",
                   f"--benchmark_min_time={0.001 if quick else seconds or 0.1}", "--benchmark_format=json"]
        if only:
            command.append(f"--benchmark_filter=/{only}/")
        print("$", os.path.relpath(command[0], ROOT), *command[1:], file=sys.stderr, flush=True)
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        for row in json.loads(output)["benchmarks"]:
            case = row["name"].split("/")[1]
            counters = {key: value for key, value in row.items() if isinstance(value, float)}
            self.values.setdefault((program, members, case), []).append(counters)

    def counter(self, program, members, case, name="ns"):
        return [run[name] for run in self.values.get((program, members, case), []) if name in run]

    def ratio(self, program, members, case, other, name="ns"):
        return divide(self.counter(program, members, case, name), self.counter(program, members, other, name))


def divide(values, others):
    return [a / b for a, b in zip(values, others)]


def number(value):
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def count_text(members):
    power = len(str(members)) - 1
    return f"10^{power}" if members == 10 ** power else f"{members:,}"


class Table:
    def __init__(self, quick):
        self.rows = []
        self.quick = quick  # figures that say nothing meet no target

    def add(self, what, values, target=None, unit="×", at_least=False, why="not measured"):
        """`target` None: a figure that is only reported. No values: `why` says why not."""
        measured = median(values) if values else None
        met = None
        if values and target is not None and not self.quick:
            met = measured >= target if at_least else measured <= target
        self.rows.append({"what": what, "target": target, "at_least": at_least, "unit": unit, "values": values,
                          "measured": measured, "met": met, "why": "" if values else why})

    def markdown(self):
        lines = ["| what | target | measured | lowest … highest | met |", "|---|---|---|---|---|"]
        for row in self.rows:
            unit = " " + row["unit"] if row["unit"] else ""
            target = "" if row["target"] is None else f"{'≥' if row['at_least'] else '≤'} {row['target']:g}{unit}"
            measured, spread = row["why"], ""
            if row["measured"] is not None:
                measured = number(row["measured"]) + unit
                low, high = number(min(row["values"])), number(max(row["values"]))
                spread = low if low == high else f"{low} … {high}"
            met = {None: "", True: "yes", False: "**no**"}[row["met"]]
            lines.append(f"| {row['what']} | {target} | {measured} | {spread} | {met} |")
        return "\n".join(lines)


# ---- The parts of the table ----

def memory(runs, table):
    """First, for it tells how many Members fit into this machine."""
    options = runs.options
    available = available_bytes()
    sizes = [2000] if options.quick else [100000]
    runs.run("bench_memory", sizes[0], passes=1, only="members_with_index_records")
    each = runs.counter("bench_memory", sizes[0], "members_with_index_records", "bytes")[0]
    for members in options.members:
        if members * (each + FLOOR_BYTES) + SPARE_BYTES > available:
            runs.skipped[members] = (f"not measured: needs {members * (each + FLOOR_BYTES) / 2 ** 30:.0f} GiB, "
                                     f"{available / 2 ** 30:.0f} GiB are free")
    options.members_run = [n for n in options.members if n not in runs.skipped]
    greatest = max(options.members_run)
    for case in ("members_with_index_records", "members_alone"):
        if greatest != sizes[0] or case not in {key[2] for key in runs.values}:
            runs.run("bench_memory", greatest, passes=1, only=case)
    for case, what, target in (("members_with_index_records", "with claim and e-mail index", 340),
                               ("members_alone", "the Member's record alone", None)):
        table.add(f"resident memory per Member with a live challenge, {count_text(greatest)} Members, {what}",
                  runs.counter("bench_memory", greatest, case, "bytes"), target, unit="bytes")
    guarded = 10000 if options.quick else 500000
    runs.run("bench_memory", guarded, passes=1, only="guard_numbers")
    table.add("resident memory of MemorySendGuard per number and operation it remembers",
              runs.counter("bench_memory", guarded, "guard_numbers", "bytes"), unit="bytes")


def available_bytes():
    with open("/proc/meminfo", encoding="ascii") as file:
        for line in file:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 0


COMMANDS = (("send", "send to a known number"), ("right", "authenticate, right code"),
            ("wrong", "authenticate, wrong code (its floor has two digests)"))


def commands(runs, table):
    options = runs.options
    for members in options.members_run:
        runs.run("bench_commands", members)
    for members in options.growth:
        runs.run("bench_commands", members, passes=max(1, options.passes // 2))
    for case, what in COMMANDS:
        for members in options.members:
            why = runs.skipped.get(members, "not measured")
            table.add(f"{what}, {count_text(members)} Members, vs the first version's floor",
                      runs.ratio("bench_commands", members, case, "floor_" + case),
                      1.2 if members <= 1000 else 1.5, why=why)
            table.add(f"{what}, {count_text(members)} Members, vs the floor with the digest of today",
                      runs.ratio("bench_commands", members, case, "floor2_" + case), 2.2, why=why)
    few = options.members_run[0]
    for case, what in COMMANDS:
        table.add(f"heap blocks of one command: {what.split(' (')[0]}",
                  runs.counter("bench_commands", few, case, "allocs"), 0, unit="")
    table.add("send with the default generator vs with the buffered one",
              runs.ratio("bench_commands", few, "send_default_random", "send"))


def plans(runs, table):
    runs.run("bench_plans")
    for case, floor, what, target in (
            ("plan_send", "draw_and_digest", "pure plan of send vs one draw + one digest", 1.5),
            ("own_draw_and_digest", "draw_and_digest", "of it: the library's own draw and digest", None),
            ("check_send", "draw_and_digest", "pure check of send, likewise", None),
            ("plan_right", "digest", "pure plan of authenticate, right, vs one digest", None),
            ("check_right", "digest", "pure check of authenticate, likewise", None),
            ("plan_wrong", "two_digests", "pure plan of authenticate, wrong, vs two digests", None)):
        table.add(what, runs.ratio("bench_plans", 1000, case, floor), target)
    for case, what in (("plan_send", "send"), ("plan_right", "authenticate, right"), ("plan_wrong", "authenticate, wrong")):
        table.add(f"heap blocks of the pure plan of {what}", runs.counter("bench_plans", 1000, case, "allocs"), 0, unit="")


def totp(runs, table):
    runs.run("bench_totp")
    for case, what, target in (("wrong", "wrong: both compute the three codes of the window", 0.5),
                               ("right", "right: liboath stops at the first of the three", None)):
        table.add(f"liboath's bare validate with the same window vs authenticate a TOTP code, 10^3 Members; {what}",
                  runs.ratio("bench_totp", 1000, f"oath_{case}", f"totp_{case}"), target, at_least=True, why="no liboath")


def email(runs, table):
    runs.run("bench_email")
    for case, what in (("mail_send", "send by e-mail"), ("mail_right", "authenticate by e-mail, right"),
                       ("mail_wrong", "authenticate by e-mail, wrong")):
        table.add(f"heap blocks of one command: {what}", runs.counter("bench_email", 1000, case, "allocs"), 0, unit="")
    table.add("wrong code by e-mail, 10^3 Members, vs one for an address that nobody has",
              runs.ratio("bench_email", 1000, "mail_wrong", "mail_nobody"))


def discovery(runs, table):
    runs.run("bench_discovery")
    for case, what in (("discovery_send", "send outside Organizations"),
                       ("discovery_right", "authenticate outside Organizations, right"),
                       ("discovery_wrong", "authenticate outside Organizations, wrong")):
        table.add(f"heap blocks of one command: {what}", runs.counter("bench_discovery", 1000, case, "allocs"), 0, unit="")
    table.add("a page of 100 Members of a search over MemoryDirectory vs a send outside Organizations, 10^3 Members",
              runs.ratio("bench_discovery", 1000, "search_page", "discovery_send"))


def parts(runs, table):
    runs.run("bench_parts")

    def ratio(case, other):
        return runs.ratio("bench_parts", 1000, case, other)
    table.add("first send with a new number vs libphonenumber's parse + valid + format", ratio("first_send", "libphonenumber"),
              1.2)
    table.add("of it: one `ParseE164`, which also tells region and type", ratio("parse", "libphonenumber"))
    table.add("24 bytes (one authenticate) from the default generator vs from the buffered one",
              ratio("sodium_random_run", "buffered_random_run"))
    table.add("72 bytes (one send), likewise", ratio("sodium_random_send", "buffered_random_send"))
    for case, what in (("pack", "pack a Member"), ("pack_busy", "pack a Member with full ledgers"),
                       ("unpack", "unpack a Member"), ("unpack_busy", "unpack a Member with full ledgers"),
                       ("protect", "add the checksum for a store outside the process"), ("unprotect", "check it"),
                       ("render_en", "render a message, en"), ("render_zh", "render a message, zh-Hans"),
                       ("measure_sms", "measure a text (GSM-7)"),
                       ("buffered_random_send", "72 bytes from the buffered generator"),
                       ("sodium_random_send", "72 bytes from the default generator")):
        table.add(f"{what}, in passcode digests", ratio(case, "digest"), unit="digests")


def threads(runs, table):
    members = runs.options.members_run[-1] if runs.options.quick else 100000
    runs.run("bench_threads", members, seconds=0.2)

    def share_of_control(name):
        sends = runs.ratio("bench_threads", members, "send_1", "send_2", name)
        return divide(sends, runs.ratio("bench_threads", members, "control_1", "control_2", name))
    table.add("two threads on different Members vs one, beside the control: CPU time", share_of_control("ns"), 0.95, at_least=True)
    table.add("likewise: time on the wall (means little while others use the machine)", share_of_control("wall_ns"), 0.95,
              at_least=True)
    table.add("of a million sends by two threads, so many waited for a lock",
              runs.counter("bench_threads", members, "send_2", "waits_per_million"), unit="")


def start(runs, table):
    def micros(program):
        return json.loads(subprocess.run([runs.path(program)], check=True, stdout=subprocess.PIPE).stdout)
    times = []
    for _ in range(3 if runs.options.quick else 21):
        times.append(dict(micros("bench_start"), control=micros("bench_start_control")))
    runs.values[("bench_start", 0, "start")] = times

    def add(what, values, target=None):
        table.add(what, [value / 1000 for value in values], target, unit="ms CPU")
    add("process start to first passcode, from main() on", [t["passcode"] - t["main"] for t in times], 2.0)
    add("before main(): loading the libraries", [t["main"] for t in times])
    add("the same of a process that only loads libphonenumber", [t["control"] for t in times])
    add("libphonenumber's own first use", [t["first_number"] - t["passcode"] for t in times])


def growth(runs, table):
    runs.run("bench_growth")
    table.add("work of a send to one who got 10,000 passcodes before, vs 1",
              runs.ratio("bench_growth", 1000, "resends_10000", "resends_1"), 1.1)
    table.add("work of a wrong code after 25 failures (all a record keeps), vs none",
              runs.ratio("bench_growth", 1000, "failures_25", "failures_0"), 1.1)
    measured = runs.options.members_run
    if len(measured) > 1 and runs.counter("bench_commands", measured[0], "send"):  # the part "commands" ran
        for case, what in COMMANDS:
            counters = [runs.counter("bench_commands", n, case) for n in (measured[-1], measured[0])]
            floors = [runs.counter("bench_commands", n, "floor_" + case) for n in (measured[-1], measured[0])]
            table.add(f"{what.split(' (')[0]}: {count_text(measured[-1])} Members vs {count_text(measured[0])} (the floor: "
                      f"{number(median(divide(*floors)))} ×)", divide(*counters))


def guard(runs, table):
    remembered = 2000 if runs.options.quick else 100000
    runs.run("bench_guard", remembered, passes=max(1, runs.options.passes // 2))
    for case, what in (("one_organization", "flood within one Organization"), ("one_number", "flood of one number"),
                       ("many_remembered", f"admitted with {remembered:,} numbers remembered")):
        table.add(f"guard: {what}, per send, vs an honest send", runs.ratio("bench_guard", remembered, case, "calm"))
    table.add("guard: the longest that 64 sends took while the memory is full (it tidies up)",
              [v / 1000 for v in runs.counter("bench_guard", remembered, "memory_full", "worst_us")], unit="ms")


def latency(runs, table):
    members = 1000 if runs.options.quick else 100000
    runs.run("bench_latency", members, passes=runs.options.passes, seconds=0.3)
    for name, what in (("p50", "p50"), ("p99", "p99"), ("p999", "p99.9")):
        table.add(f"latency of a mixed load, {count_text(members)} Members, {what}",
                  [v / 1000 for v in runs.counter("bench_latency", members, "mixed", name)], unit="µs CPU")


def peers(runs, table):
    """What bench/peers/compare.py measured, if it ran: it takes packages from the network."""
    path = os.path.join(runs.options.out or os.path.dirname(runs.options.bin), "peers.json")
    rows = []
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            kept = json.load(file)
        rows = [row for row in kept["rows"] if row["target"] is not None and not kept["quick"]]
    for row in rows:
        table.add(row["what"], row["values"], row["target"], row["unit"], at_least=True)
    if not rows:
        for what, target in (("issue + verify vs better-auth", 100), ("issue + verify, with all state, vs liboath", 0.5)):
            table.add(what, [], target, at_least=True, why="`make bench-peers`")


PARTS = [memory, commands, plans, totp, email, discovery, parts, threads, peers, start, growth, guard, latency]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few Members, one pass: do the programs work?")
    parser.add_argument("--members", type=lambda text: [int(n) for n in text.split(",")], help="default 10^3, 10^6, 10^7")
    parser.add_argument("--passes", type=int, help="default 7; with --quick 1")
    parser.add_argument("--only", type=lambda text: text.split(","),
                        help="some parts: " + ", ".join(part.__name__ for part in PARTS))
    parser.add_argument("--bin", default=os.path.join(ROOT, "build/bench/bin"), help="where the programs are")
    parser.add_argument("--out", help="where results.json and table.md go; default: --bin's parent")
    options = parser.parse_args()
    options.passes = options.passes or (1 if options.quick else 7)
    options.members = options.members or ([1000, 4000] if options.quick else [1000, 1000000, 10000000])
    options.members_run = options.members
    options.growth = [] if options.quick else [10000, 100000]

    runs, table = Runs(options), Table(options.quick)
    for part in PARTS:
        if options.only is None or part.__name__ in options.only:
            part(runs, table)
            write(runs, table)  # each time: a run that is stopped leaves what it has
    print(table.markdown())


def write(runs, table):
    out = runs.options.out or os.path.dirname(runs.options.bin)
    with open(os.path.join(out, "table.md"), "w", encoding="utf-8") as file:
        file.write(table.markdown() + "\n")
    with open(os.path.join(out, "results.json"), "w", encoding="utf-8") as file:
        json.dump({"quick": table.quick, "passes": runs.options.passes, "rows": table.rows,
                   "runs": [{"program": p, "members": m, "case": c, "passes": v} for (p, m, c), v in runs.values.items()]},
                  file, indent=1)


if __name__ == "__main__":
    main()
