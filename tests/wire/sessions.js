// SPDX-License-Identifier: Apache-2.0
// Sessions as the official client hands them over and gets them back; steps of wire_test.js, whose
// `story` and `fails` they get.
"use strict";
const assert = require("node:assert/strict");

const NUMBER = "+14155550123";
const MINUTE = 60 * 1000;
const by = (session_token) => ({ authorization: { session_token } });

// An Organization with Ada, whose number is verified, Bob, who has none, and sessions of theirs.
async function makeWorld(story) {
  const made = await story.client.organizations.create({ organization_name: "Sessions" });
  const organization_id = made.organization.organization_id;
  const world = { organization_id, ada: await story.makeMember(organization_id),
    bob: await story.makeMember(organization_id) };
  await story.send(world.ada, { mfa_phone_number: NUMBER });
  await story.authenticate(world.ada, await story.code());
  world.password = (await story.signIn(world.ada)).session_token;  // and no second factor
  world.bobs = (await story.signIn(world.bob)).session_token;
  return world;
}

async function stepUp(story, ids, session_token, more = {}) {
  await story.send(ids);
  return story.client.otps.sms.authenticate(
    { ...ids, session_token, code: await story.code(), ...more });
}

// A session in a header is judged, or the request is refused; it is never ignored.
async function headers(story, fails, raw) {
  const { organizations } = story.client;
  const { members } = organizations;
  const { organization_id, ada, bob, password, bobs } = await makeWorld(story);
  for (const change of [(how) => members.update({ ...ada, mfa_enrolled: true }, how),
                        (how) => members.deleteMFAPhoneNumber(ada, how)]) {
    await fails(change(by("gone")), 404, "session_not_found");
    await fails(change({ authorization: { session_jwt: "gone" } }), 404, "session_not_found");
    await fails(change({ authorization: { session_token: password, session_jwt: "gone" } }), 400,
      "too_many_session_arguments");
    await fails(change(by(bobs)), 400, "member_session_member_id_mismatch");
    await fails(change(by(password)), 401, "insufficient_factors");
  }

  // What is never a person's own, with whatever factor (C-10).
  for (const hosts of [{ is_breakglass: true }, { external_id: `x${story.unique}` }])
    await fails(members.update({ ...ada, ...hosts }, by(password)), 403, "unauthorized_action");
  // A number that an administrator gave counts before anybody has proved it (S-12).
  const eve = await story.makeMember(organization_id);
  const eves = (await story.signIn(eve)).session_token;
  await members.update({ ...eve, mfa_phone_number: "+14155550177", mfa_enrolled: true });
  await fails(members.update({ ...eve, mfa_enrolled: false }, by(eves)), 401, "insufficient_factors");
  await fails(members.deleteMFAPhoneNumber(eve, by(eves)), 401, "insufficient_factors");
  assert.equal((await members.update({ ...eve, name: "Eve" }, by(eves))).member.name, "Eve");
  assert.equal((await members.deleteMFAPhoneNumber(eve)).member.mfa_phone_number, "");

  // Without roles nobody can say what else a session may do.
  const gone = await story.makeMember(organization_id);
  await members.delete(gone);
  for (const how of [by(password), by("gone"), { authorization: { session_jwt: "gone" } }]) {
    for (const refused of [
      () => members.delete(ada, how),
      () => members.reactivate(gone, how),
      () => members.create({ organization_id, email_address: `x${story.unique}@example.com` }, how),
      () => organizations.update({ organization_id, mfa_policy: "REQUIRED_FOR_ALL" }, how),
      () => organizations.delete({ organization_id }, how),
    ]) await fails(refused(), 400, "bad_request");
  }
  // What the client hands over nowhere, and what it would not send.
  const path = `/v1/b2b/organizations/${organization_id}`;
  const basic = { authorization: "Basic " + btoa("project-test-local:secret-test-local") };
  const name = "x-stytch-member-session";
  for (const [method, route, body, header] of [
    ["GET", path, undefined, { [name]: password }],
    ["GET", `${path}/member?member_id=${ada.member_id}`, undefined, { [name]: password }],
    ["POST", "/v1/b2b/organizations", { organization_name: "x" }, { [name]: password }],
    ["POST", "/v1/b2b/otps/sms/send", ada, { [name]: password }],
    ["POST", "/v1/b2b/otps/sms/authenticate", { ...ada, session_token: password, code: "123456" },
      { "X-Stytch-Member-SessionJWT": "gone" }],
    ["PUT", `${path}/members/${ada.member_id}`, { is_breakglass: true }, { [name]: "" }],
    ["DELETE", `${path}/members/mfa_phone_numbers/${ada.member_id}`, undefined, { [name]: "" }],
    ["DELETE", path, undefined, { [name]: "" }],
    ["PUT", `${path}/members/${ada.member_id}`, { is_breakglass: true }, { [name]: "%20" }],
    ["PUT", `${path}/members/${ada.member_id}`, { is_breakglass: true },
      { [name]: [password, bobs] }],
  ]) {
    const reply = await raw(story.url, method, route, body && JSON.stringify(body),
      { ...basic, ...header });
    assert.equal(reply.json.error_type, "bad_request", `${method} ${route}`);
  }
  const shown = (await members.get(ada)).member;
  assert.equal(shown.mfa_phone_number, NUMBER);
  assert.equal(shown.is_breakglass, false);

  // Proved, it may.
  const updated = await members.update({ ...bob, name: "Bob" }, by(bobs));
  assert.equal(updated.member.name, "Bob");
  await stepUp(story, ada, password);
  await fails(members.update({ ...ada, is_breakglass: true }, by(password)), 403,
    "unauthorized_action");
  assert.equal((await members.update({ ...ada, mfa_enrolled: true }, by(password)))
    .member.mfa_enrolled, true);
  assert.equal((await members.deleteMFAPhoneNumber(ada, by(password))).member.mfa_phone_number, "");
  // No JWT of this server.
  await fails(story.send(ada, { session_jwt: "gone" }), 404, "session_not_found");
  await fails(story.client.otps.sms.authenticate({ ...bob, session_jwt: "gone", code: "123456" }), 404,
    "session_not_found");
}

// What is answered of a session is what it is, also when it was there before.
async function contents(story, fails) {
  const { ada, password } = await makeWorld(story);
  const now = async () => Date.parse((await story.advance(0)).now);
  const began = await now();
  const first = await stepUp(story, ada, password, { session_duration_minutes: 30,
    session_custom_claims: { role: "admin", tier: { a: 1, b: 2 }, gone: null, iss: "x", exp: 1 } });
  const session = first.member_session;
  assert.match(session.member_session_id, /^session-test-[0-9a-f-]{36}$/);
  for (let i = 0; i + 8 <= password.length; ++i)
    assert.ok(!JSON.stringify(session).includes(password.slice(i, i + 8)), "a part of the token");
  assert.equal(Date.parse(session.started_at), began);
  assert.equal(Date.parse(session.expires_at), began + 60 * MINUTE, "half an hour shortens nothing");
  assert.deepEqual(session.authentication_factors.map((factor) => [factor.type, factor.delivery_method]),
    [["password", "knowledge"], ["otp", "sms"]]);
  assert.deepEqual(session.custom_claims, { role: "admin", tier: { a: 1, b: 2 } });

  await story.advance(10 * MINUTE);
  const second = (await stepUp(story, ada, password, { session_duration_minutes: 90,
    session_custom_claims: { role: null, tier: { a: null, c: 3 }, more: [1] } })).member_session;
  assert.equal(second.member_session_id, session.member_session_id);
  assert.equal(second.started_at, session.started_at);
  assert.equal(Date.parse(second.last_accessed_at), began + 10 * MINUTE);
  assert.equal(Date.parse(second.expires_at), began + 100 * MINUTE);
  assert.deepEqual(second.custom_claims, { tier: { a: null, c: 3 }, more: [1] }, "a new value replaces the old one whole");
  const [primary, otp] = second.authentication_factors;
  assert.equal(second.authentication_factors.length, 2, "the same factor is proved again");
  assert.equal(Date.parse(primary.last_authenticated_at), began);
  assert.equal(Date.parse(otp.created_at), began);
  assert.equal(Date.parse(otp.last_authenticated_at), began + 10 * MINUTE);
  assert.equal(otp.phone_number_factor.phone_number, NUMBER);

  // More than four kilobytes of claims are refused before a passcode is judged.
  await story.send(ada);
  const code = await story.code();
  await fails(story.client.otps.sms.authenticate({ ...ada, session_token: password, code,
    session_custom_claims: { long: "x".repeat(4096) } }), 400, "bad_request");
  const third = (await story.client.otps.sms.authenticate(
    { ...ada, session_token: password, code })).member_session;
  assert.deepEqual(third.custom_claims, second.custom_claims);

  // A session made of an intermediate token starts then, with both factors.
  await story.advance(10 * MINUTE);
  await story.client.organizations.members.update({ ...ada, mfa_enrolled: true });
  const { intermediate_session_token, member_session_id } = await story.signIn(ada);
  const signed_in = await now();
  await story.advance(MINUTE);
  const fresh = await story.client.otps.sms.authenticate({ ...ada, intermediate_session_token,
    code: await story.code(), session_custom_claims: { role: "user", sub: "x" } });
  const { member_session } = fresh;
  assert.notEqual(member_session.member_session_id, session.member_session_id);
  assert.equal(member_session.member_session_id, member_session_id, "as the intermediate one had it");
  assert.equal(Date.parse(member_session.started_at), signed_in + MINUTE);
  assert.equal(Date.parse(member_session.expires_at), signed_in + 61 * MINUTE);
  assert.deepEqual(member_session.custom_claims, { role: "user" });
  assert.deepEqual(member_session.authentication_factors.map((factor) =>
    [factor.type, Date.parse(factor.last_authenticated_at)]),
  [["password", signed_in], ["otp", signed_in + MINUTE]]);
  await story.advance(10 * MINUTE);
  const again = (await stepUp(story, ada, fresh.session_token)).member_session;
  assert.equal(again.member_session_id, member_session.member_session_id);
  assert.equal(again.started_at, member_session.started_at);
  assert.deepEqual(again.custom_claims, { role: "user" });
}

module.exports = { headers, contents };
