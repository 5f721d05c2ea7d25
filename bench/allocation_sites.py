#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What each heap allocation of a command is for: bench/allocation_sites.py CASE (send, right, totp_create, …)

Runs bench_commands, or bench_totp, under valgrind's dhat and prints, for one command, how many blocks each place allocates, their
size, and who called it. Needs valgrind.
"""
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COMMANDS = 16 * 64  # of one iteration of bench_commands
NOISE = ("std::", "__gnu", "operator new", "malloc", "void std", "decltype", "otpcore::bench::")


def name_of(frame):
    name = frame.split(": ", 1)[1]
    name = name.rsplit(" (", 1)[0]
    for cut in ("(std::", "(otpcore::", "(unsigned", "(bool", "(char", "()", "["):
        name = name.split(cut)[0]
    return name.replace("otpcore::", "").replace("(anonymous namespace)::", "").strip()


def main():
    case = sys.argv[1] if len(sys.argv) > 1 else "send"
    program = "bench_totp" if case.startswith(("totp_", "recovery_", "codes_")) else "bench_commands"
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "dhat.json")
        subprocess.run(["valgrind", "--tool=dhat", f"--dhat-out-file={out}", "--num-callers=24",
                        os.path.join(ROOT, "build/bench/bin", program), "--members=256",
                        f"--benchmark_filter=0/{case}/", "--benchmark_min_time=0.0001"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(out, encoding="utf-8") as file:
            report = json.load(file)
    sites = {}
    for point in report["pps"]:
        frames = [report["ftbl"][i] for i in point["fs"]]
        if not any("Measured" in frame for frame in frames):
            continue
        frames = frames[:next(i for i, frame in enumerate(frames) if "Measured" in frame)]
        names = [name_of(f) for f in frames if not name_of(f).startswith(NOISE) and "otpcore" in f]
        key = (" < ".join(names[:3]), round(point["tb"] / point["tbk"]))
        sites[key] = sites.get(key, 0) + point["tbk"]
    print("| blocks | bytes each | allocated in < called by |\n|---|---|---|")
    for (names, size), blocks in sorted(sites.items(), key=lambda item: -item[1]):
        print(f"| {blocks / COMMANDS:.2f} | {size} | {names} |")
    print(f"\n{sum(sites.values()) / COMMANDS:.2f} blocks in all")


if __name__ == "__main__":
    main()
