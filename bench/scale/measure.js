// SPDX-License-Identifier: Apache-2.0
// What a Member and a command cost on the database's side: starts PostgreSQL, then Redis, each new and
// empty, has bench_scale work on it and compares what the server says of itself before and after.
//
//   measure.js BENCH_SCALE OUT.json [--quick]
"use strict";
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const readline = require("node:readline");
const { Redis, pause } = require("../../tests/wire/servers.js");
const { MeasuredPostgres } = require("./measured_postgres.js");
const { cpuMicros, output } = require("./processes.js");

const quick = process.argv.includes("--quick");
const [program, out] = process.argv.slice(2);
const MEMBERS = quick ? 2000 : 100000;
const COMMANDS = quick ? 200 : 20000;

// The host of bench_scale on one server, with what the server counted meanwhile, per command.
class Side {
  constructor(server) { Object.assign(this, { server, used: 0, jobs: {} }); }
  words(job, count, options) {
    return [this.server.url, job, String(count),
      ...Object.entries({ members: MEMBERS, ...options }).map(([key, value]) => `--${key}=${value}`)];
  }
  prepare(job, count, options) { output(program, this.words(job, count, options)); }
  // The job as `name`, with the server's CPU time while its connections were open, and its counters.
  // Every run goes to other Members than the one before, unless `options` has `from`.
  async run(name, job, count, options = {}) {
    const from = options.from ?? this.used;
    if (options.from === undefined) this.used += count;
    const before = await this.counters();
    const child = spawn(program, this.words(job, count, { ...options, from }), { stdio: ["pipe", "pipe", "inherit"] });
    const ended = new Promise((resolve) => child.on("close", resolve));
    const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async () => (await lines.next()).value ?? (() => { throw new Error(`${name} failed`); })();
    await next();  // ready
    const cpu = cpuMicros(this.server.child.pid);
    child.stdin.write("\n");
    const host = JSON.parse(await next());
    host.db_cpu_us = (cpuMicros(this.server.child.pid) - cpu) / host.commands;
    child.stdin.end();
    await ended;
    const after = await this.counters();
    for (const key of Object.keys(after)) host[key] = (after[key] - before[key]) / count;
    this.jobs[name] = host;
    console.error(`${name}: ${JSON.stringify(host)}`);
  }
  async counters() {
    await pause(500);  // processes that end tell what they did
    return this.server.counters();
  }
  // Right codes, which must have been sent before; with a shared session directory or without.
  async authenticate(count, extra = {}) {
    const from = this.used;
    this.prepare("challenge", count, { from });
    await this.run("authenticate", "right", count, { from, ...extra });
    this.prepare("challenge", count, { from });
    this.prepare("session", count, { from });
    await this.run("authenticate_sessions", "right_sessions", count, { from, ...extra });
    this.used += count;
  }
}

async function measurePostgres() {
  const server = new MeasuredPostgres();
  await server.start();
  server.makeSchema(path.join(__dirname, "../../src/postgres/schema.sql"));
  const side = new Side(server);
  side.prepare("populate", 1);
  const size = server.sizes(MEMBERS);
  const few = COMMANDS / 10;

  server.checkpoint();
  await side.run("send", "send", COMMANDS);
  await side.run("send_one_at_a_time", "send", few, { threads: 1 });
  server.checkpoint();
  await side.run("send_after_checkpoint", "send", few);
  server.set("wal_compression", "on");
  server.checkpoint();
  await side.run("send_after_checkpoint_compressed", "send", few);
  server.set("wal_compression", "off");
  server.set("full_page_writes", "off");
  await side.run("send_without_page_images", "send", few);
  server.set("full_page_writes", "on");
  await side.authenticate(COMMANDS / 2);
  size.after_sends = server.sizes(MEMBERS);  // and authenticates
  side.prepare("populate_new", 1);

  // One Organization, then many, then the one with ever more sends to count.
  let from = quick ? 40 : 400;
  await side.run("first_send_one_organization", "first_hot", from, { from: 0 });
  const rows = [0, 10000, 100000];
  for (const [i, count] of rows.entries()) {
    if (i > 0) server.fillGuard(count - rows[i - 1]);
    await side.run(`first_send_counting_${count}`, "first_hot", 50, { threads: 1, from });
    from += 50;
  }
  await side.run("first_send", "first", Math.min(COMMANDS / 2, 8000));

  server.countStatements(true);
  const statements = {};
  const counted = async (name, job, options) => {
    server.resetStatements();
    side.prepare(job, 100, { threads: 1, from: side.used, ...options });
    statements[name] = server.statements() / 100;
  };
  await counted("send", "send");
  server.countStatements(false);
  side.prepare("challenge", 100, { from: side.used });
  server.countStatements(true);
  await counted("authenticate", "right");
  server.countStatements(false);
  side.prepare("challenge", 100, { from: side.used });
  side.prepare("session", 100, { from: side.used });
  server.countStatements(true);
  await counted("authenticate_sessions", "right_sessions");
  await counted("first_send", "first_hot", { from: 800 });
  const fsync = server.fsync();
  await server.kill();
  return { size, statements, fsync, jobs: side.jobs };
}

class MeasuredRedis extends Redis {
  cli(...words) { return output("redis-cli", ["-s", this.socket, ...words]); }
  info(section, name) { return Number(this.cli("INFO", section).match(new RegExp(`^${name}:(\\d+)`, "m"))[1]); }
  counters() {
    const scripts = this.cli("INFO", "commandstats").match(/cmdstat_evalsha:calls=(\d+)/);
    return { log_bytes: this.info("persistence", "aof_current_size"), scripts: scripts ? Number(scripts[1]) : 0 };
  }
}

async function measureRedis() {
  const server = new MeasuredRedis();
  await server.start();
  server.cli("CONFIG", "SET", "auto-aof-rewrite-percentage", "0");  // it would hide what is written
  const side = new Side(server);
  const before = server.info("memory", "used_memory");
  const log = server.counters().log_bytes;
  side.prepare("populate", 1);
  const size = { bytes: (server.info("memory", "used_memory") - before) / MEMBERS,
    log_bytes: (server.counters().log_bytes - log) / MEMBERS };
  side.prepare("populate_new", 1);
  const few = COMMANDS / 10;
  await side.run("send", "send", few);
  await side.run("send_64_at_once", "send", COMMANDS, { threads: 64 });
  await side.run("send_one_at_a_time", "send", few, { threads: 1 });
  await side.authenticate(COMMANDS / 2, { threads: 64 });
  await side.run("first_send_one_organization", "first_hot", Math.min(few, 900), { from: 0 });
  await side.run("first_send", "first", Math.min(COMMANDS / 2, 8000), { threads: 16 });
  await server.kill();
  return { size, jobs: side.jobs };
}

async function main() {
  const result = { quick, members: MEMBERS, commands: COMMANDS, cores: os.cpus().length, cpu: os.cpus()[0].model,
    load_before: os.loadavg()[0], postgresql: await measurePostgres(), redis: await measureRedis(),
    load_after: os.loadavg()[0] };
  fs.writeFileSync(out, JSON.stringify(result, null, 1) + "\n");
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
