// SPDX-License-Identifier: Apache-2.0
// Real processes for the tests of this folder: PostgreSQL, Redis and mfa_server, each in a temporary
// folder of its own. The databases listen on Unix sockets and mfa_server on a port that it is given,
// so runs side by side cannot meet. All of them end with this process.
"use strict";
const { spawn, spawnSync } = require("node:child_process");
const fs = require("node:fs");
const http = require("node:http");
const net = require("node:net");
const os = require("node:os");
const path = require("node:path");

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const children = new Set();
const folders = new Set();

process.on("exit", () => {
  for (const child of children) killFamily(child.pid);
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(130));

// The process and its children, read before anything is killed: orphans have another parent.
function killFamily(pid) {
  const family = [pid];
  for (const entry of fs.readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = fs.readFileSync(`/proc/${entry}/stat`, "utf8");
      if (Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) === pid) family.push(Number(entry));
    } catch { /* it ended meanwhile */ }
  }
  for (const one of family) {
    try { process.kill(one, "SIGKILL"); } catch { /* it ended meanwhile */ }
  }
}

function launch(program, words, options) {
  const child = spawn(program, words, options);
  children.add(child);
  child.ended = new Promise((resolve) => child.on("exit", (code) => {
    children.delete(child);
    resolve(code);
  }));
  child.on("error", (error) => { throw error; });
  return child;
}

async function kill(child) {
  killFamily(child.pid);
  await child.ended;
}

function makeFolder() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "otpcore-"));
  fs.chmodSync(folder, 0o755);
  folders.add(folder);
  return folder;
}

class Database {
  constructor() { this.folder = makeFolder(); }
  // Also past a few failing starts: after a crash a server may wait for its own remains to end.
  async start() {
    for (let wait = 0; wait < 1200; ++wait) {
      if (!this.child || this.child.exitCode !== null || this.child.signalCode !== null)
        this.child = this.launch();
      await pause(50);
      if (await this.answers()) return;
    }
    throw new Error(`the database does not start: ${fs.readFileSync(`${this.folder}/log`, "utf8")}`);
  }
  // Makes what servers need there, with the tool beside the program of a server.
  prepare() {}
  kill() { return kill(this.child); }
  end() { return this.kill(); }
  log() { return fs.openSync(`${this.folder}/log`, "a"); }
}

class Postgres extends Database {
  constructor() {
    super();
    const root = "/usr/lib/postgresql";
    this.programs = fs.readdirSync(root).sort().map((v) => `${root}/${v}/bin`).at(-1);
    this.user = {};
    if (process.getuid() === 0) {  // PostgreSQL refuses to run as root
      const id = (flag) => Number(spawnSync("id", [flag, "postgres"]).stdout);
      this.user = { uid: id("-u"), gid: id("-g") };
      fs.chownSync(this.folder, this.user.uid, this.user.gid);
    }
    const made = spawnSync(`${this.programs}/initdb`, ["-D", `${this.folder}/data`, "-U", "otpcore",
      "-A", "trust", "-E", "UTF8", "-N"], { ...this.user, cwd: this.folder });
    if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
    this.url = `postgresql://otpcore@/postgres?host=${this.folder}`;
  }
  launch() {
    // The settings only make it small and quick to start; it is as safe as by default.
    return launch(`${this.programs}/postgres`, ["-D", `${this.folder}/data`, "-k", this.folder,
      "-c", "listen_addresses=", "-c", "shared_buffers=32MB", "-c", "max_connections=150",
      "-c", "recovery_init_sync_method=syncfs"],
    { ...this.user, cwd: this.folder, stdio: ["ignore", this.log(), this.log()] });
  }
  prepare(program) {
    const made = spawnSync(path.join(path.dirname(program), "otpcore"), ["migrate", "--store", this.url]);
    if (made.status !== 0) throw new Error(`otpcore migrate: ${made.error || made.stderr}`);
  }
  async answers() {
    return spawnSync(`${this.programs}/pg_isready`, ["-q", "-h", this.folder]).status === 0;
  }
}

class Redis extends Database {
  constructor() {
    super();
    this.socket = `${this.folder}/redis`;
    this.url = `redis://${this.socket}`;
  }
  launch() {
    return launch("redis-server", ["--port", "0", "--unixsocket", this.socket, "--dir", this.folder,
      "--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction",
      "--save", ""], { stdio: ["ignore", this.log(), this.log()] });
  }
  answers() {
    return new Promise((resolve) => {
      const client = net.connect(this.socket, () => client.write("PING\r\n"));
      const done = (yes) => { client.destroy(); resolve(yes); };
      client.on("data", (data) => done(data.toString().startsWith("+PONG")));
      client.on("error", () => done(false));
      client.setTimeout(2000, () => done(false));
    });
  }
}

// A file, which no process serves: there is nothing to start or kill.
class Sqlite {
  constructor() { this.url = `sqlite:${makeFolder()}/file`; }
  async start() {}
  async kill() {}
  async end() {}
  prepare() {}
}

const basic = (id, secret) => "Basic " + Buffer.from(`${id}:${secret}`).toString("base64");

// One request on a connection of its own; status 0 when no answer came.
function call(url, method, route, body, headers = {}) {
  return new Promise((resolve) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const request = http.request(url + route, { method, agent: false, timeout: 60000, headers: {
      authorization: basic("project-test-local", "secret-test-local"),
      ...(text === undefined ? {} : { "content-length": Buffer.byteLength(text) }), ...headers } },
    (response) => {
      let answer = "";
      response.on("data", (data) => (answer += data));
      response.on("error", () => resolve({ status: 0, json: {} }));
      response.on("end", () => {
        try {
          resolve({ status: response.statusCode, headers: response.headers, json: JSON.parse(answer) });
        } catch {
          resolve({ status: response.complete ? -1 : 0, headers: response.headers, json: {}, text: answer });
        }
      });
    });
    request.on("timeout", () => { resolve({ status: -2, json: {} }); request.destroy(); });
    request.on("error", () => resolve({ status: 0, json: {} }));
    request.end(text);
  });
}

// mfa_server with --port 0; `up` tells whether requests may be sent to it.
class MfaServer {
  constructor(program, store, extra = ["--test-controls"]) {
    Object.assign(this, { program, store, extra, up: false, life: 0 });
  }
  async start() {
    const child = launch(this.program, ["--port", "0", "--store", this.store, ...this.extra],
      // Built with AddressSanitizer, a server keeps what it frees; a little is enough to find faults.
      { stdio: ["ignore", "pipe", "inherit"], env: { ASAN_OPTIONS: "quarantine_size_mb=4", ...process.env } });
    this.child = child;
    this.out = "";
    ++this.life;
    this.url = await new Promise((resolve, reject) => {
      child.stdout.on("data", (data) => {
        this.out += data;
        const line = this.out.match(/listening on (http:\S+)/);
        if (line) resolve(line[1]);
      });
      child.ended.then((code) => reject(new Error(`mfa_server ended with ${code}`)));
    });
  }
  // Waits until it has printed what matches `pattern`.
  async said(pattern) {
    for (let wait = 0; wait < 1200; ++wait) {
      const match = this.out.match(pattern);
      if (match) return match;
      await pause(50);
    }
    throw new Error(`mfa_server does not say ${pattern}: ${this.out}`);
  }
  // The most memory that it has had, in KB.
  memory() {
    return Number(fs.readFileSync(`/proc/${this.child.pid}/status`, "utf8").match(/VmHWM:\s+(\d+)/)[1]);
  }
  kill() {
    this.up = false;
    return kill(this.child);
  }
  // The exit status after SIGTERM; "stays" when it does not end.
  async stop() {
    this.up = false;
    this.child.kill("SIGTERM");
    return Promise.race([this.child.ended, pause(60000).then(() => "stays")]);
  }
  call(method, route, body, headers) { return call(this.url, method, route, body, headers); }
}

module.exports = { Postgres, Redis, Sqlite, MfaServer, call, basic, launch, makeFolder, pause };
