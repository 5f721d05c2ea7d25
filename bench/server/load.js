// SPDX-License-Identifier: Apache-2.0
// See run.sh. Three kinds of requests, each to many Members in turn:
//   get           one load
//   send          one load, one commit, one SMS to a sink that only keeps it
//   authenticate  one load and one look at the session; no passcode is live, so nothing is written
"use strict";
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { Postgres, Redis, MfaServer, basic, pause } = require("../../tests/wire/servers.js");

const SECONDS = Number(process.env.SECONDS_EACH || 6);
const CONNECTIONS = Number(process.env.CONNECTIONS || 16);
const RUNS = Number(process.env.RUNS || 3);
const MEMBERS = 400;
const MEMBERS_PER_ORGANIZATION = 50;  // within the quota of unverified sends
const SEND = "/v1/b2b/otps/sms/send";
const AUTHENTICATE = "/v1/b2b/otps/sms/authenticate";

async function must(server, method, route, body) {
  const reply = await server.call(method, route, body);
  if (reply.status !== 200) throw new Error(`${route}: ${reply.status} ${JSON.stringify(reply.json)}`);
  return reply.json;
}

async function makeMembers(server) {
  const organizations = [];
  for (let i = 0; i < MEMBERS / MEMBERS_PER_ORGANIZATION; ++i) {
    organizations.push((await must(server, "POST", "/v1/b2b/organizations",
      { organization_name: `Load ${i}` })).organization.organization_id);
  }
  const members = [];
  const enrol = async (i) => {
    const organization_id = organizations[i % organizations.length];
    const { member_id } = await must(server, "POST",
      `/v1/b2b/organizations/${organization_id}/members`, { email_address: `m${i}@example.com` });
    const ids = { organization_id, member_id };
    await must(server, "POST", SEND, { ...ids, mfa_phone_number: `+1650253${1000 + i}` });
    members.push({ ids, number: `+1650253${1000 + i}` });
  };
  for (let i = 0; i < MEMBERS; i += 8)
    await Promise.all(Array.from({ length: Math.min(8, MEMBERS - i) }, (_, k) => enrol(i + k)));
  const codes = new Map((await must(server, "GET", "/test/inbox"))
    .map((sms) => [sms.to, sms.body.match(/\d{6}/)[0]]));
  for (let i = 0; i < MEMBERS; i += 8) {
    await Promise.all(members.slice(i, i + 8).map(async (member) => {
      await signIn(server, member);
      await must(server, "POST", AUTHENTICATE,
        { ...member.ids, ...member.session, code: codes.get(member.number) });
    }));
  }
  return members;
}

async function signIn(server, member) {
  const step = await must(server, "POST", "/test/primary_authentication", member.ids);
  member.session = { session_token: step.session_token };
}

function linesOf(kind, members) {
  return members.map(({ ids, session }) => {
    if (kind === "get")
      return `GET /v1/b2b/organizations/${ids.organization_id}/member?member_id=${ids.member_id}`;
    if (kind === "send") return `POST ${SEND} ${JSON.stringify(ids)}`;
    return `POST ${AUTHENTICATE} ${JSON.stringify({ ...ids, ...session, code: "000000" })}`;
  });
}

function wrk(server, file) {
  const child = spawn("wrk", ["-t1", `-c${CONNECTIONS}`, `-d${SECONDS}s`, "--latency",
    "-s", path.join(__dirname, "post.lua"), server.url, "--", file,
    basic("project-test-local", "secret-test-local")]);
  let out = "";
  child.stdout.on("data", (data) => (out += data));
  child.stderr.pipe(process.stderr);
  return new Promise((resolve) => child.on("close", () => resolve(out)));
}

// In milliseconds.
function latency(out, percent) {
  const [, value, unit] = out.match(new RegExp(`${percent}%\\s+([\\d.]+)(us|ms|s)`));
  return Number(value) * { us: 0.001, ms: 1, s: 1000 }[unit];
}

async function measure(server, kind, members, file) {
  if (kind === "authenticate")
    for (const member of members) await signIn(server, member);
  fs.writeFileSync(file, linesOf(kind, members).join("\n") + "\n");
  // A Member gets five sends in ten minutes, so the clock runs fast.
  const clock = kind === "send" && setInterval(
    () => server.call("POST", "/test/clock", { advance_ms: 11 * 60 * 1000 }), 50);
  const out = await wrk(server, file);
  if (clock) clearInterval(clock);
  const refused = Number((out.match(/Non-2xx or 3xx responses: (\d+)/) || [0, 0])[1]);
  return { rate: Number(out.match(/Requests\/sec:\s+([\d.]+)/)[1]), refused,
    total: Number(out.match(/(\d+) requests in/)[1]),
    p50: latency(out, 50), p90: latency(out, 90), p99: latency(out, 99) };
}

const median = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)];

async function load(program, store) {
  const database = { postgresql: Postgres, redis: Redis }[store];
  const running = database ? new database() : null;
  if (running) await running.start();
  const server = new MfaServer(program, running ? running.url : "memory");
  await server.start();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "otpcore-load-"));
  const members = await makeMembers(server);
  for (const kind of ["get", "send", "authenticate"]) {
    const runs = [];
    for (let i = 0; i < RUNS; ++i) runs.push(await measure(server, kind, members, `${folder}/requests`));
    const of = (field, digits) => median(runs.map((run) => run[field])).toFixed(digits);
    const refused = runs.reduce((sum, run) => sum + run.refused, 0);
    const total = runs.reduce((sum, run) => sum + run.total, 0);
    const rates = runs.map((run) => run.rate.toFixed(0)).join(" ");
    // Authenticate answers 401 as it should; of the others nothing may be refused.
    const note = kind === "authenticate" ? "" : `${(100 * refused / total).toFixed(1)} %`;
    console.log(`| ${store} | ${kind} | ${of("rate", 0)} | ${of("p50", 2)} | ${of("p90", 2)} | ` +
      `${of("p99", 2)} | ${rates} | ${note} |`);
  }
  fs.rmSync(folder, { recursive: true });
  await server.stop();
  if (running) await running.kill();
  await pause(500);
}

async function main() {
  const [program, ...stores] = process.argv.slice(2);
  console.log(`wrk -t1 -c${CONNECTIONS} -d${SECONDS}s, ${RUNS} runs each, medians; ` +
    `${os.cpus().length} cores (${os.cpus()[0].model}), load average before: ` +
    os.loadavg().map((value) => value.toFixed(1)).join(" "));
  console.log("| store | request | requests/s | p50 ms | p90 ms | p99 ms | each run | refused |");
  console.log("|---|---|---|---|---|---|---|---|");
  for (const store of stores.length > 0 ? stores : ["memory", "postgresql", "redis"])
    await load(program, store);
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
