// SPDX-License-Identifier: Apache-2.0
// The cases of framing_cases.js against mfa_server itself, whole and byte by byte, and through real
// proxies; steps of hostile_test.js.
"use strict";
const assert = require("node:assert/strict");
const net = require("node:net");
const { pause } = require("./servers.js");
const { startProxies } = require("./proxies.js");
const { cases, hiddenRequest, AUTHORIZATION, SEND } = require("./framing_cases.js");

const PIECES_MS = 50;  // the server has usually read one piece when the next one comes
const QUIET_MS = 60;  // a proxy that has answered and says nothing for so long has no more to say

// The statuses in what a server sent. No body of ours contains this text.
const statusesIn = (text) => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));

// Writes `bytes` to `target`, in one piece or `byte_by_byte`, or its elements with a pause between
// them if it is an array. Reads until the other side closes or, if `quiet_ms` is given, says nothing
// for so long after an answer. Closes after `wait_ms`.
function converse(target, bytes, { byte_by_byte = false, quiet_ms = 0, wait_ms = 20000 } = {}) {
  return new Promise((resolve) => {
    const talk = { text: "", closed: false };
    const socket = net.connect(target, async () => {
      socket.setNoDelay(true);
      if (Array.isArray(bytes)) {
        for (const piece of bytes) {
          if (!socket.destroyed) socket.write(Buffer.from(piece, "latin1"));
          await pause(PIECES_MS);
        }
        return;
      }
      const all = Buffer.from(bytes, "latin1");
      if (!byte_by_byte) return socket.write(all);
      for (let i = 0; i < all.length && !socket.destroyed; ++i)
        await new Promise((written) => socket.write(all.subarray(i, i + 1), () => setImmediate(written)));
    });
    let quiet;
    const done = () => { clearTimeout(timer); clearTimeout(quiet); socket.destroy(); resolve(talk); };
    const timer = setTimeout(done, wait_ms);
    socket.on("data", (data) => {
      talk.text += data.toString("latin1");
      clearTimeout(quiet);
      if (quiet_ms > 0) quiet = setTimeout(done, quiet_ms);
    });
    socket.on("close", () => { talk.closed = true; done(); });
    socket.on("error", () => {});
  });
}

class Framing {
  // `server`: an MfaServer. Slugs are used once, so `run` tells the runs apart.
  constructor(server) {
    this.server = server;
    this.port = Number(new URL(server.url).port);
    this.runs = 0;
    this.polls = 0;
  }

  slug() { return `hidden-${++this.runs}`; }
  async wasRun(slug) {
    ++this.polls;
    const reply = await this.server.call("GET", `/v1/b2b/organizations/${slug}`);
    assert.ok(reply.status === 200 || reply.status === 404, `${slug}: ${reply.status}`);
    return reply.status === 200;
  }
  // How many requests the server has answered, without those of this test.
  async answers() {
    const reply = await this.server.call("GET", "/healthz");
    return reply.json.answers - this.polls++;
  }

  async direct(byte_by_byte) {
    for (const { name, bytes, refused, answers } of cases) {
      const slug = this.slug();
      const hidden = hiddenRequest(slug);
      const sent = bytes(hidden);
      const talk = await converse({ port: this.port, host: "127.0.0.1" }, sent, { byte_by_byte });
      assert.ok(talk.closed, `${name}: the connection stays open`);
      assert.deepEqual(statusesIn(talk.text), refused ? [400] : answers, `${name}: ${talk.text}`);
      if (refused) assert.match(talk.text, /^Connection: close\r$/m, name);
      assert.equal(await this.wasRun(slug), !refused && sent.includes(hidden), `${name}: hidden request`);
    }
    console.log(`ok: ${cases.length} framing cases, ${byte_by_byte ? "byte by byte" : "in one piece"}`);
  }

  // The ends of chunked bodies, cut at each place: Beast's parser is told only what it can take.
  async inPieces() {
    const target = { port: this.port, host: "127.0.0.1" };
    const head = `POST ${SEND} HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}Connection: close\r\n` +
      "Transfer-Encoding: chunked\r\n\r\n";
    const talks = [];
    for (const body of ["0\r\n\r\n", "2\r\n{}\r\n0\r\n\r\n", "00;a=b\r\n\r\n"]) {
      for (let i = 0; i < body.length; ++i) {
        for (let j = i; j < body.length; ++j)
          talks.push(converse(target, [head + body.slice(0, i), body.slice(i, j), body.slice(j)]));
      }
    }
    for (const talk of await Promise.all(talks)) assert.deepEqual(statusesIn(talk.text), [400]);
    console.log(`ok: ends of chunked bodies in ${talks.length} ways of three pieces`);
  }

  // The server answers what a proxy asked, no more and no less, and runs no request that the proxy
  // did not see. A proxy that refuses or repairs a case is right too.
  async behind(proxy) {
    let asked_in_all = 0;
    let handed_on = 0;
    for (const { name, bytes } of cases) {
      const what = `${proxy.name}: ${name}`;
      const slug = this.slug();
      const before = { asked: proxy.asked().length, answers: await this.answers() };
      await converse(proxy.socket, bytes(hiddenRequest(slug)), { quiet_ms: QUIET_MS, wait_ms: 4000 });
      const canary = await converse(proxy.socket,
        `GET /v1/nobody-${slug} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      assert.deepEqual(statusesIn(canary.text), [404], `${what}: the next request: ${canary.text}`);
      assert.match(canary.text, /"route_not_found"/, `${what}: the next request`);
      let asked = [];
      let answers = 0;
      for (let tries = 0; tries < 100; ++tries) {  // logs are written after the answer
        answers = (await this.answers()) - before.answers;
        asked = proxy.asked().slice(before.asked);
        if (asked.length === answers && asked.length > 0) break;
        await pause(50);
      }
      assert.equal(answers, asked.length, `${what}: answers to ${JSON.stringify(asked)}`);
      if (await this.wasRun(slug))
        assert.ok(asked.includes("POST /v1/b2b/organizations"), `${what}: a hidden request was run`);
      asked_in_all += asked.length;
      if (asked.length > 1) ++handed_on;
    }
    assert.ok(handed_on > 10, "the proxy hands cases on");
    console.log(`ok: ${proxy.name}: ${cases.length} framing cases, of which it handed ${handed_on} on; ` +
      `${asked_in_all} requests asked and answered`);
  }

  async proxies() {
    for (const proxy of await startProxies(this.port)) {
      await this.behind(proxy);
      await proxy.stop();
    }
  }
}

module.exports = { Framing, converse, statusesIn };
