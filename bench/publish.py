#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes what the last full run of bench/run.py measured into docs/performance.md, and draws its pictures.

The sections between `<!-- NAME: … -->` and `<!-- end -->` are replaced: the table, the pictures, how many instructions a
command takes and where they go, and the peers if bench/peers/compare.py ran. Needs valgrind for all but the first two and the last.
`bench/publish.py peers` writes the last one alone.
"""
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = os.path.join(ROOT, "docs/performance.md")
PICTURES = {"members": "CPU time of a command as Members grow", "past": "CPU time of a command as a Member's past grows",
            "latency": "Latency of single commands in a mixed load", "threads": "Throughput of two threads"}


def output_of(*command):
    return subprocess.run([os.path.join(ROOT, command[0]), *command[1:]], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()


def text_of(name):
    with open(os.path.join(ROOT, "build/bench", name), encoding="utf-8") as file:
        return file.read().strip()


def is_full(results):
    """Whether there is a file of results, and not of a quick run, whose figures mean nothing."""
    path = os.path.join(ROOT, "build/bench", results)
    return os.path.exists(path) and not json.loads(text_of(results))["quick"]


def peers():
    if is_full("peers.json"):
        yield "peers", text_of("peers.md")


def sections():
    yield "table", text_of("table.md")
    yield "pictures", "\n".join(f"![{what}](performance-{name}.svg)" for name, what in PICTURES.items())
    yield "instructions", output_of("bench/instructions.py")
    for case in ("send", "right"):
        yield f"profile {case}", "```\n" + output_of("bench/profile.sh", case) + "\n```"
    yield from peers()


def main():
    only_peers = sys.argv[1:] == ["peers"]
    if not is_full("peers.json" if only_peers else "results.json"):
        sys.exit("there is no full run: run " + ("`make bench-peers`" if only_peers else "`make bench`"))
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    for name, text in peers() if only_peers else sections():
        pattern = re.compile(rf"(<!-- {name}:[^>]*-->\n).*?(<!-- end -->)", re.S)
        page, count = pattern.subn(lambda found, text=text: found[1] + text + "\n" + found[2], page)
        if count != 1:
            sys.exit(f"docs/performance.md has no section {name}")
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(page)
    if not only_peers:
        output_of("bench/plots.py")


if __name__ == "__main__":
    main()
