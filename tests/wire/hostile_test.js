// SPDX-License-Identifier: Apache-2.0
// What no client library would send, straight into the socket: hostile_test.js SERVER
// Each attack is followed by an ordinary request, which must be answered as ever.
"use strict";
const assert = require("node:assert/strict");
const fs = require("node:fs");
const net = require("node:net");
const zlib = require("node:zlib");
const { MfaServer, basic, pause } = require("./servers.js");

const SEND = "/v1/b2b/otps/sms/send";
const AUTHENTICATE = "/v1/b2b/otps/sms/authenticate";
const AUTHORIZATION = `Authorization: ${basic("project-test-local", "secret-test-local")}\r\n`;

// Writes `parts`, `gap_ms` apart, and reads until the server closes, which must be within `wait_ms`.
function talk(port, parts, wait_ms = 20000, gap_ms = 0) {
  return new Promise((resolve, reject) => {
    let answer = "";
    let timer;
    const socket = net.connect(port, "127.0.0.1", async () => {
      for (const part of [].concat(parts)) {
        if (socket.destroyed) return;
        socket.write(part);
        if (gap_ms > 0) await pause(gap_ms);
      }
    });
    const done = () => { clearTimeout(timer); socket.destroy(); resolve(answer); };
    timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`the server does not close within ${wait_ms} ms: ${answer}`));
    }, wait_ms);
    socket.on("data", (data) => (answer += data));
    socket.on("close", done);
    socket.on("error", done);
  });
}

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
    const answer = await talk(this.port, bytes);
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
    const memory = () => Number(fs.readFileSync(`/proc/${this.server.child.pid}/status`, "utf8")
      .match(/VmHWM:\s+(\d+)/)[1]);
    const before = memory();
    await this.refused("a body of 70,000 bytes",
      request("POST", SEND, `{"x":"${"a".repeat(70000)}"}`), 400, "bad_request");
    const chunk = `10000\r\n${"a".repeat(65536)}\r\n`;
    await this.refused("1.3 MB in chunks",
      [`POST ${SEND} HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}Transfer-Encoding: chunked\r\n\r\n`,
        chunk.repeat(20), "0\r\n\r\n"], 400, "bad_request");
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
    await this.refused("a header of 90,000 bytes",
      request("GET", "/", "", `A: ${"a".repeat(90000)}\r\n`), 400, "bad_request");
    await this.refused("50,000 headers", request("GET", "/", "", "A: b\r\n".repeat(50000)), 400,
      "bad_request");
  }

  async framing() {
    const head = `POST ${SEND} HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}`;
    await this.refused("two lengths", `${head}Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}`, 400,
      "bad_request");
    await this.refused("a length and chunks",
      `${head}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n2\r\n{}\r\n0\r\n\r\n`, 400,
      "bad_request");
    await this.refused("a length below zero", `${head}Content-Length: -5\r\n\r\n{}`, 400, "bad_request");
    await this.refused("a length of 10^23", `${head}Content-Length: 1${"0".repeat(23)}\r\n\r\n{}`, 400,
      "bad_request");
    // What a lenient proxy before this server may read as a length, and the HTTP library does not, or
    // the other way round: the second request, sent as a body, must not be answered as one.
    const hidden = request("GET", "/v1/b2b/organizations/nobody").toString();
    for (const [what, field] of Object.entries({
      "a name with a space": `Content-Length : ${hidden.length}`,
      "a line that ends without a return": `X: a\r\nContent-Length: ${hidden.length}\nY: b`,
      "an empty line that ends without a return": `\nContent-Length: ${hidden.length}`,
      "a folded line": `X: a\r\n Content-Length: ${hidden.length}`,
      "a coding's name with a space": "Transfer-Encoding : chunked",
      "an empty coding": "Transfer-Encoding:",
      "a length and an empty one": "Content-Length: 2\r\nContent-Length:",
      "an escaped length": "Content-Length: %30",
      "an escaped coding": "Transfer-Encoding: chunke%64",
      "a line without a colon": "Content-Length",
      "a return within a line": "X: a\rContent-Length: 2",
    })) {
      const answers = (await talk(this.port, `${head}${field}\r\n\r\n${hidden}`)).split("HTTP/1.1 ").slice(1);
      assert.deepEqual(answers.map((answer) => answer.slice(0, 3)), ["400"], what);
    }
    console.log("ok: eleven headers that two servers may read as different ones");
    await this.refused("no length", `${head}Connection: close\r\n\r\n`, 400, "bad_request");
    await this.refused("an unknown method", request("BREW", SEND), 400, "bad_request");
    await this.refused("TRACE", request("TRACE", SEND), 405, "method_not_allowed");
    await this.refused("OPTIONS", request("OPTIONS", SEND), 405, "method_not_allowed");
    await this.refused("a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", 400, "bad_request");
    await this.refused("ranges of an answer", request("GET", "/v1/b2b/organizations/a", "",
      "Range: bytes=0-0,1-1,2-2\r\n"), 404, "organization_not_found");
    await this.refused("a broken range", request("GET", "/v1/b2b/organizations/a", "",
      "Range: bytes=0-0,-99999999999999999999\r\n"), 400, "bad_request");
    await this.refused("an escaped slash is no other route",
      request("GET", "/v1/b2b/organizations/a%2Fmember?member_id=b"), 400, "invalid_id");

    // What is sent ahead is answered in order, none of it lost.
    const one = request("POST", SEND, "{}").toString().replace("Connection: close\r\n", "");
    const last = request("GET", "/v1/b2b/organizations/nobody").toString();
    const answers = (await talk(this.port, one.repeat(8) + last)).split("HTTP/1.1 ").slice(1);
    assert.deepEqual(answers.map((answer) => answer.slice(0, 3)), [...Array(8).fill("400"), "404"]);
    console.log("ok: nine requests in one packet");
  }

  async slowClients() {
    // More than there are threads, each sending a byte now and then, must be gone in a bounded time.
    const head = `POST ${SEND} HTTP/1.1\r\nHost: x\r\n`;
    const slow = Array.from({ length: 300 }, () =>
      talk(this.port, [head, ..."Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaa"], 60000, 1000));
    await pause(1000);
    await this.alive();
    await Promise.all(slow);
    await this.alive();
    console.log("ok: 300 clients that send a byte a second");
    // Idle connections make room for those that have something to say.
    const idle = Array.from({ length: 300 }, () => net.connect(this.port, "127.0.0.1"));
    for (const socket of idle) socket.on("error", () => {});
    await pause(200);
    await this.alive();
    for (const socket of idle) socket.destroy();
    console.log("ok: 300 clients that say nothing");
  }
}

async function main() {
  const [program] = process.argv.slice(2);
  const server = new MfaServer(program, "memory", []);
  await server.start();
  const attacks = new Attacks(server);
  await attacks.bodies();
  await attacks.sizes();
  await attacks.framing();
  await attacks.slowClients();

  const second = new MfaServer(program, "memory", ["--port", String(attacks.port)]);
  await assert.rejects(second.start(), /mfa_server ended with 1/);
  console.log("ok: a second server does not share the port");
  assert.equal(await server.stop(), 0);
  for (let i = 0; i < 10; ++i) {  // a SIGTERM right after the start is not missed
    const brief = new MfaServer(program, "memory", []);
    await brief.start();
    assert.equal(await brief.stop(), 0);
  }
  console.log("ok: SIGTERM ends it with 0, also right after the start");
}

main().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
