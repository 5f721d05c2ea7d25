// SPDX-License-Identifier: Apache-2.0
// Signs somebody in by SMS: node quickstart.js, with OTPCORE_LIBRARY naming libotpcore_c.so.
"use strict";
const { randomBytes } = require("node:crypto");
const { Config, Engine, Factor } = require("./otpcore.js");
const { MemoryPorts } = require("./memory_ports.js");

async function main() {
  const ports = new MemoryPorts(); // yours speak to a database, a session service and an SMS gateway
  ports.sessions.set("t0ken", { organizationId: "acme", memberId: "ada", factors: Factor.HOST_PRIMARY, sessionId: "session-1" });
  const config = new Config({ keys: { 1: randomBytes(32) }, brand: "Acme", allowed_regions: ["US", "CA", "GB"] });
  const engine = new Engine(config, ports);
  const ada = { organization_id: "acme", member_id: "ada" };

  await engine.run("create_organization", { organization_id: "acme", organization_name: "Acme" });
  await engine.run("create_member", { ...ada, email_address: "ada@example.com" });
  const sent = await engine.run("send_sms_otp", { ...ada, mfa_phone_number: "+14155550123" });
  console.log(sent.errorType || ports.messages.at(-1).text);
  const proved = await engine.run("authenticate_sms_otp", {
    ...ada, code: ports.messages.at(-1).passcode, intermediate_session_token: "t0ken",
  });
  console.log(proved.errorType || proved.body.member.mfa_phone_number);
}
main();
