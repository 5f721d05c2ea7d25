// SPDX-License-Identifier: Apache-2.0
// Issue + verify, the half of `make bench-peers` that runs in Node:
//   node peers.mjs CASE USERS SECONDS
// Prints one line of JSON. `ns` is CPU time of the whole process, its collector and compiler among
// it, for one passcode and its verification; `main_thread_ns` is without those two.
import { webcrypto } from "node:crypto";
import fs from "node:fs";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { phoneNumber } from "better-auth/plugins";
import * as otpauth from "otpauth";
import * as otplib from "otplib";

globalThis.crypto ??= webcrypto;  // Node 18 has it there only on request

const CHUNK = 64;
const KEY = new Uint8Array(Buffer.from("twenty bytes of key."));  // as long as SHA-1's digest

function require(condition, what) {
  if (!condition) throw new Error(what);
}

const numberOf = (user) => `+1415${2000000 + user}`;

// Rows as the plugin's own sign-up leaves them, put there at once.
function database(users) {
  const now = new Date();
  const user = Array.from({ length: users }, (_, i) => ({
    id: `user-${String(i).padStart(27, "0")}`, name: "Ada Lovelace",
    email: `person${1000000 + i}@example.com`, emailVerified: true, image: null,
    phoneNumber: numberOf(i), phoneNumberVerified: true, createdAt: now, updatedAt: now }));
  return { user, session: [], account: [], verification: [] };
}

// What the plugin need not have asked an adapter for, in the quickest place there is.
function storageInMap() {
  const map = new Map();
  const get = (key) => map.get(key) ?? null;
  const drop = (key) => void map.delete(key);
  return { get, set: (key, value) => void map.set(key, value), delete: drop,
    getAndDelete: (key) => { const value = get(key); drop(key); return value; } };
}

// Passcodes are asked for and verified by the server's own functions, without HTTP. Its rate limit,
// which counts requests of an address, its log and its telemetry are off.
function betterAuthPeer(users, { secondaryStorage, disableSession }) {
  const rows = database(users);
  let code = "";
  const { api } = betterAuth({
    secret: "long enough to sign the cookies of a benchmark", baseURL: "http://localhost",
    database: memoryAdapter(rows), secondaryStorage,
    logger: { disabled: true }, telemetry: { enabled: false }, rateLimit: { enabled: false },
    plugins: [phoneNumber({ sendOTP: (message) => { code = message.code; } })],
  });
  let next = 0;
  return async (pairs) => {
    for (let i = 0; i < pairs; ++i) {
      next = (next + 61803) % users;
      const number = numberOf(next);
      await api.sendPhoneNumberOTP({ body: { phoneNumber: number } });
      const answer = await api.verifyPhoneNumber({ body: { phoneNumber: number, code, disableSession } });
      require(answer.status && answer.user.phoneNumber === number, "better-auth refused its own code");
      require(Boolean(answer.token) !== Boolean(disableSession), "a session, or none, is missing");
      rows.session.length = 0;  // the adapter copies all its rows at each verification
    }
  };
}

function otplibPeer() {
  let counter = 0;
  return (pairs) => {
    for (let i = 0; i < pairs; ++i, ++counter) {
      const hotp = { secret: KEY, strategy: "hotp", digits: 6, counter };
      const token = otplib.generateSync(hotp);
      const { valid } = otplib.verifySync({ ...hotp, token, counterTolerance: 0 });
      require(valid, "otplib refused its own code");
    }
  };
}

function otpauthPeer() {
  const secret = new otpauth.Secret({ buffer: KEY.buffer });
  let counter = 0;
  return (pairs) => {
    for (let i = 0; i < pairs; ++i, ++counter) {
      const token = otpauth.HOTP.generate({ secret, digits: 6, counter });
      const delta = otpauth.HOTP.validate({ token, secret, digits: 6, counter, window: 0 });
      require(delta === 0, "otpauth refused its own code");
    }
  };
}

const PEERS = {
  "better-auth": (users) => betterAuthPeer(users, {}),
  "better-auth-lean": (users) =>
    betterAuthPeer(users, { secondaryStorage: storageInMap(), disableSession: true }),
  otplib: otplibPeer,
  otpauth: otpauthPeer,
};

// The thread that runs this, whose id is the process's.
const mainThreadNanos = () =>
  Number(fs.readFileSync(`/proc/self/task/${process.pid}/schedstat`, "latin1").split(" ")[0]);

// One interval, not one for each chunk: what the collector does comes when it likes.
async function run(peer, chunk, seconds) {
  const until = performance.now() + seconds * 1000;
  const thread = mainThreadNanos();
  const cpu = process.cpuUsage();
  let pairs = 0;
  do {
    await peer(chunk);
    pairs += chunk;
  } while (performance.now() < until);
  const { user, system } = process.cpuUsage(cpu);
  return { pairs, ns: (user + system) * 1000 / pairs,
    main_thread_ns: (mainThreadNanos() - thread) / pairs };
}

const [name, users, seconds] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const peer = PEERS[name](users);
const chunk = users > 10000 ? 1 : CHUNK;  // a pair of so many users takes seconds
await run(peer, chunk, 2 * seconds);  // until the compiler has seen it
console.log(JSON.stringify({ case: name, users, ...await run(peer, chunk, seconds) }));
