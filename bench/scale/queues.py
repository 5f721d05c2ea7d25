# SPDX-License-Identifier: Apache-2.0
"""Queues of a discrete-event simulation: time in ms, everything at random from one seed."""
import heapq
import random
from collections import deque


class World:
    """Runs processes: generators that yield a delay in ms, or a thing with `enter` that resumes them later."""

    def __init__(self, seed):
        self.now, self.events, self.count, self.random = 0.0, [], 0, random.Random(seed)

    def at(self, delay, process):
        self.count += 1  # events of one moment keep their order
        heapq.heappush(self.events, (self.now + delay, self.count, process))

    def run(self, until):
        while self.events and self.events[0][0] <= until:
            self.now, _, process = heapq.heappop(self.events)
            wish = next(process, None)
            if isinstance(wish, (int, float)):
                self.at(wish, process)
            elif wish is not None:
                wish.enter(process)


class Resource:
    """`size` places, first come, first served."""

    def __init__(self, world, size):
        self.world, self.free, self.queue = world, size, deque()

    def enter(self, process):
        if self.free > 0:
            self.free -= 1
            self.world.at(0, process)
        else:
            self.queue.append(process)

    def leave(self):
        if self.queue:
            self.world.at(0, self.queue.popleft())
        else:
            self.free += 1


class Log:
    """One sync at a time serves all who waited when it started. `slow`: every how many takes how long instead."""

    def __init__(self, world, sync, slow=None):
        self.world, self.time, self.slow, self.waiting, self.busy = world, sync, slow, [], False
        self.count = 0

    def enter(self, process):
        self.waiting.append(process)
        if not self.busy:
            self.busy = True
            self.world.at(0, self.sync())

    def sync(self):
        while self.waiting:
            served, self.waiting = self.waiting, []
            self.count += 1
            yield self.slow[1] if self.slow and self.count % self.slow[0] == 0 else self.time
            for process in served:
                self.world.at(0, process)
        self.busy = False


