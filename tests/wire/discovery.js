// SPDX-License-Identifier: Apache-2.0
// Discovery by the official client, from an address to a session with both factors; steps of
// wire_test.js, whose `story` and `fails` they get.
"use strict";
const assert = require("node:assert/strict");

const MINUTE = 60 * 1000;
const types = (member_session) => member_session.authentication_factors.map((factor) => factor.type);

async function now(story) {
  return Date.parse((await story.advance(0)).now);
}
async function discover(story, email_address) {
  const { discovery } = story.client.otps.email;
  await discovery.send({ email_address });
  return discovery.authenticate({ email_address, code: await story.code() });
}
const entryOf = (found, organization_id) =>
  found.discovered_organizations.find((entry) => entry.organization.organization_id === organization_id);

// Discovery, Organization, SMS, session, e-mail passcode and app as step-ups (EM-24 … EM-29).
async function walk(story, fails) {
  const { otps, discovery, organizations, totps, sessions } = story.client;
  const domain = `find-${story.unique}.example.com`;
  const email_address = `ada@${domain}`;
  const make = async (more) => (await organizations.create({ organization_name: "Found", ...more })).organization.organization_id;
  const open = await make({ email_jit_provisioning: "RESTRICTED", email_allowed_domains: [domain] });
  const strict = await make({ mfa_policy: "REQUIRED_FOR_ALL" });
  const closed = await make({ auth_methods: "RESTRICTED", allowed_auth_methods: ["sso"] });
  const left = await make({});
  const member = (await organizations.members.create({ organization_id: strict,
    email_address: email_address.toUpperCase(), create_member_as_pending: true })).member;
  await organizations.members.create({ organization_id: closed, email_address });
  const gone = await organizations.members.create({ organization_id: left, email_address });
  await organizations.members.delete({ organization_id: left, member_id: gone.member_id });

  const sent = await otps.email.discovery.send({ email_address: `Ada@${domain}`, discovery_expiration_minutes: 5,
    locale: "fr", login_template_id: "mine" });
  assert.deepEqual(Object.keys(sent).sort(), ["request_id", "status_code"]);
  const mail = (await story.control("/test/inbox")).at(-1);
  assert.equal(mail.to, email_address, "in lower case (EM-25)");
  const found = await otps.email.discovery.authenticate({ email_address, code: await story.code() });
  assert.equal(found.email_address, email_address);
  assert.equal(Date.parse(found.intermediate_session_token_expires_at), await now(story) + 10 * MINUTE);
  assert.equal(found.discovered_organizations.length, 3);
  const joinable = entryOf(found, open);
  assert.deepEqual(joinable.membership, { type: "eligible_to_join_by_email_domain", details: { domain }, member: null });
  assert.equal(joinable.member_authenticated, true);
  assert.deepEqual(joinable.organization.email_allowed_domains, [domain]);
  const pending = entryOf(found, strict);
  assert.equal(pending.membership.type, "pending_member");
  assert.equal(pending.membership.member.member_id, member.member_id);
  assert.equal(pending.member_authenticated, false);
  assert.deepEqual(pending.mfa_required, { member_options: null, secondary_auth_initiated: null });
  assert.equal(pending.primary_required, null);
  const restricted = entryOf(found, closed);
  assert.equal(restricted.membership.type, "active_member");
  assert.deepEqual(restricted.primary_required, { allowed_auth_methods: ["sso"] });
  assert.equal(restricted.member_authenticated, false);
  const { intermediate_session_token } = found;
  const listed = await discovery.organizations.list({ intermediate_session_token });
  assert.equal(listed.email_address, email_address);
  assert.deepEqual(listed.discovered_organizations, found.discovered_organizations);

  // Into the one that wants a second factor; an SMS enrols, and the session is there.
  await fails(discovery.intermediateSessions.exchange({ intermediate_session_token, organization_id: closed }), 400,
    "operation_restricted_by_organization_auth_methods");
  const step = await discovery.intermediateSessions.exchange({ intermediate_session_token, organization_id: strict });
  assert.equal(step.member.status, "active");
  assert.equal(step.member.email_address_verified, true);
  assert.equal(step.member_authenticated, false);
  assert.equal(step.session_token, "");
  assert.equal(step.member_session, null);
  assert.notEqual(step.intermediate_session_token, intermediate_session_token);
  await fails(discovery.organizations.list({ intermediate_session_token }), 404, "intermediate_session_not_found");
  const ids = { organization_id: strict, member_id: step.member_id };
  const half = { intermediate_session_token: step.intermediate_session_token };
  await story.send(ids, { ...half, mfa_phone_number: "+14155550191" });
  const full = await otps.sms.authenticate({ ...ids, ...half, code: await story.code() });
  assert.deepEqual(types(full.member_session), ["email_otp", "otp"]);
  assert.equal(full.member_session.authentication_factors[0].email_factor.email_address.toLowerCase(), email_address);

  // The session is stepped up by a passcode by e-mail and by an app, and finds the others.
  const { session_token } = full;
  await otps.email.loginOrSignup({ organization_id: strict, email_address });
  await otps.email.authenticate({ organization_id: strict, email_address, session_token, code: await story.code() });
  const app = await totps.create({ ...ids, session_token });
  assert.ok(app.secret.length > 20);
  const others = await discovery.organizations.list({ session_token });
  assert.equal(entryOf(others, strict).member_authenticated, true, "this very session");
  assert.equal(entryOf(others, open).membership.type, "eligible_to_join_by_email_domain");
  const there = await sessions.exchange({ session_token, organization_id: strict }).catch((error) => error);
  assert.equal(there.status_code, 200);
}

// Joining, making one, and a token that a password elsewhere has made.
async function join(story, fails) {
  const { otps, discovery, organizations } = story.client;
  const domain = `join-${story.unique}.example.com`;
  const email_address = `bob@${domain}`;
  const open = (await organizations.create({ organization_name: "Open", email_jit_provisioning: "RESTRICTED",
    email_allowed_domains: [domain] })).organization.organization_id;
  const shut = (await organizations.create({ organization_name: "Shut" })).organization.organization_id;
  const other = (await organizations.create({ organization_name: "Other", email_jit_provisioning: "RESTRICTED",
    email_allowed_domains: ["other.example"] })).organization.organization_id;
  const exchange = discovery.intermediateSessions;
  let { intermediate_session_token } = await discover(story, email_address);
  await fails(exchange.exchange({ intermediate_session_token, organization_id: shut }), 400, "email_jit_provisioning_not_allowed");
  await fails(exchange.exchange({ intermediate_session_token, organization_id: other }), 400, "invalid_email_for_jit_provisioning");
  await fails(exchange.exchange({ intermediate_session_token, organization_id: "nobody" }), 404, "organization_not_found");
  await fails(exchange.exchange({ intermediate_session_token, organization_id: open, session_duration_minutes: 4 }), 400,
    "invalid_session_duration_minutes");
  await fails(exchange.exchange({ intermediate_session_token, organization_id: open, locale: "xx" }), 400, "invalid_locale");
  const joined = await exchange.exchange({ intermediate_session_token, organization_id: open, session_duration_minutes: 30,
    session_custom_claims: { role: "user" } });
  assert.equal(joined.member_authenticated, true);
  assert.equal(joined.member.email_address, email_address);
  assert.equal(joined.member.status, "active");
  assert.equal(joined.intermediate_session_token, "");
  assert.equal(Date.parse(joined.member_session.expires_at), await now(story) + 30 * MINUTE);
  assert.deepEqual(joined.member_session.custom_claims, { role: "user" });
  await fails(exchange.exchange({ intermediate_session_token, organization_id: open }), 404, "intermediate_session_not_found");

  // The first Member of a new Organization.
  const found = await discover(story, email_address);
  assert.deepEqual(found.discovered_organizations.map((entry) => entry.membership.type), ["active_member"]);
  ({ intermediate_session_token } = found);
  await fails(discovery.organizations.create({ intermediate_session_token, organization_name: "Mine",
    auth_methods: "RESTRICTED", allowed_auth_methods: ["sso"] }), 400, "operation_restricted_by_organization_auth_methods");
  await fails(discovery.organizations.create({ intermediate_session_token, organization_name: "Mine",
    mfa_policy: "MAYBE" }), 400, "invalid_organization_mfa_policy");
  await fails(discovery.organizations.create({ intermediate_session_token, email_allowed_domains: [domain, "victim.example"] }), 400,
    "bad_request");
  const made = await discovery.organizations.create({ intermediate_session_token, organization_name: "Mine",
    email_jit_provisioning: "RESTRICTED", email_allowed_domains: [domain.toUpperCase()] });
  assert.equal(made.organization.organization_name, "Mine");
  assert.equal(made.member.email_address_verified, true);
  assert.equal(made.member_authenticated, true);
  await fails(discovery.organizations.create({ intermediate_session_token: "gone" }), 404, "intermediate_session_not_found");
  const again = await discover(story, email_address);
  assert.deepEqual(again.discovered_organizations.map((entry) => entry.organization.organization_id).sort(),
    [open, made.organization.organization_id].sort());

  // A session of no Member may be used for the Member with its address, and for nobody else (EM-27).
  const ids = { organization_id: open, member_id: joined.member_id };
  const { intermediate_session_token: token } = again;
  await story.send(ids, { mfa_phone_number: "+14155550192", intermediate_session_token: token });
  const stranger = await story.makeMember(open);
  await fails(story.send(stranger, { mfa_phone_number: "+14155550193", intermediate_session_token: token }), 400,
    "member_session_member_id_mismatch");
  const done = await otps.sms.authenticate({ ...ids, intermediate_session_token: token, code: await story.code() });
  assert.deepEqual(types(done.member_session), ["email_otp", "otp"]);

  // A password of another Organization is none here.
  const twin = (await organizations.members.create({ organization_id: shut, email_address })).member;
  await organizations.members.update({ organization_id: shut, member_id: twin.member_id, mfa_enrolled: true });
  const signed = await story.signIn({ organization_id: shut, member_id: twin.member_id });
  await fails(exchange.exchange({ intermediate_session_token: signed.intermediate_session_token, organization_id: open }), 400,
    "invalid_intermediate_session_token_for_organization");
  await fails(discovery.organizations.list({ intermediate_session_token: signed.intermediate_session_token }), 401,
    "insufficient_factors");
}

// Of exchanges of one token at once, into one Organization or several, one gets a session (SE-06).
async function once(story) {
  const { organizations, discovery, sessions } = story.client;
  const email_address = `flo.${story.unique}@once.example`;
  const members = [];
  for (const organization_name of ["One", "Two"]) {
    const { organization_id } = (await organizations.create({ organization_name })).organization;
    const { member_id } = await organizations.members.create({ organization_id, email_address });
    members.push({ organization_id, member_id });
  }
  const { intermediate_session_token } = await discover(story, email_address);
  const into = [members[0], members[1], members[0], members[1]];
  const ended = await Promise.allSettled(into.map(({ organization_id }) =>
    discovery.intermediateSessions.exchange({ intermediate_session_token, organization_id })));
  assert.equal(ended.filter((one) => one.status === "fulfilled").length, 1);
  for (const { reason } of ended.filter((one) => one.status === "rejected"))
    assert.ok(["server_unavailable", "intermediate_session_not_found"].includes(reason.error_type), reason.error_type);
  const made = await Promise.all(members.map((ids) => sessions.get(ids)));
  assert.equal(made.flatMap((found) => found.member_sessions).length, 1);
}

// A passcode of discovery is none in an Organization, nor the other way round (EM-12): it is a wrong
// one there, and stays good where it belongs.
async function purposes(story, fails) {
  const { otps, organizations } = story.client;
  const { organization_id } = (await organizations.create({ organization_name: "Doors" })).organization;
  const email_address = `gil.${story.unique}@doors.example`;
  await organizations.members.create({ organization_id, email_address });
  await otps.email.loginOrSignup({ organization_id, email_address });
  const inside = await story.code();
  await otps.email.discovery.send({ email_address });
  const outside = await story.code();
  const enter = (code) => otps.email.authenticate({ organization_id, email_address, code });
  const find = (code) => otps.email.discovery.authenticate({ email_address, code });
  if (inside !== outside) {  // one in a million
    await fails(enter(outside), 404, "otp_code_not_found");
    await fails(find(inside), 404, "otp_code_not_found");
  }
  assert.equal((await enter(inside)).member_authenticated, true);
  assert.ok((await find(outside)).intermediate_session_token);
}

// Every error of these calls that a client can bring about.
async function refusals(story, fails) {
  const { otps, discovery } = story.client;
  const email_address = `eve.${story.unique}@nowhere.example`;
  const send = (more = {}) => otps.email.discovery.send({ email_address, ...more });
  const prove = (more = {}) => otps.email.discovery.authenticate({ email_address, code: "123456", ...more });
  await fails(send({ email_address: "" }), 400, "bad_request");
  await fails(send({ email_address: "eve@" }), 400, "invalid_email");
  await fails(send({ locale: "xx" }), 400, "invalid_locale");
  await fails(send({ discovery_expiration_minutes: 1 }), 400, "invalid_expiration_otp");
  await fails(send({ login_template_id: "x".repeat(129) }), 400, "bad_request");
  await fails(prove({ email_address: "eve@" }), 400, "invalid_email");
  await fails(prove({ code: undefined }), 400, "bad_request");
  await fails(prove({ code: "12" }), 400, "invalid_code");
  await fails(prove(), 404, "otp_code_not_found");
  for (const [next, status, type] of [["rejected", 400, "inactive_email"], ["unavailable", 503, "server_unavailable"]]) {
    await story.control("/test/email", { next });
    await fails(send(), status, type);
  }
  await fails(discovery.organizations.list({}), 400, "no_session_arguments");
  await fails(discovery.organizations.list({ intermediate_session_token: "a", session_token: "b" }), 400, "too_many_session_arguments");
  await fails(discovery.organizations.list({ session_token: "gone" }), 404, "session_not_found");
  await fails(discovery.organizations.create({}), 400, "bad_request");
  await fails(discovery.intermediateSessions.exchange({ organization_id: "x" }), 400, "bad_request");

  await story.advance(10 * MINUTE);
  const none = await discover(story, email_address);
  assert.deepEqual(none.discovered_organizations, []);
  for (let i = 0; i < 4; ++i) await send();
  await fails(send(), 429, "too_many_requests");
  await story.advance(10 * MINUTE);
  for (let i = 0; i < 10; ++i) {
    if (i % 5 === 0) await send();
    await fails(prove({ code: story.wrong(await story.code()) }), 404, "otp_code_not_found");
  }
  await fails(send(), 429, "user_lock_limit_reached");
  await fails(prove({ code: await story.code() }), 429, "user_lock_limit_reached");
}

module.exports = { walk, join, once, purposes, refusals };
