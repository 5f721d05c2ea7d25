// SPDX-License-Identifier: Apache-2.0
// The pages of mfa_server in a real browser, by the keyboard alone: pages_test.js SERVER [FOLDER]
// Into FOLDER it writes the pictures of docs/server.md. Where no Chromium is installed it says so
// and does nothing.
"use strict";
const assert = require("node:assert/strict");
const { Browser, findChromium } = require("./browser.js");
const { checkLooks } = require("./page_checks.js");
const { Person, at } = require("./person.js");
const { MfaServer, call } = require("./servers.js");
const { ADA, wrong, firstSignIn, returns, app, stranger, chooses } = require("./sign_in_steps.js");

const [program, folder] = process.argv.slice(2);

async function inspector(person) {
  const { page, server } = person;
  const shows = (selector, words) => page.until(
    `document.querySelector(${JSON.stringify(selector)})?.innerText.includes(${JSON.stringify(words)})`);
  // Ada's second factor is locked by wrong codes, and Cy asks for a code a moment ago.
  const [{ organization_id }] = (await person.control("/test/organizations")).organizations;
  const api = (route, body) => call(server.url, "POST", `/v1/b2b/${route}`, body);
  const { member } = (await person.control("/test/members")).members.find((one) => one.member.email_address === ADA);
  const ids = { organization_id, member_id: member.member_id };
  const { intermediate_session_token } = await person.control("/test/primary_authentication", ids);
  const statuses = new Set();
  for (let tries = 0; tries < 11; ++tries) {  // ten failures lock (L-02), five end a code
    if (tries === 5) await api("otps/sms/send", { ...ids, intermediate_session_token });
    const code = wrong(await person.code());
    statuses.add((await api("otps/sms/authenticate", { ...ids, intermediate_session_token, code })).status);
  }
  assert.deepEqual([...statuses], [404, 429]);
  await api("otps/email/login_or_signup", { organization_id, email_address: "cy@example.com" });

  await page.open(`${server.url}/ui`);
  await shows("[data-member='ada@example.com'] .holds .lock", "L-02");
  await shows("[data-member='ada@example.com'] .pills", "locked");
  await shows("#members-title", "1 locked");
  await shows("[data-member='bob@example.com']", "recovery codes");
  await shows("[data-member='cy@example.com']", "live until");
  assert.equal(await page.run("document.querySelector('.members .card').dataset.member"), ADA, "who is locked comes first");
  for (const words of ["429 user_lock_limit_reached", "POST otps/sms/authenticate", "failure", "locked: failures in a row", "US …23", "discovery authenticated", "session exchanged"])
    await shows(".timeline", words);
  assert.equal(await page.run("document.querySelector('.timeline .who').textContent"), "cy@example.com", "the latest request first");
  const inbox = await person.control("/test/inbox");
  assert.equal(await page.run("document.querySelectorAll('#phone li').length"), inbox.length);
  assert.equal(await page.run("document.querySelector('#phone .code').textContent"), inbox.at(-1).body.match(/\d{6}/)[0], "the latest on top");
  await checkLooks(page, (name) => name === "390-dark" || person.picture(`inspector-${name}`));

  // One Member's decisions, and one phone.
  const options = await page.run("[...document.querySelectorAll('#about option')].map((option) => option.textContent)");
  assert.deepEqual(options, ["Everybody", ADA, "bob@example.com", "cy@example.com"]);
  await page.tabTo("#whose");
  await page.send("Input.insertText", { text: "+" });  // a list goes to what is typed
  await page.run("document.querySelector('#whose').value = '+14155550123', document.querySelector('#whose').dispatchEvent(new Event('change'))");
  await page.until("[...document.querySelectorAll('#phone .from span')].every((from) => from.textContent === 'SMS to +14155550123')");
  await page.run("document.querySelector('#about').value = document.querySelector('#about option:last-child').value, document.querySelector('#about').dispatchEvent(new Event('change'))");
  await page.until("document.querySelectorAll('.timeline .who').length === 1");
  await shows(".timeline", "email sent");
  await page.run("document.querySelector('#about').value = '', document.querySelector('#about').dispatchEvent(new Event('change'))");

  // The clock, and what it ends; also back, and not by nothing.
  const before = (await person.control("/test/clock")).now;
  await page.tabTo("[data-advance='600']");
  await page.press("Enter");
  await page.until(`!document.querySelector('#now').textContent.includes(${JSON.stringify(before.slice(11, 19))})`);
  await shows("[data-member='cy@example.com']", "expired");
  await person.advance(60);
  const cy = (await person.control("/test/members")).members.find((one) => one.member.email_address === "cy@example.com");
  assert.equal(cy.email_passcode.state, "expired");
  await person.advance(-60);
  const after = (await person.control("/test/clock")).now;
  assert.equal(Date.parse(after) - Date.parse(before), 600000);
  await page.tabTo("#minutes");
  await page.press("Enter");
  await shows(".status", "whole number of minutes");
  await page.type("-3");
  await page.press("Enter");
  await page.until(`document.querySelector('#now').textContent.includes(${JSON.stringify(new Date(Date.parse(before) + 420000).toISOString().slice(11, 19))})`);

  // Unlocked by the keyboard; the focus stays where it was, though the card is drawn anew.
  await page.tabTo("[data-member='ada@example.com'] [data-key$='/test/unlock']");
  await page.press("Enter");
  await page.until("!document.querySelector(\"[data-member='ada@example.com'] .lock\")");
  assert.ok(await page.run("document.activeElement.dataset.key?.endsWith('/test/unlock')"), "the focus stays");
  await shows(".timeline", "unlocked");
  await page.tabTo("#sample");
  await page.press("Enter");
  await shows(".timeline", "POST organizations");
  assert.equal((await person.control("/test/organizations")).organizations.length, 2);
  person.faultless();
  console.log("ok: the inspector shows Members, phone, time line and locks, and moves the clock");
}

// What is not a browser's: no secret in a page, no page without test controls or in a live project,
// and no control for another site's page.
async function closed(server) {
  for (const file of ["", "/sign-in", "/common.js", "/sign_in.js", "/inspector.js", "/page.css", "/icon.svg"]) {
    const { text: shown, headers } = await call(server.url, "GET", `/ui${file}`, undefined, { authorization: "" });
    assert.ok(shown.length > 100 && !shown.includes("secret-test-local"), file);
    assert.match(headers["content-security-policy"], /default-src 'none'.*frame-ancestors 'none'/);
    assert.doesNotMatch(headers["content-security-policy"], /unsafe|\*/);
  }
  const site = (name) => ({ "sec-fetch-site": name });
  for (const name of ["cross-site", "same-site", "x"])
    assert.equal((await call(server.url, "POST", "/test/clock", { advance_ms: 0 }, site(name))).status, 400, name);
  for (const name of ["same-origin", "none"])
    assert.equal((await call(server.url, "POST", "/test/clock", { advance_ms: 0 }, site(name))).status, 200, name);
  for (const extra of [[], ["--test-controls", "--project-id", "project-live-1", "--brand", "Acme"]]) {
    const other = new MfaServer(program, "memory", extra);
    await other.start();
    for (const [method, route] of [["GET", "/ui"], ["GET", "/ui/sign-in"], ["GET", "/test/members"], ["GET", "/test/timeline"],
      ["POST", "/test/v1/b2b/otps/sms/send"]])
      assert.equal((await other.call(method, route)).json.error_type, "route_not_found", `${extra} ${route}`);
    assert.equal(await other.stop(), 0);
  }
  const play = new MfaServer(program, "memory", ["--play"]);
  await play.start();
  assert.equal((await play.call("GET", "/test/clock")).json.runs, true);
  assert.match((await play.call("GET", "/ui")).text, /<title>Inspector/);
  await play.said(/Open in a browser: http\S+\/ui /);
  assert.equal(await play.stop(), 0);
  console.log("ok: no page and no such route without test controls, or in a live project");
}

// That this test would see what it looks for.
async function faultsAreSeen(person) {
  const { page, server } = person;
  await page.open(`${server.url}/ui/sign-in`);
  await page.until(at("address"));
  await page.run("document.body.append(Object.assign(document.createElement('style'), { textContent: 'p { color: red }' }))");
  await page.run("document.body.setAttribute('style', 'color: red')");
  await page.run("fetch('http://127.0.0.1:1/').catch(() => {})");
  await page.run("try { document.body.innerHTML = '<p>x</p>' } catch {}");
  await page.run("setTimeout(() => { throw new Error('planted') })");
  await page.run("console.error('said')");
  await person.sawFaults([/inline style.*hashes do not apply/, /inline style.*blocked\.$/, /connect-src 'self'/, /TrustedHTML/, /planted/, /said/]);
}

async function main() {
  const chromium = findChromium();
  if (!chromium) {
    console.log("skipped: no Chromium is installed (cmake/install-deps.sh ci)");
    return;
  }
  const server = new MfaServer(program, "memory");
  const browser = new Browser(chromium);
  await server.start();
  const person = new Person(server, await browser.page(), folder);
  await person.page.look({ width: 1280, height: 860 });
  for (const step of [faultsAreSeen, firstSignIn, returns, app, stranger, inspector, chooses]) await step(person);
  await closed(server);
  await browser.close();
  assert.equal(await server.stop(), 0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
}).then(() => process.exit(0));
