# SPDX-License-Identifier: Apache-2.0
"""Ports in memory, for tests and to see what each must do."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, Optional

import otpcore


class MemoryPorts:
    def __init__(self) -> None:
        self.records: dict[bytes, tuple[int, bytes]] = {}  # an empty record is a deleted one
        self.sessions: dict[str, otpcore.Session] = {}
        self.messages: list[otpcore.Message] = []
        self.delivery = otpcore.Delivery.ACCEPTED
        self._lock = threading.Lock()

    def load(self, keys: list[bytes]) -> otpcore.Loaded:
        with self._lock:
            return otpcore.Loaded({key: self.records[key] for key in keys
                                   if self.records.get(key, (0, b""))[1]})

    def commit(self, writes: list[otpcore.Write],
               message: Optional[otpcore.Message]) -> otpcore.Commit:
        with self._lock:  # all or none
            for write in writes:
                revision, record = self.records.get(write.key, (0, b""))
                if (revision if record else 0) != write.expected:
                    return otpcore.Commit.CONFLICT
            for write in writes:
                revision = self.records.get(write.key, (0, b""))[0]
                self.records[write.key] = (revision + 1, write.record)
        return otpcore.Commit.COMMITTED

    def find_session(self, kind: otpcore.SessionKind, value: str) -> Optional[otpcore.Session]:
        return self.sessions.get(value)

    def change_session(self, effect: otpcore.SessionEffect) -> bool:
        with self._lock:
            # One to be created has no token yet: whoever ran the command makes it.
            if not effect.session or effect.kind == "extend":
                return not effect.session or effect.session in self.sessions
            return self.sessions.pop(effect.session, None) is not None

    def admit(self, admission_id: bytes, quotas: list[otpcore.Quota]) -> otpcore.Admission:
        return otpcore.Admission()

    def settle(self, admission_id: bytes, spent: bool) -> None:
        pass

    def deliver(self, message: otpcore.Message) -> otpcore.Delivery:
        if self.delivery == otpcore.Delivery.ACCEPTED:
            self.messages.append(message)
        return self.delivery


class AsyncMemoryPorts:
    """The same behind coroutines that let others run."""

    def __init__(self, inner: MemoryPorts) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        function = getattr(self.inner, name)

        async def call(*arguments: Any) -> Any:
            await asyncio.sleep(0)
            return function(*arguments)

        return call
