// SPDX-License-Identifier: Apache-2.0
// What RFC 9110 and 9112 ask of any server, and what this one says of the bodies that it takes;
// steps of hostile_test.js.
"use strict";
const assert = require("node:assert/strict");
const os = require("node:os");
const { MfaServer, basic } = require("./servers.js");
const { converse, statusesIn } = require("./framing.js");
const { AUTHORIZATION, SEND } = require("./framing_cases.js");

const ORGANIZATIONS = "/v1/b2b/organizations";

class Semantics {
  constructor(server) {
    this.server = server;
    this.target = { port: Number(new URL(server.url).port), host: "127.0.0.1" };
  }
  // The whole of what the server says to `bytes`, after which it must close.
  async said(bytes, options) {
    const talk = await converse(this.target, bytes, options);
    assert.ok(talk.closed, `stays open after ${bytes}`);
    return talk.text;
  }

  async methods() {
    const { call } = this.server;
    for (const [method, path, allow] of [
      ["PATCH", SEND, "POST"],
      ["GET", SEND, "POST"],
      ["HEAD", SEND, "POST"],
      ["BREW", SEND, "POST"],
      ["OPTIONS", SEND, "POST"],
      ["TRACE", SEND, "POST"],
      ["DELETE", ORGANIZATIONS, "POST"],
      ["POST", `${ORGANIZATIONS}/acme`, "GET, HEAD, PUT, DELETE"],
      ["POST", "/healthz", "GET, HEAD"],
      // "search" is no Organization, whatever the method.
      ["PUT", `${ORGANIZATIONS}/search`, "POST"],
      ["GET", `${ORGANIZATIONS}/search`, "POST"],
      ["DELETE", `${ORGANIZATIONS}/%73earch`, "POST"],
    ]) {
      const text = await this.said(
        `${method} ${path} HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}Connection: close\r\n\r\n`);
      assert.deepEqual(statusesIn(text), [405], `${method} ${path}`);
      assert.equal(text.match(/^Allow: (.*)\r$/m)[1], allow, `${method} ${path}`);
      if (method !== "HEAD") assert.match(text, /"method_not_allowed"/);
    }
    const nowhere = await call.call(this.server, "PUT", "/v1/b2b/nowhere", {});
    assert.equal(nowhere.json.error_type, "route_not_found");
    console.log("ok: 405 says what is allowed");

    // HEAD is GET without the body, also where GET fails.
    const made = await this.server.call("POST", ORGANIZATIONS, { organization_name: "Head" });
    for (const [path, status] of [
      [`${ORGANIZATIONS}/${made.json.organization.organization_id}`, 200],
      [`${ORGANIZATIONS}/nobody`, 404]]) {
      const ask = (method) => this.said(
        `${method} ${path} HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}Connection: close\r\n\r\n`);
      const [head, get] = [await ask("HEAD"), await ask("GET")];
      assert.deepEqual(statusesIn(head), [status]);
      assert.ok(head.endsWith("\r\n\r\n"), "HEAD has no body");
      const length = (text) => text.match(/^Content-Length: (\d+)\r$/m)[1];
      assert.equal(length(head), length(get));
    }
    console.log("ok: HEAD");
  }

  async credentials() {
    const good = basic("project-test-local", "secret-test-local").slice("Basic ".length);
    const ask = (authorization) => this.said(`GET ${ORGANIZATIONS}/nobody HTTP/1.1\r\nHost: x\r\n` +
      `${authorization}Connection: close\r\n\r\n`);
    for (const scheme of ["Basic ", "basic ", "BASIC ", "bAsIc   "])
      assert.deepEqual(statusesIn(await ask(`Authorization: ${scheme}${good}\r\n`)), [404], scheme);
    for (const authorization of ["", "Authorization:\r\n", "Authorization: Basic\r\n",
      `Authorization: Bearer ${good}\r\n`, `Authorization: Basic${good}\r\n`, `Authorization: ${good}\r\n`,
      `Authorization: Basic ${good}=\r\n`, `Authorization: Basic ${good.slice(0, -1)}\r\n`,
      `Authorization: Basic ${good} ${good}\r\n`]) {
      const text = await ask(authorization);
      assert.deepEqual(statusesIn(text), [401], authorization);
      assert.match(text, /^WWW-Authenticate: Basic realm="/m);
    }
    console.log("ok: basic authentication in any case, and a challenge with 401");
  }

  // A client that waits for "100 Continue" gets it, or its final answer at once.
  async expectations() {
    const head = `POST ${SEND} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n`;
    const waits = await converse(this.target, `${head}${AUTHORIZATION}\r\n`, { quiet_ms: 100 });
    assert.deepEqual(statusesIn(waits.text), [100]);
    assert.ok(!waits.closed);
    // The body in the same packet: it does not wait. And an HTTP/1.0 client cannot mean it.
    for (const bytes of [`${head}Connection: close\r\n${AUTHORIZATION}\r\n{}`,
      `${head.replace("1.1", "1.0")}${AUTHORIZATION}\r\n{}`])
      assert.deepEqual(statusesIn(await this.said(bytes)), [400]);
    assert.deepEqual(statusesIn(await this.said(`${head}\r\n`)), [401], "no credentials, no body");
    assert.deepEqual(statusesIn(await this.said(
      `${head.replace(SEND, "/nowhere")}${AUTHORIZATION}\r\n`)), [404]);
    assert.deepEqual(statusesIn(await this.said(
      `${head.replace("Length: 2", "Length: 70000")}${AUTHORIZATION}\r\n`)), [400]);
    const by_byte = await this.said(`${head}Connection: close\r\n${AUTHORIZATION}\r\n{}`,
      { byte_by_byte: true });
    assert.deepEqual(statusesIn(by_byte).slice(-1), [400]);
    console.log("ok: Expect: 100-continue");
  }

  async connections() {
    const get = (version, more = "") => `GET /healthz HTTP/${version}\r\nHost: x\r\n${more}\r\n`;
    const last = get("1.1", "Connection: close\r\n");
    for (const [first, answers] of [
      [get("1.1"), [200, 200]],
      [get("1.1", "Connection: Close\r\n"), [200]],
      [get("1.1", "Connection: foo, close\r\n"), [200]],
      [get("1.0"), [200]],
      [get("1.0", "Connection: keep-alive\r\n"), [200, 200]],
    ]) assert.deepEqual(statusesIn(await this.said(first + last)), answers, first);
    const text = await this.said(get("1.0", "Connection: keep-alive\r\n") + last);
    assert.match(text, /^Connection: keep-alive\r$/m);
    assert.match(text, /^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r$/m);
    assert.match(text, /^Cache-Control: no-store\r$/m);
    // What is sent ahead is answered in order, none of it lost.
    const sent = [];
    for (let i = 0; i < 200; ++i) sent.push(get("1.1"), `GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n`);
    const answers = statusesIn(await this.said(sent.join("") + last));
    assert.deepEqual(answers, [...Array(200).fill([200, 404]).flat(), 200]);
    console.log("ok: connections stay, end, and are answered in order");
  }

  // Nothing in a body is dropped in silence.
  async fields() {
    const made = await this.server.call("POST", ORGANIZATIONS, { organization_name: "Fields" });
    const organization = `${ORGANIZATIONS}/${made.json.organization.organization_id}`;
    const ada = await this.server.call("POST", `${organization}/members`,
      { email_address: "ada@example.com" });
    const member = `${organization}/members/${ada.json.member_id}`;
    const name = { organization_name: "x" };
    for (const [method, route, field, body] of [
      ["POST", ORGANIZATIONS, "trusted_metadata", { ...name, trusted_metadata: { a: 1 } }],
      ["POST", ORGANIZATIONS, "email_invites", { ...name, email_invites: "ALL_ALLOWED" }],
      ["POST", ORGANIZATIONS, "Organization_name", { ...name, Organization_name: "y" }],
      ["PUT", organization, "sso_jit_provisioning", { sso_jit_provisioning: "ALL_ALLOWED" }],
      ["POST", `${organization}/members`, "roles", { email_address: "b@example.com", roles: ["a"] }],
      ["PUT", member, "untrusted_metadata", { name: "x", untrusted_metadata: {} }],
      ["PUT", member, "roles", { name: "x", roles: [] }],
      ["PUT", `${member}/reactivate`, "name", { name: "x" }],
      ["DELETE", member, "member_id", { member_id: ada.json.member_id }],
      ["DELETE", organization, "force", { force: true }],
      ["POST", SEND, "phone_number", { organization_id: "a", member_id: "b", phone_number: "+1" }],
      ["POST", "/v1/b2b/otps/sms/authenticate", "x".repeat(64),
        { organization_id: "a", member_id: "b", code: "123456", ["x".repeat(5000)]: 1 }],
    ]) {
      const reply = await this.server.call(method, route, body);
      assert.equal(reply.json.error_type, "bad_request", `${method} ${route} ${field}`);
      assert.ok(reply.json.error_message.includes(`"${field}"`), reply.json.error_message);
    }
    const shown = await this.server.call("GET", `${organization}/member?member_id=${ada.json.member_id}`);
    assert.equal(shown.json.member.name, "", "what is refused changes nothing");
    const nothing = await this.server.call("PUT", member, { name: "Ada", roles: null });
    assert.equal(nothing.json.member.name, "Ada", "null asks for nothing");
    const twice = await this.server.call("GET",
      `${organization}/member?member_id=a&member_id=${ada.json.member_id}`);
    assert.equal(twice.json.error_type, "bad_request");
    console.log("ok: fields that no route knows are named");
  }

  async all() {
    await this.methods();
    await this.credentials();
    await this.expectations();
    await this.connections();
    await this.fields();
  }
}

// The options that change what the server is.
async function options(program) {
  const live = new MfaServer(program, "memory",
    ["--project-id", "project-live-shop", "--secret", "s", "--brand", "Shop"]);
  await live.start();
  const headers = { authorization: basic("project-live-shop", "s") };
  const made = await live.call("POST", ORGANIZATIONS, { organization_name: "Live" }, headers);
  assert.match(made.json.organization.organization_id, /^organization-live-/);
  assert.match(made.json.request_id, /^request-id-live-/);
  const id = made.json.organization.organization_id.replace("-live-", "-test-");
  const test = await live.call("GET", `${ORGANIZATIONS}/${id}`, undefined, headers);
  assert.equal(test.json.error_type, "test_id_used_in_live_environment");
  assert.match((await live.call("GET", "/nowhere")).json.request_id, /^request-id-live-/);
  assert.equal(await live.stop(), 0);
  for (const words of [["--project-id", "project-live-shop"], ["--play", "--test-controls"],
    ["--port", "65536"], ["--port", "x"], ["--port"], ["--connections", "0"], ["--unknown", "1"]])
    await assert.rejects(new MfaServer(program, "memory", words).start(), /ended with 2/, words.join(" "));
  await assert.rejects(new MfaServer(program, "memory", ["--host", "nowhere"]).start(), /ended with 1/);
  if (Object.values(os.networkInterfaces()).flat().some((address) => address.address === "::1")) {
    await onIPv6(program);
  } else {
    console.log("SKIPPED: this machine has no IPv6");
  }
  console.log("ok: live and test environments, addresses, options that are none");
}

async function onIPv6(program) {
  const six = new MfaServer(program, "memory", ["--host", "::1"]);
  await six.start();
  assert.match(six.url, /^http:\/\/\[::1\]:\d+$/);
  assert.equal((await six.call("GET", "/healthz")).json.status, "ok");
  assert.equal(await six.stop(), 0);
}

// Played with as its first words say.
async function play(program) {
  const server = new MfaServer(program, "memory", ["--play"]);
  await server.start();
  await server.said(/"code":"'\$CODE'"/);
  assert.match(server.out, /curl -u 'project-test-local:secret-test-local' http:\S+\/v1\/b2b\/organizations -d/);
  const organization_id = (await server.call("POST", ORGANIZATIONS, { organization_name: "Acme" }))
    .json.organization.organization_id;
  const { member_id } = (await server.call("POST", `${ORGANIZATIONS}/${organization_id}/members`,
    { email_address: "ada@example.com" })).json;
  const ids = { organization_id, member_id };
  const { session_token } = (await server.call("POST", "/test/primary_authentication", ids)).json;
  await server.call("POST", SEND, { ...ids, mfa_phone_number: "+14155550123" });
  const code = (await server.said(/SMS to \+14155550123: .*?(\d{6})/))[1];
  const done = await server.call("POST", "/v1/b2b/otps/sms/authenticate", { ...ids, session_token, code });
  assert.equal(done.json.session_token, session_token);
  await server.call("PUT", `${ORGANIZATIONS}/${organization_id}`,
    { email_jit_provisioning: "RESTRICTED", email_allowed_domains: ["example.com"] });
  const at = { organization_id, email_address: "bob@example.com" };
  await server.call("POST", "/v1/b2b/otps/email/login_or_signup", at);
  const mailed = (await server.said(/E-mail to bob@example\.com: .+\n[^]*?\b(\d{6})\b/))[1];
  const signed_in = await server.call("POST", "/v1/b2b/otps/email/authenticate", { ...at, code: mailed });
  assert.equal(signed_in.json.member_authenticated, true);
  const now = async (advance_ms) =>
    Date.parse((await server.call("POST", "/test/clock", { advance_ms })).json.now);
  const before = await now(0);
  assert.ok(await now(3600000) >= before + 3600000, "the clock can be moved");
  while (await now(0) < before + 3600020);  // and runs by itself, or this does not end
  server.child.kill("SIGINT");
  assert.equal(await server.child.ended, 0);
  console.log("ok: --play: a session, an SMS and an e-mail on the terminal, a clock that runs");
}

module.exports = { Semantics, options, play };
