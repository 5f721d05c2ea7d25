// SPDX-License-Identifier: Apache-2.0
// Requests with random faults; a step of hostile_test.js. The same seed makes the same requests.
"use strict";
const assert = require("node:assert/strict");
const { cases, hiddenRequest, AUTHORIZATION, SEND } = require("./framing_cases.js");
const net = require("node:net");
const { statusesIn } = require("./framing.js");

const CONNECTIONS = 32;
const TOKENS = ["\r\n", "\n", "\r", "\r\n\r\n", "\r\n ", " ", "\t", "\0", ":", ";", ",", "=", "\"", "%", "%00",
  "%2F", "0", "00", "0x", "+", "-", "ffffffff", "99999999999999999999", "chunked", "identity", "gzip",
  "Transfer-Encoding: chunked\r\n", "Content-Length: 5\r\n", "Content-Length: 0\r\n", "Host: y\r\n",
  "Expect: 100-continue\r\n", "Connection: close\r\n", "HTTP/1.0", "HTTP/1.1", "GET ", "HEAD ", "POST ", "{}",
  "{", "[", "\\u0000", "\\ud800", "null", "1e999", "\xff", "\xc3\xa9", "0\r\n\r\n", "a".repeat(5000)];

// xorshift32
function generator(seed) {
  let state = (seed >>> 0) || 1;
  return (limit) => {
    state ^= state << 13; state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5; state >>>= 0;
    return state % limit;
  };
}

// Requests that are refused for their framing, and requests that reach a command.
function seeds() {
  const json = (method, target, body) => { const text = JSON.stringify(body);
    return `${method} ${target} HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}Content-Length: ${text.length}\r\n\r\n${text}`; };
  const ids = { organization_id: "acme", member_id: "ada" };
  const good = [
    json("POST", SEND, { ...ids, mfa_phone_number: "+14155550123", locale: "en", session_token: "a" }),
    json("POST", "/v1/b2b/otps/sms/authenticate", { ...ids, code: "123456", session_token: "a",
      session_duration_minutes: 30, session_custom_claims: { a: { b: [1, null] } } }),
    json("POST", "/v1/b2b/organizations", { organization_name: "M", allowed_mfa_methods: ["sms_otp"] }),
    json("PUT", "/v1/b2b/organizations/acme/members/ada", { name: "Ada", mfa_enrolled: true }),
    json("DELETE", "/v1/b2b/organizations/acme/members/mfa_phone_numbers/ada", {}),
    `GET /v1/b2b/organizations/acme/member?member_id=ada&email_address=a%40b HTTP/1.1\r\nHost: x\r\n` +
      `${AUTHORIZATION}X-Stytch-Member-Session: abc\r\n\r\n`,
    "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
  ];
  return [cases.map(({ bytes }) => bytes(hiddenRequest("mutant"))), good];
}

function mutate(text, others, random) {
  const at = () => random(text.length + 1);
  for (let changes = 1 + random(4); changes > 0; --changes) {
    const [begin, end] = [at(), at()].sort((a, b) => a - b);
    switch (random(7)) {
      case 0: text = text.slice(0, begin) + TOKENS[random(TOKENS.length)] + text.slice(begin); break;
      case 1: text = text.slice(0, begin) + String.fromCharCode(random(256)) + text.slice(begin + 1); break;
      case 2: text = text.slice(0, begin) + text.slice(begin + 1 + random(8)); break;
      case 3: text = text.slice(0, end) + text.slice(begin); break;
      case 4: { const other = others[random(others.length)];
        text = text.slice(0, begin) + other.slice(random(other.length)); break; }
      case 5: text = text.slice(0, begin) + TOKENS[random(TOKENS.length)] + text.slice(end); break;
      default: text = text.slice(0, begin) + text.slice(begin).split("").map((c) =>
        (random(40) === 0 ? String.fromCharCode(c.charCodeAt(0) ^ (1 << random(8))) : c)).join("");
    }
  }
  return text.slice(0, 100000);
}

// Sends the pieces and closes its half; resolves with what was said once the server has closed.
function send(port, pieces) {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = net.connect(port, "127.0.0.1", async () => {
      for (const piece of pieces) {
        if (socket.destroyed) return;
        await new Promise((written) => socket.write(piece, () => setImmediate(written)));
      }
      socket.end();
    });
    const timer = setTimeout(() => { socket.destroy(); reject(new Error("the connection hangs")); }, 60000);
    socket.setNoDelay(true);
    socket.on("data", (data) => (text += data.toString("latin1")));
    socket.on("error", () => {});  // the server closed before it had all
    socket.on("close", () => { clearTimeout(timer); resolve(text); });
  });
}

// `count` requests on as many connections. Each connection must end, no answer may be a 5xx, and the
// server must go on.
async function mutations(server, count, seed) {
  const port = Number(new URL(server.url).port);
  const random = generator(seed);
  const texts = seeds();
  const statuses = {};
  let next = 0;
  const work = async () => {
    while (next++ < count) {
      const kind = texts[random(2)];
      const bytes = Buffer.from(mutate(kind[random(kind.length)], texts.flat(), random), "latin1");
      const cut = random(4) === 0 ? random(bytes.length + 1) : bytes.length;
      const shown = () => `seed ${seed}: ${JSON.stringify(bytes.toString("latin1"))}`;
      const text = await send(port, [bytes.subarray(0, cut), bytes.subarray(cut)]
        .filter((piece) => piece.length > 0)).catch((error) => { throw new Error(`${error.message}: ${shown()}`); });
      for (const status of statusesIn(text)) {
        statuses[status] = (statuses[status] || 0) + 1;
        assert.ok(status < 500, `${status} to ${shown()}`);
      }
      assert.equal(server.child.exitCode ?? server.child.signalCode, null, `the server ended: ${shown()}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  assert.equal((await server.call("GET", "/healthz")).json.status, "ok");
  assert.ok(statuses[400] > count / 4 && statuses[404] > 0, "hardly anything was answered");
  console.log(`ok: ${count} mutated requests of seed ${seed}: ${JSON.stringify(statuses)}`);
}

module.exports = { mutations };
