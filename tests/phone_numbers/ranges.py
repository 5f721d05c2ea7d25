#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares src/rules/data/number_ranges.csv with newer metadata of phone numbers.

    ranges.py superfluous METADATA   rows whose numbers the metadata calls valid, all of them
    ranges.py unknown METADATA       rows of which it does not, such as area codes it lacks
    ranges.py new OLD METADATA       rows for the mobile ranges that METADATA has and OLD has not

METADATA is metadata.max.json of the npm package libphonenumber-js, any version with OLD that of libphonenumber 8.12.57,
which is 1.10.14. A row is superfluous for good once no libphonenumber without its range is supported. What `new` prints
lacks since and source, and an operator should look at it before it goes into the table.
"""
import collections
import csv
import json
import pathlib
import re
import sys

TABLE = pathlib.Path(__file__).parents[2] / "src/rules/data/number_ranges.csv"
# In the order of the file; what a passcode can be received on comes from these three.
TYPES = ("fixed-line", "mobile", "toll-free", "premium-rate", "personal", "voicemail", "uan", "pager", "voip", "shared-cost")
ANY_DIGIT = frozenset("0123456789")


class Automaton:
    """A deterministic automaton of a pattern of digits: next[state][digit], state 0 is dead."""

    def __init__(self, pattern):
        self.text, self.at = pattern, 0
        self.empty, self.step = [], []  # of the nondeterministic one: edges without and with a digit
        start = self.node()
        end = self.alternatives(start)
        assert self.at == len(pattern), pattern
        self.next, self.accepts = [[0] * 10], [False]
        known, waiting = {}, []

        def state_of(nodes):
            closed, todo = set(nodes), list(nodes)
            while todo:
                for node in self.empty[todo.pop()]:
                    if node not in closed:
                        closed.add(node)
                        todo.append(node)
            closed = frozenset(closed)
            if not closed:
                return 0
            if closed not in known:
                known[closed] = len(self.next)
                self.next.append(None)
                self.accepts.append(end in closed)
                waiting.append(closed)
            return known[closed]

        self.start = state_of([start])
        while waiting:
            nodes = waiting.pop()
            self.next[known[nodes]] = [
                state_of([to for n in nodes if self.step[n] for digits, to in [self.step[n]] if str(d) in digits])
                for d in range(10)]

    def node(self):
        self.empty.append([])
        self.step.append(None)
        return len(self.empty) - 1

    def peek(self):
        return self.text[self.at] if self.at < len(self.text) else ""

    def alternatives(self, start):
        end = self.node()
        while True:
            first = self.node()
            self.empty[start].append(first)
            self.empty[self.sequence(first)].append(end)
            if self.peek() != "|":
                return end
            self.at += 1

    def sequence(self, node):
        while self.peek() not in ("", "|", ")"):
            begin = self.at
            inner = self.atom(node)
            end_of_atom = self.at
            repeat = re.match(r"\{(\d+)(?:,(\d+))?\}|\?", self.text[self.at:])
            if not repeat:
                node = inner
                continue
            after = self.at + repeat.end()
            least = 0 if repeat[0] == "?" else int(repeat[1])
            most = 1 if repeat[0] == "?" else int(repeat[2] or repeat[1])
            end = self.node()
            for count in range(most):
                if count >= least:
                    self.empty[node].append(end)
                self.at = begin
                node = self.atom(node)
                assert self.at == end_of_atom
            self.empty[node].append(end)
            node, self.at = end, after
        return node

    def atom(self, node):
        if self.text.startswith("(?:", self.at):
            self.at += 3
            end = self.alternatives(node)
            assert self.peek() == ")", self.text
            self.at += 1
            return end
        one = re.match(r"\\d|\d|\[[^]]*\]", self.text[self.at:])
        assert one, self.text[self.at:]
        self.at += one.end()
        digits = ANY_DIGIT if one[0] == "\\d" else digits_of(one[0].replace("\\d", "0-9"))
        first, end = self.node(), self.node()
        self.empty[node].append(first)
        self.step[first] = (digits, end)
        return end


def digits_of(place):
    """ "7" or "[2-57]" as a set of digits."""
    digits = set()
    for first, last in re.findall(r"(\d)(?:-(\d))?", place):
        digits |= {str(d) for d in range(int(first), int(last or first) + 1)}
    return frozenset(digits)


def place_of(digits):
    """The other way round."""
    values = sorted(int(d) for d in digits)
    if len(values) == 1:
        return str(values[0])
    text, i = "[", 0
    while i < len(values):
        j = i
        while j + 1 < len(values) and values[j + 1] == values[j] + 1:
            j += 1
        text += str(values[i]) if i == j else str(values[i]) + ("-" if j > i + 1 else "") + str(values[j])
        i = j + 1
    return text + "]"


class Metadata:
    """The patterns of a metadata.max.json: (general, of a type, its lengths)."""

    def __init__(self, path):
        data = json.loads(pathlib.Path(path).read_text())
        self.automata = {}
        self.regions_of = data["country_calling_codes"]  # the main one first
        self.patterns = collections.defaultdict(dict)
        for region, entry in data["countries"].items():
            general, lengths, types = self.automaton(entry[2]), entry[3], entry[11] if len(entry) > 11 else []
            for name, of_type in zip(TYPES, types or []):
                if not of_type:
                    continue
                pattern, own = (of_type, None) if isinstance(of_type, str) else (of_type[0], (of_type + [None])[1])
                if name == "mobile" and not pattern:
                    pattern = types[0][0]  # the same as fixed lines
                self.patterns[region][name] = (general, self.automaton(pattern), frozenset(own or lengths))

    def automaton(self, pattern):
        if pattern not in self.automata:
            self.automata[pattern] = Automaton(pattern)
        return self.automata[pattern]

    def of_code(self, code):
        return [p for region in self.regions_of.get(code, []) for p in self.patterns[region].values()]

    def code_of(self, e164):
        return next((e164[1:n] for n in (2, 3, 4) if e164[1:n] in self.regions_of), None)


def tree(plus, minus, length, places=()):
    """Numbers of `length` digits with these first places that match a pattern of `plus` and none of `minus`: True for
    all, False for none, else a tuple by the next digit. Where places are given: a list, of each way to fill them."""
    patterns = [p for p in plus + minus]
    used = [length in lengths for _, _, lengths in patterns]
    kept = {}

    def go(state, left):
        if (state, left) in kept:
            return kept[state, left]
        if left == 0:
            matches = [u and g.accepts[a] and p.accepts[b] for u, (g, p, _), (a, b) in zip(used, patterns, state)]
            result = any(matches[:len(plus)]) and not any(matches[len(plus):])
        elif not any(u and a and b for u, (a, b) in list(zip(used, state))[:len(plus)]):
            result = False
        else:
            branches = tuple(go(follow(state, d), left - 1) for d in range(10))
            result = branches[0] if branches[0] in (True, False) and all(b is branches[0] for b in branches) else branches
        kept[state, left] = result
        return result

    def follow(state, digit):
        return tuple((g.next[a][digit], p.next[b][digit]) for (g, p, _), (a, b) in zip(patterns, state))

    states = {tuple((g.start, p.start) for g, p, _ in patterns)}
    for digits in places:
        states = {follow(state, int(d)) for state in states for d in digits}
    found = [go(state, length - len(places)) for state in states]
    return found if places else found[0]


def prefixes(branches, before=()):
    """The shortest prefixes of which a tree holds all numbers."""
    if branches is True:
        yield before
    elif branches is not False:
        for digit, branch in enumerate(branches):
            yield from prefixes(branch, before + (frozenset(str(digit)),))


def merged(found):
    """Prefixes that differ in one place become one."""
    found, before = set(found), None
    while found != before:
        before = set(found)
        for at in reversed(range(max(map(len, found)))):
            groups = collections.defaultdict(list)
            for prefix in found:
                if at < len(prefix):
                    groups[prefix[:at], prefix[at + 1:]].append(prefix)
            for (front, back), group in groups.items():
                if len(group) > 1:
                    found -= set(group)
                    found.add(front + (frozenset().union(*(p[at] for p in group)),) + back)
    return sorted("".join(map(place_of, prefix)) for prefix in found)


def table():
    lines = [line for line in TABLE.read_text().splitlines() if not line.startswith("#")]
    for region, prefix, digits, kind, *_ in csv.reader(lines):
        yield region, prefix, [int(n) for n in digits.split("-")], kind


def is_known(metadata, region, prefix, digits):
    """Whether the metadata calls every number of a range valid, as one of the region's."""
    code = metadata.code_of(prefix)
    if code is None or region not in metadata.patterns:
        return False
    places = [digits_of(place) for place in re.findall(r"\d|\[[^]]*\]", prefix[1 + len(code):])]
    patterns = [p for name, p in metadata.patterns[region].items() if name in ("mobile", "fixed-line", "voip")]
    return all(result is True for length in range(digits[0], digits[-1] + 1)
               for result in tree(patterns, [], length - len(code), places))


def new_rows(old, new):
    for code, regions in sorted(new.regions_of.items()):
        known = old.of_code(code)
        for region in regions:
            types = new.patterns[region]
            if "mobile" not in types:
                continue
            for length in sorted(types["mobile"][2]):
                if not 8 <= len(code) + length <= 15:
                    continue
                found = tree([types["mobile"]], known, length)
                if found is not False:
                    for prefix in merged(prefixes(found)):
                        yield f"{region},+{code}{prefix},{len(code) + length},mobile"
            known = known + list(types.values())  # numbers are of the first region that has them


def main(arguments):
    if len(arguments) == 2 and arguments[0] in ("superfluous", "unknown"):
        metadata = Metadata(arguments[1])
        for region, prefix, digits, kind in table():
            if is_known(metadata, region, prefix, digits) == (arguments[0] == "superfluous"):
                print(region, prefix, kind)
    elif len(arguments) == 3 and arguments[0] == "new":
        print("\n".join(new_rows(Metadata(arguments[1]), Metadata(arguments[2]))))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
