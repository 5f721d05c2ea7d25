#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What arithmetic cannot tell of docs/scale.md: queues. A discrete-event simulation, the same output each time.

A command takes a connection of the pool, then a core of the database for its CPU time, then waits for the log to be
synced. One sync runs at a time and serves everybody who waited when it started. A first send asks the guard in between,
over one of the guard's own connections: one statement, which judges its quotas, and if they admit it judges and counts
under its Organization's lock, without waiting for the log.
"""
from queues import Log, Resource, World

# Measured (docs/scale.md), in ms: database CPU of a send, of one other statement of a first send, of judging its
# quotas, one log sync.
SEND_CPU, STATEMENT_CPU, JUDGE_CPU, SYNC = 0.46, 0.23, 0.42, 0.98
HOST_SEND_CPU, HOST_STATEMENT_CPU = 0.10, 0.06  # the host's, which shared the two cores where these were measured
CORES, ROUND_TRIP = 32, 0.3  # assumed
SLOW = (500, 100.0)  # assumed: every 500th sync takes so long
BEFORE_GUARD, AFTER_GUARD = 1, 4  # round trips of a first send: PostgresStore's load and commit


def use(resource, time):
    yield resource
    yield time
    resource.leave()


def send(world, pool, cores, log, cpu, done):
    start = world.now
    yield pool
    yield from use(cores, cpu())
    if log:
        yield log
    pool.leave()
    done.append(world.now - start)


def admission(pool, cores, lock, round_trip):
    yield pool
    yield round_trip
    yield from use(cores, JUDGE_CPU)
    if lock:  # without: it is refused
        yield lock
        yield from use(cores, JUDGE_CPU)
        lock.leave()
    pool.leave()


def refused(world, pool, cores, log, round_trip, done):
    start = world.now
    yield from admission(pool, cores, None, round_trip)
    done.append(world.now - start)


def first_send(world, pool, cores, log, lock, round_trip, done, cpu=STATEMENT_CPU):
    def statements(count):
        for _ in range(count):
            yield round_trip
            yield from use(cores, cpu)
    start = world.now
    yield from statements(BEFORE_GUARD)
    yield from admission(pool, cores, lock, round_trip)
    yield from statements(AFTER_GUARD)
    yield log
    done.append(world.now - start)


def busy(log):
    """All the other commands of a server, as far as the log is concerned: there is always a sync under way."""
    while True:
        yield log


def arrivals(world, per_second, make):
    while True:
        yield world.random.expovariate(per_second / 1000)
        world.at(0, make())


def shard(per_second, pool=10**9, cores=CORES, constant=False, synced=True, slow=None, commands=60000):
    """Latencies of sends that come at random; the first tenth, in which the queue builds up, is left out."""
    world, done = World(1), []
    parts = (Resource(world, pool), Resource(world, cores), Log(world, SYNC, slow) if synced else None)

    def cpu():
        return SEND_CPU if constant else world.random.expovariate(1 / SEND_CPU)
    world.at(0, arrivals(world, per_second, lambda: send(world, *parts, cpu, done)))
    world.run(commands / per_second * 1000)
    return done[len(done) // 10:]


def organization(per_second, make, pool, others, seconds=60):
    """Latencies of what one Organization asks for, and of first sends of others, each of an Organization of its own."""
    world, done, beside = World(2), [], []
    parts = (Resource(world, pool), Resource(world, CORES), Log(world, SYNC))
    world.at(0, busy(parts[2]))
    world.at(0, arrivals(world, per_second, lambda: make(world, *parts, done)))
    world.at(0, arrivals(world, others,
                         lambda: first_send(world, *parts, Resource(world, 1), ROUND_TRIP, beside)))
    world.run(seconds * 1000)
    return done, beside


def closed(clients, seconds, make):
    """Commands per second of clients that ask again as soon as they were answered."""
    world, done = World(3), []

    def client(parts):
        while True:
            yield from make(world, *parts, done)
    parts = (Resource(world, clients), Resource(world, 2), Log(world, SYNC), Resource(world, 1))
    for _ in range(clients):
        world.at(0, client(parts))
    world.run(seconds * 1000)
    return len(done) / seconds


def p(values, percent):
    return sorted(values)[len(values) * percent // 100] if values else float("inf")


def p99(done):
    """Or that the queue grows: what came last waited far longer than what came first."""
    tenth = len(done) // 10
    return "grows" if p(done[-tenth:], 50) > 3 * p(done[:tenth], 50) else f"{p(done, 99):.2f}"


def check():
    print("| one core, no log | load | mean wait, ms | theory |\n|---|---|---|---|")
    for constant, name in ((False, "M/M/1"), (True, "M/D/1")):
        for load in (0.5, 0.8, 0.9):
            done = shard(load * 1000 / SEND_CPU, cores=1, constant=constant, synced=False, commands=200000)
            theory = SEND_CPU * load / (1 - load) / (2 if constant else 1)
            print(f"| {name} | {load:.0%} | {sum(done) / len(done) - SEND_CPU:.3f} | {theory:.3f} |")


def measured():
    """The machine of docs/scale.md: eight clients, and two cores for them and the database."""
    def known(world, pool, cores, log, _, done):
        yield from send(world, pool, cores, log, lambda: SEND_CPU + HOST_SEND_CPU, done)

    def hot(world, pool, cores, log, lock, done):
        yield from first_send(world, pool, cores, log, lock, 0, done, STATEMENT_CPU + HOST_STATEMENT_CPU)

    def apart(world, pool, cores, log, _, done):
        yield from hot(world, pool, cores, log, Resource(world, 1), done)
    print("\n| eight clients at once, two cores | commands/s |\n|---|---|")
    for name, make in (("send", known), ("first send, one Organization", hot), ("first send, one Organization each", apart)):
        print(f"| {name} | {closed(8, 60, make):,.0f} |")


def shards():
    print("\n| load of the cores | sends/s | p50 ms | p99 ms | p99, slow syncs | p99, 64 connections | p99, 256 connections |")
    print("|---|---|---|---|---|---|---|")
    for load in (0.2, 0.5, 0.8, 0.9, 0.95):
        rate = load * CORES * 1000 / SEND_CPU
        plain = shard(rate)
        rest = [shard(rate, slow=SLOW, commands=200000), shard(rate, pool=64), shard(rate, pool=256)]
        print(f"| {load:.0%} | {rate:,.0f} | {p(plain, 50):.2f} | {p99(plain)} | "
              + " | ".join(p99(done) for done in rest) + " |")


def organizations():
    print("\n| one Organization's | connections of the guard | its p99 ms | the others' p99 ms |\n|---|---|---|---|")
    lock = None

    def admitted(world, pool, cores, log, done):
        nonlocal lock
        if lock is None or lock.world is not world:
            lock = Resource(world, 1)
        return first_send(world, pool, cores, log, lock, ROUND_TRIP, done)

    def flood(world, pool, cores, log, done):
        return refused(world, pool, cores, log, ROUND_TRIP, done)
    for name, make, rates in (("first sends", admitted, (278, 1000, 2000)), ("refused sends", flood, (2000, 5000, 8000))):
        for rate in rates:
            for pool in (4, 16):
                done, beside = organization(rate, make, pool, others=20)
                print(f"| {name}, {rate:,}/s | {pool} | {p99(done)} | {p99(beside)} |")


if __name__ == "__main__":
    for part in (check, measured, shards, organizations):
        part()
