// SPDX-License-Identifier: Apache-2.0
// What a stranger who knows an address gets out of discovery, and what a session of no Member opens;
// steps of wire_test.js, whose `story`, `fails` and `raw` they get.
"use strict";
const assert = require("node:assert/strict");
const { codeAt } = require("./apps.js");

const MINUTE = 60 * 1000;
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";  // RFC 6238's, in base32
const LISTED_MAX = 100;
const ENTRIES_MAX = 200;

async function now(story) {
  return Date.parse((await story.advance(0)).now);
}
async function discover(story, email_address) {
  const { discovery } = story.client.otps.email;
  await discovery.send({ email_address });
  return discovery.authenticate({ email_address, code: await story.code() });
}
async function make(story, more = {}) {
  return (await story.client.organizations.create({ organization_name: "Limits", ...more })).organization.organization_id;
}
async function lock(email, at, story) {
  const failures = [];
  for (let i = 0; i < 10; ++i) {
    if (i % 5 === 0) await email.send(at);
    failures.push((await email.prove({ ...at, code: story.wrong(await story.code()) }).catch((error) => error)).status_code);
  }
  assert.deepEqual([...new Set(failures)], [404]);
}

// One answer for all, whoever has the address (EM-24).
async function sameForAll(story, raw, headers) {
  const { organizations, otps } = story.client;
  const open = await make(story);
  const closed = await make(story, { auth_methods: "RESTRICTED", allowed_auth_methods: ["sso"] });
  // As long as each other, for the answers are compared to the byte.
  const addressOf = (name) => `${name}.${story.unique}@same.example`;
  const member = (name, organization_id, more) =>
    organizations.members.create({ organization_id, email_address: addressOf(name), ...more });
  await member("active0", open);
  await member("pending", open, { create_member_as_pending: true });
  await member("closed0", closed);
  const deleted = await member("deleted", open);
  await organizations.members.delete({ organization_id: open, member_id: deleted.member_id });
  await member("locked0", open);
  await lock({ send: (at) => otps.email.loginOrSignup(at), prove: (at) => otps.email.authenticate(at) },
    { organization_id: open, email_address: addressOf("locked0") }, story);
  const answers = [];
  for (const name of ["nobody0", "active0", "pending", "closed0", "deleted", "locked0"]) {
    const { status, headers: shown, json } = await raw(story.url, "POST", "/v1/b2b/otps/email/discovery/send",
      JSON.stringify({ email_address: addressOf(name) }), headers);
    assert.match(json.request_id, /^request-id-test-[0-9a-f-]{36}$/);
    answers.push(JSON.stringify({ status, ...json, request_id: "", headers: { ...shown, date: "" } }).replaceAll(json.request_id, ""));
  }
  assert.equal(new Set(answers).size, 1, answers.join("\n"));
}

// Wrong codes of a stranger lock discovery of the address for an hour. The owner signs in meanwhile
// with a code that was sent before, by e-mail and SMS (EM-11, L-12).
async function stranger(story, fails) {
  const { organizations, otps } = story.client;
  const { discovery } = otps.email;
  const organization_id = await make(story, { mfa_policy: "REQUIRED_FOR_ALL" });
  const at = { organization_id, email_address: `owner.${story.unique}@limits.example` };
  const { member_id } = await organizations.members.create({ ...at, mfa_phone_number: "+14155550194" });
  const ids = { organization_id, member_id };
  await otps.email.loginOrSignup(at);
  const code = await story.code();
  const where = { email_address: at.email_address };
  await lock({ send: (to) => discovery.send(to), prove: (to) => discovery.authenticate(to) }, where, story);
  await fails(discovery.send(where), 429, "user_lock_limit_reached");
  await fails(discovery.authenticate({ ...where, code: "123456" }), 429, "user_lock_limit_reached");
  assert.equal((await organizations.members.get(ids)).member.is_locked, false);

  const first = await otps.email.authenticate({ ...at, code });
  const { intermediate_session_token } = first;
  assert.equal(first.mfa_required.secondary_auth_initiated, "sms_otp");
  const done = await otps.sms.authenticate({ ...ids, intermediate_session_token, code: await story.code() });
  assert.equal(done.member_session.authentication_factors.length, 2);
  await story.advance(60 * MINUTE);
  const found = await discover(story, at.email_address);
  assert.equal(found.discovered_organizations[0].organization.organization_id, organization_id);
}

// Five e-mails in ten minutes to an address, ten an hour to a mailbox, however it is spelled and over
// discovery and all Organizations (EM-21, EM-22). The live code stays good.
async function sends(story, fails) {
  const { discovery } = story.client.otps.email;
  const mailbox = `m.box.${story.unique}`;
  const email_address = `${mailbox}@limits.example`;
  const arrived = async () => (await story.control("/test/inbox")).filter((mail) => mail.to === email_address).length;
  for (let i = 0; i < 5; ++i) await discovery.send({ email_address });
  await fails(discovery.send({ email_address }), 429, "too_many_requests");
  assert.equal(await arrived(), 5);
  await discovery.authenticate({ email_address, code: await story.code() });
  await story.advance(10 * MINUTE);
  for (let i = 0; i < 5; ++i) await discovery.send({ email_address });
  await story.advance(10 * MINUTE);
  await fails(discovery.send({ email_address }), 429, "too_many_requests");
  await fails(discovery.send({ email_address: `${mailbox.replaceAll(".", "")}+tag@limits.example` }), 429, "too_many_requests");
  const organization_id = await make(story);
  await story.client.organizations.members.create({ organization_id, email_address, create_member_as_pending: true });
  await fails(story.client.otps.email.loginOrSignup({ organization_id, email_address }), 429, "too_many_requests");
  assert.equal(await arrived(), 10);
}

// A session of no Member is good for its address's Member, with each kind of code (EM-27).
async function halves(story) {
  const { organizations, otps, totps } = story.client;
  const organization_id = await make(story, { mfa_policy: "REQUIRED_FOR_ALL" });
  const email_address = `half.${story.unique}@limits.example`;
  const { member_id } = await organizations.members.create({ organization_id, email_address });
  const ids = { organization_id, member_id };
  await totps.migrate({ ...ids, secret: SECRET, recovery_codes: [] });
  const { intermediate_session_token } = await discover(story, email_address);
  await otps.email.loginOrSignup({ organization_id, email_address });
  const first = await otps.email.authenticate({ organization_id, email_address, intermediate_session_token, code: await story.code() });
  assert.equal(first.member_authenticated, false);
  assert.equal(first.intermediate_session_token, intermediate_session_token, "it goes on, as the Member's");
  const again = await discover(story, email_address);
  const done = await totps.authenticate({ ...ids, intermediate_session_token: again.intermediate_session_token,
    code: codeAt(SECRET, await now(story)) });
  assert.deepEqual(done.member_session.authentication_factors.map((factor) => factor.type), ["email_otp", "totp"]);
  assert.equal(done.member_session.authentication_factors[0].email_factor.email_address, email_address);
}

// A list has its end, and so has what is kept of an address. What is beyond is not lost.
async function bounds(story) {
  const { organizations, discovery } = story.client;
  const email_address = `many.${story.unique}@limits.example`;
  const joined = [];
  for (let i = 0; i <= ENTRIES_MAX; ++i) {
    const organization_id = await make(story);
    const { member_id } = await organizations.members.create({ organization_id, email_address });
    joined.push({ organization_id, member_id });
  }
  const { intermediate_session_token, discovered_organizations } = await discover(story, email_address);
  assert.equal(discovered_organizations.length, LISTED_MAX);
  const last = joined.pop();
  for (const ids of joined.slice(1)) await organizations.members.delete(ids);
  const { discovered_organizations: left } = await discovery.organizations.list({ intermediate_session_token });
  assert.deepEqual(left.map((entry) => entry.organization.organization_id), [joined[0].organization_id],
    "who is gone takes no room in the list");
  const { member } = await discovery.intermediateSessions.exchange({ intermediate_session_token, organization_id: last.organization_id });
  assert.equal(member.member_id, last.member_id);
}

module.exports = { sameForAll, stranger, sends, halves, bounds };
