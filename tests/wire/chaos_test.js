// SPDX-License-Identifier: Apache-2.0
// Four mfa_server processes on one database and 64 clients at once; then again while the database
// and a server are killed with SIGKILL and started anew (of SQLite only servers): chaos_test.js SERVER [postgresql|redis|sqlite ...]
// With "patroni", or "patroni:ROUNDS", the database is a cluster whose primary fails in three ways (patroni.js).
//
// Only what must never happen is asserted: two successes of one passcode, more guesses than the
// limits, an SMS whose commit was not made, an acknowledgement that was forgotten. Nothing depends on
// how fast the machine is. Each server's clock stands still but for /test/clock; the test sets them
// all to one time, also those of servers that were started later.
"use strict";
const { Patroni } = require("./patroni.js");
const { Postgres, Redis, Sqlite, MfaServer, pause } = require("./servers.js");
const { MemberModel, CHALLENGE_FAILURES_MAX, LOCK_AFTER_FAILURES, unknown, any } =
  require("./chaos_model.js");

const SERVERS = 4;
const CLIENTS = 64;
const GROUPS = 8;                       // of the calm part: 8 Members with 8 clients each
const MEMBERS_PER_ORGANIZATION = 16;    // below the quota of unverified sends of L-07
const ROUND_MS = 11 * 60 * 1000;        // longer than the window of five sends
const SECONDS_FOR_FAULTS = 55;          // no further round is begun after that
const SECONDS_MAX = 240;                // the test hangs
const SECONDS_PER_FAILOVER = 120;
const FAILOVER_ROUND_MS = 6 * 60 * 60 * 1000;  // many rounds need more than one day's sends (L-06)

class World {
  constructor(program, database) {
    this.database = database;
    this.servers = Array.from({ length: SERVERS }, (_, index) =>
      Object.assign(new MfaServer(program, database.url), { index }));
    this.violations = [];
    this.counts = {};
    this.numbers = 0;
    this.outage = null;  // a promise while something is down
    this.began = Date.now();
  }
  violation(text) {
    this.violations.push(text);
    console.log(`VIOLATION ${text}`);
  }
  count(name) { this.counts[name] = (this.counts[name] || 0) + 1; }
  seconds() { return (Date.now() - this.began) / 1000; }
  say(text) { console.log(`[${this.seconds().toFixed(1)} s] ${text}`); }

  async pick() {
    for (;;) {
      const up = this.servers.filter((server) => server.up);
      if (up.length > 0) return any(up);
      await pause(20);
    }
  }
  // A person takes a moment now and then. Three of four clients that do so when the outage begins
  // wait for its end: what was acknowledged to them is then the latest they know. The others go on.
  async mayPause() {
    if (Math.random() < 0.6) await pause(Math.random() * 200);
    if (this.outage && Math.random() < 0.75) await this.outage;
  }
  // True when nothing is down.
  async settle() {
    if (!this.outage) return true;
    await pause(100);
    return false;
  }

  async align(server) {
    const shown = await server.call("POST", "/test/clock", { advance_ms: 0 });
    await server.call("POST", "/test/clock",
      { advance_ms: this.now - Date.parse(shown.json.now) });
    server.up = true;
  }
  async start() {
    await this.database.start();
    for (const server of this.servers) server.store = this.database.url;
    await this.database.prepare(this.servers[0].program);
    await Promise.all(this.servers.map((server) => server.start()));
    const shown = await this.servers[0].call("POST", "/test/clock", { advance_ms: 0 });
    this.now = Date.parse(shown.json.now);
    for (const server of this.servers) await this.align(server);
  }
  async advance(ms) {
    this.now += ms;
    for (const server of this.servers) await this.align(server);
  }
  // SIGKILL to what is named, in the middle of whatever runs; then both are started again.
  async fault(database, victim) {
    let over;
    this.outage = new Promise((resolve) => (over = resolve));
    const killed = [];
    if (database) killed.push(this.database.kill());
    if (victim) killed.push(victim.kill());
    await Promise.all(killed);
    await pause(200 + Math.random() * 500);
    if (database) await this.database.start();
    if (victim) {
      await victim.start();
      await this.align(victim);
    }
    this.outage = null;
    over();
  }
}

async function mustCall(world, method, route, body) {
  for (let tries = 0; tries < 50; ++tries) {
    const reply = await (await world.pick()).call(method, route, body);
    if (reply.status === 200) return reply.json;
    if (!unknown(reply)) throw new Error(`${route}: ${reply.status} ${JSON.stringify(reply.json)}`);
    await pause(100);
  }
  throw new Error(`${route}: no answer`);
}

async function makeMembers(world, count) {
  const members = [];
  let organization = null;
  for (let i = 0; i < count; ++i) {
    if (i % MEMBERS_PER_ORGANIZATION === 0) {
      organization = (await mustCall(world, "POST", "/v1/b2b/organizations",
        { organization_name: `Chaos ${i}` })).organization.organization_id;
    }
    const made = await mustCall(world, "POST", `/v1/b2b/organizations/${organization}/members`,
      { email_address: `m${i}@example.com` });
    // A number of its own for each: its SMS are told apart by it.
    members.push(new MemberModel(world, { organization_id: organization, member_id: made.member_id },
      `+1650253${1000 + world.numbers++}`));
  }
  return members;
}

// Everybody's number is verified first, with at most 64 clients at once.
async function enrol(world, members) {
  await Promise.all(members.map(async (member) => {
    for (let tries = 0; tries < 5 && !member.enrolled; ++tries) {
      if (!(await member.signIn())) continue;
      if (!(await member.send({ mfa_phone_number: member.number }))) continue;
      member.enrolled = (await member.guess(member.live.code)) > 0;
    }
    if (!member.enrolled) member.violation("could not enrol");
  }));
}

// One passcode, eight clients on four servers: exactly one success.
async function oneSuccessEach(world, members) {
  for (let round = 0; round < 3; ++round) {
    await Promise.all(members.map(async (member) => {
      if (!(await member.signIn()) || !(await member.send())) return;
      await member.guess(member.live.code, CLIENTS / GROUPS);
      if (member.live) world.count("undecided");  // its success was not acknowledged
    }));
  }
}

// Eight clients guess wrong at once: five failures for the first passcode, five for the second, and
// then the lock, on every server, for the right code too.
async function guessesStayWithinTheLimit(world, members) {
  await Promise.all(members.map(async (member) => {
    const before = member.failsInARow;
    for (let send = 0; send < 2; ++send) {
      if (!(await member.signIn()) || !(await member.send())) return;
      await Promise.all(Array.from({ length: CLIENTS / GROUPS }, async () => {
        for (let i = 0; i < 4; ++i) await member.guess(member.wrongCode());
      }));
      if (member.live.fails < CHALLENGE_FAILURES_MAX) world.count("underused");
    }
    if (member.failsInARow - before < LOCK_AFTER_FAILURES) return world.count("underused");
    for (const server of world.servers) {
      const reply = await server.call("POST", "/v1/b2b/otps/sms/authenticate",
        { ...member.ids, ...member.session, code: member.live.code });
      if (!unknown(reply) && reply.json.error_type !== "user_lock_limit_reached")
        member.violation(`locked, yet server ${server.index} answers ${reply.status}`);
    }
    world.count("locks");
  }));
}

// A token of one server is good at the others, and used once.
async function sessionsAreShared(world) {
  const [one, two, three, four] = world.servers;
  const made = await mustCall(world, "POST", "/v1/b2b/organizations",
    { organization_name: "Shared", mfa_policy: "REQUIRED_FOR_ALL" });
  const organization_id = made.organization.organization_id;
  const { member_id } = await mustCall(world, "POST",
    `/v1/b2b/organizations/${organization_id}/members`, { email_address: "shared@example.com" });
  const ids = { organization_id, member_id };
  const number = "+16502539999";
  const step = await one.call("POST", "/test/primary_authentication", ids);
  const { intermediate_session_token } = step.json;
  await two.call("POST", "/v1/b2b/otps/sms/send", { ...ids, mfa_phone_number: number });
  const inbox = (await two.call("GET", "/test/inbox")).json.filter((sms) => sms.to === number);
  const code = inbox[0].body.match(/\d{6}/)[0];
  const proof = { ...ids, intermediate_session_token, code };
  const done = await three.call("POST", "/v1/b2b/otps/sms/authenticate", proof);
  if (done.status !== 200) return world.violation(`a token of another server: ${done.status}`);
  const again = await four.call("POST", "/v1/b2b/otps/sms/authenticate", proof);
  if (again.json.error_type !== "intermediate_session_not_found")
    world.violation(`a used intermediate token: ${again.status} ${again.json.error_type}`);
  const { session_token } = done.json;
  const step_up = await four.call("POST", "/test/primary_authentication", { ...ids, session_token });
  if (step_up.json.member_authenticated !== true)
    world.violation("a full session of another server does not carry its factor");
}

async function calm(world) {
  world.say(`${SERVERS} servers, ${CLIENTS} clients, nothing fails`);
  await sessionsAreShared(world);
  const racers = await makeMembers(world, GROUPS);
  await enrol(world, racers);
  await oneSuccessEach(world, racers);
  await world.advance(ROUND_MS);
  for (const member of racers) member.expire();
  await guessesStayWithinTheLimit(world, racers);
  // Generous: on any machine most races are decided and most limits reached.
  if ((world.counts.undecided || 0) > GROUPS * 3 / 2) world.violation("most races had no winner");
  if ((world.counts.locks || 0) < GROUPS / 2) world.violation("most limits were never reached");
  world.say(`calm is over: ${JSON.stringify(world.counts)}`);
}

async function storm(world, failovers) {
  const members = await makeMembers(world, CLIENTS);
  await enrol(world, members);
  const faults = failovers ? Array.from({ length: failovers }, (_, round) => [true, round % 3 === 2])
    : [[true, true], [true, false], [false, true], [true, true]];
  const since = (before, name) => (world.counts[name] || 0) - (before[name] || 0);
  const begun = { ...world.counts };
  let rounds = 0;
  for (const [database, server] of faults) {
    if (!failovers && rounds >= 2 && world.seconds() > SECONDS_FOR_FAULTS) break;
    await world.advance(failovers ? FAILOVER_ROUND_MS : ROUND_MS);
    for (const member of members) member.expire();
    const victim = server ? any(world.servers) : null;
    const before = { ...world.counts };
    const clients = members.map(async (member) => {
      for (let i = 0; i < 3; ++i) await member.turn();
    });
    await pause(200 + Math.random() * 800);
    await world.fault(database, victim);
    await Promise.all(clients);
    ++rounds;
    if (since(before, "successes") === 0) world.violation(`nobody succeeded in round ${rounds}`);
    world.say(`round ${rounds} (killed:${database ? " database" : ""}` +
      `${victim ? ` server ${victim.index}` : ""}): ${JSON.stringify(world.counts)}`);
  }
  // Nothing is live any more: no code that was ever acknowledged may succeed, at any server.
  await world.advance(ROUND_MS);
  await Promise.all(members.map(async (member) => {
    member.expire();
    for (const code of member.dead.slice(-6)) {
      if (!member.locked && (await member.signIn())) await member.guess(code, 1);
    }
  }));
  await world.advance(ROUND_MS);
  const sample = members.filter((member) => !member.locked).slice(0, 16);
  for (const member of sample) member.expire();
  await Promise.all(sample.map((member) => member.driveIntoLock()));
  if (since(begun, "successes") < CLIENTS) world.violation("hardly anybody ever succeeded");
  if (since(begun, "replays") < CLIENTS) world.violation("hardly any dead code was tried");
  return rounds;
}

async function run(program, what) {
  const [kind, rounds_asked] = what.split(":");
  const failovers = kind === "patroni" ? Number(rounds_asked ?? 3) : 0;
  const world = new World(program, new { postgresql: Postgres, redis: Redis, sqlite: Sqlite, patroni: Patroni }[kind]());
  const watch = setTimeout(() => {
    console.log(`chaos ${kind}: FAILED, it has no end`);
    process.exit(1);
  }, (SECONDS_MAX + failovers * SECONDS_PER_FAILOVER) * 1000);
  await world.start();
  await calm(world);
  const rounds = await storm(world, failovers);
  for (const server of world.servers) {
    const status = await server.stop();
    if (status !== 0) world.violation(`SIGTERM ends server ${server.index} with ${status}`);
  }
  await world.database.end();
  if (world.database.report) world.say(world.database.report());
  clearTimeout(watch);
  const failed = world.violations.length > 0;
  console.log(`chaos ${kind}: ${failed ? "FAILED" : "ok"}, ${world.violations.length} violations, ` +
    `${rounds} rounds of faults, ${JSON.stringify(world.counts)}, ${world.seconds().toFixed(0)} s`);
  return failed;
}

async function main() {
  const [program, ...kinds] = process.argv.slice(2);
  let failed = false;
  for (const kind of kinds.length > 0 ? kinds : ["postgresql", "redis", "sqlite"])
    failed = (await run(program, kind)) || failed;
  process.exit(failed ? 1 : 0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
