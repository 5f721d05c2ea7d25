// SPDX-License-Identifier: Apache-2.0
// The calls on sessions, and their JWTs, by the official client; steps of wire_test.js, whose
// `story`, `fails` and `raw` they get.
"use strict";
const assert = require("node:assert/strict");
const crypto = require("node:crypto");

const MINUTE = 60 * 1000;
const SECONDS = 1000;
let numbers = 4155550180;

async function now(story) {
  return Date.parse((await story.advance(0)).now);
}
const types = (member_session) => member_session.authentication_factors.map((factor) => factor.type);
const fieldsOf = (jwt, part) => JSON.parse(Buffer.from(jwt.split(".")[part], "base64url"));

// Signs up by e-mail where MFA is required, proves a number, and has a session with both factors.
async function signUp(story, more = {}, name = "ada") {
  const { organizations, otps } = story.client;
  const domain = `${name}-${story.unique}.example.com`;
  const { organization } = await organizations.create({ organization_name: "Walk",
    mfa_policy: "REQUIRED_FOR_ALL", email_jit_provisioning: "RESTRICTED", email_allowed_domains: [domain], ...more });
  const { organization_id } = organization;
  const at = { organization_id, email_address: `${name}@${domain}` };
  await otps.email.loginOrSignup(at);
  const first = await otps.email.authenticate({ ...at, code: await story.code() });
  const ids = { organization_id, member_id: first.member_id };
  const { intermediate_session_token } = first;
  await story.send(ids, { mfa_phone_number: `+1${++numbers}`, intermediate_session_token });
  const session = await otps.sms.authenticate({ ...ids, intermediate_session_token, code: await story.code() });
  await story.advance(2 * MINUTE);
  return { at, ids, domain, session, organization };
}

// Sign-up, second factor, session, step-up, revocation.
async function walk(story, fails) {
  const { sessions, otps, organizations } = story.client;
  const { ids, session, organization } = await signUp(story);
  assert.deepEqual(types(session.member_session), ["email_otp", "otp"]);
  const { session_token } = session;

  const used = await sessions.authenticate({ session_token });
  assert.equal(used.session_token, session_token);
  assert.equal(used.member.member_id, ids.member_id);
  assert.equal(used.organization.organization_id, ids.organization_id);
  assert.equal(used.organization.email_jit_provisioning, "RESTRICTED");
  assert.equal(used.member_session.member_session_id, session.member_session.member_session_id);
  assert.equal(Date.parse(used.member_session.last_accessed_at), await now(story));
  assert.equal(used.member_session.expires_at, session.member_session.expires_at, "no minutes, no more time");
  assert.deepEqual(used.member_session.authentication_factors, session.member_session.authentication_factors);
  assert.notEqual(used.session_jwt, session.session_jwt);

  const longer = await sessions.authenticate({ session_token, session_duration_minutes: 120,
    session_custom_claims: { role: "admin", iss: "x" } });
  assert.equal(Date.parse(longer.member_session.expires_at), await now(story) + 120 * MINUTE);
  assert.deepEqual(longer.member_session.custom_claims, { role: "admin" });
  assert.deepEqual(longer.member_session.authentication_factors, session.member_session.authentication_factors,
    "nothing was proved");
  const shorter = await sessions.authenticate({ session_token, session_duration_minutes: 5 });
  assert.equal(shorter.member_session.expires_at, longer.member_session.expires_at);

  // The person's session shows in the list, what waits for a second factor does not.
  const other = await story.signIn(ids);
  assert.equal(other.member_authenticated, false);
  const listed = await sessions.get(ids);
  assert.deepEqual(listed.member_sessions.map((one) => one.member_session_id),
    [session.member_session.member_session_id]);
  assert.deepEqual(listed.member_sessions[0].custom_claims, { role: "admin" });
  assert.equal(listed.member_sessions[0].organization_slug, organization.organization_slug);

  // Step-up.
  await story.advance(10 * MINUTE);
  await otps.sms.send({ ...ids, session_token });
  const stepped = await otps.sms.authenticate({ ...ids, session_token, code: await story.code() });
  assert.equal(Date.parse(stepped.member_session.authentication_factors[1].last_authenticated_at), await now(story));
  assert.deepEqual(stepped.member_session.custom_claims, { role: "admin" });

  await sessions.revoke({ member_session_id: session.member_session.member_session_id });
  await fails(sessions.authenticate({ session_token }), 404, "session_not_found");
  await fails(sessions.authenticate({ session_jwt: stepped.session_jwt }), 404, "session_not_found");
  await fails(otps.sms.send({ ...ids, session_token }), 404, "session_not_found");
  await fails(sessions.revoke({ session_token }), 404, "session_not_found");
  assert.deepEqual((await sessions.get(ids)).member_sessions, []);

  // By token, by JWT, and all of a Member at once, half ones too.
  await story.advance(10 * MINUTE);
  const signIn = async () => {
    const { intermediate_session_token } = await story.signIn(ids);
    return otps.sms.authenticate({ ...ids, intermediate_session_token, code: await story.code() });
  };
  const one = await signIn();
  await sessions.revoke({ session_token: one.session_token });
  await fails(sessions.authenticate({ session_token: one.session_token }), 404, "session_not_found");
  const two = await signIn();
  await sessions.revoke({ session_jwt: two.session_jwt });
  await fails(sessions.authenticate({ session_token: two.session_token }), 404, "session_not_found");
  await story.advance(10 * MINUTE);
  const three = await signIn();
  const half = await story.signIn(ids);
  const unrelated = await signUp(story, {}, "eve");
  await sessions.revoke({ member_id: ids.member_id });
  await fails(sessions.authenticate({ session_token: three.session_token }), 404, "session_not_found");
  await fails(otps.sms.send({ ...ids, intermediate_session_token: half.intermediate_session_token }), 404,
    "intermediate_session_not_found");
  assert.equal((await sessions.authenticate({ session_token: unrelated.session.session_token })).status_code, 200);
  await sessions.revoke({ member_id: ids.member_id });

  await fails(sessions.revoke({}), 400, "no_session_arguments");
  await fails(sessions.revoke({ member_id: "a", session_token: "b" }), 400, "too_many_session_arguments");
  await fails(sessions.revoke({ member_session_id: "gone" }), 404, "session_not_found");
  await fails(sessions.revoke({ member_session_id: "gone" }, { authorization: { session_token: "x" } }), 400,
    "bad_request");
  await fails(sessions.get({ organization_id: ids.organization_id, member_id: "nobody" }), 404, "member_not_found");
  await fails(sessions.authenticate({}), 400, "no_session_arguments");
  await fails(sessions.authenticate({ session_token: "a", session_jwt: "b" }), 400, "too_many_session_arguments");
  await fails(sessions.authenticate({ session_token: "gone" }), 404, "session_not_found");
  await fails(sessions.authenticate({ session_token: "a", session_duration_minutes: 4 }), 400,
    "invalid_session_duration_minutes");
  const { session_token: eves } = unrelated.session;
  await fails(sessions.authenticate({ session_token: eves, session_custom_claims: { long: "x".repeat(4096) } }),
    400, "bad_request");
  await assert.rejects(sessions.authenticate({ session_token: eves, authorization_check: {
    organization_id: "a", resource_id: "b", action: "c" } }), /authorization_check/);
  // A half session is no session, and an id names none.
  await fails(sessions.authenticate({ session_token: unrelated.session.member_session.member_session_id }), 404,
    "session_not_found");
  await fails(sessions.authenticate({ session_jwt: unrelated.session.member_session.member_session_id }), 404,
    "session_not_found");
  await organizations.members.delete(unrelated.ids);
  await fails(sessions.authenticate({ session_token: eves }), 404, "session_not_found");
}

// What the client believes without asking, and what it may not (RFC 7515, RFC 7519).
async function jwts(story, fails, raw) {
  const { sessions, otps, organizations } = story.client;
  const { ids, session, organization } = await signUp(story);
  const { session_jwt, session_token } = await sessions.authenticate({ session_token: session.session_token,
    session_custom_claims: { role: "admin", "https://stytch.com/session": { id: "forged" } } });
  const at = await now(story);
  const local = await sessions.authenticateJwtLocal({ session_jwt, current_date: new Date(at) });
  const shown = (await sessions.get(ids)).member_sessions[0];
  delete shown.custom_claims["https://stytch.com/session"];
  assert.deepEqual(local, shown, "all that a session shows is in its JWT");
  assert.deepEqual(local.custom_claims, { role: "admin" });
  assert.equal(local.organization_slug, organization.organization_slug);
  const header = fieldsOf(session_jwt, 0);
  const claims = fieldsOf(session_jwt, 1);
  assert.equal(header.alg, "RS256");
  assert.deepEqual(claims.aud, ["project-test-local"]);
  assert.equal(claims.sub, ids.member_id);
  assert.equal(claims.exp - claims.iat, 300);
  assert.equal(claims.iat, Math.floor(at / 1000));
  assert.ok(!session_jwt.includes(session_token) && !JSON.stringify(claims).includes(session_token));

  // The keys are open to all, and hold nothing private.
  const { keys } = await sessions.getJWKS({ project_id: "project-test-local" });
  assert.equal(keys.length, 1);
  assert.equal(keys[0].kid, header.kid);
  assert.deepEqual(Object.keys(keys[0]).sort(), ["alg", "e", "kid", "kty", "n", "use"]);
  const open = await raw(story.url, "GET", "/v1/b2b/sessions/jwks/project-test-local");
  assert.deepEqual(open.json.keys, keys);
  assert.equal((await raw(story.url, "GET", "/v1/b2b/sessions/jwks/project-test-other")).json.error_type,
    "route_not_found");
  assert.equal((await raw(story.url, "GET", "/v1/b2b/sessions")).json.error_type, "unauthorized_credentials");

  // When its five minutes are over the client asks, and gets a new one.
  const later = new Date(at + 300 * SECONDS);
  await assert.rejects(sessions.authenticateJwtLocal({ session_jwt, current_date: later }));
  await story.advance(301 * SECONDS);
  const renewed = await sessions.authenticate({ session_jwt });
  assert.equal(renewed.session_token, "", "only its digest is known");
  assert.notEqual(renewed.session_jwt, session_jwt);
  await sessions.authenticateJwtLocal({ session_jwt: renewed.session_jwt, current_date: new Date(await now(story)) });
  assert.equal((await sessions.authenticateJwt({ session_jwt, max_token_age_seconds: 0 })).member_session
    .member_session_id, local.member_session_id);

  // A JWT names its session to every call that takes one.
  await story.advance(10 * MINUTE);
  await otps.sms.send({ ...ids, session_jwt });
  const stepped = await otps.sms.authenticate({ ...ids, session_jwt, code: await story.code(),
    session_custom_claims: { stepped: true } });
  assert.equal(stepped.member_session.member_session_id, local.member_session_id);
  assert.equal(stepped.member_session.custom_claims.stepped, true);
  assert.equal(fieldsOf(stepped.session_jwt, 1).stepped, true);
  await organizations.members.update({ ...ids, name: "Ada" }, { authorization: { session_jwt } });
  // Its end is the session's when that comes sooner.
  await story.advance(57 * MINUTE);
  const last = await sessions.authenticate({ session_token });
  assert.equal(fieldsOf(last.session_jwt, 1).exp,
    Math.floor(Date.parse(last.member_session.expires_at) / 1000));

  // Nothing that this server has not signed.
  const [head, body, signature] = last.session_jwt.split(".");
  const pack = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const key = crypto.createPublicKey({ key: keys[0], format: "jwk" }).export({ type: "spki", format: "pem" });
  const hmac = (start) => `${start}.${crypto.createHmac("sha256", key).update(start).digest("base64url")}`;
  const own = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const forged = (start) => `${start}.${crypto.sign("sha256", Buffer.from(start), own).toString("base64url")}`;
  for (const [what, jwt] of [
    ["another session", `${head}.${pack({ ...fieldsOf(last.session_jwt, 1), sub: "x" })}.${signature}`],
    ["no signature", `${pack({ alg: "none", kid: header.kid })}.${body}.`],
    ["no signature at all", `${head}.${body}.`],
    ["HMAC under the public key", hmac(`${pack({ alg: "HS256", kid: header.kid, typ: "JWT" })}.${body}`)],
    ["another key", forged(`${head}.${body}`)],
    ["a key of its own", forged(`${pack({ alg: "RS256", kid: "x", jwk: own.export({ format: "jwk" }) })}.${body}`)],
    ["four parts", `${last.session_jwt}.x`], ["two parts", `${head}.${body}`], ["nothing", ".."],
    ["an array", `${pack([])}.${pack([])}.${signature}`], ["too long", `${head}.${"A".repeat(20000)}.${signature}`],
    ["a critical extension", forged(`${pack({ ...header, crit: ["b64"], b64: false })}.${body}`)],
  ]) {
    await fails(sessions.authenticate({ session_jwt: jwt }), 404, "session_not_found")
      .catch((error) => { throw new Error(`${what}: ${error.message}`); });
  }
  assert.equal((await sessions.authenticate({ session_jwt: last.session_jwt })).status_code, 200);
}

// Two logins of one intermediate token, each with a code of its own: one session (SE-06).
async function once(story) {
  const { totps, recoveryCodes } = story.client;
  const { ids, session } = await signUp(story, {}, "once");
  const { recovery_codes } = await totps.migrate({ ...ids, secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    recovery_codes: [] });
  const before = (await story.client.sessions.get(ids)).member_sessions.length;
  const { intermediate_session_token } = await story.signIn(ids);
  const ended = await Promise.allSettled(recovery_codes.slice(0, 2).map((recovery_code) =>
    recoveryCodes.recover({ ...ids, intermediate_session_token, recovery_code })));
  const made = ended.filter((one) => one.status === "fulfilled");
  assert.equal(made.length, 1);
  const { error_type } = ended.find((one) => one.status === "rejected").reason;
  assert.ok(["server_unavailable", "intermediate_session_not_found"].includes(error_type), error_type);
  const listed = (await story.client.sessions.get(ids)).member_sessions;
  assert.equal(listed.length, before + 1);
  assert.notEqual(made[0].value.session_token, session.session_token);
}

// With a clock that runs the client does not even ask. `story` is of a server with --play; `asked`
// tells how often sessions.authenticate was called there.
async function local(story, asked) {
  const { ids, session: { session_jwt } } = await signUp(story, {}, "local");
  const { member_session } = await story.client.sessions.authenticateJwt({ session_jwt });
  assert.equal(member_session.member_id, ids.member_id);
  assert.deepEqual(types(member_session), ["email_otp", "otp"]);
  assert.equal(await asked(), 0);
}

// Into another Organization goes what was proved of the person: the e-mail address.
async function exchange(story, fails) {
  const { sessions, otps, organizations } = story.client;
  const { at, domain, session } = await signUp(story, {}, "guest");
  const { session_token, session_jwt } = session;
  const into = async (more) => (await organizations.create({ organization_name: "Target", ...more })).organization
    .organization_id;
  const closed = await into({ email_jit_provisioning: "RESTRICTED", email_allowed_domains: [domain] });
  await fails(sessions.exchange({ organization_id: closed, session_token }), 400, "email_jit_provisioning_not_allowed");
  await fails(sessions.exchange({ organization_id: "nobody", session_token }), 404, "organization_not_found");
  await fails(sessions.exchange({ organization_id: closed }), 400, "no_session_arguments");
  await fails(sessions.exchange({ organization_id: closed, session_token: "gone" }), 404, "session_not_found");

  const invite = (organization_id, more) => organizations.members.create(
    { organization_id, email_address: at.email_address.toUpperCase(), ...more });
  const target = await into({});
  const made = await invite(target, { create_member_as_pending: true });
  const done = await sessions.exchange({ organization_id: target, session_jwt, session_duration_minutes: 30,
    session_custom_claims: { role: "guest" } });
  assert.equal(done.member_id, made.member_id);
  assert.equal(done.member.status, "active");
  assert.equal(done.member.email_address_verified, true);
  assert.equal(done.member_authenticated, true);
  assert.equal(done.mfa_required, null);
  assert.equal(done.primary_required, null);
  assert.equal(done.intermediate_session_token, "");
  assert.deepEqual(types(done.member_session), ["email_otp"]);
  assert.equal(Date.parse(done.member_session.expires_at), await now(story) + 30 * MINUTE);
  assert.deepEqual(done.member_session.custom_claims, { role: "guest" });
  assert.equal((await sessions.authenticate({ session_token: done.session_token })).member.member_id, made.member_id);
  await sessions.authenticate({ session_token });  // the old one goes on
  const ids = { organization_id: target, member_id: made.member_id };
  await organizations.members.update({ ...ids, name: "Guest" }, { authorization: { session_token: done.session_token } });

  // A second factor belongs to one Member: it is asked for anew.
  const strict = await into({ mfa_policy: "REQUIRED_FOR_ALL" });
  const { member_id } = await invite(strict);
  const half = await sessions.exchange({ organization_id: strict, session_token });
  assert.equal(half.member_authenticated, false);
  assert.equal(half.session_token, "");
  assert.equal(half.member_session, null);
  assert.equal(Date.parse(half.intermediate_session_token_expires_at), await now(story) + 10 * MINUTE);
  const there = { organization_id: strict, member_id };
  const { intermediate_session_token } = half;
  await story.send(there, { mfa_phone_number: `+1${++numbers}`, intermediate_session_token });
  const full = await otps.sms.authenticate({ ...there, intermediate_session_token, code: await story.code() });
  assert.deepEqual(types(full.member_session), ["email_otp", "otp"]);

  const restricted = await into({ auth_methods: "RESTRICTED", allowed_auth_methods: ["sso"] });
  await invite(restricted);
  await fails(sessions.exchange({ organization_id: restricted, session_token }), 400,
    "operation_restricted_by_organization_auth_methods");
  // A password proves no address.
  const bob = await story.makeMember(target);
  const { session_token: bobs } = await story.signIn(bob);
  await fails(sessions.exchange({ organization_id: target, session_token: bobs }), 401, "insufficient_factors");
}

module.exports = { walk, jwts, local, once, exchange };
