#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How many instructions and heap blocks a command takes, counted by valgrind's callgrind.

    bench/instructions.py                prints the table, beside both floors
    bench/instructions.py --gate [FILE]  compares the commands with FILE (bench/instructions.json); fails when one takes
                                         3 % more instructions, or any heap block more
    bench/instructions.py --update [FILE]  writes FILE anew

Counts depend on no other work and on no cache, so a gate can trust them on a busy machine; they say nothing about how
long an instruction takes. They do depend on the compiler and on what libsodium and libc choose for this processor: FILE
says for which it was written, and elsewhere the gate says that it is skipped. Wants the programs of the bench preset,
which link libsodium statically: only then are its functions named.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KEPT = os.path.join(ROOT, "bench/instructions.json")
COMMANDS = 16 * 64  # of one iteration of bench_commands
CASES = {"send": "send to a known number", "right": "authenticate, right code", "wrong": "authenticate, wrong code"}
TOTP_CASES = {
    "totp_right": "authenticate a TOTP code, right", "totp_wrong": "authenticate a TOTP code, wrong",
    "recovery_right": "use a recovery code, right", "recovery_wrong": "use a recovery code, wrong",
    "totp_create": "create a TOTP registration", "totp_migrate": "import a TOTP registration",
    "totp_delete": "delete a TOTP registration", "codes_get": "get recovery codes", "codes_rotate": "rotate recovery codes"}
EMAIL_CASES = {
    "mail_send": "send by e-mail", "mail_send_unverified": "send by e-mail to an address not verified",
    "mail_right": "authenticate by e-mail, right code", "mail_wrong": "authenticate by e-mail, wrong code",
    "mail_nobody": "authenticate by e-mail, an address that nobody has"}
DISCOVERY_CASES = {
    "discovery_send": "send outside Organizations", "discovery_right": "authenticate outside Organizations, right code",
    "discovery_wrong": "authenticate outside Organizations, wrong code"}
PROGRAMS = {**{case: "bench_totp" for case in TOTP_CASES}, **{case: "bench_email" for case in EMAIL_CASES},
            **{case: "bench_discovery" for case in DISCOVERY_CASES}}
ALL_CASES = {**CASES, **TOTP_CASES, **EMAIL_CASES, **DISCOVERY_CASES}
SLACK = 0.03


def unnamed(profile):
    """The instructions of functions that a callgrind file has no name for."""
    names, total, function, of_a_call = {}, 0, None, False
    for line in profile.splitlines():
        named = re.match(r"(c?)fn=\((\d+)\)(?: (.*))?$", line)
        if named:
            if named[3]:
                names[named[2]] = named[3]
            if not named[1]:
                function = names[named[2]]
        elif line.startswith("calls="):
            of_a_call = True  # the next line is what the callee took
        elif function and re.match(r"[+\-*\d]", line):
            if not of_a_call and function.startswith("0x"):
                total += int(line.split()[1])
            of_a_call = False
    return total


def program_of(case, options):
    return os.path.join(options.bin, PROGRAMS.get(case, "bench_commands"))


def count(case, options):
    """Instructions and heap blocks of one command."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "callgrind")
        printed = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--collect-atstart=no",
             "--toggle-collect=*Measured*", program_of(case, options), "--members=256",
             f"--benchmark_filter=0/{case}/", "--benchmark_min_time=0.0001", "--benchmark_format=json"],
            check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        row, = json.loads(printed)["benchmarks"]
        with open(out, encoding="utf-8") as file:
            text = file.read()
    if row["iterations"] != 1:
        sys.exit(f"{case}: expected one iteration, not {row['iterations']}")
    nameless = unnamed(text)
    if nameless >= COMMANDS:
        print(f"{case}: {nameless / COMMANDS:.0f} instructions are of functions without a name", file=sys.stderr)
    return {"instructions": round(int(re.search(r"^summary: (\d+)", text, re.M)[1]) / COMMANDS), "heap_blocks": row["allocs"]}


def circumstances(options):
    """What the counts depend on besides the code."""
    with open("/proc/cpuinfo", encoding="ascii") as file:
        flags = next((line.split() for line in file if line.startswith("flags")), [])
    compiler = "unknown"
    cache = os.path.join(os.path.dirname(options.bin), "CMakeCache.txt")
    if os.path.exists(cache):
        with open(cache, encoding="utf-8") as file:
            path = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", file.read(), re.M)[1]
        compiler = subprocess.run([path, "--version"], check=True, text=True, stdout=subprocess.PIPE).stdout.splitlines()[0]
    return {"compiler": compiler, "avx2": "avx2" in flags}


def table(options):
    print("| command | instructions | heap blocks | its floor | ratio | its floor, digest of today | ratio |")
    print("|---|---|---|---|---|---|---|")
    for case, what in CASES.items():
        command = count(case, options)
        cells = []
        for floor in ("floor_", "floor2_"):
            instructions = count(floor + case, options)["instructions"]
            cells.append(f"{instructions:,} | {command['instructions'] / instructions:.1f} ×")
        print(f"| {what} | {command['instructions']:,} | {command['heap_blocks']:g} | {' | '.join(cells)} |", flush=True)
    print("\n| command | instructions | heap blocks |\n|---|---|---|")
    for case, what in {**TOTP_CASES, **EMAIL_CASES, **DISCOVERY_CASES}.items():
        command = count(case, options)
        print(f"| {what} | {command['instructions']:,} | {command['heap_blocks']:g} |", flush=True)


def update(options, path):
    kept = {"counted_with": circumstances(options), "commands": {case: count(case, options) for case in ALL_CASES}}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(kept, file, indent=1)
        file.write("\n")
    print(json.dumps(kept["commands"], indent=1))


def gate(options, path):
    """False: a command takes more than it may."""
    with open(path, encoding="utf-8") as file:
        kept = json.load(file)
    here = circumstances(options)
    if here != kept["counted_with"]:
        print(f"SKIPPED: the figures were counted with {kept['counted_with']}, and here it is {here}.")
        return True
    print("| command | instructions | kept | change | heap blocks | kept | |\n|---|---|---|---|---|---|---|")
    passes = True
    for case, what in ALL_CASES.items():
        now, was = count(case, options), kept["commands"][case]
        change = now["instructions"] / was["instructions"] - 1
        fine = change <= SLACK and now["heap_blocks"] <= was["heap_blocks"]
        passes &= fine
        note = "TOO MANY" if not fine else "fewer: bench/instructions.py --update" if change < -SLACK else ""
        print(f"| {what} | {now['instructions']:,} | {was['instructions']:,} | {change:+.1%} | {now['heap_blocks']:g} | "
              f"{was['heap_blocks']:g} | {note} |", flush=True)
    return passes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--gate", nargs="?", const=KEPT, metavar="FILE")
    what.add_argument("--update", nargs="?", const=KEPT, metavar="FILE")
    parser.add_argument("--bin", default=os.path.join(ROOT, "build/bench/bin"), help="where bench_commands is")
    options = parser.parse_args()
    if options.gate:
        return 0 if gate(options, options.gate) else 1
    if options.update:
        update(options, options.update)
    else:
        table(options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
