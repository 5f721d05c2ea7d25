// SPDX-License-Identifier: Apache-2.0
// Slow clients, floods, and the end of a server; steps of hostile_test.js. Servers get small limits,
// so that nothing here waits long; no step depends on how fast the machine is.
"use strict";
const assert = require("node:assert/strict");
const net = require("node:net");
const { MfaServer, pause } = require("./servers.js");
const { converse, statusesIn } = require("./framing.js");
const { AUTHORIZATION, SEND } = require("./framing_cases.js");

const PLAIN = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
const HEAD = `POST ${SEND} HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}`;

const started = async (program, words) => {
  const server = new MfaServer(program, "memory", words);
  await server.start();
  server.target = { port: Number(new URL(server.url).port), host: "127.0.0.1" };
  return server;
};

// Writes `start`, then a byte of `more` each `gap_ms`, over and over; resolves with what was said once
// the server has closed.
function drip(target, start, more, gap_ms) {
  return new Promise((resolve) => {
    let text = "";
    let sent = 0;
    let timer;
    const socket = net.connect(target, () => {
      socket.write(start);
      timer = setInterval(() => socket.write(more[sent++ % more.length]), gap_ms);
    });
    socket.on("data", (data) => (text += data));
    socket.on("error", () => {});
    socket.on("close", () => { clearInterval(timer); resolve(text); });
  });
}

async function until(what, condition) {
  for (let tries = 0; tries < 600; ++tries) {
    if (await condition()) return;
    await pause(50);
  }
  throw new Error(`never: ${what}`);
}

// Opens a connection and keeps it. `closed()` waits until the server has closed it, for less than an
// idle connection may live.
async function hold(target, bytes = "") {
  const socket = net.connect(target);
  const held = { socket, text: "" };
  socket.on("data", (data) => (held.text += data));
  socket.on("error", () => {});
  held.closed = () => until("the server closes", () => socket.closed);
  await new Promise((resolve) => { socket.on("connect", resolve); socket.on("close", resolve); });
  if (bytes) socket.write(bytes);
  return held;
}

async function slowClients(program) {
  const server = await started(program, ["--request-seconds", "2", "--idle-seconds", "2"]);
  const alive = async () => assert.equal((await server.call("GET", "/healthz")).status, 200);
  const slow = Array.from({ length: 300 }, () => drip(server.target, HEAD, "Slow: aaaaaaaa\r\n", 300));
  await pause(500);
  await alive();
  for (const text of await Promise.all(slow)) assert.deepEqual(statusesIn(text), [400]);
  console.log("ok: 300 clients that send a byte now and then: one answer each, and closed");
  const chunks = `${HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\n \r\n`;
  const bodies = await Promise.all([
    drip(server.target, `${HEAD}Content-Length: 60000\r\n\r\n`, " ", 2),
    drip(server.target, chunks, "1\r\n \r\n", 2),
    converse(server.target, `${HEAD}Content-Length: 5\r\n\r\n{`).then((talk) => talk.text),
    converse(server.target, `${chunks}5`).then((talk) => talk.text),
    converse(server.target, `${HEAD}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n`)
      .then((talk) => talk.text.replace("HTTP/1.1 100 Continue\r\n\r\n", "")),
  ]);
  for (const text of bodies) {
    assert.deepEqual(statusesIn(text), [400]);
    assert.match(text, /did not come in time/);
  }
  console.log("ok: bodies that do not come: one answer each, and closed");
  // Said nothing at all, or nothing after an answer: closed without a word.
  const silent = await Promise.all(Array.from({ length: 100 }, (_, i) =>
    hold(server.target, i % 2 === 0 ? "" : `${PLAIN}\r\n`)));
  await alive();
  await Promise.all(silent.map((held) => held.closed()));
  silent.forEach((held, i) => assert.deepEqual(statusesIn(held.text), i % 2 === 0 ? [] : [200]));
  console.log("ok: 100 clients that say nothing more");
  // A request that ends too early is answered to who only closed his half.
  for (const bytes of [HEAD, `${HEAD}Content-Length: 5\r\n\r\n{`, `${chunks}5`, "G"]) {
    const half = await hold(server.target);
    half.socket.end(bytes);
    await half.closed();
    assert.deepEqual(statusesIn(half.text), [400]);
  }
  console.log("ok: requests that end too early");
  assert.equal(await server.stop(), 0);
}

// Sends and sends and never reads: what the server keeps of it is bounded, and it ends.
async function deafClients(program) {
  const server = await started(program, []);
  const memory = () => server.memory();
  const before = memory();
  await Promise.all(Array.from({ length: 5 }, () => new Promise((resolve) => {
    const socket = net.connect(server.target, () => {
      socket.pause();
      const more = () => { while (!socket.destroyed && socket.write(PLAIN.repeat(500))); };
      socket.on("drain", more);
      more();
    });
    socket.on("error", () => {});
    socket.on("close", resolve);
    // A paused socket does not see the end: look whether it can still be written to.
    const timer = setInterval(() => {
      if (socket.destroyed) clearInterval(timer);
      else socket.write(PLAIN);
    }, 500);
  })));
  assert.equal((await server.call("GET", "/healthz")).status, 200);
  assert.ok(memory() - before < 40000, `${memory() - before} KB for clients that do not read`);
  console.log("ok: 5 clients that never read their answers");
  assert.equal(await server.stop(), 0);
}

async function floods(program) {
  const MAX = 40;
  const server = await started(program, ["--connections", String(MAX)]);
  const health = async () => (await server.call("GET", "/healthz")).json;
  // Connections that have waited for a second make room, the oldest first.
  const old = await hold(server.target, PLAIN);
  await pause(20);
  const idle = [];
  for (let i = 0; i < MAX - 1; ++i) idle.push(await hold(server.target, i % 2 === 0 ? "" : "GET /he"));
  await pause(1500);
  assert.equal((await health()).status, "ok");
  await old.closed();
  console.log("ok: the oldest silent connection makes room");
  // Within the second nobody has to go, so newcomers are told.
  for (const held of idle) held.socket.destroy();
  await until("room", async () => (await health()).connections === 1);
  let told = 0;
  for (let tries = 0; tries < 20 && told === 0; ++tries) {
    const flood = await Promise.all(Array.from({ length: 3 * MAX }, () => hold(server.target)));
    await pause(400);
    for (const held of flood) {
      if (held.text) {
        ++told;
        assert.deepEqual(statusesIn(held.text), [503]);
        assert.match(held.text, /"server_unavailable"/);
        assert.match(held.text, /^Retry-After: 1\r$/m);
      }
      held.socket.destroy();
    }
  }
  assert.ok(told > 0, "nobody was refused");
  await until("an answer after the flood", async () => (await health()).status === "ok");
  console.log(`ok: ${3 * MAX} connections at once where ${MAX} have room`);
  assert.equal(await server.stop(), 0);
}

// SIGTERM and SIGINT: what has begun is answered, also if its body comes later; the rest ends.
async function drains(program) {
  for (const signal of ["SIGTERM", "SIGINT"]) {
    const server = await started(program, []);
    const silent = await hold(server.target);
    const idle = await hold(server.target, PLAIN);
    const begun = await hold(server.target, `${HEAD}Content-Length: 2\r\n\r\n`);
    const in_header = await hold(server.target, HEAD.slice(0, 20));
    await until("an answer", () => statusesIn(idle.text).length === 1);
    // All of them have been read when this is answered twice.
    assert.equal((await server.call("GET", "/healthz")).json.connections, 5);
    await pause(100);
    server.child.kill(signal);
    await Promise.all([silent.closed(), idle.closed()]);
    const refused = await converse(server.target, PLAIN);
    assert.equal(refused.text, "", "no new connections");
    assert.equal(server.child.exitCode, null, "it waits for what has begun");
    begun.socket.write(`{}${PLAIN}`);
    in_header.socket.write(`${HEAD.slice(20)}\r\n`);
    await Promise.all([begun.closed(), in_header.closed()]);
    for (const held of [begun, in_header]) {
      assert.deepEqual(statusesIn(held.text), [400]);
      assert.match(held.text, /"bad_request"/);
      assert.match(held.text, /^Connection: close\r$/m);
    }
    await until("the server ends", () => server.child.exitCode !== null);
    assert.equal(server.child.exitCode, 0);
  }
  const stuck = await started(program, ["--request-seconds", "2"]);
  const never = await hold(stuck.target, HEAD);
  await until("the request", async () => (await stuck.call("GET", "/healthz")).json.connections === 2);
  assert.equal(await stuck.stop(), 0);
  await never.closed();
  const impatient = await started(program, []);
  await hold(impatient.target, HEAD);
  await pause(100);
  impatient.child.kill("SIGTERM");
  await pause(200);
  impatient.child.kill("SIGTERM");
  assert.equal(await impatient.child.ended, 1);
  for (let i = 0; i < 10; ++i) {  // right after the start
    const brief = await started(program, []);
    assert.equal(await brief.stop(), 0);
  }
  console.log("ok: SIGTERM and SIGINT end it with 0 once what has begun is answered");
}

module.exports = { slowClients, deafClients, floods, drains };
