// SPDX-License-Identifier: Apache-2.0
// Real proxies before mfa_server, which log each request that they hand on. They listen on Unix
// sockets in a folder of their own.
"use strict";
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const net = require("node:net");
const { launch, makeFolder, pause } = require("./servers.js");

const found = (program) => spawnSync("sh", ["-c", `PATH=$PATH:/usr/sbin command -v ${program}`])
  .stdout.toString().trim();

class Proxy {
  constructor(name) {
    this.name = name;
    this.folder = makeFolder();
    this.socket = `${this.folder}/socket`;
    this.log = `${this.folder}/log`;
    fs.writeFileSync(this.log, "");
  }
  async start(program, words) {
    const out = fs.openSync(this.log, "a");
    this.child = launch(program, words, { stdio: ["ignore", out, out], cwd: this.folder });
    for (let wait = 0; wait < 200; ++wait) {
      if (await this.listens()) return this;
      await pause(50);
    }
    throw new Error(`${this.name} does not start: ${fs.readFileSync(this.log, "utf8")}`);
  }
  listens() {
    return new Promise((resolve) => {
      const socket = net.connect(this.socket, () => { socket.destroy(); resolve(true); });
      socket.on("error", () => resolve(false));
    });
  }
  // "METHOD TARGET" of each request that it handed on.
  asked() {
    return [...fs.readFileSync(this.log, "utf8").matchAll(/^asked (\S+) (\S+) (\S+)/gm)]
      .filter((match) => this.wasHandedOn(match[1])).map((match) => `${match[2]} ${match[3]}`);
  }
  stop() { this.child.kill("SIGKILL"); return this.child.ended; }
}

// `buffering`: a request is handed on once its body was read, with a length; else as it comes.
class Nginx extends Proxy {
  wasHandedOn(status) { return status !== "-"; }  // what the server answered
  static async start(program, port, buffering) {
    const proxy = new Nginx(`nginx, request buffering ${buffering}`);
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map((name) => `${name}_temp_path ${proxy.folder}/${name};`).join(" ");
    fs.writeFileSync(`${proxy.folder}/conf`, `
      daemon off; master_process off; worker_processes 1; pid ${proxy.folder}/pid; error_log stderr crit;
      events { worker_connections 256; }
      http {
        ${temporary}
        log_format asked 'asked $upstream_status $request_method $request_uri';
        access_log ${proxy.log} asked;
        client_header_timeout 2s; client_body_timeout 2s; proxy_read_timeout 5s; keepalive_timeout 2s;
        lingering_close off;
        upstream mfa_server { server 127.0.0.1:${port}; keepalive 2; }
        server {
          listen unix:${proxy.socket};
          location / {
            proxy_pass http://mfa_server; proxy_http_version 1.1; proxy_set_header Connection "";
            proxy_request_buffering ${buffering}; proxy_next_upstream off;
          }
        }
      }`);
    return proxy.start(program, ["-c", `${proxy.folder}/conf`, "-p", proxy.folder, "-e", "stderr"]);
  }
}

class Haproxy extends Proxy {
  wasHandedOn(server) { return server !== "<NOSRV>"; }
  static async start(program, port) {
    const proxy = new Haproxy("haproxy");
    fs.writeFileSync(`${proxy.folder}/conf`, `
global
  log stdout format raw local0
  nbthread 1
defaults
  mode http
  log global
  log-format "asked %s %HM %HU"
  option http-keep-alive
  http-reuse always
  retries 0
  timeout connect 2s
  timeout client 2s
  timeout server 5s
  timeout http-request 2s
  timeout http-keep-alive 2s
frontend front
  bind unix@${proxy.socket}
  default_backend back
backend back
  server mfa_server 127.0.0.1:${port}
`);
    return proxy.start(program, ["-db", "-f", `${proxy.folder}/conf`]);
  }
}

// All that are installed, started before the server at `port`; says which are missing.
async function startProxies(port) {
  const proxies = [];
  const nginx = found("nginx");
  const haproxy = found("haproxy");
  if (nginx) {
    for (const buffering of ["on", "off"]) proxies.push(await Nginx.start(nginx, port, buffering));
  } else {
    console.log("SKIPPED: nginx is not installed");
  }
  if (haproxy) proxies.push(await Haproxy.start(haproxy, port));
  else console.log("SKIPPED: haproxy is not installed");
  return proxies;
}

module.exports = { startProxies };
