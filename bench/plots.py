#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws docs/performance-*.svg from the results.json of bench/run.py. Standard library only."""
import argparse
import json
import math
import os
from statistics import median
from xml.sax.saxutils import escape

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COLOURS = ("#1f5fa8", "#c4501b", "#2e7d4f", "#7a4fa3")
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 360, 70, 150, 44, 56


class Results:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.runs = json.load(file)["runs"]

    def sizes(self, program):
        return sorted({run["members"] for run in self.runs if run["program"] == program})

    def passes(self, program, case, members=None):
        for run in self.runs:
            if run["program"] == program and run["case"] == case and members in (None, run["members"]):
                return run["passes"]
        return []

    def median(self, program, case, members=None, counter="ns"):
        values = [p[counter] for p in self.passes(program, case, members) if counter in p]
        return median(values) if values else None


class Picture:
    """A chart with logarithmic x; y is linear from 0 up."""

    def __init__(self, title, x_label, y_label, x_range, y_max, y_text="{:g}".format):
        self.x_range, self.y_max = x_range, y_max
        self.parts = []
        self.labels = []
        self.text(WIDTH / 2 - 40, 22, title, size=15, weight="bold")
        self.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, x_label)
        self.parts.append(f'<text transform="translate(18 {(TOP + HEIGHT - BOTTOM) / 2:.0f}) rotate(-90)" '
                          f'text-anchor="middle" font-size="12">{escape(y_label)}</text>')
        step = nice_step(y_max)
        for i in range(int(y_max / step + 1e-9) + 1):
            self.line([(x_range[0], i * step), (x_range[1], i * step)], "#dddddd", 1)
            self.text(LEFT - 8, self.y(i * step) + 4, y_text(i * step), anchor="end")

    def x(self, value):
        low, high = (math.log10(v) for v in self.x_range)
        return LEFT + (math.log10(value) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        return HEIGHT - BOTTOM - value / self.y_max * (HEIGHT - TOP - BOTTOM)

    def text(self, x, y, text, anchor="middle", size=12, weight="normal", colour="#222222"):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
                          f'font-weight="{weight}" fill="{colour}">{escape(text)}</text>')

    def line(self, points, colour, width=2, dashed=False):
        path = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dash}/>')

    def ticks(self, values, label):
        for value in values:
            self.parts.append(f'<line x1="{self.x(value):.1f}" x2="{self.x(value):.1f}" y1="{HEIGHT - BOTTOM}" '
                              f'y2="{HEIGHT - BOTTOM + 5}" stroke="#888888"/>')
            self.text(self.x(value), HEIGHT - BOTTOM + 20, label(value))

    def series(self, points, name, colour, dashed=False):
        self.line(points, colour, dashed=dashed)
        for x, y in points:
            self.parts.append(f'<circle cx="{self.x(x):.1f}" cy="{self.y(y):.1f}" r="3" fill="{colour}"/>')
        self.labels.append((self.y(points[-1][1]), name, colour))

    def write(self, path):
        # Names stand beside the last points, moved apart where these are close.
        at = -100.0
        for y, name, colour in sorted(self.labels):
            at = max(y, at + 15)
            self.text(WIDTH - RIGHT + 10, at + 4, name, anchor="start", colour=colour)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
                       f'font-family="Helvetica, Arial, sans-serif">\n<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n'
                       + "\n".join(self.parts) + "\n</svg>\n")


def nice_step(most):
    raw = most / 5
    power = 10 ** math.floor(math.log10(raw))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= raw)


def power_text(value):
    exponent = round(math.log10(value))
    return "10" + "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(exponent))


def members_picture(results, path):
    cases = (("send", "send", COLOURS[0], False), ("right", "right code", COLOURS[1], False),
             ("wrong", "wrong code", COLOURS[2], False), ("floor_send", "floor of send", COLOURS[0], True),
             ("floor_right", "floor of right", COLOURS[1], True), ("floor_wrong", "floor of wrong", COLOURS[2], True))
    sizes = results.sizes("bench_commands")
    lines = {case: [(n, results.median("bench_commands", case, n) / 1000) for n in sizes] for case, *_ in cases}
    most = max(y for points in lines.values() for _, y in points)
    picture = Picture("CPU time of a command as Members grow", "Members in the store", "µs", (sizes[0], sizes[-1]), most * 1.1)
    picture.ticks(sizes, power_text)
    for case, name, colour, dashed in cases:
        picture.series(lines[case], name, colour, dashed)
    picture.write(path)


def past_picture(results, path):
    def points(kind, counts):
        return [(max(n, 0.7), results.median("bench_growth", f"{kind}_{n}") / 1000) for n in counts]
    resends, failures = points("resends", (1, 10, 100, 1000, 10000)), points("failures", (0, 1, 5, 10, 25))
    most = max(y for _, y in resends + failures)
    picture = Picture("CPU time of a command as a Member's past grows", "passcodes sent before, or failures in the record",
                      "µs", (0.7, 10000), most * 1.3)
    picture.ticks((0.7, 10, 100, 1000, 10000), lambda v: "0" if v < 1 else power_text(v))
    picture.series(resends, "send, after sends", COLOURS[0])
    picture.series(failures, "", COLOURS[2])
    picture.labels.pop()
    picture.text(picture.x(30), picture.y(failures[-1][1]) - 8, "wrong code, after failures", "start", colour=COLOURS[2])
    picture.write(path)


def latency_picture(results, path):
    passes = results.passes("bench_latency", "mixed")
    shares = {}
    for one in passes:
        for name, value in one.items():
            if name[0] == "h" and name[1:].isdigit():
                shares[int(name[1:])] = shares.get(int(name[1:]), 0) + 100 * value / len(passes)
    least = 1e-3  # percent; the axis is logarithmic, or the tail could not be seen
    buckets = [b for b in shares if shares[b] > least]
    low, high = min(buckets), max(buckets) + 1
    bounds = [2 ** (b / 8) / 1000 for b in range(low, high + 1)]  # µs
    picture = Picture("Latency of single commands, mixed load", "µs of CPU time", "% of commands", (bounds[0], bounds[-1]),
                      5, lambda decade: f"{least * 10 ** decade:g}")
    for bucket in range(low, high):
        x, share = picture.x(bounds[bucket - low]), math.log10(max(shares.get(bucket, 0), least) / least)
        width = picture.x(bounds[bucket - low + 1]) - x
        picture.parts.append(f'<rect x="{x:.1f}" y="{picture.y(share):.1f}" width="{max(width - 1, 1):.1f}" '
                             f'height="{picture.y(0) - picture.y(share):.1f}" fill="{COLOURS[0]}"/>')
    tick, marks = 10 ** math.floor(math.log10(bounds[0])), []
    while tick <= bounds[-1]:
        marks += [m * tick for m in (1, 2, 5) if bounds[0] <= m * tick <= bounds[-1]]
        tick *= 10
    picture.ticks(marks, lambda v: f"{v:g}")
    for i, (name, counter) in enumerate((("p50", "p50"), ("p99", "p99"), ("p99.9", "p999"))):
        value = median(one[counter] for one in passes) / 1000
        x = min(picture.x(value), WIDTH - RIGHT)
        picture.parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="{COLOURS[1]}" '
                             'stroke-dasharray="4 3"/>')
        picture.text(WIDTH - RIGHT + 10, TOP + 12 + 16 * i, f"{name}: {value:.3g} µs", "start", colour=COLOURS[1])
        picture.text(x + 4, TOP + 10, name, "start", size=11, colour=COLOURS[1])
    picture.write(path)


def threads_picture(results, path):
    def speed(case, clock):
        return [(n, n * results.median("bench_threads", f"{case}_1", counter=clock) /
                 results.median("bench_threads", f"{case}_{n}", counter=clock)) for n in (1, 2)]
    picture = Picture("Throughput of two threads, one thread = 1", "threads", "×", (0.95, 2.1), 2.5)
    picture.ticks((1, 2), lambda v: f"{v}")
    picture.series(speed("send", "ns"), "send, CPU time", COLOURS[0])
    picture.series(speed("control", "ns"), "control, CPU", COLOURS[2], True)
    picture.series(speed("send", "wall_ns"), "send, wall", COLOURS[1])
    picture.series(speed("control", "wall_ns"), "control, wall", COLOURS[3], True)
    picture.write(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", default=os.path.join(ROOT, "build/bench/results.json"))
    parser.add_argument("--out", default=os.path.join(ROOT, "docs"))
    options = parser.parse_args()
    results = Results(options.results)
    for name, draw in (("members", members_picture), ("past", past_picture), ("latency", latency_picture),
                       ("threads", threads_picture)):
        draw(results, os.path.join(options.out, f"performance-{name}.svg"))


if __name__ == "__main__":
    main()
