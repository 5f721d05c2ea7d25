# SPDX-License-Identifier: Apache-2.0
"""otpcore for Python: one-time codes for the Members of an Organization, over the C interface.

    config = Config(keys={1: key}, brand="Acme")
    engine = Engine(config, ports)              # ports: an object with the methods of Ports
    reply = engine.run("send_sms_otp", organization_id="acme", member_id="ada")
    if not reply.ok:
        log(reply.error_type, reply.retry_after)

The library performs no I/O: an Engine asks its ports, and an AsyncEngine awaits those of AsyncPorts.
Commands and fields have the names of otpcore/c/otpcore.h. A Config may be used by any number of
threads, an Engine too when its ports may.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Generator, Iterable, Mapping, Optional, Protocol, Union

from . import _c

__all__ = [
    "Admission", "AsyncEngine", "AsyncPorts", "Commit", "Config", "ConfigError", "Delivery",
    "Engine", "Factor", "Loaded", "Message", "Ports", "Quota", "Reply", "Session", "SessionEffect",
    "SessionKind", "Write",
]

_log = logging.getLogger(__name__)

Value = Union[str, bytes, bool, int, float, Iterable[Union[str, bytes]], None]


class ConfigError(ValueError):
    """A setting that there is not, a value it cannot have, or settings that make no sense."""


class SessionKind(IntEnum):
    INTERMEDIATE_TOKEN = 1
    SESSION_TOKEN = 2
    SESSION_JWT = 3


class Factor(IntEnum):
    HOST_PRIMARY = 1
    EMAIL = 2
    SMS = 4
    TOTP = 8
    RECOVERY_CODE = 16


class Commit(IntEnum):
    COMMITTED = 1
    CONFLICT = 2  # some revision was another: nothing was applied
    NOT_COMMITTED = 3  # surely nothing was applied
    UNKNOWN = 4  # anything else, above all a time-out


class Delivery(IntEnum):
    ACCEPTED = 1
    REJECTED = 2  # this number will not get it
    UNAVAILABLE = 3  # surely not sent
    UNKNOWN = 4  # perhaps sent
    UNSUBSCRIBED = 5  # rejected, because the person opted out


@dataclass(frozen=True)
class Loaded:
    """What a store has: for each key that is there its revision and record."""

    records: Mapping[bytes, tuple[int, bytes]]
    epoch: int = 0  # changes when the store was restored from a backup


@dataclass(frozen=True)
class Write:
    key: bytes
    expected: int  # revision; 0: the key must be free
    record: bytes  # empty: delete


@dataclass(frozen=True)
class Session:
    organization_id: str
    member_id: str
    factors: int  # a sum of Factor
    session_id: str = ""
    email_address: str = ""  # that its e-mail factor proved; of a session of no Member the ids are empty


@dataclass(frozen=True)
class SessionEffect:
    kind: str  # "create", "create_intermediate", "upgrade" or "extend"
    session_kind: Optional[SessionKind]  # None, and session empty: one is to be created
    session: str
    organization_id: str
    member_id: str
    duration: float  # seconds
    factor: Factor
    factor_id: str
    address: str


@dataclass(frozen=True, repr=False)
class Message:
    """A passcode on its way to a person. `text` and `passcode` are secret, so it has no repr."""

    challenge_id: bytes  # the idempotency key
    organization_id: str
    member_id: str
    channel: str
    to: str
    locale: str
    text: str
    passcode: str
    brand: str
    minutes: int
    expires_at: float  # seconds since 1970
    # Of the channel "email"; else empty.
    subject: str = ""
    template_id: str = ""
    purpose: str = ""  # "login" or "signup"


@dataclass(frozen=True)
class Quota:
    subject: int  # 1 address, 2 region, 3 organization, 4 conversion, 5 e-mail of an organization
    max: int
    min_ended: int
    window: float  # seconds
    life: float
    organization_id: bytes
    member_id: bytes
    address: str
    region: str
    replaces: bytes


@dataclass(frozen=True)
class Admission:
    kind: int = 0  # 0 admitted, 1 too many, 2 too few authenticated, 3 the guard is unreachable
    retry_after: float = 0.0


class Ports(Protocol):
    """What a host brings. `load` and `find_session` raise any exception when they cannot answer."""

    def load(self, keys: list[bytes]) -> Loaded: ...
    def commit(self, writes: list[Write], message: Optional[Message]) -> Commit: ...
    def find_session(self, kind: SessionKind, value: str) -> Optional[Session]: ...
    def change_session(self, effect: SessionEffect) -> bool: ...
    def admit(self, admission_id: bytes, quotas: list[Quota]) -> Admission: ...
    def settle(self, admission_id: bytes, spent: bool) -> None: ...
    def deliver(self, message: Message) -> Delivery: ...


class AsyncPorts(Protocol):
    """The same for an event loop."""

    async def load(self, keys: list[bytes]) -> Loaded: ...
    async def commit(self, writes: list[Write], message: Optional[Message]) -> Commit: ...
    async def find_session(self, kind: SessionKind, value: str) -> Optional[Session]: ...
    async def change_session(self, effect: SessionEffect) -> bool: ...
    async def admit(self, admission_id: bytes, quotas: list[Quota]) -> Admission: ...
    async def settle(self, admission_id: bytes, spent: bool) -> None: ...
    async def deliver(self, message: Message) -> Delivery: ...


@dataclass(frozen=True, repr=False)
class Reply:
    """How a command ended. `body` may hold secrets, so it has no repr."""

    code: int  # 0: success; else a number of docs/errors.md
    error_type: str  # the wire name; "" for success
    message: str  # for a developer
    http_status: int
    retry_after: float  # seconds; 0: waiting does not help
    body: Mapping[str, Any]  # the response by its wire names
    events: list[Mapping[str, Any]]  # for the audit log
    sends_left: int
    tries_left: int

    @property
    def ok(self) -> bool:
        return self.code == 0


class Config:
    """Policy, messages and keys, checked together. `settings` are those of otpcore_config_set."""

    def __init__(self, keys: Mapping[int, bytes], sealing_keys: Mapping[int, bytes] = {},
                 **settings: Value) -> None:
        self._handle = _c.lib.otpcore_config_new()
        if not self._handle:
            raise MemoryError
        for key_id, key in keys.items():
            _c.check(_c.lib.otpcore_config_add_key(self._handle, key_id, _key(key)))
        for key_id, key in sealing_keys.items():
            _c.check(_c.lib.otpcore_config_add_sealing_key(self._handle, key_id, _key(key)))
        # The preset sets all of the policy, so it comes first.
        for name, value in sorted(settings.items(), key=lambda item: item[0] != "preset"):
            self._set(name.replace("__", "."), value)
        problem = _c.View()
        if _c.lib.otpcore_config_seal(self._handle, problem) != 0:
            raise ConfigError(problem.text())

    def _set(self, name: str, value: Value) -> None:
        texts = list(_texts(value))
        if not isinstance(value, (str, bytes, bool, int, float)):
            texts.insert(0, b"")  # a list replaces the one that is there
        for text in texts:
            code = _c.lib.otpcore_config_set(self._handle, name.encode(), text, len(text))
            if code != 0:
                raise ConfigError(f"{name}: {_c.REASONS.get(code, code)}")

    def __del__(self) -> None:
        _c.lib.otpcore_config_free(getattr(self, "_handle", None))


def _key(key: bytes) -> bytes:
    if len(key) != 32:
        raise ConfigError("a key has 32 bytes")
    return key


def _texts(value: Value) -> Iterable[bytes]:
    if value is None:
        return []
    if isinstance(value, bool):
        return [b"true" if value else b"false"]
    if isinstance(value, (str, int, float)):
        return [str(value).encode()]
    if isinstance(value, bytes):
        return [value]
    return [text for one in value for text in _texts(one)]


# ---- The loop: a generator yields (port, arguments) and is sent what the port answered ----

_Call = tuple[str, tuple[Any, ...]]


class _Failed(Exception):
    """The port raised."""


class _Operation:
    def __init__(self, config: Config, command: str, operation_id: Optional[bytes],
                 fields: Mapping[str, Value]) -> None:
        if operation_id is not None and len(operation_id) != 16:
            raise ValueError("an operation id has 16 bytes")
        self._config = config  # it must live as long
        self._op = _c.lib.otpcore_op_new(config._handle, command.encode(), operation_id)
        if not self._op:
            raise ValueError(f"there is no command {command}")
        for name, value in fields.items():
            for text in _texts(value):
                code = _c.lib.otpcore_op_set(self._op, name.encode(), text, len(text))
                if code != 0:
                    raise ValueError(f"{name}: {_c.REASONS.get(code, code)}")

    def __del__(self) -> None:
        _c.lib.otpcore_op_free(getattr(self, "_op", None))

    def run(self) -> Generator[_Call, Any, Reply]:
        need = _c.Need()
        while True:
            code = _c.lib.otpcore_op_next(self._op, need)
            if code != 0:
                raise ValueError(_c.REASONS.get(code, str(code)))
            if need.kind == _c.DONE:
                return self._reply()
            yield from self._MEETS[need.kind](self, need)

    def _load(self, need: _c.Need) -> Generator[_Call, Any, None]:
        keys = [_c.get(_c.View, _c.lib.otpcore_op_key, self._op, i).bytes()
                for i in range(need.count)]
        # What the need points to is valid until the operation goes on.
        session_kind, session = need.session_kind, need.session.text()
        epoch, ok = 0, True
        try:
            if keys:
                loaded = yield "load", (keys,)
                epoch = loaded.epoch
                for i, key in enumerate(keys):
                    if key in loaded.records:
                        revision, record = loaded.records[key]
                        _c.check(_c.lib.otpcore_op_record(self._op, i, revision, record,
                                                          len(record)))
            if session_kind:
                found = yield "find_session", (SessionKind(session_kind), session)
                if found is not None:
                    _c.check(_c.lib.otpcore_op_session(self._op, _c.Session.of(found)))
        except _Failed:
            ok = False
        entropy = secrets.token_bytes(need.entropy_size)
        _c.check(_c.lib.otpcore_op_loaded(self._op, ok, int(time.time() * 1000), epoch, entropy,
                                          len(entropy)))

    def _admit(self, need: _c.Need) -> Generator[_Call, Any, None]:
        quotas = []
        for i in range(need.count):
            quota = _c.get(_c.Quota, _c.lib.otpcore_op_quota, self._op, i)
            quotas.append(Quota(quota.subject, quota.max, quota.min_ended, quota.window_ms / 1000,
                                quota.life_ms / 1000, quota.organization_id.bytes(),
                                quota.member_id.bytes(), quota.address.text(), quota.region.text(),
                                bytes(quota.replaces)))
        try:
            admission = yield "admit", (bytes(need.id), quotas)
        except _Failed:
            admission = Admission(3)
        _c.check(_c.lib.otpcore_op_admitted(self._op, admission.kind,
                                            int(admission.retry_after * 1000)))

    def _commit(self, need: _c.Need) -> Generator[_Call, Any, None]:
        writes = []
        for i in range(need.count):
            write = _c.get(_c.Write, _c.lib.otpcore_op_write, self._op, i)
            writes.append(Write(write.key.bytes(), write.expected, write.record.bytes()))
        try:
            outcome = yield "commit", (writes, self._message() if need.has_message else None)
        except _Failed:
            outcome = Commit.UNKNOWN  # a store that raises may have committed
        _c.check(_c.lib.otpcore_op_committed(self._op, outcome))

    def _change_session(self, _: _c.Need) -> Generator[_Call, Any, None]:
        effect = _c.get(_c.SessionEffect, _c.lib.otpcore_op_session_effect, self._op)
        kind = ["", "create", "create_intermediate", "upgrade", "extend"][effect.kind]
        try:
            applied = yield "change_session", (SessionEffect(
                kind, SessionKind(effect.session_kind) if effect.session_kind else None, effect.session.text(),
                effect.organization_id.text(), effect.member_id.text(), effect.duration_ms / 1000,
                Factor(effect.factor), effect.factor_id.text(), effect.address.text()),)
        except _Failed:
            applied = False
        _c.check(_c.lib.otpcore_op_session_applied(self._op, bool(applied)))

    def _deliver(self, _: _c.Need) -> Generator[_Call, Any, None]:
        try:
            delivery = yield "deliver", (self._message(),)
        except _Failed:
            delivery = Delivery.UNKNOWN
        unsubscribed = delivery == Delivery.UNSUBSCRIBED
        _c.check(_c.lib.otpcore_op_delivered(
            self._op, Delivery.REJECTED if unsubscribed else delivery, unsubscribed))

    def _settle(self, need: _c.Need) -> Generator[_Call, Any, None]:
        try:
            yield "settle", (bytes(need.id), bool(need.spent))
        except _Failed:
            pass  # the guard forgets the admission by itself
        _c.check(_c.lib.otpcore_op_settled(self._op))

    _MEETS = {1: _load, 2: _admit, 3: _commit, 4: _change_session, 5: _deliver, 6: _settle}

    def _message(self) -> Message:
        message = _c.get(_c.Message, _c.lib.otpcore_op_message, self._op)
        return Message(bytes(message.challenge_id), message.organization_id.text(),
                       message.member_id.text(), message.channel.text(), message.to.text(),
                       message.locale.text(), message.text.text(), message.passcode.text(),
                       message.brand.text(), message.minutes, message.expires_at_ms / 1000,
                       message.subject.text(), message.template_id.text(), message.purpose.text())

    def _reply(self) -> Reply:
        reply = _c.get(_c.Reply, _c.lib.otpcore_op_reply, self._op)
        error_type = message = ""
        status = 200
        if reply.code != 0:
            info = _c.get(_c.ErrorInfo, _c.lib.otpcore_describe, reply.code)
            error_type, message = info.error_type.text(), info.message.text()
            status = info.http_status
            if reply.detail.size:
                message += f" ({reply.detail.text()})"
        return Reply(reply.code, error_type, message, status, reply.retry_after_ms / 1000,
                     json.loads(reply.json.bytes()), json.loads(reply.events.bytes()),
                     reply.sends_left, reply.tries_left)


def _advance(loop: Generator[_Call, Any, Reply], answer: Any, failed: bool) -> Union[_Call, Reply]:
    try:
        return loop.throw(_Failed()) if failed else loop.send(answer)
    except StopIteration as end:
        reply: Reply = end.value
        return reply


class Engine:
    """Runs commands with blocking ports."""

    def __init__(self, config: Config, ports: Ports) -> None:
        self._config = config
        self._ports = ports

    def run(self, command: str, *, operation_id: Optional[bytes] = None,
            **fields: Value) -> Reply:
        """Runs one command. `operation_id`: 16 bytes, the same for each retry of this request.

        An exception of a port is logged and counts as no answer; one that is no Exception, as
        KeyboardInterrupt, passes through. ValueError: there is no such command or field, or it
        cannot have this value.
        """
        loop = _Operation(self._config, command, operation_id, fields).run()
        answer, failed = None, False
        while True:
            step = _advance(loop, answer, failed)
            if isinstance(step, Reply):
                return step
            port, arguments = step
            try:
                answer, failed = getattr(self._ports, port)(*arguments), False
            except Exception:
                _log.warning("%s failed", port, exc_info=True)
                answer, failed = None, True


class AsyncEngine:
    """Runs commands with ports that are awaited. A task that is cancelled is like a crash there."""

    def __init__(self, config: Config, ports: AsyncPorts) -> None:
        self._config = config
        self._ports = ports

    async def run(self, command: str, *, operation_id: Optional[bytes] = None,
                  **fields: Value) -> Reply:
        """As Engine.run."""
        loop = _Operation(self._config, command, operation_id, fields).run()
        answer, failed = None, False
        while True:
            step = _advance(loop, answer, failed)
            if isinstance(step, Reply):
                return step
            port, arguments = step
            try:
                answer, failed = await getattr(self._ports, port)(*arguments), False
            except Exception:
                _log.warning("%s failed", port, exc_info=True)
                answer, failed = None, True
