// SPDX-License-Identifier: Apache-2.0
// Change of phone without a gap (E-04), outside of the vendor's paths; steps of wire_test.js, whose
// `story` and `raw` they get.
"use strict";
const assert = require("node:assert/strict");

const OLD = "+14155550123";
const NEW = "+16502530000";
const MINUTE = 60 * 1000;
const CREDENTIALS = { authorization: "Basic " + btoa("project-test-local:secret-test-local") };

// Ada, whose number is verified, and a session of hers that has shown it.
async function makeAda(story) {
  const made = await story.client.organizations.create({ organization_name: "Changes" });
  const ids = await story.makeMember(made.organization.organization_id);
  await story.send(ids, { mfa_phone_number: OLD });
  const { session_token } = await story.authenticate(ids, await story.code());
  return { ids, path: `/otpcore/organizations/${ids.organization_id}/members/${ids.member_id}/phone_change`,
    session: { "x-stytch-member-session": session_token } };
}

// One step of the change, in the session of `headers` or the host's own.
async function ask(story, raw, ada, step, body, headers = {}) {
  return raw(story.url, "POST", `${ada.path}/${step}`, JSON.stringify(body),
    { ...CREDENTIALS, ...headers });
}
async function refused(promise, status, type) {
  const reply = await promise;
  assert.equal(reply.json.error_type, type);
  assert.equal(reply.status, status);
}

async function change(story, raw) {
  const ada = await makeAda(story);
  const start = (number, headers) => ask(story, raw, ada, "start", { mfa_phone_number: number }, headers);
  const finish = (code, headers) => ask(story, raw, ada, "finish", { code }, headers);

  const password = { "x-stytch-member-session": (await story.signIn(ada.ids)).session_token };
  await refused(start(NEW, password), 401, "insufficient_factors");
  await refused(start(OLD, ada.session), 400, "duplicate_member_phone_number_for_member");
  await refused(start("415", ada.session), 400, "invalid_phone_number");
  await refused(finish("123456", ada.session), 404, "otp_code_not_found");
  await refused(raw(story.url, "POST", `${ada.path}/start`, "{}"), 401, "unauthorized_credentials");
  await refused(ask(story, raw, ada, "start", { mfa_phone_number: NEW, number: NEW }, ada.session),
    400, "bad_request");

  const started = await start(NEW, ada.session);
  assert.equal(started.status, 200, JSON.stringify(started.json));
  assert.equal(started.json.member.mfa_phone_number, OLD, "the new number is not shown yet");
  assert.ok(Date.parse(started.json.expires_at) > 0);
  const code = await story.code();
  assert.equal((await story.control("/test/inbox")).at(-1).to, NEW);
  await refused(finish(code, password), 401, "insufficient_factors");
  await refused(finish(story.wrong(code), ada.session), 404, "otp_code_not_found");
  // Meanwhile the old phone signs in.
  await story.send(ada.ids);
  assert.equal((await story.control("/test/inbox")).at(-1).to, OLD);
  await story.authenticate(ada.ids, await story.code());

  const finished = await finish(code, ada.session);
  assert.equal(finished.status, 200, JSON.stringify(finished.json));
  assert.equal(finished.json.member.mfa_phone_number, NEW);
  assert.equal(finished.json.member.mfa_phone_number_verified, true);
  const shown = await story.client.organizations.members.get(ada.ids);
  assert.equal(shown.member.mfa_phone_number, NEW);
  await story.advance(10 * MINUTE);
}

// An SMS that is rejected, and a code that expires, leave the old number; then the host changes it.
async function brokenOff(story, raw) {
  const ada = await makeAda(story);
  const number = async () =>
    (await story.client.organizations.members.get(ada.ids)).member.mfa_phone_number;
  await story.control("/test/sms", { next: "rejected" });
  await refused(ask(story, raw, ada, "start", { mfa_phone_number: NEW }), 400,
    "downstream_carrier_error");
  await refused(ask(story, raw, ada, "finish", { code: "123456" }), 404, "otp_code_not_found");
  assert.equal((await ask(story, raw, ada, "start", { mfa_phone_number: NEW })).status, 200);
  await story.advance(2 * MINUTE);
  await refused(ask(story, raw, ada, "finish", { code: await story.code() }), 401,
    "unable_to_auth_otp_code");
  assert.equal(await number(), OLD);
  assert.equal((await ask(story, raw, ada, "start", { mfa_phone_number: NEW })).status, 200);
  assert.equal((await ask(story, raw, ada, "finish", { code: await story.code() })).status, 200);
  assert.equal(await number(), NEW);
  await story.advance(10 * MINUTE);
}

module.exports = { change, brokenOff };
