// SPDX-License-Identifier: Apache-2.0
// What spares an owner the limits that stop strangers: the device and the session that a request
// comes from. Steps of wire_test.js, whose `story` and `fails` they get.
"use strict";
const assert = require("node:assert/strict");
const stytch = require("stytch");

const NUMBER = "+14155550123";
const DEVICE = "device-of-the-owner-0123456789abcdef";
const MINUTE = 60 * 1000;
const here = { "x-otpcore-device": DEVICE };

// The official client on a device: its backend adds the header.
function clientOn(device, url) {
  const client = new stytch.B2BClient({
    project_id: "project-test-local", secret: "secret-test-local", env: url });
  client.fetchConfig.headers["X-Otpcore-Device"] = device;
  return client.otps.sms;
}

async function makeOrganization(story) {
  return (await story.client.organizations.create({ organization_name: "Devices" }))
    .organization.organization_id;
}

function tokenOf(step) {
  return step.session_token ? { session_token: step.session_token }
                            : { intermediate_session_token: step.intermediate_session_token };
}

// Somebody with the password fails until the Member is locked.
async function lock(story, fails, ids) {
  for (let i = 0; i < 10; ++i) {
    if (i % 5 === 0) await story.send(ids);
    await fails(story.authenticate(ids, story.wrong(await story.code())), 404, "otp_code_not_found");
  }
  await fails(story.send(ids), 429, "user_lock_limit_reached");
}

// A lock that stops everybody else stops nobody on a known device (DV-03), until it is forgotten.
async function known(story, fails, raw) {
  const ids = await story.makeMember(await makeOrganization(story));
  const owner = clientOn(DEVICE, story.url);
  const succeed = async (more = {}) => {
    const step = await story.signIn(ids, here);
    await owner.send({ ...ids, ...more });
    return owner.authenticate({ ...ids, ...tokenOf(step), code: await story.code() });
  };
  await succeed({ mfa_phone_number: NUMBER });

  await lock(story, fails, ids);
  await fails(clientOn(`another-${DEVICE}`, story.url).send(ids), 429, "user_lock_limit_reached");
  await succeed();
  await fails(story.send(ids), 429, "user_lock_limit_reached");

  // It ends for everybody, and so do the devices (DV-06).
  assert.equal((await story.control("/test/unlock", ids)).member.is_locked, false);
  await lock(story, fails, ids);
  await fails(owner.send(ids), 429, "user_lock_limit_reached");

  await story.control("/test/unlock", ids);
  await succeed();
  await lock(story, fails, ids);
  await owner.send(ids);
  assert.equal((await story.control("/test/forget_devices", ids)).member_id, ids.member_id);
  await fails(owner.send(ids), 429, "user_lock_limit_reached");
  await story.control("/test/unlock", ids);

  // What is no device, and what is nobody's.
  for (const device of ["x".repeat(15), "x".repeat(129)])
    await fails(clientOn(device, story.url).send(ids), 400, "bad_request");
  const twice = await raw(story.url, "POST", "/v1/b2b/otps/sms/send", JSON.stringify(ids),
    { authorization: "Basic " + btoa("project-test-local:secret-test-local"),
      "X-Otpcore-Device": [DEVICE, `another-${DEVICE}`] });
  assert.equal(twice.json.error_type, "bad_request");
  for (const path of ["/test/unlock", "/test/forget_devices"]) {
    const reply = await raw(story.url, "POST", path, JSON.stringify({ ...ids, member_id: "nobody" }));
    assert.equal(reply.json.error_type, "member_not_found", path);
  }
}

// No device is spared the MFA step unless the policy says so (DV-05); this server's does not.
async function remembered(story, fails) {
  const ids = await story.makeMember(await makeOrganization(story));
  const owner = clientOn(DEVICE, story.url);
  await story.client.organizations.members.update(
    { ...ids, mfa_phone_number: NUMBER, mfa_enrolled: true });
  for (let i = 0; i < 2; ++i) {
    const step = await story.signIn(ids, here);
    assert.equal(step.member_authenticated, false, `sign-in ${i}`);
    assert.equal(step.mfa_required.secondary_auth_initiated, "sms_otp");
    const token = tokenOf(step);
    const code = await story.code();
    await fails(owner.authenticate({ ...ids, ...token, code, remember_device: "yes" }), 400,
      "bad_request");
    await owner.authenticate({ ...ids, ...token, code, remember_device: true });
  }
  // But a lock keeps no SMS of a sign-in from it.
  await lock(story, fails, ids);
  const initiated = async (headers) =>
    (await story.signIn(ids, headers)).mfa_required.secondary_auth_initiated;
  assert.equal(await initiated({}), null);
  assert.equal(await initiated(here), "sms_otp");
}

// A stranger who signs in takes no live code away (P-02, S-21).
async function twoSignIns(story, fails) {
  const ids = await story.makeMember(await makeOrganization(story));
  await story.client.organizations.members.update(
    { ...ids, mfa_phone_number: NUMBER, mfa_enrolled: true });
  const owners = await story.signIn(ids);
  const code = await story.code();
  const messages = (await story.control("/test/inbox")).length;
  const strangers = await story.signIn(ids);
  assert.notEqual(strangers.member_session_id, owners.member_session_id);
  assert.equal(strangers.mfa_required.secondary_auth_initiated, "sms_otp");
  await fails(story.send(ids, tokenOf(strangers)), 429, "too_many_requests");
  assert.equal((await story.control("/test/inbox")).length, messages, "nothing is sent");
  const done = await story.client.otps.sms.authenticate({ ...ids, ...tokenOf(owners), code });
  assert.equal(done.member_session.member_session_id, owners.member_session_id);
  // One's own send replaces it, also once the session is a full one.
  const full = { session_token: done.session_token };
  for (let i = 0; i < 2; ++i) await story.send(ids, full);
  assert.equal((await story.control("/test/inbox")).length, messages + 2);
  await story.client.otps.sms.authenticate({ ...ids, ...full, code: await story.code() });
}

// An owner's typos before the right code cost nothing (L-05): these are more than L-04 allows.
async function typos(story, fails) {
  const ids = await story.makeMember(await makeOrganization(story));
  await story.client.organizations.members.update(
    { ...ids, mfa_phone_number: NUMBER, mfa_enrolled: true });
  for (let i = 0; i < 8; ++i) {
    const step = await story.signIn(ids);
    const code = await story.code();
    const give = (typed) =>
      story.client.otps.sms.authenticate({ ...ids, ...tokenOf(step), code: typed });
    for (let typo = 0; typo < 4; ++typo)
      await fails(give(story.wrong(code)), 404, "otp_code_not_found");
    await give(code);
    await story.advance(11 * MINUTE);
  }
}

module.exports = { known, remembered, twoSignIns, typos };
