#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How many instructions a command and its floor take, counted by valgrind's callgrind: bench/instructions.py

Unlike times these depend on no other work and on no cache; they say nothing about how long an instruction takes.
"""
import os
import re
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COMMANDS = 16 * 64  # of one iteration of bench_commands
CASES = {"send": "send to a known number", "right": "authenticate, right code", "wrong": "authenticate, wrong code"}


def instructions_of(case):
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "callgrind")
        subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--collect-atstart=no",
                        "--toggle-collect=*Measured*", os.path.join(ROOT, "build/bench/bin/bench_commands"),
                        "--members=256", f"--benchmark_filter=0/{case}/", "--benchmark_min_time=0.0001"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(out, encoding="utf-8") as text:
            return int(re.search(r"^summary: (\d+)", text.read(), re.M)[1]) / COMMANDS


def main():
    print("| command | instructions | its floor | ratio |\n|---|---|---|---|")
    for case, what in CASES.items():
        command, floor = instructions_of(case), instructions_of("floor_" + case)
        print(f"| {what} | {command:,.0f} | {floor:,.0f} | {command / floor:.1f} × |")


if __name__ == "__main__":
    main()
