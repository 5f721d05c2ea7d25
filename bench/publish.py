#!/usr/bin/env python3
"""Writes what the last full run of bench/run.py measured into docs/performance.md, and draws its pictures.

The sections between `<!-- NAME: … -->` and `<!-- end -->` are replaced: the table, where the instructions of a command
go, and what its heap allocations are for. Needs valgrind for the last two.
"""
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = os.path.join(ROOT, "docs/performance.md")


def output_of(*command):
    return subprocess.run([os.path.join(ROOT, command[0]), *command[1:]], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()


def sections():
    with open(os.path.join(ROOT, "build/bench/table.md"), encoding="utf-8") as file:
        yield "table", file.read().strip()
    for case in ("send", "right"):
        yield f"profile {case}", "```\n" + output_of("bench/profile.sh", case) + "\n```"
        yield f"allocations {case}", output_of("bench/allocation_sites.py", case)


def main():
    with open(os.path.join(ROOT, "build/bench/results.json"), encoding="utf-8") as file:
        if json.load(file)["quick"]:
            sys.exit("the last run was a quick one: its figures mean nothing; run `make bench`")
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    for name, text in sections():
        pattern = re.compile(rf"(<!-- {name}:[^>]*-->\n).*?(<!-- end -->)", re.S)
        page, count = pattern.subn(lambda found, text=text: found[1] + text + "\n" + found[2], page)
        if count != 1:
            sys.exit(f"docs/performance.md has no section {name}")
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(page)
    output_of("bench/plots.py")


if __name__ == "__main__":
    main()
