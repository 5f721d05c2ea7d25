# SPDX-License-Identifier: Apache-2.0
"""otpcore/c/otpcore.h by ctypes: structs, functions, and the few that save repetition."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from ctypes import POINTER, c_char_p, c_int, c_int32, c_int64, c_size_t, c_uint8, c_uint32, c_uint64, c_void_p
from typing import Any, TypeVar

DONE = 7
REASONS = {
    -1: "not now, or out of range",
    -2: "no memory",
    -3: "there is no such field or setting",
    -4: "it cannot have this value",
    -5: 'this command needs actor="host" or actor="person"',
}


class View(ctypes.Structure):
    _fields_ = [("data", c_void_p), ("size", c_size_t)]

    def bytes(self) -> bytes:
        return ctypes.string_at(self.data, self.size) if self.size else b""

    def text(self) -> str:
        return self.bytes().decode()


class _Sized(ctypes.Structure):
    def __init__(self) -> None:
        super().__init__(struct_size=ctypes.sizeof(self))


class Need(_Sized):
    _fields_ = [("struct_size", c_size_t), ("kind", c_int32), ("count", c_uint32),
                ("session_kind", c_int32), ("session", View), ("entropy_size", c_size_t),
                ("id", c_uint8 * 16), ("spent", c_int32), ("has_message", c_int32),
                ("has_session_effect", c_int32)]


class Session(_Sized):
    _fields_ = [("struct_size", c_size_t), ("organization_id", View), ("member_id", View),
                ("session_id", View), ("factors", c_uint32), ("email_address", View)]

    @classmethod
    def of(cls, found: Any) -> "Session":
        session = cls()
        session._texts = []  # kept as long as the struct
        for name in ("organization_id", "member_id", "session_id", "email_address"):
            text = ctypes.create_string_buffer(getattr(found, name).encode())
            session._texts.append(text)
            setattr(session, name, View(ctypes.addressof(text), len(text) - 1))
        session.factors = int(found.factors)
        return session


class Quota(_Sized):
    _fields_ = [("struct_size", c_size_t), ("subject", c_int32), ("max", c_int32),
                ("min_ended", c_int32), ("window_ms", c_int64), ("life_ms", c_int64),
                ("organization_id", View), ("member_id", View), ("address", View),
                ("region", View), ("replaces", c_uint8 * 16)]


class Write(_Sized):
    _fields_ = [("struct_size", c_size_t), ("key", View), ("expected", c_uint64),
                ("record", View)]


class SessionEffect(_Sized):
    _fields_ = [("struct_size", c_size_t), ("kind", c_int32), ("session_kind", c_int32),
                ("session", View), ("organization_id", View), ("member_id", View),
                ("duration_ms", c_int64), ("factor", c_uint32), ("factor_id", View),
                ("address", View), ("at_ms", c_int64)]


class Message(_Sized):
    _fields_ = [("struct_size", c_size_t), ("challenge_id", c_uint8 * 16),
                ("organization_id", View), ("member_id", View), ("channel", View), ("to", View),
                ("locale", View), ("text", View), ("passcode", View), ("brand", View),
                ("minutes", c_int32), ("expires_at_ms", c_int64), ("subject", View),
                ("template_id", View), ("purpose", View)]


class Reply(_Sized):
    _fields_ = [("struct_size", c_size_t), ("code", c_int32), ("retry_after_ms", c_int64),
                ("detail", View), ("json", View), ("events", View), ("expires_at_ms", c_int64),
                ("next_send_at_ms", c_int64), ("sends_left", c_int32), ("tries_left", c_int32)]


class ErrorInfo(_Sized):
    _fields_ = [("struct_size", c_size_t), ("error_type", View), ("message", View),
                ("http_status", c_int32), ("error_class", c_int32), ("end_user_code", c_int32)]


def _load() -> ctypes.CDLL:
    """The library that OTPCORE_LIBRARY names, else the one that the system finds."""
    name = os.environ.get("OTPCORE_LIBRARY") or ctypes.util.find_library("otpcore_c")
    if name is None:
        raise ImportError("libotpcore_c was not found; OTPCORE_LIBRARY may name its file")
    return ctypes.CDLL(name)


lib = _load()
_SIGNATURES = {
    "config_new": (c_void_p, []),
    "config_free": (None, [c_void_p]),
    "config_set": (c_int32, [c_void_p, c_char_p, c_char_p, c_size_t]),
    "config_add_key": (c_int32, [c_void_p, c_uint32, c_char_p]),
    "config_add_sealing_key": (c_int32, [c_void_p, c_uint32, c_char_p]),
    "config_seal": (c_int32, [c_void_p, POINTER(View)]),
    "op_new": (c_void_p, [c_void_p, c_char_p, c_char_p]),
    "op_free": (None, [c_void_p]),
    "op_set": (c_int32, [c_void_p, c_char_p, c_char_p, c_size_t]),
    "op_next": (c_int32, [c_void_p, POINTER(Need)]),
    "op_key": (c_int32, [c_void_p, c_uint32, POINTER(View)]),
    "op_record": (c_int32, [c_void_p, c_uint32, c_uint64, c_char_p, c_size_t]),
    "op_session": (c_int32, [c_void_p, POINTER(Session)]),
    "op_loaded": (c_int32, [c_void_p, c_int, c_int64, c_uint64, c_char_p, c_size_t]),
    "op_quota": (c_int32, [c_void_p, c_uint32, POINTER(Quota)]),
    "op_admitted": (c_int32, [c_void_p, c_int32, c_int64]),
    "op_write": (c_int32, [c_void_p, c_uint32, POINTER(Write)]),
    "op_committed": (c_int32, [c_void_p, c_int32]),
    "op_session_effect": (c_int32, [c_void_p, POINTER(SessionEffect)]),
    "op_session_applied": (c_int32, [c_void_p, c_int]),
    "op_message": (c_int32, [c_void_p, POINTER(Message)]),
    "op_delivered": (c_int32, [c_void_p, c_int32, c_int]),
    "op_settled": (c_int32, [c_void_p]),
    "op_reply": (c_int32, [c_void_p, POINTER(Reply)]),
    "describe": (c_int32, [c_int32, POINTER(ErrorInfo)]),
}
for _name, (_result, _arguments) in _SIGNATURES.items():
    _function = getattr(lib, "otpcore_" + _name)
    _function.restype, _function.argtypes = _result, _arguments


def check(code: int) -> None:
    """The call cannot fail unless this package is wrong, or memory has run out."""
    if code == -2:
        raise MemoryError
    if code != 0:
        raise RuntimeError(REASONS.get(code, code))


S = TypeVar("S", bound=ctypes.Structure)


def get(struct: type[S], function: Any, *arguments: Any) -> S:
    """What a function fills in behind its other arguments."""
    filled = struct()
    check(function(*arguments, filled))
    return filled
