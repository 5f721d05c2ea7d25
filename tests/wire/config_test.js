// SPDX-License-Identifier: Apache-2.0
// mfa_server --config FILE: config_test.js SERVER. A good policy is in force; a bad one stops the start
// with a line that names the field.
"use strict";
const assert = require("node:assert/strict");
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const { MfaServer, makeFolder } = require("./servers.js");

const program = process.argv[2];
const file = `${makeFolder()}/policy.json`;
const write = (policy) => fs.writeFileSync(file, typeof policy === "string" ? policy : JSON.stringify(policy));

async function inForce() {
  write({ sends_max: 2, sends_window: "1 h", passcode_digits: 8 });
  const server = new MfaServer(program, "memory", ["--test-controls", "--config", file]);
  await server.start();
  const { organization } = (await server.call("POST", "/v1/b2b/organizations", { organization_name: "Acme" })).json;
  const { organization_id } = organization;
  const { member_id } = (await server.call("POST", `/v1/b2b/organizations/${organization_id}/members`,
    { email_address: "ada@example.com" })).json;
  const send = () => server.call("POST", "/v1/b2b/otps/sms/send",
    { organization_id, member_id, mfa_phone_number: "+14155550123" });
  assert.equal((await send()).status, 200);
  assert.match(JSON.stringify((await server.call("GET", "/test/inbox")).json), /\b\d{8}\b/);
  assert.equal((await send()).status, 200);
  assert.equal((await send()).json.error_type, "too_many_requests");
  await server.stop();
  console.log("ok: the policy of the file is in force");
}

function refused(policy, pattern) {
  write(policy);
  const ended = spawnSync(program, ["--port", "0", "--config", file], { encoding: "utf8", timeout: 60000 });
  assert.equal(ended.status, 2, `${JSON.stringify(policy)}: ${ended.stdout}${ended.stderr}`);
  assert.match(ended.stderr, pattern);
  assert.ok(!ended.stdout.includes("listening"), ended.stdout);
  console.log(`ok: refused with ${ended.stderr.trim()}`);
}

async function main() {
  await inForce();
  refused({ sends_maximum: 2 }, /"sends_maximum" is no field of a policy/);
  refused({ sends_max: "2" }, /sends_max is "2"; it must be a whole number/);
  refused({ rolling_lock: 48 }, /rolling_lock is 48; it must be a text/);
  refused({ sends_max: 20 }, /sends_max is 20; it must be from 1 to 16/);
  refused({ environment: "live" }, /environment is live/);
  refused("{", /not JSON/);
}

main().catch((error) => { console.error(error); process.exit(1); });
