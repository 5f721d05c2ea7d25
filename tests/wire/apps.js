// SPDX-License-Identifier: Apache-2.0
// Authenticator apps and recovery codes by the official client; a step of wire_test.js, whose
// `story` and `fails` it gets.
"use strict";
const assert = require("node:assert/strict");
const crypto = require("node:crypto");

const MINUTE = 60 * 1000;
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";  // RFC 6238's, in base32

function bytesOf(base32) {
  let bits = "";
  for (const c of base32) bits += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

// What an app shows at `ms`: RFC 6238 with SHA-1, 30 seconds, 6 digits.
function codeAt(secret, ms) {
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(ms / 30000)));
  const mac = crypto.createHmac("sha1", bytesOf(secret)).update(step).digest();
  const truncated = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(truncated % 1e6).padStart(6, "0");
}

async function now(story) {
  return Date.parse((await story.advance(0)).now);
}
async function codeNow(story, secret) {
  return codeAt(secret, await now(story));
}
async function wrongNow(story, secret) {
  const at = await now(story);
  const right = [-2, -1, 0, 1, 2].map((steps) => codeAt(secret, at + steps * 30000));
  return ["000000", "111111", "222222", "333333", "444444", "555555"].find((c) => !right.includes(c));
}

async function enroll(story, ids) {
  const session_token = (await story.signIn(ids)).session_token;
  const made = await story.client.totps.create({ ...ids, session_token });
  const proved = await story.client.totps.authenticate(
    { ...ids, session_token, code: await codeNow(story, made.secret), set_mfa_enrollment: "enroll" });
  await story.advance(2 * MINUTE);
  return { made, proved };
}

async function apps(story, fails) {
  const { totps, organizations } = story.client;
  const made = await organizations.create({ organization_name: "Apps" });
  const ids = await story.makeMember(made.organization.organization_id);
  const session_token = (await story.signIn(ids)).session_token;
  await fails(totps.authenticate({ ...ids, session_token, code: "123456" }), 404, "totp_not_found");
  await fails(totps.create({ ...ids, expiration_minutes: 4 }), 400, "invalid_expiration");

  // A pending registration is replaced, and ends.
  const first = await totps.create({ ...ids, session_token, expiration_minutes: 5 });
  assert.match(first.totp_registration_id, /^member-totp-test-[0-9a-f-]{36}$/);
  assert.match(first.secret, /^[A-Z2-7]{32}$/);
  assert.equal(first.recovery_codes.length, 10);
  for (const code of first.recovery_codes) assert.match(code, /^[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}$/);
  assert.equal(first.member.totp_registration_id, "", "empty until a code has proved it");
  const [head, base64] = first.qr_code.split(", ");
  assert.equal(head, "data:image/png;base64");
  const png = Buffer.from(base64, "base64");
  assert.deepEqual([...png.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  assert.equal(png.readUInt32BE(16), png.readUInt32BE(20));
  await story.advance(6 * MINUTE);
  await fails(totps.authenticate({ ...ids, session_token, code: await codeNow(story, first.secret) }),
    401, "expired_totp");

  const { made: app, proved } = await enroll(story, ids);
  assert.equal(proved.member.totp_registration_id, app.totp_registration_id);
  assert.equal(proved.member.default_mfa_method, "totp");
  assert.equal(proved.member.mfa_enrolled, true);
  const factor = proved.member_session.authentication_factors.at(-1);
  assert.equal(factor.type, "totp");
  assert.equal(factor.delivery_method, "authenticator_app");
  assert.equal(factor.authenticator_app_factor.totp_id, app.totp_registration_id);
  await fails(totps.create({ ...ids, session_token: proved.session_token }), 400, "active_totp_exists");

  // The next sign-in asks for the app.
  const signIn = await story.signIn(ids);
  assert.equal(signIn.member_authenticated, false);
  assert.equal(signIn.mfa_required.member_options.totp_registration_id, app.totp_registration_id);
  assert.equal(signIn.mfa_required.secondary_auth_initiated, null);
  const { intermediate_session_token } = signIn;
  const answer = (code) => totps.authenticate({ ...ids, intermediate_session_token, code });
  await fails(answer("12345"), 400, "invalid_totp_code");
  await fails(answer(app.recovery_codes[0].replace(/^./, "a")), 400, "recovery_code_used_as_totp_code");
  await fails(answer(await wrongNow(story, app.secret)), 401, "unable_to_authenticate_totp");
  const code = await codeNow(story, app.secret);
  const full = await answer(code);
  assert.notEqual(full.session_token, "");
  await fails(totps.authenticate({ ...ids, session_token: full.session_token, code }), 401,
    "totp_code_already_authenticated");
  return { ids, app, full };
}

async function recovery(story, fails) {
  const { recoveryCodes, organizations } = story.client;
  const made = await organizations.create({ organization_name: "Recovery" });
  const ids = await story.makeMember(made.organization.organization_id);
  const session_token = (await story.signIn(ids)).session_token;
  const recover = (token, recovery_code) => recoveryCodes.recover({ ...ids, ...token, recovery_code });
  await fails(recover({ session_token }, "4h0x-9ysk-b2qe"), 404, "recovery_codes_not_found");
  const { made: app } = await enroll(story, ids);
  const shown = await recoveryCodes.get(ids);
  assert.deepEqual(shown.recovery_codes, app.recovery_codes);

  const { intermediate_session_token } = await story.signIn(ids);
  await fails(recover({ intermediate_session_token }, "short"), 400, "invalid_recovery_code");
  await fails(recover({ intermediate_session_token }, "123456"), 400, "totp_code_used_as_recovery_code");
  await fails(recover({ intermediate_session_token }, "aaaa-bbbb-cccc"), 401,
    "unable_to_authenticate_recovery_code");
  const used = await recover({ intermediate_session_token }, app.recovery_codes[0].toUpperCase());
  assert.equal(used.recovery_codes_remaining, 9);
  assert.equal(used.member.mfa_enrolled, true);
  const factor = used.member_session.authentication_factors.at(-1);
  assert.equal(factor.type, "recovery_codes");
  assert.equal(factor.delivery_method, "recovery_code");
  assert.match(factor.recovery_code_factor.totp_recovery_code_id, /^totp-recovery-code-test-/);
  assert.deepEqual((await recoveryCodes.get(ids)).recovery_codes, app.recovery_codes.slice(1));
  const rotated = await recoveryCodes.rotate(ids);
  assert.equal(rotated.recovery_codes.length, 10);
  assert.ok(!rotated.recovery_codes.includes(app.recovery_codes[1]));

  // With the recovery code in the session its owner deletes the lost app.
  const by = { authorization: { session_token: used.session_token } };
  const gone = await organizations.members.deleteTOTP(ids, by);
  assert.equal(gone.member.totp_registration_id, "");
  await fails(organizations.members.deleteTOTP(ids), 404, "totp_not_found");
  await fails(recoveryCodes.rotate(ids), 400, "no_active_recovery_code_backed_factor");
}

async function imports(story, fails) {
  const { totps, organizations, recoveryCodes } = story.client;
  const made = await organizations.create({ organization_name: "Imports" });
  const ids = await story.makeMember(made.organization.organization_id);
  await fails(totps.migrate({ ...ids, secret: "GEZDGNBV", recovery_codes: [] }), 400, "bad_request");
  const imported = await totps.migrate({ ...ids, secret: SECRET, recovery_codes: ["old-code-1", "OLD code 2"] });
  assert.deepEqual(imported.recovery_codes, ["old-code-1", "OLD code 2"]);
  assert.equal(imported.member.totp_registration_id, imported.totp_registration_id);
  assert.deepEqual((await recoveryCodes.get(ids)).recovery_codes, imported.recovery_codes);
  const session_token = (await story.signIn(ids)).session_token;
  await totps.authenticate({ ...ids, session_token, code: await codeNow(story, SECRET) });
  const other = await story.makeMember(made.organization.organization_id);
  assert.equal((await totps.migrate({ ...other, secret: SECRET, recovery_codes: [] })).recovery_codes.length, 10);
}

module.exports = { apps, recovery, imports, codeAt };
