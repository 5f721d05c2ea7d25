# SPDX-License-Identifier: Apache-2.0
"""Signs somebody in by SMS: python3 quickstart.py, with OTPCORE_LIBRARY naming libotpcore_c.so."""

import os
from typing import Any

import otpcore
from memory_ports import MemoryPorts

ports = MemoryPorts()  # yours speak to a database, a session service and an SMS gateway
ports.sessions["t0ken"] = otpcore.Session("acme", "ada", otpcore.Factor.HOST_PRIMARY, "session-1")
config = otpcore.Config(keys={1: os.urandom(32)}, brand="Acme", allowed_regions=["US", "CA", "GB"])
engine = otpcore.Engine(config, ports)
ada: dict[str, Any] = {"organization_id": "acme", "member_id": "ada"}

engine.run("create_organization", organization_id="acme", organization_name="Acme")
engine.run("create_member", **ada, email_address="ada@example.com")
sent = engine.run("send_sms_otp", **ada, mfa_phone_number="+14155550123")
print(sent.error_type or ports.messages[-1].text)
proved = engine.run("authenticate_sms_otp", **ada, code=ports.messages[-1].passcode,
                    intermediate_session_token="t0ken")
print(proved.error_type or proved.body["member"]["mfa_phone_number"])
