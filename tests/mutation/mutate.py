#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Mutation testing (B-07): changes one thing in src/, and looks whether a test notices.

    mutate.py --build build/clang-19 --minutes 4        a seeded sample for as long as that (CI)
    mutate.py --build build/clang-19 --all              everything, which takes hours; goes on where it stopped
    mutate.py --build build/clang-19 --all --files ledgers.cc time.h

Takes a build directory whose otpcore_tests is built. Only the file with the mutant is compiled, in front of the
library at the link. Tests run until the first that fails. A survivor counts unless docs/mutation.md has a row with its
change and the reason; one whose optimized code is the original's is no change at all.
"""
import argparse
import collections
import concurrent.futures
import glob
import json
import os
import random
import re
import resource
import shlex
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import mutants  # noqa: E402

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Headers with code: what is compiled anew for a mutant of it.
HEADER_UNITS = {
    "include/otpcore/base/ids.h": ["src/base/ids.cc", "src/commands/find_member.cc", "tests/base/ids_test.cc"],
    "include/otpcore/base/time.h": ["tests/base/time_test.cc"],
    "include/otpcore/model/factor.h": ["src/commands/prove_factor.cc", "src/commands/mfa_step.cc", "src/adapters/memory_sessions.cc",
                                       "tests/model/factor_test.cc"],
    "include/otpcore/model/member.h": ["src/model/codec.cc", "src/model/ledgers.cc", "src/model/member.cc", "src/commands/member_fields.cc",
                                       "src/commands/find_member.cc", "src/commands/report_delivery.cc", "src/commands/send_code.cc",
                                       "tests/model/codec_test.cc", "tests/model/ledgers_test.cc", "tests/model/stored_form_test.cc"],
    "include/otpcore/model/record.h": ["src/model/record.cc", "src/plan/decision.cc", "src/storage/memory_store.cc"],
    "include/otpcore/plan/decision.h": ["src/plan/decision.cc", "src/commands/find_member.cc", "src/commands/linking.cc", "src/commands/names.cc",
                                        "src/commands/organizations.cc", "src/commands/create_member.cc"],
    "include/otpcore/plan/outcome.h": ["src/plan/outcome.cc", "src/commands/send_code.cc", "src/engine/operation.cc",
                                       "src/adapters/memory_guard.cc"],
    "include/otpcore/plan/records.h": ["src/plan/records.cc", "src/commands/find_member.cc", "src/engine/operation.cc"],
    "src/commands/prove_factor.h": ["src/commands/authenticate_sms_otp.cc", "tests/commands/toy_factor_test.cc"],
    "src/model/packed.h": ["src/model/codec.cc"],
    "src/storage/slabs.h": ["src/storage/memory_store.cc"],
}
# Tables of texts and numbers: a wrong entry is for the reader of a message or of the catalogue to see.
SKIPPED = {"src/base/error.cc", "src/adapters/system_clock.cc", "src/adapters/sodium_random.cc"}
# Tests of the sources' text, which no mutant is in, and those that repeat one property for seconds: each rule has a
# direct test too, and that one is asked here.
LEFT_OUT = "-Structure.*:Rules.*:ThreatTable.*:Attackers.*:Contention.*:Pumping.*:ClaimRace.*:Guessing.*:ParseE164.DiffersFrom*"


def run(command, timeout=None, **kwargs):
    """The exit status; a time-out counts as a failure."""
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=timeout,
                              check=False, **kwargs).returncode
    except subprocess.TimeoutExpired:
        return -1


def limit_memory():
    """For mutants that allocate without end."""
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))


class Builder:
    def __init__(self, build, out):
        self.build, self.out, self.originals = build, out, {}
        with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as commands:
            self.commands = {os.path.relpath(c["file"], TOP): c for c in json.load(commands)}
        lines = subprocess.run(["ninja", "-C", build, "-t", "commands", "otpcore_tests"], capture_output=True, text=True,
                               check=True).stdout.splitlines()
        link = next(line for line in reversed(lines) if "-o tests/otpcore_tests" in line)
        self.link = shlex.split(re.sub(r"^: && | && :.*$", "", link))
        self.pch = None
        compiler = self.compiler_of("src/commands/find_member.cc")[0]
        if "clang" in compiler:
            header = os.path.join(out, "all.h")
            with open(header, "w", encoding="utf-8") as text:
                text.write('#include <algorithm>\n#include "otpcore/otpcore.h"\n#include "otpcore/model/codec.h"\n')
            if run(self.compiler_of("src/commands/find_member.cc") + ["-O0", "-x", "c++-header", header, "-o", header + ".pch"],
                   cwd=build) == 0:
                self.pch = header + ".pch"

    def compiler_of(self, unit):
        """The unit's compiler and options, without source, output, optimization and instrumentation."""
        words, kept = shlex.split(self.commands[unit]["command"]), []
        while words:
            word = words.pop(0)
            if word in ("-o", "-c", "-MF", "-MT"):
                words.pop(0)
            elif not re.match(r"-(O|g|M|fprofile|fcoverage|W|DNDEBUG)", word) and not word.endswith("ccache"):
                kept.append(word)
        return kept + ["-w"]

    def compile(self, unit, source, target, level="-O0", overlay=None):
        command = self.compiler_of(unit)
        if overlay:
            command[1:1] = ["-I", overlay + "/src", "-I", overlay + "/include"]
        elif self.pch and level == "-O0" and unit.startswith("src/"):
            command += ["-include-pch", self.pch]
        command += ["-I", os.path.join(TOP, os.path.dirname(unit)), level, "-c", source, "-o", target]
        return run(command, timeout=300, cwd=self.build) == 0

    def link_with(self, objects, program):
        """The objects come before all others: the first definition of an inline function is everybody's, where nothing is
        inlined, and what the library has twice is taken from them. Those of tests/ replace theirs."""
        replaced = {f"tests/CMakeFiles/otpcore_tests.dir/{unit[len('tests/'):]}.o" for unit in objects}
        words = [word for word in self.link if word not in replaced]
        words[words.index("tests/otpcore_tests")] = program
        at = next(i for i, word in enumerate(words) if word.endswith(".o"))
        words[at:at] = objects.values()
        return run(words + ["-fuse-ld=gold", "-Wl,-S", "-w"], timeout=300, cwd=self.build) == 0


class Tester:
    """The tests: those that take no time first. With a limit, for mutants that do not end."""

    def __init__(self, program, out):
        report = os.path.join(out, "baseline.json")
        if not os.path.exists(report) or os.path.getmtime(report) < os.path.getmtime(program):
            subprocess.run([program, "--gtest_output=json:" + report, "--gtest_brief=1", "--gtest_filter=" + LEFT_OUT],
                           env={**os.environ, "LLVM_PROFILE_FILE": "/dev/null"}, stdout=subprocess.DEVNULL, check=True)
        with open(report, encoding="utf-8") as text:
            seconds = {suite["name"] + "." + test["name"]: float(test["time"].rstrip("s"))
                       for suite in json.load(text)["testsuites"] for test in suite["testsuite"]}
        slow = {name: time for name, time in seconds.items() if time > 0.02}
        self.runs = [(":".join([LEFT_OUT, *slow]), 10 + 3 * (sum(seconds.values()) - sum(slow.values()))),
                     (":".join(slow), 10 + 3 * sum(slow.values()))]

    def notice(self, program):
        return any(self.fails(program, tests, limit) for tests, limit in self.runs if tests)

    @staticmethod
    def fails(program, tests, limit):
        return run([program, "--gtest_fail_fast", "--gtest_brief=1", "--gtest_filter=" + tests], timeout=limit,
                   preexec_fn=limit_memory, env={**os.environ, "LLVM_PROFILE_FILE": "/dev/null"}) != 0


def same_code(mutant, builder, work):
    """Whether the optimizer makes the original's code of it."""
    def code_of(path):
        # Under one name, which stands in the object.
        target, name = os.path.join(work, "code.o"), os.path.join(work, "same.cc")
        with open(path, encoding="utf-8") as a, open(name, "w", encoding="utf-8") as b:
            b.write(a.read())
        builder.compile(mutant.path, name, target, level="-O2")
        with open(target, "rb") as code:
            return code.read()
    if mutant.path not in builder.originals:
        builder.originals[mutant.path] = code_of(os.path.join(TOP, mutant.path))
    return code_of(os.path.join(work, mutant.path)) == builder.originals[mutant.path]


def judge(mutant, builder, tester, out):
    """killed, survived, same (the optimized code is the original's) or invalid (does not build)."""
    work = os.path.join(out, f"work-{os.getpid()}-{abs(hash(mutant.place)) % 10**12}")
    overlay_path = os.path.join(work, mutant.path)
    os.makedirs(os.path.dirname(overlay_path), exist_ok=True)
    with open(os.path.join(TOP, mutant.path), encoding="utf-8") as original:
        text = mutant.apply(original.read())
    with open(overlay_path, "w", encoding="utf-8") as changed:
        changed.write(text)
    header = mutant.path in HEADER_UNITS
    try:
        objects = {}
        for unit in HEADER_UNITS.get(mutant.path, [mutant.path]):
            source = os.path.join(TOP, unit) if header else overlay_path
            target = os.path.join(work, unit.replace("/", "_") + ".o")
            if header:  # a quoted include looks beside its file first, so the file moves too
                source = os.path.join(work, unit)
                os.makedirs(os.path.dirname(source), exist_ok=True)
                with open(os.path.join(TOP, unit), encoding="utf-8") as a, open(source, "w", encoding="utf-8") as b:
                    b.write(a.read())
            if not builder.compile(unit, source, target, overlay=work if header else None):
                return "invalid"
            objects[unit] = target
        program = os.path.join(work, "program")
        if not builder.link_with(objects, program):
            return "invalid"
        if tester.notice(program):
            return "killed"
        return "same" if not header and same_code(mutant, builder, work) else "survived"
    finally:
        subprocess.run(["rm", "-rf", work], check=False)


def accepted():
    """The changes that docs/mutation.md explains: `before` => `after`, or any that survives: `before` => *."""
    page = os.path.join(TOP, "docs/mutation.md")
    if not os.path.exists(page):
        return set()
    with open(page, encoding="utf-8") as text:
        rows = re.findall(r"^\| (\S+) \| `` (.*?) `` \| `` (.*?) `` \|", text.read(), flags=re.M)
    return {f"{path}: {before} => {after}".replace("\\|", "|") for path, before, after in rows}


# The C interface and the components have programs of their own: tests/c, tests/conformance.
COMPONENT = re.compile(r"src/(c|pool|postgres|redis|sqlite)/")


def candidates(names):
    sources = (os.path.relpath(path, TOP) for path in glob.glob(os.path.join(TOP, "src/**/*.cc"), recursive=True))
    paths = sorted(path for path in sources if path not in SKIPPED and not COMPONENT.match(path)) + sorted(HEADER_UNITS)
    if names:
        paths = [path for name in names for path in paths if os.path.basename(path) == name]
    for path in paths:
        with open(os.path.join(TOP, path), encoding="utf-8") as text:
            yield from mutants.find(path, text.read())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/clang-19")
    parser.add_argument("--files", nargs="*", default=[], metavar="NAME")
    parser.add_argument("--minutes", type=float, help="stop after that long")
    parser.add_argument("--all", action="store_true", help="without a limit; keeps results from one run to the next")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--least", type=float, default=100.0, metavar="PERCENT", help="fail when fewer are killed")
    parser.add_argument("--list", action="store_true", help="print the mutants and do nothing")
    options = parser.parse_args()

    todo = list(candidates(options.files))
    seen = collections.Counter()
    for m in todo:  # the same change may be possible in several places
        m.place = f"{m.key} #{seen[m.key]}"
        seen[m.key] += 1
    if options.list:
        for m in todo:
            print(f"{m.path}:{m.line}: {m.kind}: {m.before}  =>  {m.after}")
        print(len(todo), "mutants")
        return 0
    build = os.path.abspath(options.build)
    out = os.path.join(build, "mutation")
    os.makedirs(out, exist_ok=True)
    kept = os.path.join(out, "results.jsonl")
    results = {}
    if options.all and os.path.exists(kept):
        with open(kept, encoding="utf-8") as lines:
            results = {r["place"]: r["result"] for r in map(json.loads, lines) if r["result"] != "survived"}
    count_all = len(todo)
    todo = [m for m in todo if m.place not in results]
    if not options.all:  # all of them go file by file, so that the survivors of one can be looked at together
        random.Random(options.seed).shuffle(todo)
    print(f"{count_all} mutants, {len(todo)} to try, seed {options.seed}", flush=True)

    builder = Builder(build, out)
    tester = Tester(os.path.join(build, "tests/otpcore_tests"), out)
    start = time.monotonic()
    late = lambda: options.minutes is not None and time.monotonic() - start > options.minutes * 60
    known, counts, survivors = accepted(), collections.Counter(), []
    attempt = lambda m: None if late() else judge(m, builder, tester, out)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool, open(kept, "a", encoding="utf-8") as log:
        for number, (m, result) in enumerate(zip(todo, pool.map(attempt, todo)), 1):
            if result is None:
                continue
            if result == "survived" and (m.key in known or f"{m.path}: {m.before} => *" in known):
                result = "explained"
            counts[result] += 1
            log.write(json.dumps({"place": m.place, "line": m.line, "kind": m.kind, "result": result}) + "\n")
            log.flush()
            if result == "survived":
                survivors.append(m)
                print(f"survived: {m.path}:{m.line}: {m.kind}: {m.before}  =>  {m.after}", flush=True)
            if number % 25 == 0:
                print(f"  {int(time.monotonic() - start)} s: {number} of {len(todo)}: {dict(counts)}", flush=True)
    tried = counts["killed"] + len(survivors) + counts["explained"]
    share = 100.0 * counts["killed"] / tried if tried else 100.0
    print(f"{tried} tried: {counts['killed']} killed ({share:.1f} %), {counts['explained']} explained, {len(survivors)} "
          f"survived; beside them {counts['same']} without effect, {counts['invalid']} that do not build")
    # Of all that were not explained.
    judged = counts["killed"] + len(survivors)
    return 1 if judged and 100.0 * counts["killed"] < options.least * judged else 0


if __name__ == "__main__":
    sys.exit(main())
