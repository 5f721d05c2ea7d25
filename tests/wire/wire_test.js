// SPDX-License-Identifier: Apache-2.0
// The official client, unchanged, against mfa_server: node wire_test.js SERVER [STORE_URL] [errors.md]
// Each step says what it expects; the first that is not met ends the run with exit status 1.
"use strict";
const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const http = require("node:http");
const os = require("node:os");
const path = require("node:path");
const stytch = require("stytch");
const apps = require("./apps.js");
const devices = require("./devices.js");
const discovery = require("./discovery.js");
const discoveryLimits = require("./discovery_limits.js");
const email = require("./email.js");
const { observed, sumOf } = require("./observed.js");
const phoneChange = require("./phone_change.js");
const search = require("./search.js");
const sessions = require("./sessions.js");
const sessionCalls = require("./session_calls.js");

const NUMBER = "+14155550123";
const OTHER_NUMBER = "+16502530000";
const PROJECT = "project-test-local";
const SECRET = "secret-test-local";
const AUTH = { authorization: "Basic " + btoa(`${PROJECT}:${SECRET}`) };

function start(server, store, extra = ["--test-controls"]) {
  const child = spawn(server, ["--port", "0", "--store", store, ...extra]);
  child.stderr.pipe(process.stderr);
  return new Promise((resolve, reject) => {
    let out = "";
    child.stdout.on("data", (data) => {
      out += data;
      const line = out.match(/listening on (http:\S+)/);
      if (line) resolve({ child, url: line[1] });
    });
    child.on("exit", (code) => reject(new Error(`the server ended with ${code}`)));
    process.on("exit", () => child.kill());  // also when a step fails
  });
}

function stop(child) {
  return new Promise((resolve) => {
    child.removeAllListeners("exit");
    child.on("exit", (code) => resolve(code));
    child.kill("SIGTERM");
  });
}

// A raw request, for what the client would never send.
function raw(url, method, path, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(url + path, { method, headers }, (response) => {
      let text = "";
      response.on("data", (data) => (text += data));
      response.on("end", () =>
        resolve({ status: response.statusCode, headers: response.headers, json: JSON.parse(text) }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

async function control(url, path, body, headers) {
  const reply = body === undefined ? await raw(url, "GET", path)
                                   : await raw(url, "POST", path, JSON.stringify(body), headers);
  assert.equal(reply.status, 200, JSON.stringify(reply.json));
  return reply.json;
}

// What has arrived as a StytchError so far.
const provoked = new Set();

// Errors that no client can bring about here, and why. With those that were provoked they must be
// the whole catalogue.
function unprovokable(store, catalogue) {
  const reasons = {
    test_id_used_in_live_environment: "the server is a test environment",
    action_available_only_once_primary_authentication_is_met:
      "every session is made by a primary authentication",
    reactivation_email_belongs_to_another_member: "no route verifies an email address",
    client_closed_request: "nobody is there to read it",
    internal_server_error: "only a fault of the host leads to it",
  };
  if (/^redis|^unix:/.test(store)) {
    for (const type of documentedErrors(catalogue)) {
      if (/^(member|organization)_search_/.test(type)) reasons[type] = "Redis cannot be searched";
    }
  }
  if (store !== "memory")
    reasons.too_few_tokens_authenticated = "for the shared guards passcodes expire in real time";
  return reasons;
}

function documentedErrors(catalogue) {
  return new Set(fs.readFileSync(catalogue, "utf8").split("\n")
    .map((line) => line.match(/^\| \d+ \| `(\w+)`/)).filter(Boolean).map((match) => match[1]));
}

function checkCatalogue(store, catalogue) {
  const documented = documentedErrors(catalogue);
  assert.ok(documented.size > 40);
  const without = Object.keys(unprovokable(store, catalogue));
  for (const type of without) assert.ok(!provoked.has(type), `${type} can be provoked after all`);
  assert.deepEqual([...provoked, ...without].sort(), [...documented].sort());
  console.log(`ok: ${provoked.size} error types arrived, ${without.length} cannot be provoked`);
}

async function fails(promise, status, type) {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof stytch.StytchError, String(error));
    assert.equal(error.error_type, type);
    assert.equal(error.status_code, status);
    assert.match(error.request_id, /^request-id-test-/);
    assert.ok(error.error_message.length > 0);
    assert.equal(error.error_url, `/errors/${error.error_type}`);
    return true;
  });
  provoked.add(type);
}

class Story {
  constructor(url) {
    this.url = url;
    this.client = new stytch.B2BClient({
      project_id: PROJECT, secret: SECRET, env: url });
    this.unique = Date.now().toString(36);
  }
  async code() {
    const inbox = await control(this.url, "/test/inbox");
    return inbox.at(-1).body.match(/\d{6}/)[0];
  }
  wrong(code) {
    return code.slice(0, 5) + ((Number(code[5]) + 1) % 10);
  }
  advance(ms) {
    return control(this.url, "/test/clock", { advance_ms: ms });
  }
  control(path, body) {
    return control(this.url, path, body);
  }
  async signIn(ids, headers = {}) {
    return control(this.url, "/test/primary_authentication", ids, headers);
  }
  send(ids, more = {}) {
    return this.client.otps.sms.send({ ...ids, ...more });
  }
  async authenticate(ids, code, more = {}) {
    const session = await this.signIn(ids);
    const token = session.intermediate_session_token
      ? { intermediate_session_token: session.intermediate_session_token }
      : { session_token: session.session_token };
    return this.client.otps.sms.authenticate({ ...ids, ...token, code, ...more });
  }
  async makeMember(organization_id) {
    const email = `m${++this.members}.${this.unique}@example.com`;
    const made = await this.client.organizations.members.create(
      { organization_id, email_address: email });
    return { organization_id, member_id: made.member_id };
  }
  members = 0;

  async organizations() {
    const slug = `acme-${this.unique}`;
    const made = await this.client.organizations.create(
      { organization_name: "Acme", organization_slug: slug });
    assert.equal(made.status_code, 200);
    assert.equal(made.organization.mfa_policy, "OPTIONAL");
    const id = made.organization.organization_id;
    assert.match(id, /^organization-test-[0-9a-f-]{36}$/);
    assert.equal((await this.client.organizations.get({ organization_id: slug }))
      .organization.organization_id, id);
    const updated = await this.client.organizations.update(
      { organization_id: id, organization_name: "Acme Inc" });
    assert.equal(updated.organization.organization_name, "Acme Inc");
    await fails(this.client.organizations.create(
      { organization_name: "Thief", organization_slug: slug }), 400, "organization_slug_already_used");
    const named = await this.client.organizations.create({ organization_name: `${slug} & Sons` });
    assert.equal(named.organization.organization_slug, `${slug.toLowerCase()}-sons`, "made of the name");
    const again = await this.client.organizations.create({ organization_name: `${slug} & Sons` });
    assert.match(again.organization.organization_slug, /-sons-[0-9a-f]{8}$/);
    assert.equal(named.organization.email_invites, "ALL_ALLOWED");
    assert.equal(named.organization.sso_jit_provisioning, "ALL_ALLOWED");
    const shouted = slug.toUpperCase();  // C-02: one slug, as it was given
    const found = await this.client.organizations.get({ organization_id: shouted });
    assert.equal(found.organization.organization_slug, slug);
    await fails(this.client.organizations.create(
      { organization_name: "Thief", organization_slug: shouted }), 400, "organization_slug_already_used");
    await fails(this.client.organizations.update(
      { organization_id: id, mfa_policy: "MAYBE" }), 400, "invalid_organization_mfa_policy");
    await fails(this.client.organizations.update(
      { organization_id: id, mfa_methods: "RESTRICTED" }), 400,
      "allowed_mfa_methods_required_for_restricted");
    await fails(this.client.organizations.update(
      { organization_id: id, mfa_methods: "RESTRICTED", allowed_mfa_methods: ["pigeon"] }), 400,
      "invalid_organization_allowed_mfa_methods");
    await fails(this.client.organizations.update({ organization_id: id, organization_slug: "a b" }),
      400, "invalid_organization_slug");
    const organization_external_id = `external-${this.unique}`;
    await this.client.organizations.create({ organization_name: "Other", organization_external_id });
    await fails(this.client.organizations.update({ organization_id: id, organization_external_id }),
      400, "organization_external_id_already_used");
    await fails(this.client.organizations.get({ organization_id: "nobody" }), 404,
      "organization_not_found");
    // The host's own three, as the client meets them.
    const other = (more) => new stytch.B2BClient(
      { project_id: PROJECT, secret: SECRET, env: this.url, ...more });
    await fails(other({ secret: "wrong" }).organizations.get({ organization_id: id }), 401,
      "unauthorized_credentials");
    await fails(this.client.organizations.metrics({ organization_id: id }), 404, "route_not_found");
    // "search" takes a POST alone, and is no Organization.
    await fails(this.client.organizations.get({ organization_id: "search" }), 405,
      "method_not_allowed");
    return id;
  }

  async passcodes(organization_id) {
    const ids = await this.makeMember(organization_id);
    await fails(this.send(ids), 404, "secondary_factor_not_found");
    await fails(this.send(ids, { mfa_phone_number: "415" }), 400, "invalid_phone_number");
    await fails(this.send(ids, { mfa_phone_number: "+447400123456" }), 400,
      "invalid_phone_number_country_code");
    await fails(this.send(ids, { mfa_phone_number: NUMBER, locale: "xx" }), 400, "invalid_locale");
    const sent = await this.send(ids, { mfa_phone_number: NUMBER });
    assert.equal(sent.member.mfa_phone_number, NUMBER);
    assert.equal(sent.member.mfa_phone_number_verified, false);
    const first = await this.code();
    await fails(this.authenticate(ids, this.wrong(first)), 404, "otp_code_not_found");
    await fails(this.authenticate(ids, "12"), 400, "invalid_code");
    const done = await this.authenticate(ids, first, { session_duration_minutes: 30 });
    assert.equal(done.member.mfa_phone_number_verified, true);
    assert.equal(done.member.default_mfa_method, "sms_otp");
    assert.equal(done.member_session.authentication_factors[1].phone_number_factor.phone_number,
      NUMBER);
    assert.ok(done.session_token.length > 20);
    await fails(this.authenticate(ids, first), 401, "unable_to_auth_otp_code");

    await this.send(ids);
    const old = await this.code();
    await this.send(ids);
    await fails(this.authenticate(ids, old), 401, "unable_to_auth_otp_code");
    await this.advance(120000);
    await fails(this.authenticate(ids, await this.code()), 401, "unable_to_auth_otp_code");
    // The session made above is a real one: it can be stepped up again.
    await this.send(ids);
    const stepped = await this.client.otps.sms.authenticate(
      { ...ids, session_token: done.session_token, code: await this.code() });
    assert.equal(stepped.session_token, done.session_token);
    await this.advance(600000);
    return ids;
  }

  async refusals(organization_id, ids) {
    const other = await this.makeMember(organization_id);
    await fails(this.send(other, { mfa_phone_number: NUMBER }), 400,
      "duplicate_member_phone_number");
    await fails(this.send(ids, { mfa_phone_number: OTHER_NUMBER }), 400,
      "duplicate_member_phone_number_for_member");
    await fails(this.send(ids, { session_token: "gone" }), 404, "session_not_found");
    await fails(this.send(ids, { intermediate_session_token: "gone" }), 404,
      "intermediate_session_not_found");
    await fails(this.send(ids, { session_token: "a", session_jwt: "b" }), 400,
      "too_many_session_arguments");
    await fails(this.client.otps.sms.authenticate({ ...ids, code: "123456" }), 400,
      "no_session_arguments");
    const theirs = await this.signIn(other);
    await fails(this.send(ids, { session_token: theirs.session_token }), 400,
      "member_session_member_id_mismatch");
    await fails(this.authenticate(ids, "123456", { session_duration_minutes: 4 }), 400,
      "invalid_session_duration_minutes");
    await fails(this.authenticate(ids, "123456", { set_mfa_enrollment: "perhaps" }), 400,
      "bad_request");
    await fails(this.send({ organization_id, member_id: "nobody" }), 404, "member_not_found");
    await fails(this.send({ organization_id, member_id: "a b" }), 400, "invalid_id");
    await fails(this.send({ organization_id,
      member_id: "member-live-01234567-89ab-4cde-8f01-23456789abcd" }), 400,
      "live_id_used_in_test_environment");
    for (const [next, type] of [["rejected", "downstream_carrier_error"],
                                ["unavailable", "downstream_carrier_error"],
                                ["unknown", "downstream_carrier_error"],
                                ["unsubscribed", "unsubscribed_phone_number"]]) {
      await control(this.url, "/test/sms", { next });
      await fails(this.send(ids), 400, type);
    }
    await this.advance(600000);
    await this.client.organizations.members.create({ organization_id, external_id: "ext-1",
      email_address: `external.${this.unique}@example.com` });
    await fails(this.client.organizations.members.update({ ...ids, external_id: "ext-1" }), 400,
      "duplicate_member_external_id");
    const pending = await this.client.organizations.members.create({ organization_id,
      email_address: `pending.${this.unique}@example.com`, create_member_as_pending: true });
    await fails(this.send({ organization_id, member_id: pending.member_id },
      { mfa_phone_number: OTHER_NUMBER }), 400, "action_available_only_for_active_members");
    for (let i = 0; i < 5; ++i) await this.send(ids);
    await fails(this.send(ids), 429, "too_many_requests");
    await this.advance(600000);
  }

  async locks(organization_id, ids) {
    for (let i = 0; i < 10; ++i) {
      if (i % 5 === 0) await this.send(ids);
      await fails(this.authenticate(ids, this.wrong(await this.code())), 404, "otp_code_not_found");
    }
    await fails(this.authenticate(ids, await this.code()), 429, "user_lock_limit_reached");
    const reply = await raw(this.url, "POST", "/v1/b2b/otps/sms/send", JSON.stringify(ids),
      AUTH);
    assert.equal(reply.status, 429);
    assert.equal(reply.headers["retry-after"], "3600");
    const shown = await this.client.organizations.members.get(ids);
    assert.equal(shown.member.is_locked, true);
    await this.advance(3600000);
  }

  async members_(organization_id, ids) {
    const gone = await this.client.organizations.members.deleteMFAPhoneNumber(ids);
    assert.equal(gone.member.mfa_phone_number, "");
    await fails(this.client.organizations.members.deleteMFAPhoneNumber(ids), 404,
      "member_phone_number_not_found");
    const updated = await this.client.organizations.members.update(
      { ...ids, name: "Ada", mfa_phone_number: OTHER_NUMBER });
    assert.equal(updated.member.name, "Ada");
    assert.equal(updated.member.mfa_phone_number, OTHER_NUMBER);
    await fails(this.client.organizations.members.update({ ...ids, default_mfa_method: "totp" }),
      400, "default_mfa_member_missing_factor");
    const email_address = updated.member.email_address;
    for (const address of [email_address, email_address.toUpperCase()]) {
      const found = await this.client.organizations.members.get(
        { organization_id, email_address: address });
      assert.equal(found.member_id, ids.member_id);
    }
    await fails(this.client.organizations.members.get(
      { organization_id, email_address: `not.${email_address}` }), 404, "member_not_found");
    await fails(this.client.organizations.members.get({ organization_id }), 400, "bad_request");
    await fails(this.client.organizations.members.create({ organization_id, email_address }), 400,
      "duplicate_member_email");
    await this.client.organizations.members.delete(ids);
    await fails(this.client.organizations.members.get(ids), 404, "member_not_found");
    await fails(this.client.organizations.members.reactivate(ids), 400,
      "email_unverified_for_reactivation");
    const active = await this.makeMember(organization_id);
    await fails(this.client.organizations.members.reactivate(active), 404,
      "no_deleted_member_found_for_reactivation");
  }

  // L-07: fifty passcodes that nobody answers, and no more go to that region.
  async fewAnswers() {
    const made = await this.client.organizations.create({ organization_name: "Pumped" });
    const organization_id = made.organization.organization_id;
    for (let i = 0; i < 50; ++i) {
      await this.send(await this.makeMember(organization_id),
        { mfa_phone_number: `+1650253${2000 + i}` });
    }
    await this.advance(600000);
    await fails(this.send(await this.makeMember(organization_id),
      { mfa_phone_number: "+16502532999" }), 429, "too_few_tokens_authenticated");
  }

  async required() {
    const made = await this.client.organizations.create({ organization_name: "Strict",
      mfa_policy: "REQUIRED_FOR_ALL", mfa_methods: "RESTRICTED",
      allowed_mfa_methods: ["sms_otp"] });
    const organization_id = made.organization.organization_id;
    const ids = await this.makeMember(organization_id);
    let step = await this.signIn(ids);
    assert.equal(step.member_authenticated, false);
    assert.equal(step.mfa_required.member_options, null);
    assert.equal(step.mfa_required.secondary_auth_initiated, null);
    await this.send(ids, { mfa_phone_number: NUMBER });
    step = await this.signIn(ids);
    assert.equal(step.mfa_required.secondary_auth_initiated, "sms_otp");
    const done = await this.client.otps.sms.authenticate({ ...ids,
      intermediate_session_token: step.intermediate_session_token, code: await this.code() });
    assert.equal(done.member.mfa_enrolled, true);
    await this.client.organizations.update({ organization_id, allowed_mfa_methods: ["totp"] });
    await fails(this.send(ids), 400, "operation_restricted_by_organization_mfa_methods");
    await this.client.organizations.delete({ organization_id });
    await fails(this.send(ids), 404, "organization_not_found");
  }
}

async function badRequests(url) {
  const auth = AUTH;
  const expect = async (method, path, body, headers, status, type) => {
    const reply = await raw(url, method, path, body, headers);
    assert.equal(reply.json.error_type, type, `${method} ${path}`);
    assert.equal(reply.status, status);
    assert.equal(reply.json.status_code, status);
  };
  const send = "/v1/b2b/otps/sms/send";
  await expect("POST", send, "{}", {}, 401, "unauthorized_credentials");
  await expect("POST", send, "{}", { authorization: "Basic " + btoa("a:b") }, 401,
    "unauthorized_credentials");
  await expect("POST", "/v1/nothing", "{}", auth, 404, "route_not_found");
  await expect("GET", send, undefined, auth, 405, "method_not_allowed");
  await expect("PATCH", send, "{}", auth, 405, "method_not_allowed");
  for (const body of ["", "{", "[]", "null", "{\"organization_id\": 1}", "\xff\xfe",
                      "[".repeat(30000)])
    await expect("POST", send, body, auth, 400, "bad_request");
  await expect("POST", send, "{\"x\":\"" + "a".repeat(70000) + "\"}", auth, 400, "bad_request");
}

async function main() {
  const [server, store = "memory", catalogue = "../../docs/errors.md"] = process.argv.slice(2);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "otpcore-"));
  process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));
  const audit = `${folder}/audit`;
  const { child, url } = await start(server, store, ["--test-controls", "--audit", audit]);
  const story = new Story(url);
  const step = async (name, work) => {
    const result = await work();
    console.log(`ok: ${name}`);
    return result;
  };
  const organization = await step("organizations", () => story.organizations());
  const ids = await step("passcodes", () => story.passcodes(organization));
  await step("refusals", () => story.refusals(organization, ids));
  await step("locks", () => story.locks(organization, ids));
  await step("members", () => story.members_(organization, ids));
  await step("required MFA", () => story.required());
  await step("sessions in headers", () => sessions.headers(story, fails, raw));
  await step("what sessions hold", () => sessions.contents(story, fails));
  await step("known devices", () => devices.known(story, fails, raw));
  await step("remembered devices", () => devices.remembered(story, fails));
  await step("two sign-ins", () => devices.twoSignIns(story, fails));
  await step("typos", () => devices.typos(story, fails));
  await step("apps", () => apps.apps(story, fails));
  await step("recovery codes", () => apps.recovery(story, fails));
  await step("imported apps", () => apps.imports(story, fails));
  await step("change of phone", () => phoneChange.change(story, raw));
  await step("a change that breaks off", () => phoneChange.brokenOff(story, raw));
  await step("who may join by e-mail", () => email.settings(story, fails));
  await step("signing up by e-mail", () => email.signup(story, fails));
  await step("signing in by e-mail", () => email.login(story, fails));
  await step("refusals by e-mail", () => email.refusals(story, fails));
  await step("from an address to a session", () => discovery.walk(story, fails));
  await step("joining and making Organizations", () => discovery.join(story, fails));
  await step("one token of discovery, one session", () => discovery.once(story));
  await step("a passcode for one door", () => discovery.purposes(story, fails));
  await step("refusals of discovery", () => discovery.refusals(story, fails));
  await step("discovery answers the same for all addresses", () => discoveryLimits.sameForAll(story, raw, AUTH));
  await step("a stranger at discovery locks nobody out", () => discoveryLimits.stranger(story, fails));
  await step("e-mails to one mailbox", () => discoveryLimits.sends(story, fails));
  await step("sessions of no Member", () => discoveryLimits.halves(story));
  if (store === "memory") await step("many Organizations", () => discoveryLimits.bounds(story));
  await step("calls on sessions", () => sessionCalls.walk(story, fails));
  await step("JWTs", () => sessionCalls.jwts(story, fails, raw));
  await step("one intermediate token, one session", () => sessionCalls.once(story));
  await step("into another Organization", () => sessionCalls.exchange(story, fails));
  if (/^redis|^unix:/.test(store)) {
    await step("no search on Redis", () => search.unsearchable(story, fails));
  } else {
    await step("search of Members", () => search.members(story, fails));
    await step("search of Organizations", () => search.organizations(story, fails));
  }
  if (store === "memory") await step("few answers", () => story.fewAnswers());
  await step("bad requests", () => badRequests(url));
  await step("what an operator sees", async () => observed({
    url, audit, heard: provoked, inbox: await control(url, "/test/inbox"), secret: SECRET,
    auth: AUTH,
  }));
  checkCatalogue(store, catalogue);
  assert.equal(await stop(child), 0);
  console.log("ok: SIGTERM ends it with 0");
  const playing = await start(server, store, ["--play"]);
  await step("JWTs that the client checks alone", () => sessionCalls.local(new Story(playing.url), async () =>
    sumOf(playing.url, "otpcore_requests_total", { route: "POST /v1/b2b/sessions/authenticate" })));
  assert.equal(await stop(playing.child), 0);
  const plain = await start(server, store, []);
  const reply = await raw(plain.url, "GET", "/test/inbox");
  assert.equal(reply.status, 404);
  assert.equal(reply.json.error_type, "route_not_found");
  assert.equal(await stop(plain.child), 0);
  console.log("ok: without --test-controls there is no /test");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
