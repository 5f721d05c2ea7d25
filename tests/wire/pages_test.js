// SPDX-License-Identifier: Apache-2.0
// The pages of mfa_server in a real browser, by the keyboard alone: pages_test.js SERVER [FOLDER]
// Into FOLDER it writes the pictures of docs/server.md. Where no Chromium is installed it says so
// and does nothing.
"use strict";
const assert = require("node:assert/strict");
const crypto = require("node:crypto");
const { Browser, findChromium } = require("./browser.js");
const { checkLooks } = require("./page_checks.js");
const { Person, at, shown } = require("./person.js");
const { MfaServer, call } = require("./servers.js");

const ADA = "ada@example.com";
const [program, folder] = process.argv.slice(2);

const wrong = (code) => code.slice(0, -1) + ((Number(code.at(-1)) + 1) % 10);

// What an authenticator app shows for `secret` at `time` (RFC 6238).
function totp(secret, time) {
  const bits = [...secret].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(time / 30000)));
  const mac = crypto.createHmac("sha1", key).update(step).digest();
  const number = mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff;
  return String(number % 1000000).padStart(6, "0");
}

async function firstSignIn(person) {
  const { page, server } = person;
  await page.open(`${server.url}/ui/sign-in`);
  await page.until(at("address"));
  await checkLooks(page);
  assert.equal(await page.run("document.activeElement.autocomplete"), "email");
  await person.enter("nobody", null);
  await person.says("This is no e-mail address");
  await person.enter(ADA, "email-code");
  assert.equal(await page.run("document.activeElement.autocomplete"), "one-time-code");
  const code = await person.code();
  await person.enter(wrong(code), null);
  await person.says("This code does not work");
  await checkLooks(page, async (name) => {
    if (name === "390-dark") await person.picture("sign-in-code", "footer");
  });
  person.faultless(["400 /test/v1/b2b/otps/email/discovery/send", "401 /test/v1/b2b/otps/email/discovery/authenticate"]);
  await person.enter(` ${code.slice(0, 3)} ${code.slice(3)}`, "organization");  // as a person may type it
  await person.says("leads to none yet");
  await checkLooks(page);
  await person.choose("make", "choose");
  await checkLooks(page, async (name) => {
    if (name === "390-light") await person.picture("second-factor", "footer");
  });
  await person.choose("number", "number");
  await person.enter("12345", null);
  await person.says("This is no number that takes an SMS");
  await person.enter("+1 (415) 555-0123", "sms-code");
  await person.enter(wrong(await person.code()), null);
  await person.says("This code does not work");
  await person.enter(await person.code(), "done");
  person.faultless(["400 /test/v1/b2b/otps/sms/send", "401 /test/v1/b2b/otps/sms/authenticate"]);
  for (const words of [ADA, "Acme", "code by e-mail", "code by SMS", "session-test-"]) await person.says(words);
  await checkLooks(page, async (name) => {
    if (name === "390-light") await person.picture("signed-in", "footer");
  });
  await page.tabTo("summary");
  await page.press("Enter");
  await checkLooks(page);

  // The API knows the session that the page shows, and after the sign-out none.
  const { member } = (await person.control("/test/members")).members[0];
  const route = `/v1/b2b/sessions?organization_id=${member.organization_id}&member_id=${member.member_id}`;
  const [session] = (await person.control(route)).member_sessions;
  await person.says(session.member_session_id);
  assert.deepEqual(session.authentication_factors.map((factor) => factor.type), ["email_otp", "otp"]);
  await person.signOut();
  assert.deepEqual((await person.control(route)).member_sessions, []);
  console.log("ok: address, code, number, code, signed in; signed out");
}

async function returns(person) {
  const { page } = person;
  await person.advance(120);
  await person.signInByEmail(ADA, "sms-code");
  const words = await page.run(shown);
  assert.ok(words.includes("0123") && !words.includes("415"), "the number is masked");
  await person.advance(660);  // longer than half a session lives
  await person.enter("123456", null).catch(() => {});
  await page.until(at("address"));
  await person.says("Your sign-in took too long");
  await person.signInByEmail(ADA, "sms-code");
  await person.enter(await person.code(), "done");
  await person.signOut();
  person.faultless(["404 /test/v1/b2b/otps/sms/authenticate"]);
  console.log("ok: a Member who returns is sent both codes; half a session ends");
}

async function app(person) {
  const { page } = person;
  await person.signInByEmail("bob@example.com", "choose");
  await person.choose("app", "app-setup");
  await checkLooks(page);
  await page.until("document.querySelector('.qr').naturalWidth > 0");
  const secret = await page.run("document.querySelector('.secret').textContent");
  const codes = await page.run("[...document.querySelectorAll('.codes li')].map((item) => item.textContent)");
  assert.ok(codes.length >= 8);
  const now = async () => Date.parse((await person.control("/test/clock")).now);
  await person.enter(totp(secret, await now()), "done");
  await person.says("authenticator app");
  await person.signOut();
  await person.advance(120);
  await person.signInByEmail("bob@example.com", "app-code");
  await person.enter(totp(secret, await now() + 3600000), null);
  await person.says("This code is wrong");
  await person.choose("recovery", "recovery");
  await person.enter(codes[0], "done");
  await person.signOut();
  person.faultless(["401 /test/v1/b2b/totp/authenticate"]);
  console.log("ok: authenticator app and recovery code");
}

// One address, two Organizations: a choice. And a page that is for one of them from the start.
async function chooses(person) {
  const { page, server } = person;
  const api = (route, body) => call(server.url, "POST", `/v1/b2b/${route}`, body);
  const made = (await api("organizations", { organization_name: "Blue Whale" })).json.organization;
  await api(`organizations/${made.organization_id}/members`, { email_address: "bob@example.com" });
  await person.advance(120);
  await page.open(`${server.url}/ui/sign-in`);
  await person.signInByEmail("bob@example.com", "organization");
  for (const words of ["Acme", "Blue Whale", "You are a member"]) await person.says(words);
  await checkLooks(page, async (name) => {
    if (name === "390-light") await person.picture("organizations", "footer");
  });
  const place = await page.run("[...document.querySelectorAll('#organizations button')].findIndex((button) => button.innerText.startsWith('Blue Whale')) + 1");
  await page.tabTo(`#organizations button:nth-child(${place})`);
  await page.press("Enter");
  await page.until(at("done"));
  await person.says("Blue Whale");
  await person.signOut();
  await person.advance(120);
  await page.open(`${server.url}/ui/sign-in?organization=${made.organization_slug}`);
  await person.says("Sign in to Blue Whale");
  await person.signInByEmail("bob@example.com", "done");
  await person.signOut();
  await page.open(`${server.url}/ui/sign-in`);
  await page.until(at("address"));
  person.faultless();
  console.log("ok: a person chooses one of two Organizations, or begins in one");
}

// Whoever has proved nothing learns nothing of who has an account (EM-23).
async function stranger(person) {
  const { server } = person;
  await person.page.until(at("address"));
  await person.enter("eve@elsewhere.example", "email-code");
  await person.enter("123456", null);
  person.faultless(["401 /test/v1/b2b/otps/email/discovery/authenticate"]);
  const [{ organization_id }] = (await person.control("/test/organizations")).organizations;
  await person.advance(120);
  const answers = [];
  for (const email_address of [ADA, "eve@elsewhere.example"])
    answers.push(await call(server.url, "POST", "/test/v1/b2b/otps/email/login_or_signup", { organization_id, email_address }),
      await call(server.url, "POST", "/test/v1/b2b/otps/email/discovery/send", { email_address }));
  for (const answer of answers) assert.deepEqual(Object.keys(answer.json).sort(), ["request_id", "status_code"]);
  assert.deepEqual(answers.map((answer) => answer.status), [200, 200, 200, 200]);
  console.log("ok: the page's back end tells a stranger nothing");
}

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
