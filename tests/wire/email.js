// SPDX-License-Identifier: Apache-2.0
// Passcodes by e-mail by the official client; steps of wire_test.js, whose `story` and `fails` they
// get.
"use strict";
const assert = require("node:assert/strict");

const MINUTE = 60 * 1000;
const types = (member_session) => member_session.authentication_factors.map(
  (factor) => [factor.type, factor.delivery_method]);

async function inbox(story) {
  return story.control("/test/inbox");
}
async function now(story) {
  return Date.parse((await story.advance(0)).now);
}

// An Organization that people of one domain may join.
async function makeOrganization(story, more = {}) {
  const domain = `mail-${story.unique}.example.com`;
  const made = await story.client.organizations.create({ organization_name: "Mail",
    email_jit_provisioning: "RESTRICTED", email_allowed_domains: [domain], ...more });
  return { domain, organization_id: made.organization.organization_id, organization: made.organization };
}

// Who may join is the Organization's to say (EM-07), and shown wherever it is.
async function settings(story, fails) {
  const { organizations, otps } = story.client;
  const plain = (await organizations.create({ organization_name: "Closed" })).organization;
  assert.equal(plain.email_jit_provisioning, "NOT_ALLOWED");
  assert.deepEqual(plain.email_allowed_domains, []);
  const organization_id = plain.organization_id;
  const stranger = { organization_id, email_address: `s.${story.unique}@elsewhere.example` };
  await fails(otps.email.loginOrSignup(stranger), 400, "email_jit_provisioning_not_allowed");
  await fails(organizations.update({ organization_id, email_jit_provisioning: "MAYBE" }), 400, "bad_request");
  await fails(organizations.update({ organization_id, email_allowed_domains: ["a b"] }), 400, "bad_request");
  const changed = await organizations.update({ organization_id, organization_name: "Open",
    email_jit_provisioning: "RESTRICTED", email_allowed_domains: ["one.example"] });
  assert.equal(changed.organization.organization_name, "Open");
  assert.equal(changed.organization.email_jit_provisioning, "RESTRICTED");
  await organizations.update({ organization_id, email_allowed_domains: ["two.example", "three.example"] });
  const shown = (await organizations.get({ organization_id })).organization;
  assert.equal(shown.email_jit_provisioning, "RESTRICTED", "what is not named stays");
  assert.deepEqual(shown.email_allowed_domains, ["two.example", "three.example"]);
  const ids = await story.makeMember(organization_id);
  assert.deepEqual((await organizations.members.get(ids)).organization.email_allowed_domains,
    shown.email_allowed_domains, "in every answer");
  await fails(otps.email.loginOrSignup(stranger), 400, "invalid_email_for_jit_provisioning");
  await organizations.update({ organization_id, email_jit_provisioning: "NOT_ALLOWED" });
  await fails(otps.email.loginOrSignup(stranger), 400, "email_jit_provisioning_not_allowed");

  await fails(organizations.update({ organization_id, auth_methods: "RESTRICTED" }), 400,
    "allowed_auth_methods_required_for_restricted");
  await fails(organizations.update({ organization_id, auth_methods: "RESTRICTED",
    allowed_auth_methods: ["pigeon"] }), 400, "invalid_organization_allowed_auth_methods");
  const restricted = await organizations.update({ organization_id, auth_methods: "RESTRICTED",
    allowed_auth_methods: ["sso", "password"] });
  assert.equal(restricted.organization.auth_methods, "RESTRICTED");
  assert.deepEqual(restricted.organization.allowed_auth_methods, ["sso", "password"]);
  await fails(otps.email.loginOrSignup({ organization_id,
    email_address: (await organizations.members.get(ids)).member.email_address }), 400,
    "operation_restricted_by_organization_auth_methods");
}

// From an address that nobody knows to a session with both factors (EM-06, EM-16, EM-17, SE-03).
async function signup(story, fails) {
  const { otps } = story.client;
  const { domain, organization_id } = await makeOrganization(story, { mfa_policy: "REQUIRED_FOR_ALL" });
  const email_address = `Ada.${story.unique}@${domain}`;
  const at = { organization_id, email_address };
  const sent = await otps.email.loginOrSignup({ ...at, locale: "FR", signup_template_id: "welcome" });
  assert.equal(sent.member_created, true);
  assert.equal(sent.member.status, "pending");
  assert.equal(sent.member.email_address, email_address, "as it was given");
  assert.equal(sent.member_id, sent.member.member_id);
  assert.equal(sent.organization.organization_id, organization_id);
  assert.equal(sent.organization.email_jit_provisioning, "RESTRICTED");
  const mail = (await inbox(story)).at(-1);
  assert.equal(mail.channel, "email");
  assert.equal(mail.to, email_address);
  assert.ok(mail.subject.length > 0);
  const code = await story.code();
  assert.ok(!mail.subject.includes(code), "lock screens show subjects (EM-31)");
  assert.ok(mail.body.includes(code));

  const again = await otps.email.loginOrSignup({ ...at, email_address: email_address.toLowerCase() });
  assert.equal(again.member_created, false);
  assert.equal(again.member_id, sent.member_id);
  assert.equal((await inbox(story)).at(-1).to, email_address, "to the address of the record (EM-03)");
  await fails(otps.email.authenticate({ ...at, code }), 401, "unable_to_auth_otp_code");
  const right = await story.code();
  await fails(otps.email.authenticate({ ...at, code: story.wrong(right) }), 404, "otp_code_not_found");

  const first = await otps.email.authenticate({ ...at, code: right, session_duration_minutes: 30,
    session_custom_claims: { ignored: true } });
  assert.equal(first.member.status, "active");
  assert.equal(first.member.email_address_verified, true);
  assert.match(first.method_id, /^email-test-[0-9a-f-]{36}$/);
  assert.equal(first.organization_id, organization_id);
  assert.equal(first.member_authenticated, false);
  assert.equal(first.session_token, "");
  assert.equal(first.session_jwt, "");
  assert.equal(first.member_session, null);
  assert.equal(first.primary_required, null);
  assert.deepEqual(first.mfa_required, { member_options: null, secondary_auth_initiated: null });
  assert.equal(Date.parse(first.intermediate_session_token_expires_at), await now(story) + 10 * MINUTE);
  await fails(otps.email.authenticate({ ...at, code: right }), 401, "unable_to_auth_otp_code");

  // Half a session is none, and enrols a number.
  const ids = { organization_id, member_id: first.member_id };
  const { intermediate_session_token } = first;
  await fails(otps.sms.send({ ...ids, session_token: intermediate_session_token,
    mfa_phone_number: "+14155550161" }), 404, "session_not_found");
  await story.send(ids, { mfa_phone_number: "+14155550161", intermediate_session_token });
  const done = await otps.sms.authenticate({ ...ids, intermediate_session_token, code: await story.code(),
    session_custom_claims: { role: "user" } });
  assert.deepEqual(types(done.member_session), [["email_otp", "email"], ["otp", "sms"]]);
  const [email, sms] = done.member_session.authentication_factors;
  assert.deepEqual(email.email_factor, { email_id: first.method_id, email_address });
  assert.equal(sms.phone_number_factor.phone_number, "+14155550161");
  assert.deepEqual(done.member_session.custom_claims, { role: "user" });
  await fails(otps.sms.send({ ...ids, intermediate_session_token }), 404, "intermediate_session_not_found");

  // Signing in again: the code is a login's, and the SMS comes by itself.
  await story.advance(10 * MINUTE);
  const login = await otps.email.loginOrSignup(at);
  assert.equal(login.member_created, false);
  assert.equal(login.member.status, "active");
  const step = await otps.email.authenticate({ ...at, code: await story.code(), locale: "de-DE" });
  assert.equal(step.mfa_required.secondary_auth_initiated, "sms_otp");
  assert.equal(step.mfa_required.member_options.mfa_phone_number, "+14155550161");
  assert.equal((await inbox(story)).at(-1).channel, "sms");
  const second = await otps.sms.authenticate({ ...ids, code: await story.code(),
    intermediate_session_token: step.intermediate_session_token });
  assert.notEqual(second.session_token, done.session_token);
  assert.notEqual(second.member_session.member_session_id, done.member_session.member_session_id);

  // An e-mail passcode in a session is one more factor of it, and spares no step (EM-18, SE-04).
  await story.advance(10 * MINUTE);
  await otps.email.loginOrSignup(at);
  const extended = await otps.email.authenticate({ ...at, session_token: second.session_token,
    code: await story.code(), session_duration_minutes: 120, session_custom_claims: { more: 1 } });
  assert.equal(extended.member_authenticated, true);
  assert.equal(extended.session_token, second.session_token);
  assert.equal(extended.intermediate_session_token, "");
  assert.equal(extended.mfa_required, null);
  assert.deepEqual(types(extended.member_session), [["email_otp", "email"], ["otp", "sms"]]);
  assert.equal(Date.parse(extended.member_session.expires_at), await now(story) + 120 * MINUTE);
  assert.equal(Date.parse(extended.member_session.authentication_factors[0].last_authenticated_at), await now(story));
  assert.deepEqual(extended.member_session.custom_claims, { more: 1 });
}

// Without a second factor to ask for, the first step is the last.
async function login(story, fails) {
  const { otps, organizations } = story.client;
  const { domain, organization_id } = await makeOrganization(story);
  const at = { organization_id, email_address: `bob.${story.unique}@${domain}` };
  await otps.email.loginOrSignup(at);
  const done = await otps.email.authenticate({ ...at, code: await story.code(), session_duration_minutes: 30,
    session_custom_claims: { role: "user", sub: "x" } });
  assert.equal(done.member_authenticated, true);
  assert.equal(done.mfa_required, null);
  assert.equal(done.intermediate_session_token, "");
  assert.ok(!("intermediate_session_token_expires_at" in done));
  assert.deepEqual(types(done.member_session), [["email_otp", "email"]]);
  assert.deepEqual(done.member_session.custom_claims, { role: "user" });
  assert.match(done.member_session.member_session_id, /^session-test-/);
  assert.equal(Date.parse(done.member_session.expires_at), await now(story) + 30 * MINUTE);
  const ids = { organization_id, member_id: done.member_id };
  await organizations.members.update({ ...ids, name: "Bob" }, { authorization: { session_token: done.session_token } });

  // A password's intermediate token is turned into a session.
  await organizations.members.update({ ...ids, mfa_enrolled: true });
  const step = await story.signIn(ids);
  await organizations.members.update({ ...ids, mfa_enrolled: false });
  await otps.email.loginOrSignup(at);
  const upgraded = await otps.email.authenticate({ ...at, code: await story.code(),
    intermediate_session_token: step.intermediate_session_token });
  assert.equal(upgraded.member_authenticated, true);
  assert.equal(upgraded.member_session.member_session_id, step.member_session_id);
  assert.deepEqual(types(upgraded.member_session), [["password", "knowledge"], ["email_otp", "email"]]);

  // One that waits for its second factor goes on waiting, with one factor more.
  await organizations.members.update({ ...ids, mfa_enrolled: true });
  const waiting = await story.signIn(ids);
  await otps.email.loginOrSignup(at);
  const still = await otps.email.authenticate({ ...at, code: await story.code(),
    intermediate_session_token: waiting.intermediate_session_token, session_custom_claims: { ignored: 1 } });
  assert.equal(still.member_authenticated, false);
  assert.equal(still.intermediate_session_token, waiting.intermediate_session_token);
  assert.equal(Date.parse(still.intermediate_session_token_expires_at), await now(story) + 10 * MINUTE);
  await story.send(ids, { mfa_phone_number: "+14155550162",
    intermediate_session_token: still.intermediate_session_token });
  const full = await otps.sms.authenticate({ ...ids, code: await story.code(),
    intermediate_session_token: still.intermediate_session_token });
  assert.equal(full.member_session.member_session_id, waiting.member_session_id);
  assert.deepEqual(types(full.member_session),
    [["password", "knowledge"], ["email_otp", "email"], ["otp", "sms"]]);
  assert.deepEqual(full.member_session.custom_claims, {});
}

// Every error of these two calls that a client can bring about, and every field (EM-05, EM-15).
async function refusals(story, fails) {
  const { otps, organizations } = story.client;
  const { domain, organization_id } = await makeOrganization(story);
  const at = { organization_id, email_address: `eve.${story.unique}@${domain}` };
  const send = (more = {}) => otps.email.loginOrSignup({ ...at, ...more });
  const prove = (more = {}) => otps.email.authenticate({ ...at, code: "123456", ...more });
  await fails(send({ email_address: "eve@" }), 400, "invalid_email");
  await fails(send({ email_address: "" }), 400, "bad_request");
  await fails(send({ locale: "xx" }), 400, "invalid_locale");
  await fails(send({ login_expiration_minutes: 1 }), 400, "invalid_expiration_otp");
  await fails(send({ signup_expiration_minutes: 16 }), 400, "invalid_expiration_otp");
  await fails(send({ login_template_id: "x".repeat(129) }), 400, "bad_request");
  await fails(send({ organization_id: "nobody" }), 404, "organization_not_found");
  await fails(prove({ email_address: "eve@" }), 400, "invalid_email");
  await fails(prove({ code: "12" }), 400, "invalid_code");
  await fails(prove({ code: "" }), 400, "invalid_code");
  await fails(prove({ code: undefined }), 400, "bad_request");
  await fails(prove({ locale: "xx" }), 400, "invalid_locale");
  await fails(prove({ session_duration_minutes: 4 }), 400, "invalid_session_duration_minutes");
  await fails(prove({ session_token: "a", session_jwt: "b" }), 400, "too_many_session_arguments");
  await fails(prove({ session_token: "gone" }), 404, "session_not_found");
  await fails(prove({ session_jwt: "gone" }), 404, "session_not_found");
  await fails(prove({ intermediate_session_token: "gone" }), 404, "intermediate_session_not_found");
  await fails(prove({ organization_id: "nobody" }), 404, "organization_not_found");
  await fails(prove(), 404, "otp_code_not_found");
  await fails(prove({ session_custom_claims: { long: "x".repeat(4096) } }), 400, "bad_request");
  // What the client knows and this server does not is named.
  for (const [call, field] of [[prove, "telemetry_id"], [send, "pkce_code_challenge"]])
    await assert.rejects(call({ [field]: "x" }), (error) => error.error_message.includes(`"${field}"`));

  for (const [next, status, type] of [["rejected", 400, "inactive_email"],
    ["unavailable", 503, "server_unavailable"], ["unknown", 503, "server_unavailable"]]) {
    await story.control("/test/email", { next });
    await fails(send(), status, type);
  }
  assert.equal((await send()).member_created, false, "the first send made the Member");
  const theirs = await story.makeMember(organization_id);
  await fails(prove({ session_token: (await story.signIn(theirs)).session_token }), 400,
    "member_session_member_id_mismatch");
  const elsewhere = await story.makeMember((await makeOrganization(story)).organization_id);
  await organizations.members.update({ ...elsewhere, mfa_enrolled: true });
  await fails(prove({ intermediate_session_token: (await story.signIn(elsewhere)).intermediate_session_token }),
    400, "invalid_intermediate_session_token_for_organization");

  // Its time, its tries, its sends.
  await story.advance(10 * MINUTE);
  const eve = { ...at, email_address: `late.${story.unique}@${domain}` };
  await otps.email.loginOrSignup({ ...eve, signup_expiration_minutes: 2 });
  await story.advance(2 * MINUTE);
  await fails(otps.email.authenticate({ ...eve, code: await story.code() }), 401, "unable_to_auth_otp_code");
  await story.advance(10 * MINUTE);
  for (let i = 0; i < 5; ++i) await otps.email.loginOrSignup(eve);
  await fails(otps.email.loginOrSignup(eve), 429, "too_many_requests");
  await otps.email.authenticate({ ...eve, code: await story.code() });
  await story.advance(10 * MINUTE);
  for (let i = 0; i < 10; ++i) {
    if (i % 5 === 0) await otps.email.loginOrSignup(eve);
    await fails(otps.email.authenticate({ ...eve, code: story.wrong(await story.code()) }), 404, "otp_code_not_found");
  }
  await fails(otps.email.authenticate({ ...eve, code: await story.code() }), 429, "user_lock_limit_reached");
  await fails(otps.email.loginOrSignup(eve), 429, "user_lock_limit_reached");
  const found = await organizations.members.get(eve);
  assert.equal(found.member.is_locked, true);
  await story.control("/test/unlock", { organization_id, member_id: found.member_id });
  await otps.email.loginOrSignup(eve);
  await otps.email.authenticate({ ...eve, code: await story.code() });
}

module.exports = { settings, signup, login, refusals };
