// SPDX-License-Identifier: Apache-2.0
// PostgreSQL on three nodes under Patroni with etcd, all on loopback, for chaos_test.js. A commit is
// answered when a second node has it (synchronous_mode_strict).
//
// What nodes say to etcd and to each other goes through relays of this process, so that a node can
// be cut off from the others. Clients go to the nodes themselves: those of a primary that is cut off
// stay connected to it, which is the dangerous half of a partition.
"use strict";
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const http = require("node:http");
const net = require("node:net");
const path = require("node:path");
const { launch, makeFolder, pause, Postgres } = require("./servers.js");

const NODES = 3;
const KINDS = ["SIGKILL", "SIGSTOP", "cut off"];

async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// What a program says, and its status. This process goes on meanwhile: the relays are in it.
function run(program, words, milliseconds) {
  return new Promise((resolve) => {
    const child = spawn(program, words, { timeout: milliseconds, killSignal: "SIGKILL", env: { ...process.env, PGCONNECT_TIMEOUT: "2" } });
    let out = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (out += data));
    child.on("error", (error) => resolve({ status: -1, out: String(error) }));
    child.on("close", (status) => resolve({ status, out: out.trim() }));
  });
}

// A port that leads to another one, until it is cut.
class Relay {
  constructor(target) { Object.assign(this, { target, open: true, sockets: new Set() }); }
  async start() {
    const server = net.createServer((inward) => {
      if (!this.open) return inward.destroy();
      const outward = net.connect(this.target, "127.0.0.1");
      for (const [one, other] of [[inward, outward], [outward, inward]]) {
        this.sockets.add(one);
        one.on("error", () => one.destroy());
        one.on("close", () => { this.sockets.delete(one); other.destroy(); });
        one.pipe(other);
      }
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.port = server.address().port;
    server.unref();
  }
  cut() {
    this.open = false;
    for (const socket of this.sockets) socket.destroy();
  }
  mend() { this.open = true; }
}

// All that descend from the process, and itself.
function familyOf(pid) {
  const parents = new Map();
  for (const entry of fs.readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = fs.readFileSync(`/proc/${entry}/stat`, "utf8");
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch { /* it ended meanwhile */ }
  }
  const family = [pid];
  for (const one of family) for (const [child, parent] of parents) if (parent === one) family.push(child);
  return family;
}

class Node {
  constructor(number, cluster) { Object.assign(this, { number, cluster, name: `node${number}` }); }
  async prepare(etcd) {
    this.folder = makeFolder();
    fs.chownSync(this.folder, this.cluster.user.uid ?? process.getuid(), this.cluster.user.gid ?? process.getgid());
    this.port = await freePort();
    this.rest = await freePort();
    this.relays = [new Relay(this.port), new Relay(etcd)];
    for (const relay of this.relays) await relay.start();
    fs.writeFileSync(`${this.folder}/patroni.yml`, JSON.stringify({  // YAML takes JSON
      scope: "otpcore", name: this.name,
      restapi: { listen: `127.0.0.1:${this.rest}`, connect_address: `127.0.0.1:${this.rest}` },
      etcd: { hosts: [`127.0.0.1:${this.relays[1].port}`], use_proxies: true },
      bootstrap: {
        dcs: { ttl: 20, loop_wait: 2, retry_timeout: 3, synchronous_mode: true, synchronous_mode_strict: true,
          postgresql: { use_pg_rewind: true, parameters: { wal_log_hints: "on", max_connections: 150 } } },
        initdb: [{ encoding: "UTF8" }, { auth: "trust" }, "no-sync"],
        pg_hba: ["local all all trust", "host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust"] },
      postgresql: {
        listen: `127.0.0.1:${this.port}`, connect_address: `127.0.0.1:${this.relays[0].port}`,
        data_dir: `${this.folder}/data`, bin_dir: this.cluster.programs, pgpass: `${this.folder}/pgpass`,
        authentication: { superuser: { username: "otpcore", password: "x" },
          replication: { username: "replicator", password: "x" }, rewind: { username: "otpcore", password: "x" } },
        parameters: { shared_buffers: "32MB", unix_socket_directories: this.folder } } }));
  }
  start() {
    const log = fs.openSync(`${this.folder}/log`, "a");
    this.child = launch("patroni", [`${this.folder}/patroni.yml`],
      { ...this.cluster.user, cwd: this.folder, stdio: ["ignore", log, log] });
  }
  signal(name) {
    for (const pid of familyOf(this.child.pid)) {
      try { process.kill(pid, name); } catch { /* it ended meanwhile */ }
    }
  }
  // What Patroni answers of the node, or null.
  ask(route) {
    return new Promise((resolve) => {
      const request = http.get({ port: this.rest, path: route, timeout: 1000 }, (response) => {
        let text = "";
        response.on("data", (data) => (text += data));
        response.on("end", () => {
          try { resolve({ status: response.statusCode, json: JSON.parse(text) }); } catch { resolve(null); }
        });
      });
      request.on("timeout", () => request.destroy());
      request.on("error", () => resolve(null));
    });
  }
  // Whether clients can write there.
  async serves() {
    const asked = await run("psql", ["-h", "127.0.0.1", "-p", this.port, "-U", "otpcore", "-d", "postgres", "-Atc",
      "SELECT pg_is_in_recovery()"], 2000);
    return asked.out === "f";
  }
}

class Patroni {
  constructor() {
    const { programs, user } = new Postgres();
    Object.assign(this, { programs, user, faults: 0, outages: [] });
  }
  async start() {
    if (this.nodes) return this.recover();
    const etcd = await freePort();
    const peers = await freePort();
    this.etcd = launch("etcd", ["--data-dir", `${makeFolder()}/data`, "--unsafe-no-fsync", "--enable-v2=true",
      "--listen-client-urls", `http://127.0.0.1:${etcd}`, "--advertise-client-urls", `http://127.0.0.1:${etcd}`,
      "--listen-peer-urls", `http://127.0.0.1:${peers}`, "--initial-advertise-peer-urls", `http://127.0.0.1:${peers}`,
      "--initial-cluster", `default=http://127.0.0.1:${peers}`], { stdio: "ignore" });
    this.nodes = Array.from({ length: NODES }, (_, index) => new Node(index, this));
    for (const node of this.nodes) {
      await node.prepare(etcd);
      node.start();
    }
    process.on("exit", () => this.nodes.forEach((node) => node.signal("SIGKILL")));
    await this.whole();
    const hosts = this.nodes.map((node) => `127.0.0.1:${node.port}`).join(",");
    this.url = `postgresql://otpcore@${hosts}/postgres?target_session_attrs=read-write&connect_timeout=2`;
  }
  async prepare(program) {
    const made = await run(path.join(path.dirname(program), "otpcore"), ["migrate", "--store", this.url], 60000);
    if (made.status !== 0) throw new Error(`otpcore migrate: ${made.out}`);
  }
  // A primary, and two that follow it, one of them synchronously.
  async whole() {
    await this.until(async () => {
      const members = (await this.view())?.members ?? [];
      const count = (role) => members.filter((member) => member.role === role).length;
      return members.length === NODES && count("leader") === 1 && count("sync_standby") === 1 &&
        members.every((member) => ["running", "streaming"].includes(member.state));
    }, "three nodes");
  }
  async view() {
    for (const node of this.nodes) {
      const answer = await node.ask("/cluster");
      if (answer) return answer.json;
    }
    return null;
  }
  async until(holds, what) {
    for (let wait = 0; wait < 600; ++wait) {
      if (await holds()) return;
      await pause(200);
    }
    throw new Error(`no ${what}: ${this.nodes.map((node) => fs.readFileSync(`${node.folder}/log`, "utf8").slice(-2000)).join("\n")}`);
  }
  // The primary fails, each time in another way.
  async kill() {
    const kind = KINDS[this.faults++ % KINDS.length];
    const leader = (await this.view()).members.find((member) => member.role === "leader").name;
    // A primary that is cut off answers reads until it notices; nothing that it writes is acknowledged.
    this.readsOld = kind === "cut off";
    this.failed = { kind, node: this.nodes.find((node) => node.name === leader), since: Date.now() };
    if (kind === "cut off") this.failed.node.relays.forEach((relay) => relay.cut());
    else this.failed.node.signal(kind);
  }
  // Another one takes over; then the failed one comes back.
  async recover() {
    const { kind, node, since } = this.failed;
    const others = this.nodes.filter((other) => other !== node);
    await this.until(async () => (await Promise.all(others.map((other) => other.serves()))).includes(true),
      `successor after ${kind}`);
    this.outages.push({ kind, seconds: (Date.now() - since) / 1000 });
    if (kind === "SIGKILL") node.start();
    if (kind === "SIGSTOP") node.signal("SIGCONT");
    if (kind === "cut off") node.relays.forEach((relay) => relay.mend());
    await this.whole();
  }
  // How long nobody could write, by the kind of fault.
  report() {
    return KINDS.map((kind) => {
      const times = this.outages.filter((outage) => outage.kind === kind).map((outage) => outage.seconds);
      return `${kind}: ${times.length} times, at most ${Math.max(0, ...times).toFixed(1)} s without a primary`;
    }).join("; ");
  }
  async end() {
    for (const node of this.nodes) node.signal("SIGKILL");
    this.etcd.kill("SIGKILL");
    await Promise.all(this.nodes.map((node) => node.child.ended));
  }
}

module.exports = { Patroni };
