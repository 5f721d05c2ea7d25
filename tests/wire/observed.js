// SPDX-License-Identifier: Apache-2.0
// What an operator sees after the client has done all that the other steps do: the metrics agree with
// what it heard, and neither they nor the audit log hold a secret.
"use strict";
const assert = require("node:assert/strict");
const fs = require("node:fs");
const http = require("node:http");

function getText(url, headers) {
  return new Promise((resolve, reject) => {
    http.get(`${url}/metrics`, { headers }, (response) => {
      let text = "";
      response.on("data", (data) => (text += data));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
    }).on("error", reject);
  });
}

// [{name, labels, value}] of the text format.
function read(text) {
  return text.split("\n").filter((line) => line && !line.startsWith("#")).map((line) => {
    const [, name, labels = "", value] = line.match(/^(\w+)(?:\{(.*)\})? (\S+)$/);
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map((pair) => [pair[1], pair[2]]);
    return { name, labels: Object.fromEntries(pairs), value: Number(value) };
  });
}

const sumIn = (samples, name, labels) => samples
  .filter((one) => one.name === name && Object.entries(labels).every(([k, v]) => one.labels[k] === v))
  .reduce((total, one) => total + one.value, 0);

// What the metrics of the server at `url` say of one name.
async function sumOf(url, name, labels) {
  const auth = { authorization: "Basic " + btoa("project-test-local:secret-test-local") };
  return sumIn(read((await getText(url, auth)).text), name, labels);
}

// All texts anywhere in a value.
function textsIn(value) {
  if (typeof value === "string") return [value];
  return value && typeof value === "object" ? Object.values(value).flatMap(textsIn) : [];
}

// `heard`: the error types that reached the client. `inbox`: what the phones got.
async function observed({ url, auth, audit, heard, inbox, secret }) {
  assert.equal((await getText(url, {})).status, 401, "they tell of tenants' business");
  const { status, headers, text } = await getText(url, auth);
  assert.equal(status, 200);
  assert.match(headers["content-type"], /^text\/plain; version=0\.0\.4/);
  const samples = read(text);
  const sum = (name, labels = {}) => sumIn(samples, name, labels);

  const counted = new Set(samples.filter((one) => one.name === "otpcore_requests_total")
    .map((one) => one.labels.result));
  const before = ["unauthorized_credentials", "route_not_found", "method_not_allowed"];  // they reach no route
  for (const type of heard) assert.ok(counted.has(type) || before.includes(type), `${type} is not counted`);
  const send = "POST /v1/b2b/otps/sms/send";
  assert.ok(sum("otpcore_requests_total", { route: send, result: "ok" }) > 0);
  assert.equal(sum("otpcore_request_seconds_count", { route: send }), sum("otpcore_requests_total", { route: send }));
  for (const channel of ["sms", "email"]) {
    const arrived = ["accepted", "unknown"].map((outcome) => sum("otpcore_messages_total", { channel, outcome }));
    assert.equal(arrived[0] + arrived[1], inbox.filter((message) => message.channel === channel).length,
      "what a gateway is unsure of may arrive");
    assert.ok(arrived[0] > 0);
  }
  for (const route of ["login_or_signup", "authenticate"])
    assert.ok(sum("otpcore_requests_total", { route: `POST /v1/b2b/otps/email/${route}`, result: "ok" }) > 0);
  assert.ok(sum("otpcore_messages_total", { outcome: "rejected" }) > 0);
  assert.equal(sum("otpcore_port_seconds_count", { port: "commit" }), sum("otpcore_commits_total"));
  assert.equal(sum("otpcore_audit_lines_lost_total"), 0);

  const lines = fs.readFileSync(audit, "utf8").trim().split("\n").map((line) => JSON.parse(line));
  assert.equal(lines.length, sum("otpcore_events_total"), "a line for each event");
  assert.ok(lines.some((line) => line.activity_name === "locked" && line.unmapped.lock_rule === "failures_in_a_row"));
  for (const protocol of ["otp", "email_otp"]) {
    const logons = lines.filter((line) => line.auth_protocol === protocol && line.activity_id === 1);
    for (const status of ["Success", "Failure"])
      assert.ok(logons.some((line) => line.status === status), `${protocol} ${status}`);
  }
  for (const name of ["email_sent", "email_verified", "created"])
    assert.ok(lines.some((line) => line.activity_name === name), name);
  for (const line of lines) {
    assert.equal(line.class_uid, 3002);
    assert.equal(line.type_uid, 3002 * 100 + line.activity_id);
  }
  const said = new Set([...lines.flatMap(textsIn), ...samples.flatMap((one) => Object.values(one.labels))]);
  const secrets = [secret, ...inbox.map((message) => message.to), ...inbox.flatMap((message) => message.body.match(/\d{6}/g) || [])];
  assert.ok(secrets.length > 20);
  for (const one of secrets) assert.ok(!said.has(one), "a secret or a whole number is told");
  for (const one of said) assert.doesNotMatch(one, /\+\d{8,}|@/, "no number and no address is told");
}

module.exports = { observed, sumOf };
