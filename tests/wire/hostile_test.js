// SPDX-License-Identifier: Apache-2.0
// What no client library would send, straight into the socket:
// hostile_test.js SERVER [--mutations N] [--seed S]
// Each attack is followed by an ordinary request, which must be answered as ever. SERVER may be built
// with sanitizers: what they report ends the server, and so the test.
"use strict";
const assert = require("node:assert/strict");
const zlib = require("node:zlib");
const { MfaServer } = require("./servers.js");
const { AUTHORIZATION, SEND } = require("./framing_cases.js");
const { Framing, converse } = require("./framing.js");
const { jwtKeys } = require("./jwt_keys.js");
const { Semantics, options, play } = require("./semantics.js");
const { slowClients, deafClients, floods, drains } = require("./limits.js");
const { mutations } = require("./mutations.js");

const AUTHENTICATE = "/v1/b2b/otps/sms/authenticate";

const request = (method, target, body = "", headers = "") =>
  Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}${headers}` +
    `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n`), Buffer.from(body)]);

class Attacks {
  constructor(server) {
    this.server = server;
    this.port = Number(new URL(server.url).port);
  }

  async alive() {
    const reply = await this.server.call("POST", SEND, {});
    assert.equal(reply.json.error_type, "bad_request");
  }

  // The answer to one request must be the error object.
  async refused(name, bytes, status, type) {
    const talk = await converse({ port: this.port, host: "127.0.0.1" }, bytes);
    assert.ok(talk.closed, `${name}: the connection stays open`);
    const answer = talk.text;
    const at = answer.indexOf("\r\n\r\n");
    assert.ok(at > 0, `${name}: no answer`);
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), name);
    const json = JSON.parse(answer.slice(at + 4));
    assert.equal(json.error_type, type, name);
    assert.equal(json.status_code, status, name);
    for (const field of ["request_id", "error_message", "error_url"])
      assert.equal(typeof json[field], "string", name);
    await this.alive();
    console.log(`ok: ${name}`);
    return answer;
  }

  async bodies() {
    const bad = (name, body, headers) =>
      this.refused(name, request("POST", SEND, body, headers), 400, "bad_request");
    await bad("a key given twice", '{"organization_id":"a","organization_id":"a","member_id":"b"}');
    await bad("a key given twice further down",
      '{"organization_id":"a","member_id":"b","x":[{"y":1,"y":1}]}');
    await bad("nesting of 20,000", '{"a":'.repeat(10000) + "[".repeat(10000));
    await bad("a raw NUL", '{"organization_id":"a\0b","member_id":"x"}');
    await bad("half a surrogate", '{"organization_id":"\\ud800","member_id":"x"}');
    await bad("invalid UTF-8", Buffer.from('{"organization_id":"\xff\xc0","member_id":"x"}', "latin1"));
    await bad("a number beyond doubles", '{"organization_id":1e999}');
    await bad("two values", "{}{}");
    await bad("a form", "organization_id=a&member_id=b",
      "Content-Type: application/x-www-form-urlencoded\r\n");
    await bad("a multipart body", '--b\r\nContent-Disposition: form-data; name="x"\r\n\r\nhi\r\n--b--\r\n',
      "Content-Type: multipart/form-data; boundary=b\r\n");
    await this.refused("an escaped NUL in an id",
      request("POST", SEND, '{"organization_id":"a\\u0000b","member_id":"x"}'), 400, "invalid_id");
    for (const value of ['"30"', "30.5", "[]", "{}", "true"]) {
      await this.refused(`session_duration_minutes ${value}`, request("POST", AUTHENTICATE,
        `{"organization_id":"a","member_id":"b","code":"123456","session_token":"c",` +
        `"session_duration_minutes":${value}}`), 400, "bad_request");
    }
    // Each kind of field with what it is not; null is as if it were absent.
    const organization = '{"organization_name":"Hostile"';
    for (const field of ['"organization_slug":1', '"allowed_mfa_methods":{}', '"allowed_mfa_methods":[1]']) {
      await this.refused(`an Organization with ${field}`,
        request("POST", "/v1/b2b/organizations", `${organization},${field}}`), 400, "bad_request");
    }
    const created = await this.server.call("POST", "/v1/b2b/organizations",
      {organization_name: "Hostile", organization_slug: null, allowed_mfa_methods: null});
    assert.equal(created.json.status_code, 200, "null fields");
    const members = `/v1/b2b/organizations/${created.json.organization.organization_id}/members`;
    for (const field of ['"mfa_enrolled":"true"', '"mfa_enrolled":1', '"name":["Eve"]']) {
      await this.refused(`a Member with ${field}`,
        request("POST", members, `{"email_address":"eve@example.com",${field}}`), 400, "bad_request");
    }
    const eve = await this.server.call("POST", members,
      {email_address: "eve@example.com", mfa_enrolled: null, name: null});
    assert.equal(eve.json.status_code, 200, "null fields of a Member");
    await this.refused("claims that are no object", request("POST", AUTHENTICATE,
      '{"organization_id":"a","member_id":"b","code":"123456","session_token":"c","session_custom_claims":[]}'),
      400, "bad_request");
    await this.refused("a code that is a number", request("POST", AUTHENTICATE,
      '{"organization_id":"a","member_id":"b","code":123456,"session_token":"c"}'), 400, "bad_request");
    await this.refused("bad JSON in a DELETE",
      request("DELETE", "/v1/b2b/organizations/a", "{no}"), 400, "bad_request");
    // Nested deeper than any stack, in a field that is copied into the answer.
    await bad("deep claims", `{"session_custom_claims":{"a":${"[".repeat(30000)}${"]".repeat(30000)}}}`);
  }

  async sizes() {
    const memory = () => this.server.memory();
    const before = memory();
    await this.refused("a body of 70,000 bytes",
      request("POST", SEND, `{"x":"${"a".repeat(70000)}"}`), 400, "bad_request");
    const chunk = `10000\r\n${"a".repeat(65536)}\r\n`;
    await this.refused("1.3 MB in chunks",
      `POST ${SEND} HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}Transfer-Encoding: chunked\r\n\r\n` +
      `${chunk.repeat(20)}0\r\n\r\n`, 400, "bad_request");
    const small = `1111\r\n${" ".repeat(0x1111)}\r\n`;
    await this.refused("70 KB in small chunks",
      `POST ${SEND} HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}Connection: close\r\n` +
      `Transfer-Encoding: chunked\r\n\r\n${small.repeat(16)}0\r\n\r\n`, 400, "bad_request");
    const bomb = zlib.gzipSync(Buffer.alloc(50e6, 97));
    await this.refused("50 MB packed into 50 KB",
      request("POST", SEND, bomb, "Content-Encoding: gzip\r\n"), 400, "bad_request");
    assert.ok(memory() - before < 40000, `${memory() - before} KB for what was refused`);
    await this.refused("a path of 30,000 bytes",
      request("GET", `/${"a".repeat(30000)}`), 400, "bad_request");
    await this.refused("a path of 90,000 bytes",
      request("GET", `/${"a".repeat(90000)}`), 400, "bad_request");
    for (const [what, fields] of [["a header of 90,000 bytes", `A: ${"a".repeat(90000)}\r\n`],
      ["50,000 headers", "A: b\r\n".repeat(50000)]]) {
      const answer = await this.refused(what, request("GET", "/", "", fields), 400, "bad_request");
      assert.match(answer, /header has more than 32 KiB/, what);
    }
    const bytes = "1\r\n \r\n".repeat(60000);
    const answer = await this.refused("60 KB in chunks of one byte", `POST ${SEND} HTTP/1.1\r\nHost: x\r\n` +
      `${AUTHORIZATION}Transfer-Encoding: chunked\r\n\r\n${bytes}0\r\n\r\n`, 400, "bad_request");
    assert.match(answer, /chunks have more than 256 KiB/);
  }

  // Bytes that are no request, and parts of requests that this server does not look at.
  async oddities() {
    const get = (headers) => request("GET", "/v1/b2b/organizations/a", "", headers);
    await this.refused("a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", 400, "bad_request");
    await this.refused("ranges of an answer", get("Range: bytes=0-0,1-1,2-2\r\n"), 404,
      "organization_not_found");
    await this.refused("a broken range", get("Range: bytes=0-0,-99999999999999999999\r\n"), 404,
      "organization_not_found");
    await this.refused("an upgrade", get("Upgrade: h2c\r\n"), 404, "organization_not_found");
    await this.refused("a condition", get("If-None-Match: *\r\n"), 404, "organization_not_found");
    await this.refused("an escaped slash is no other route",
      request("GET", "/v1/b2b/organizations/a%2Fmember?member_id=b"), 400, "invalid_id");
  }
}

function readArguments(words) {
  const [program, ...rest] = words;
  const read = { program, mutations: 10000, seed: Date.now() % 1e9 };
  for (let i = 0; i < rest.length; i += 2) {
    const name = rest[i].replace(/^--/, "");
    if (!(name in read) || !(Number(rest[i + 1]) >= 0)) throw new Error(`unknown: ${rest[i]} ${rest[i + 1]}`);
    read[name] = Number(rest[i + 1]);
  }
  return read;
}

async function main() {
  const { program, mutations: count, seed } = readArguments(process.argv.slice(2));
  const server = new MfaServer(program, "memory", ["--request-seconds", "5"]);
  await server.start();
  const attacks = new Attacks(server);
  await attacks.bodies();
  await attacks.sizes();
  await attacks.oddities();
  await new Semantics(server).all();
  const framing = new Framing(server);
  await framing.direct(false);
  await framing.direct(true);
  await framing.inPieces();
  await framing.proxies();
  await mutations(server, count, seed);

  const second = new MfaServer(program, "memory", ["--port", String(attacks.port)]);
  await assert.rejects(second.start(), /mfa_server ended with 1/);
  console.log("ok: a second server does not share the port");
  assert.equal(await server.stop(), 0);
  await slowClients(program);
  await deafClients(program);
  await floods(program);
  await drains(program);
  await options(program);
  await play(program);
  await jwtKeys(program);
}

main().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
