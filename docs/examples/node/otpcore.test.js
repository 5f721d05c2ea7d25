// SPDX-License-Identifier: Apache-2.0
// node --test, with OTPCORE_LIBRARY naming libotpcore_c.so.
"use strict";

const assert = require("node:assert/strict");
const { execFileSync } = require("node:child_process");
const { test } = require("node:test");
const { Config, Engine, Factor } = require("./otpcore.js");
const { MemoryPorts } = require("./memory_ports.js");

const KEYS = { 1: Buffer.from(Array.from({ length: 32 }, (_, i) => i)) };
const ada = { organization_id: "acme", member_id: "ada" };
const number = "+14155550123";

async function world() {
  const ports = new MemoryPorts();
  const errors = [];
  const engine = new Engine(new Config({ keys: KEYS }), ports, { onPortError: (port) => errors.push(port) });
  const run = async (command, fields, options) => {
    const reply = await engine.run(command, fields, options);
    assert.ok(reply.ok, reply.message);
    return reply;
  };
  const signIn = (token) => ports.sessions.set(token, { organizationId: "acme", memberId: "ada", factors: Factor.HOST_PRIMARY, sessionId: token });
  await run("create_organization", { organization_id: "acme", organization_name: "Acme" });
  await run("create_member", { ...ada, email_address: "ada@example.com" });
  signIn("t0ken");
  return { engine, errors, ports, run, signIn, code: () => ports.messages.at(-1).passcode };
}

test("signs in", async () => {
  const w = await world();
  const sent = await w.run("send_sms_otp", { ...ada, mfa_phone_number: number, locale: "de" });
  assert.equal(sent.sendsLeft, 4);
  assert.equal(sent.events.at(-1).kind, "sent");
  assert.equal(w.ports.messages[0].locale, "de-DE");
  assert.ok(w.ports.messages[0].text.includes(w.code()));
  const proved = await w.run("authenticate_sms_otp", { ...ada, code: w.code(), intermediate_session_token: "t0ken", session_duration_minutes: 30 });
  assert.equal(proved.body.member.mfa_phone_number_verified, true);
  assert.equal(proved.body.session_effect.duration_ms, 30 * 60 * 1000);
  assert.equal(w.ports.sessions.size, 0);
});

test("signs in by e-mail", async () => {
  const w = await world();
  const address = { organization_id: "acme", email_address: "Ada@example.com" };
  const sent = await w.run("send_email_passcode", { ...address, login_template_id: "tpl-1" });
  assert.equal(sent.body.member_created, false);
  const { channel, to, purpose, subject, templateId } = w.ports.messages.at(-1);
  assert.deepEqual([channel, to, purpose, subject, templateId], ["email", "ada@example.com", "login", "Your Example sign-in code", "tpl-1"]);
  const proved = await w.run("authenticate_email_passcode", { ...address, code: w.code() });
  assert.equal(proved.body.member_authenticated, true);
  assert.equal(proved.body.session_effect.kind, "create");
});

test("a wrong code is an answer and no exception", async () => {
  const w = await world();
  await w.run("send_sms_otp", { ...ada, mfa_phone_number: number });
  const code = w.code() === "000000" ? "111111" : "000000";
  const reply = await w.engine.run("authenticate_sms_otp", { ...ada, code, intermediate_session_token: "t0ken" });
  assert.deepEqual([reply.errorType, reply.httpStatus, reply.triesLeft], ["otp_code_not_found", 404, 4]);
});

test("a repeated operation answers as the first", async () => {
  const w = await world();
  for (let i = 0; i < 2; ++i)
    await w.run("send_sms_otp", { ...ada, mfa_phone_number: number }, { operationId: Buffer.alloc(16, 7) });
  assert.equal(w.ports.messages.length, 1);
});

test("an exception of a port is no answer", async () => {
  const expected = { load: "server_unavailable", commit: "server_unavailable", findSession: "server_unavailable", admit: "server_unavailable", deliver: "downstream_carrier_error", settle: "" };
  for (const [port, error] of Object.entries(expected)) {
    const w = await world();
    w.ports[port] = async () => { throw new Error("gone"); };
    const reply = await w.engine.run("send_sms_otp", { ...ada, mfa_phone_number: number, intermediate_session_token: "t0ken" });
    assert.equal(reply.errorType, error, port);
    assert.ok(w.errors.includes(port));
  }
});

test("of many at once with one code one succeeds", async () => {
  const w = await world();
  await w.run("send_sms_otp", { ...ada, mfa_phone_number: number });
  const code = w.code();
  const tokens = Array.from({ length: 32 }, (_, i) => `token-${i}`);
  tokens.forEach(w.signIn);
  const replies = await Promise.all(tokens.map((token) => w.engine.run("authenticate_sms_otp", { ...ada, code, intermediate_session_token: token })));
  assert.equal(replies.filter((reply) => reply.ok).length, 1);
});

test("lists, booleans and absent fields", async () => {
  const w = await world();
  const reply = await w.run("update_organization", { organization_id: "acme", mfa_methods: "RESTRICTED", allowed_mfa_methods: ["totp", "sms_otp"], organization_slug: undefined });
  assert.deepEqual(reply.body.organization.allowed_mfa_methods, ["sms_otp", "totp"]);
  const updated = await w.run("update_member", { ...ada, actor: "host", is_breakglass: true });
  assert.equal(updated.body.member.is_breakglass, true);
});

test("mistakes of the host are exceptions", async () => {
  const { engine } = await world();
  await assert.rejects(engine.run("send_fax"), /no command/);
  await assert.rejects(engine.run("get_member", { ...ada, fax: "1" }), /fax: there is no such field/);
  await assert.rejects(engine.run("delete_totp", ada), /actor/);
  await assert.rejects(engine.run("get_member", ada, { operationId: Buffer.alloc(1) }), /16 bytes/);
  assert.throws(() => new Config({ keys: KEYS, passcode_digits: 3 }), /passcode_digits/);
  assert.throws(() => new Config({ keys: KEYS, allowed_regions: ["UK"] }), /GB/);
  assert.throws(() => new Config({ keys: KEYS, brands: "Acme" }), /no such/);
  assert.throws(() => new Config({ keys: { 1: Buffer.alloc(31) } }), /32 bytes/);
});

test("the quick start runs", () => {
  const printed = execFileSync(process.execPath, [require.resolve("./quickstart.js")], { encoding: "utf8" });
  assert.match(printed, /^Your Acme verification code is \d{6}\n\+14155550123\n$/);
});
