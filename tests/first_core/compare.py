#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the first core against this tree's: compare.py FIRST SECOND [--steps N] [--seed S] [--world W]

FIRST and SECOND are driver.cc compiled with each core. Both play the same worlds. Their lines must be
equal, but for the differences in INTENDED. After a difference that leaves the two cores in different
states the rest of that world is not compared; steps are counted as far as they were. An entry of
INTENDED that is never met fails the run as well: its difference is gone, so it would hide another.
A difference that no entry explains is printed with the fewest steps found that still show it."""
import argparse
import re
import subprocess
import sys
import time


class Line:
    """One call as a driver prints it: tab-separated fields, the first is the step."""

    def __init__(self, text):
        self.text = text
        self.step, *fields = text.split("\t")
        self.fields = [field.partition("=") for field in fields]

    def get(self, name):
        return next((value for key, _, value in self.fields if key == name), "")

    def all(self, name):
        return [value for key, _, value in self.fields if key == name]

    @property
    def verb(self):
        return self.get("call").split(" ")[0]

    @property
    def error(self):
        return self.get("error").split(" ")[-1]

    @property
    def quotas(self):
        return [text.rpartition(" ")[0] for text in self.all("admit")]

    @property
    def inert(self):
        """Nothing was written, asked for or shown."""
        return not any(self.all(name) for name in ("admit", "commit", "session", "sms", "member", "org"))

    def without(self, *names):
        return [field for field in self.fields if field[0] not in names and field[0][0] != "~"]


class Intended:
    """`test(first, second)` tells whether the difference is this one. `same_state`: both cores have done
    the same, so the rest of the world is compared too; else it is if neither has done anything."""

    def __init__(self, rule, why, test, same_state=False):
        self.rule, self.why, self.test, self.same_state = rule, why, test, same_state
        self.met = 0


# Events that this tree's core alone has (V-01). They are left out before lines are compared.
NEW_EVENTS = ["default_method_changed", "breakglass_changed", "email_changed", "name_changed",
              "external_id_changed", "activated", "deleted", "reactivated", "purged", "totp_set",
              "totp_cleared", "updated", "organization_deleted", "organization_policy_changed",
              "organization_methods_changed", "organization_names_changed"]


def as_first(line):
    """A line of the second core with the events that the first one has."""
    def events(match):
        about, *told = match.group(1).split(" ")
        kept = [event for event in told if event.split(":")[0] not in NEW_EVENTS]
        kept = [re.sub("^organization_created:", "created:", event) for event in kept]
        return "\tevents=" + " ".join([about, *kept]) if kept else ""
    return re.sub("\tevents=([^\t]*)", events, line)


# Of several names that are taken, the first of these answers (M-06).
TAKEN = ["bad_request", "organization_slug_already_used", "organization_external_id_already_used",
         "duplicate_member_external_id", "duplicate_member_email", "duplicate_member_phone_number"]


def earlier_name(a, b):
    return (a.error in TAKEN and b.error in TAKEN and TAKEN.index(b.error) < TAKEN.index(a.error)
            and a.without("error") == b.without("error"))


# What the form of a request alone can be refused with.
FORM = ["bad_request", "invalid_id", "invalid_phone_number", "invalid_organization_slug",
        "invalid_organization_mfa_policy", "invalid_organization_allowed_mfa_methods"]


def judges_form_first(a, b):
    return (b.error in FORM and a.error != b.error and a.verb.endswith("-organization")
            and not a.all("commit") and not b.all("commit"))


def did_nothing(line):
    """But for commits that another's came before."""
    return set(line.all("commit")) <= {"2"} and not any(line.all(name) for name in ("session", "sms", "member", "org"))


# What takes more than a primary factor, where there is a second one (C-10, S-12).
def asks_for_factor(a, b):
    return (a.verb in ("update-member", "delete-phone", "set-totp") and b.error == "insufficient_factors"
            and re.search(" (intermediate|session|jwt)=", a.get("call")))


INTENDED = [
    Intended("C-10", "what is the host's alone is refused to a person",
             lambda a, b: a.verb == "update-member" and b.error == "unauthorized_action"),
    Intended("C-10", "without the second factor a person changes nothing but the name", asks_for_factor),
    Intended("S-12", "a number that the host linked is replaced by no send without a second factor",
             lambda a, b: a.verb == "send" and b.error == "insufficient_factors" and " number=" in a.get("call")),
    Intended("M-06", "the form of a request about an Organization is judged before anything is loaded",
             judges_form_first),
    Intended("M-06", "of several names that are taken the first by id, external id, e-mail, number answers",
             earlier_name),
    Intended("C-08", "every attempt draws a run id, so a generator that fails refuses every command",
             lambda a, b: b.error == "internal_server_error" and "no-entropy" in b.get("~met")),
    Intended("C-08", "two runs of one operation are told apart: a commit in doubt is not the other's",
             lambda a, b: "4" in a.all("commit") and b.error == "server_unavailable"
             and re.search(" nested| stale", b.get("~met"))),
    Intended("C-07", "the latest operation alone is repeated: an MFA step before it that now sends nothing initiated nothing",
             lambda a, b: a.verb == b.verb == "mfa-step" and a.without("mfa") == b.without("mfa")
             and " late" in b.get("~met") and not b.all("sms")
             and a.get("mfa") == b.get("mfa").replace(" not initiated", " initiated")),
    Intended("C-07", "an operation id is answered for the same request only, and for a day",
             lambda a, b: b.error == "bad_request" != a.error and did_nothing(b)
             and re.search(" again.*( changed| old| rotated)", b.get("~met"))),
    Intended("C-07", "a repetition writes nothing, so it tells of no clock anomaly",
             lambda a, b: " again" in b.get("~met") and a.all("events") and not b.all("events")
             and a.without("events") == b.without("events"), same_state=True),
    Intended("A-05", "dashes, blanks in a row and invisible marks in a typed code are read over",
             lambda a, b: a.error == "invalid_code" and re.search("code=.*(  | - |\u2013|\u200b)", a.get("call"))),
    Intended("N-06", "a number of a range that is newer than the packaged metadata is taken",
             lambda a, b: a.error == "invalid_phone_number" != b.error and "+13505550123" in a.get("call")),
    Intended("N-06", "a number that is imported as verified needs its form only",
             lambda a, b: a.verb == "create-member" and a.error == "invalid_phone_number" != b.error
             and " number_verified" in a.get("call")),
    Intended("L-07", "the conversion guard counts Members, numbers and ends of passcodes; too many requests wins",
             lambda a, b: a.quotas == b.quotas and a.all("admit") != b.all("admit")),
    Intended("N-08", "quotas go by the handset: Argentina's two forms are one number",
             lambda a, b: a.quotas != b.quotas
             and [text.replace("+5491", "+541") for text in a.quotas] == b.quotas),
    Intended("N-08", "claims go by the handset: Argentina's two forms are one number",
             lambda a, b: b.error == "duplicate_member_phone_number" != a.error
             and re.search("\\+54(9?)1123456789", a.get("call") + a.get("admit") + a.get("member"))),
    Intended("S-18", "a locale is looked up by its language: a send that was refused is judged",
             lambda a, b: a.error == "invalid_locale" != b.error and " locale=" in a.get("call")),
    Intended("S-18", "a locale is looked up by its language: the MFA step's SMS is in it",
             lambda a, b: a.verb == b.verb == "mfa-step" and " locale=" in a.get("call")
             and a.all("sms") != b.all("sms") and a.without("sms") == b.without("sms"), same_state=True),
    Intended("-", "the reply of report-delivery shows the Member and the Organization",
             lambda a, b: a.verb == b.verb == "report-delivery" and b.error == ""
             and a.without() == b.without("member", "org"), same_state=True),
]


def equal(a, b):
    """Beside the faults that struck, which a core meets only where it asks for something."""
    return a == b or a.partition("\t~met=")[0] == b.partition("\t~met=")[0]


def explain(a, b):
    first, second = Line(a), Line(b)
    return [entry for entry in INTENDED if entry.test(first, second)]


def worlds(command, read_as_first=False):
    """Yields (number, lines) of each world that a driver plays."""
    read = as_first if read_as_first else str
    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=1 << 20, encoding="utf-8",
                          errors="backslashreplace") as process:
        try:
            number, lines = None, []
            for line in process.stdout:
                if line.startswith("world "):
                    if number is not None:
                        yield number, lines
                    number, lines = int(line.split()[1]), []
                else:
                    lines.append(read(line.rstrip("\n")))
            if number is not None:
                yield number, lines
        finally:
            process.kill()
    if process.returncode not in (0, -9, -13):
        sys.exit(f"{command[0]} ended with {process.returncode}")


def differ(first, second, on_listed=None):
    """(lines that were compared, the first pair that nothing explains or None)"""
    at_a = at_b = compared = 0
    while at_a < len(first) or at_b < len(second):
        a = first[at_a] if at_a < len(first) else "(nothing)"
        b = second[at_b] if at_b < len(second) else "(nothing)"
        # A call nested before a commit that one core alone asks for: the outer calls tell why.
        step_a, step_b = Line(a).step, Line(b).step
        at_a += 1
        at_b += 1
        if step_a == step_b + ".1":
            at_b -= 1
            continue
        if step_b == step_a + ".1":
            at_a -= 1
            continue
        compared += step_a[0].isdigit()  # neither the setting up nor the last look
        if equal(a, b):
            continue
        entries = explain(a, b)
        if not entries:
            return compared, (a, b)
        if on_listed:
            on_listed(entries, a, b)
        if not all(entry.same_state for entry in entries) and not (Line(a).inert and Line(b).inert):
            return compared, None
    return compared, None


def kind_of(pair):
    a, b = Line(pair[0]), Line(pair[1])
    names = sorted({key for key, _, _ in a.fields + b.fields if a.all(key) != b.all(key)} - {"~met"})
    return a.verb, b.verb, a.error, b.error, names


def shrink(arguments, world, last_step):
    """The fewest steps found after which the same still differs."""
    def play(steps):
        tail = [str(arguments.seed), str(world), "1", ",".join(map(str, steps))]
        outputs = [next(worlds([arguments.first, *tail]))[1], next(worlds([arguments.second, *tail], True))[1]]
        return outputs, differ(*outputs)[1]

    steps = list(range(last_step + 1))
    pair = play(steps)[1]
    if pair is None:  # it shows at the end only
        steps = list(range(300))
        pair = play(steps)[1]
    kind = kind_of(pair)
    size = max(len(steps) // 2, 1)
    while size > 0:
        at = 0
        while at < len(steps):
            tried = steps[:at] + steps[at + size:]
            found = play(tried)[1]
            if found and kind_of(found) == kind:
                steps = tried
            else:
                at += size
        size //= 2
    return steps, *play(steps)


def report(arguments, world, pair):
    step = Line(pair[0]).step.split(".")[0]
    steps, outputs, pair = shrink(arguments, world, int(step) if step.isdigit() else 299)
    print(f"\nFAILED: world {world} differs. The fewest steps found: {','.join(map(str, steps))}")
    for line in outputs[0]:
        if equal(line, pair[0]):
            break
        if not line.startswith("set-up"):
            print("  " + line.replace("\t", "\n      "))
    print("first:\n  " + pair[0].replace("\t", "\n      "))
    print("second:\n  " + pair[1].replace("\t", "\n      "))
    print(f"what differs: {', '.join(kind_of(pair)[4])}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first")
    parser.add_argument("second")
    parser.add_argument("--steps", type=lambda text: int(float(text)), default=100000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--world", type=int, help="only this one")
    parser.add_argument("--examples", action="store_true", help="show an example of each difference")
    arguments = parser.parse_args()
    start = time.monotonic()
    examples = {}

    def on_listed(entries, a, b):
        for entry in entries:
            entry.met += 1
            examples.setdefault(entry.why, (a, b))

    tail = [str(arguments.seed), str(arguments.world or 1), "1" if arguments.world else "0"]
    steps = skipped = played = 0
    pairs = zip(worlds([arguments.first, *tail]), worlds([arguments.second, *tail], True))
    for (world, first), (_, second) in pairs:
        compared, pair = differ(first, second, on_listed)
        random_steps = sum(line[0].isdigit() for line in first)
        if pair is not None:
            report(arguments, world, pair)
            return 1
        played += 1
        steps += compared
        skipped += max(random_steps - compared, 0)
        if steps >= arguments.steps:
            break
    seconds = time.monotonic() - start
    print(f"{steps} steps of {played} worlds compared, {skipped} not compared after a listed difference, "
          f"seed {arguments.seed}, {steps / seconds:.0f} steps/s")
    dead = False
    for entry in INTENDED:
        print(f"{entry.met:9}  {entry.rule:6} {entry.why}")
        if arguments.examples and entry.why in examples:
            a, b = (Line(text) for text in examples[entry.why])
            print("             " + a.get("call"))
            for key in dict.fromkeys(field[0] for field in a.fields + b.fields):
                if a.all(key) != b.all(key):
                    print(f"             {key}: {a.all(key)} -> {b.all(key)}")
        dead = dead or entry.met == 0
    if arguments.world is None and arguments.steps >= 100000 and dead:
        print("FAILED: a listed difference was never met")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
