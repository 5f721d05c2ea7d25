#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What was measured (by `make bench-scale`, or bench/scale/measured.json), and how many hosts and database servers so many
Members and sends take: those figures times the assumptions below, each line with its formula.

    capacity.py [FILE] [--members 1e9 --sends 1e5] [--share-of-first-sends 0.01 ...]
"""
import argparse
import json
import math
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ASSUMED = {  # name: value, what it is
    "authenticates": (1.0, "authenticates per send, right code, with a shared session directory"),
    "first": (0.01, "share of sends that go to a number not verified"),
    "headroom": (0.5, "the share of a resource that may be used"),
    "copies": (3, "copies of the data: a primary and two synchronous stand-bys"),
    "bloat": (1.5, "size of the table in use to its size when fresh"),
    "http_us": (200, "µs CPU of a host per request for HTTP, TLS and its own work"),
    "host_cores": (16, "cores of a host"),
    "db_cores": (32, "cores of a database server"),
    "wal_mb": (500, "MB/s of log that a database server can write and send to its stand-bys"),
    "iops": (100000, "random reads and writes per second of its disks"),
    "disk_tb": (4, "TB of its disks"),
    "checkpoint_s": (1800, "seconds between checkpoints"),
    "sync_ms": (1.0, "ms until a log sync is confirmed by the disks and the stand-bys"),
    "redis_gb": (128, "GB of memory of a Redis server"),
}
PAGE = 8192


def size(value):
    for unit in ("", "k", "M", "G", "T", "P"):
        if abs(value) < 1000 or unit == "P":
            return f"{value:.3g} {unit}".strip()
        value /= 1000


def print_measured(measured):
    print("| store, command | at once | commands/s | p50 ms | p99 ms | host CPU µs | database CPU µs | log bytes | page images | syncs |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for store in ("postgresql", "redis"):
        for name, job in measured[store]["jobs"].items():
            server = [f"{job[key]:.{digits}f}" if key in job else ""
                      for key, digits in (("log_bytes", 0), ("page_images", 2), ("syncs", 2))]
            print(f"| {store}, {name.replace('_', ' ')} | {job['threads']} | {job['per_second']:.0f} | {job['p50_us'] / 1000:.2f} | "
                  f"{job['p99_us'] / 1000:.2f} | {job['host_cpu_us']:.0f} | {job['db_cpu_us']:.0f} | " + " | ".join(server) + " |")
    database, send = measured["postgresql"], measured["postgresql"]["jobs"]["send"]
    print("\n| of a Member, a command, a sync | value |\n|---|---|")
    for store in ("postgresql", "redis"):
        for name, value in measured[store]["size"].items():
            if not isinstance(value, dict):
                print(f"| {store}, a Member, {name.replace('_', ' ')} | {value:.0f} |")
    for name, count in database["statements"].items():
        print(f"| postgresql, statements, {name.replace('_', ' ')} | {count} |")
    print(f"| 8 kB written and synced alone, ms | {database['fsync']['mean_us'] / 1000:.2f} |")
    print(f"| a sync of postgresql under send, ms | {send['sync_us'] / send['syncs'] / 1000:.2f} |")


def postgres(measured, a, members, sends):
    """Rows (what, formula, value), and the number of servers that each resource asks for."""
    jobs = measured["postgresql"]["jobs"]
    send, first, auth = jobs["send"], jobs["first_send"], jobs["authenticate_sessions"]
    disk = measured["postgresql"]["size"]
    known, new, auths = sends * (1 - a.first), sends * a.first, sends * a.authenticates

    def total(key):
        return known * send[key] + new * first[key] + auths * auth[key]
    host_us = total("host_cpu_us") + (sends + auths) * a.http_us
    data = members * (disk["table_bytes"] + disk["index_bytes"]) * a.bloat
    pages = data / PAGE
    writes = sends + auths  # of Members' records
    touches = writes * a.checkpoint_s / pages  # of one page between two checkpoints
    fresh = (1 - math.exp(-touches)) / touches  # share of the writes that are a page's first
    sparse, plain = jobs["send_after_checkpoint"], jobs["send_without_page_images"]
    images = sparse["page_images"] * fresh
    image_bytes = (sparse["log_bytes"] - plain["log_bytes"]) / sparse["page_images"]
    bare = {name: jobs[name]["log_bytes"] - jobs[name]["page_images"] * image_bytes
            for name in ("first_send", "authenticate_sessions")}
    bare["send"] = plain["log_bytes"]
    wal = (known * bare["send"] + new * bare["first_send"] + auths * bare["authenticate_sessions"]
           + writes * images * image_bytes)
    commits = known + 2 * new + 2 * auths  # the guard's, the sessions'
    io = writes * 2 + writes * images  # table and index page in, changed pages out
    servers = {
        "CPU": total("db_cpu_us") / 1e6 / a.db_cores / a.headroom,
        "log bandwidth": wal / 1e6 / a.wal_mb / a.headroom,
        "random I/O": io / a.iops / a.headroom,
        "disk space": data / 1e12 / a.disk_tb / a.headroom,
    }
    count = max(1, math.ceil(max(servers.values())))
    rows = [
        ("hosts", f"(sends × {send['host_cpu_us']:.0f} µs + authenticates × {auth['host_cpu_us']:.0f} µs + requests × "
         f"{a.http_us:.0f} µs) / ({a.host_cores:.0f} cores × headroom)", math.ceil(host_us / 1e6 / a.host_cores / a.headroom)),
        ("data, one copy, bytes", f"Members × ({disk['table_bytes']:.0f} + {disk['index_bytes']:.0f}) × bloat", data),
        ("data, all copies, bytes", f"× {a.copies:.0f}", data * a.copies),
        ("database CPU, cores", f"sends × {send['db_cpu_us']:.0f} µs + first sends × {first['db_cpu_us']:.0f} µs + "
         f"authenticates × {auth['db_cpu_us']:.0f} µs", total("db_cpu_us") / 1e6),
        ("share of writes with a page image", "(1 − e^−x) / x, x = writes between checkpoints per page", fresh),
        ("log, bytes/s", f"plain ({bare['send']:.0f} a send, {bare['authenticate_sessions']:.0f} an authenticate) + "
         f"images ({sparse['page_images']:.2f} a write × {image_bytes:.0f}) × that share", wal),
        ("random I/O per second", "2 reads a write, and a page back for each image", io),
        ("commits/s", "1 a send, 2 a first send, 2 an authenticate", commits),
    ]
    rows += [(f"servers for {name}", "the above / a server's × headroom", value) for name, value in servers.items()]
    limit = max(servers, key=servers.get)
    rows += [
        ("**database primaries**", f"the most of these: **{limit}**", count),
        ("database servers", f"primaries × {a.copies:.0f}", count * a.copies),
        ("sends/s at which one is full", f"its {limit} without headroom", sends / (servers[limit] * a.headroom)),
        ("commits that share a sync, on each", f"commits/s / primaries × {a.sync_ms} ms", commits / count * a.sync_ms / 1000),
        ("hours to 2 × 10^8 transaction ids, on each", "autovacuum's freeze limit", 2e8 / (commits / count) / 3600),
    ]
    return rows


def redis(measured, a, members, sends):
    jobs, disk = measured["redis"]["jobs"], measured["redis"]["size"]
    send, first, auth = jobs["send_64_at_once"], jobs["first_send"], jobs["authenticate_sessions"]
    new, auths = sends * a.first, sends * a.authenticates
    cpu = ((sends - new) * send["db_cpu_us"] + new * first["db_cpu_us"] + auths * auth["db_cpu_us"]) / 1e6
    log = (sends - new) * send["log_bytes"] + new * first["log_bytes"] + auths * auth["log_bytes"]
    servers = {
        "memory": members * disk["bytes"] / 1e9 / a.redis_gb / a.headroom,
        "CPU": cpu / a.headroom,
        "log bandwidth": log / 1e6 / a.wal_mb / a.headroom,
        "its one thread, which waits for each sync": (sends / send["per_second"] + auths / auth["per_second"]) / a.headroom,
    }
    limit = max(servers, key=servers.get)
    rows = [("Redis: memory, one copy, bytes", f"Members × {disk['bytes']:.0f}", members * disk["bytes"]),
            ("Redis: log, bytes/s", f"{send['log_bytes']:.0f} a send, {auth['log_bytes']:.0f} an authenticate", log),
            ("Redis: seconds of one server per second", f"sends / {send['per_second']:.0f} + authenticates / "
             f"{auth['per_second']:.0f}: what it reached with 64 clients", sends / send["per_second"] + auths / auth["per_second"])]
    rows += [(f"Redis: servers for {name}", "the above / a server's × headroom", value) for name, value in servers.items()]
    rows.append(("**Redis primaries**", f"the most of these: **{limit}**", math.ceil(max(servers.values()))))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", default=os.path.join(ROOT, "build/bench/scale.json"))
    parser.add_argument("--members", type=float)
    parser.add_argument("--sends", type=float)
    for name, (value, text) in ASSUMED.items():
        parser.add_argument("--" + name.replace("_", "-"), type=float, default=value, help=text)
    a = parser.parse_args()
    with open(a.file, encoding="utf-8") as file:
        measured = json.load(file)
    print_measured(measured)
    print("\n| assumed | value |\n|---|---|")
    for name, (_, text) in ASSUMED.items():
        print(f"| {text} (`--{name.replace('_', '-')}`) | {getattr(a, name):g} |")
    cases = [(1e7, 1e3), (1e8, 1e4), (1e9, 1e5)]
    if a.members or a.sends:
        cases = [(a.members or 1e9, a.sends or 1e5)]
    columns = [postgres(measured, a, *case) + redis(measured, a, *case) for case in cases]
    print("\n| | formula | " + " | ".join(f"{size(m)} Members, {size(s)} sends/s" for m, s in cases) + " |")
    print("|---|---|" + "---|" * len(cases))
    for lines in zip(*columns):
        print(f"| {lines[0][0]} | {lines[-1][1]} | " + " | ".join(size(line[2]) for line in lines) + " |")


if __name__ == "__main__":
    main()
