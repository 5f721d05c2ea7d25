# SPDX-License-Identifier: Apache-2.0
"""python3 -m unittest, with OTPCORE_LIBRARY naming libotpcore_c.so."""

import asyncio
import subprocess
import sys
import threading
import unittest
from pathlib import Path

import otpcore
from memory_ports import AsyncMemoryPorts, MemoryPorts

ADA = {"organization_id": "acme", "member_id": "ada"}
NUMBER = "+14155550123"


class World:
    def __init__(self) -> None:
        self.ports = MemoryPorts()
        self.config = otpcore.Config(keys={1: bytes(range(32))})
        self.engine = otpcore.Engine(self.config, self.ports)
        self.run("create_organization", organization_id="acme", organization_name="Acme")
        self.run("create_member", **ADA, email_address="ada@example.com")
        self.sign_in("t0ken")

    def sign_in(self, token: str, factors: int = otpcore.Factor.HOST_PRIMARY) -> None:
        self.ports.sessions[token] = otpcore.Session("acme", "ada", factors, token)

    def run(self, command: str, **fields):
        reply = self.engine.run(command, **fields)
        assert reply.ok, reply.message
        return reply

    def code(self) -> str:
        return self.ports.messages[-1].passcode


class CommandsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.world = World()

    def test_signs_in(self) -> None:
        world = self.world
        sent = world.run("send_sms_otp", **ADA, mfa_phone_number=NUMBER, locale="de")
        self.assertEqual(sent.sends_left, 4)
        self.assertEqual(sent.body["member"]["mfa_phone_number"], NUMBER)
        self.assertEqual(sent.events[-1]["kind"], "sent")
        self.assertEqual(world.ports.messages[-1].locale, "de-DE")
        self.assertIn(world.code(), world.ports.messages[-1].text)
        proved = world.run("authenticate_sms_otp", **ADA, code=world.code(),
                           intermediate_session_token="t0ken", session_duration_minutes=30)
        self.assertTrue(proved.body["member"]["mfa_phone_number_verified"])
        self.assertEqual(proved.body["session_effect"]["kind"], "upgrade")
        self.assertEqual(proved.body["session_effect"]["duration_ms"], 30 * 60 * 1000)
        self.assertNotIn("t0ken", world.ports.sessions)

    def test_signs_in_by_email(self) -> None:
        world = self.world
        ada = {"organization_id": "acme", "email_address": "Ada@example.com"}
        sent = world.run("send_email_passcode", **ada, locale="fr", login_template_id="tpl-1")
        self.assertFalse(sent.body["member_created"])
        message = world.ports.messages[-1]
        self.assertEqual((message.channel, message.to), ("email", "ada@example.com"))
        self.assertEqual((message.purpose, message.template_id), ("login", "tpl-1"))
        self.assertEqual(message.subject, "Votre code de connexion Example")
        proved = world.run("authenticate_email_passcode", **ada, code=world.code())
        self.assertTrue(proved.body["member_authenticated"])
        self.assertTrue(proved.body["method_id"].startswith("email-test-"))
        self.assertEqual(proved.body["session_effect"]["kind"], "create")
        new = {"organization_id": "acme", "email_address": "new@example.com"}
        refused = world.engine.run("send_email_passcode", **new)
        self.assertEqual(refused.error_type, "email_jit_provisioning_not_allowed")
        made = world.run("send_email_passcode", **new, just_in_time="allow")
        self.assertTrue(made.body["member_created"])

    def test_a_wrong_code_is_an_answer_and_no_exception(self) -> None:
        world = self.world
        world.run("send_sms_otp", **ADA, mfa_phone_number=NUMBER)
        wrong = "0" * 6 if world.code() != "0" * 6 else "1" * 6
        reply = world.engine.run("authenticate_sms_otp", **ADA, code=wrong,
                                 intermediate_session_token="t0ken")
        self.assertEqual((reply.error_type, reply.http_status), ("otp_code_not_found", 404))
        self.assertEqual(reply.tries_left, 4)

    def test_a_repeated_operation_answers_as_the_first(self) -> None:
        operation = bytes(range(16))
        for _ in range(2):
            reply = self.world.engine.run("send_sms_otp", **ADA, mfa_phone_number=NUMBER,
                                          operation_id=operation)
            self.assertTrue(reply.ok, reply.message)
        self.assertEqual(len(self.world.ports.messages), 1)

    def test_lists_absent_fields_and_booleans(self) -> None:
        reply = self.world.run("update_organization", organization_id="acme",
                               mfa_methods="RESTRICTED", allowed_mfa_methods=["totp", "sms_otp"],
                               organization_slug=None)
        self.assertEqual(reply.body["organization"]["allowed_mfa_methods"], ["sms_otp", "totp"])
        reply = self.world.run("update_member", **ADA, actor="host", is_breakglass=True)
        self.assertTrue(reply.body["member"]["is_breakglass"])

    def test_mistakes_of_the_host_are_exceptions(self) -> None:
        engine = self.world.engine
        with self.assertRaisesRegex(ValueError, "no command"):
            engine.run("send_fax")
        with self.assertRaisesRegex(ValueError, "fax: there is no such field"):
            engine.run("get_member", **ADA, fax="1")
        with self.assertRaisesRegex(ValueError, "actor"):
            engine.run("delete_totp", **ADA)
        with self.assertRaisesRegex(ValueError, "16 bytes"):
            engine.run("get_member", **ADA, operation_id=b"1")

    def test_a_secret_is_not_printed(self) -> None:
        self.world.run("send_sms_otp", **ADA, mfa_phone_number=NUMBER)
        self.assertNotIn(self.world.code(), repr(self.world.ports.messages[-1]))


class FaultsTest(unittest.TestCase):
    def test_an_exception_of_a_port_is_no_answer(self) -> None:
        outcomes = {"load": "server_unavailable", "commit": "server_unavailable",
                    "find_session": "server_unavailable", "admit": "server_unavailable",
                    "deliver": "downstream_carrier_error", "settle": ""}
        for port, expected in outcomes.items():
            with self.subTest(port):
                world = World()

                def fail(*_):
                    raise ConnectionError("gone")

                setattr(world.ports, port, fail)
                with self.assertLogs("otpcore", "WARNING"):
                    reply = world.engine.run("send_sms_otp", **ADA, mfa_phone_number=NUMBER,
                                             intermediate_session_token="t0ken")
                self.assertEqual(reply.error_type, expected)

    def test_what_a_gateway_answers_is_told(self) -> None:
        for delivery, expected in [(otpcore.Delivery.REJECTED, "downstream_carrier_error"),
                                   (otpcore.Delivery.UNSUBSCRIBED, "unsubscribed_phone_number")]:
            world = World()
            world.ports.delivery = delivery
            reply = world.engine.run("send_sms_otp", **ADA, mfa_phone_number=NUMBER)
            self.assertEqual(reply.error_type, expected)
            member = world.run("get_member", **ADA).body["member"]
            self.assertEqual(member["mfa_phone_number"], "")

    def test_an_interrupt_passes_through(self) -> None:
        world = World()

        def interrupt(*_):
            raise KeyboardInterrupt

        world.ports.load = interrupt
        with self.assertRaises(KeyboardInterrupt):
            world.engine.run("get_member", **ADA)


class ManyTest(unittest.TestCase):
    def test_of_many_threads_with_one_code_one_succeeds(self) -> None:
        world = World()
        world.run("send_sms_otp", **ADA, mfa_phone_number=NUMBER)
        tokens = [f"t{i}" for i in range(8)]
        for token in tokens:
            world.sign_in(token)
        replies = []
        threads = [threading.Thread(target=lambda token=token: replies.append(world.engine.run(
            "authenticate_sms_otp", **ADA, code=world.code(), intermediate_session_token=token)))
            for token in tokens]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sum(reply.ok for reply in replies), 1)

    def test_coroutines_take_turns(self) -> None:
        world = World()
        engine = otpcore.AsyncEngine(world.config, AsyncMemoryPorts(world.ports))

        async def all_of_them():
            return await asyncio.gather(*[
                engine.run("create_member", organization_id="acme", member_id=f"m{i}",
                           email_address=f"m{i}@example.com") for i in range(50)])

        replies = asyncio.run(all_of_them())
        self.assertEqual(sum(reply.ok for reply in replies), 50)


class ConfigTest(unittest.TestCase):
    KEYS = {1: bytes(range(32))}

    def test_says_what_is_wrong(self) -> None:
        for settings, reason in [
            ({"passcode_digits": 3}, "passcode_digits"),
            ({"allowed_regions": ["UK"]}, "GB"),
            ({"brands": "Acme"}, "no such"),
            ({"passcode_life_ms": "long"}, "cannot have this value"),
        ]:
            with self.assertRaisesRegex(otpcore.ConfigError, reason):
                otpcore.Config(self.KEYS, **settings)
        with self.assertRaisesRegex(otpcore.ConfigError, "32 bytes"):
            otpcore.Config({1: b"short"})

    def test_takes_every_kind_of_setting(self) -> None:
        otpcore.Config(self.KEYS, {1: bytes(range(1, 33))}, preset="strict", totp_issuer="Acme",
                       allowed_regions=["GB", "DE"], remember_where_required=True,
                       success_per_year_max=0.0005, template__sms__en="{brand}: {code}")


class QuickstartTest(unittest.TestCase):
    def test_runs(self) -> None:
        here = Path(__file__).parent
        done = subprocess.run([sys.executable, here / "quickstart.py"], capture_output=True,
                              text=True, check=True)
        self.assertRegex(done.stdout, r"^Your Acme verification code is \d{6}\n\+14155550123\n$")


if __name__ == "__main__":
    unittest.main()
