#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Issue + verify of otpcore beside its peers, in one run: `make bench-peers`.

One pass measures each once, one after the other; a ratio is taken within a pass, and the tables show the median of the
passes with the lowest and the highest. The npm packages go into a folder of the build, as package-lock.json has them.
--quick does it all with few users and little time: it shows that the programs work, its figures mean nothing.
"""
import argparse
import filecmp
import json
import os
import shutil
import subprocess
import sys
from statistics import median

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from run import ROOT, Runs, Table, count_text, divide, number  # noqa: E402  pylint: disable=wrong-import-position

OTPCORE = "**yes**: the passcode's digest, expiry, single use; wrong guesses over all passcodes; sends; the verified number"
BETTER_AUTH = "**yes**: the passcode, its expiry, single use; wrong guesses of this passcode; the verified number"
NOTHING = "no: counter, expiry, limits and what was used are the caller's to keep"


class Peer:
    """One line of the first table; `users` is None where there is nobody to look up."""

    def __init__(self, who, case, users, keeps):
        self.who, self.case, self.users, self.keeps = who, case, users, keeps
        self.program = "bench_peers" if case in ("otpcore", "liboath") else "node"

    def measure(self, runs):
        if self.program == "bench_peers":
            runs.run(self.program, self.users or 1, passes=1, seconds=1, only=self.case)
        else:
            runs.values.setdefault(self.key(), []).append(run_node(runs.options, self.case, self.users or 1))

    def key(self):
        return self.program, self.users or 1, self.case

    def nanos(self, runs):
        return runs.counter(*self.key())


def run_node(options, case, users):
    command = ["node", "peers.mjs", case, str(users), "0.1" if options.quick else "2"]
    print("$", *command, file=sys.stderr, flush=True)
    output = subprocess.run(command, cwd=options.node, check=True, stdout=subprocess.PIPE,
                            env=dict(os.environ, NODE_ENV="production")).stdout
    return json.loads(output)


def install(folder):
    """An ES module looks for packages beside itself, so the program goes there too."""
    os.makedirs(folder, exist_ok=True)
    for name in ("package.json", "peers.mjs"):
        shutil.copy(os.path.join(HERE, name), folder)
    lock = os.path.join(HERE, "package-lock.json")
    copy = os.path.join(folder, "package-lock.json")
    done = os.path.join(folder, "node_modules/.package-lock.json")  # what npm writes last
    if os.path.exists(done) and os.path.exists(copy) and filecmp.cmp(lock, copy, shallow=False):
        return
    shutil.copy(lock, copy)
    subprocess.run(["npm", "ci", "--ignore-scripts", "--silent", "--no-audit", "--no-fund"], cwd=folder, check=True)


def versions():
    def said(*command):
        return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout.strip().lstrip("v")
    with open(os.path.join(HERE, "package.json"), encoding="utf-8") as file:
        packages = json.load(file)["dependencies"]
    return {**packages, "Node": said("node", "--version"), "liboath": said("pkg-config", "--modversion", "liboath")}


def users_text(users):
    return "" if users is None else "one" if users == 1 else count_text(users)


def first_table(runs, peers):
    lines = ["| who | users | keeps state? | µs CPU for issue + verify | lowest … highest |", "|---|---|---|---|---|"]
    for peer in peers:
        micros = [value / 1000 for value in peer.nanos(runs)]
        lines.append(f"| {peer.who} | {users_text(peer.users)} | {peer.keeps} | {number(median(micros))} | "
                     f"{number(min(micros))} … {number(max(micros))} |")
    return "\n".join(lines)


def last_line(runs, peers, used):
    shares = [run["main_thread_ns"] / run["ns"]
              for peer in peers if peer.program == "node" for run in runs.values[peer.key()]]
    return (", ".join(f"{name} {version}" for name, version in used.items()) + f"; passes: {runs.options.passes}. "
            f"Of Node's time, its main thread took {min(shares):.0%} to {max(shares):.0%}.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few users, one pass: do the programs work?")
    parser.add_argument("--passes", type=int, help="default 5; with --quick 1")
    parser.add_argument("--bin", default=os.path.join(ROOT, "build/bench/bin"), help="where bench_peers is")
    options = parser.parse_args()
    options.passes = options.passes or (1 if options.quick else 5)
    out = os.path.dirname(options.bin)
    options.node = os.path.join(out, "peers")
    install(options.node)

    few, many = 1000, 2000 if options.quick else 100000
    ours = [Peer("otpcore, `MemoryStore`", "otpcore", users, OTPCORE) for users in (few, many)]
    better = [Peer("better-auth, phone-number plugin, memory adapter", "better-auth", users,
                   BETTER_AUTH + "; a session") for users in (1, few, many)]
    lean = Peer("better-auth without its adapter's work: one user, passcodes in a `Map`, no session", "better-auth-lean", 1,
                BETTER_AUTH)
    bare = [Peer(name + ", HOTP", name, None, NOTHING) for name in ("liboath", "otplib", "otpauth")]
    runs, table = Runs(options), Table(options.quick)
    for _ in range(options.passes):
        for peer in (*ours, *bare, *better, lean):  # the quick ones lie close together: they are compared most finely
            peer.measure(runs)

    def compare(our, peer, name, target=None, what="issue + verify"):
        table.add(f"{what}, {count_text(our.users)} Members, vs {name}", divide(peer.nanos(runs), our.nanos(runs)), target,
                  unit="× as fast", at_least=True)
    for our, peer in zip((ours[0], *ours), better):
        compare(our, peer, f"better-auth (users: {users_text(peer.users)})", 100)
    compare(ours[0], lean, "better-auth without its adapter's work")
    for our, target in zip(ours, (0.5, 0.3)):
        compare(our, bare[0], "liboath", target, what="issue + verify, with all state")
    for peer in bare[1:]:
        compare(ours[0], peer, peer.case, what="issue + verify, with all state")
    write(runs, table, [*ours, *better, lean, *bare], out)


def write(runs, table, peers, out):
    used = versions()
    text = "\n\n".join((first_table(runs, peers), table.markdown(), last_line(runs, peers, used)))
    print(text)
    with open(os.path.join(out, "peers.md"), "w", encoding="utf-8") as file:
        file.write(text + "\n")
    with open(os.path.join(out, "peers.json"), "w", encoding="utf-8") as file:
        json.dump({"quick": table.quick, "passes": runs.options.passes, "versions": used, "rows": table.rows,
                   "runs": [{"who": p.who, "case": p.case, "users": p.users, "passes": runs.values[p.key()]} for p in peers]},
                  file, indent=1)


if __name__ == "__main__":
    main()
