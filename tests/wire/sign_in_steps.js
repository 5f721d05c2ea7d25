// SPDX-License-Identifier: Apache-2.0
// The sign-in page as a person walks it; steps of pages_test.js.
"use strict";
const assert = require("node:assert/strict");
const crypto = require("node:crypto");
const { checkLooks } = require("./page_checks.js");
const { at, shown } = require("./person.js");
const { call } = require("./servers.js");

const ADA = "ada@example.com";

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
  const urls = await page.run("[location.href, ...performance.getEntriesByType('resource').map((one) => one.name)]");
  assert.ok(urls.length > 10);
  assert.deepEqual(urls.filter((url) => /[?#@]/.test(url)), [], "nothing of a person stands in a URL");
  console.log("ok: address, code, Organization, number, code, signed in; signed out");
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

module.exports = { ADA, wrong, firstSignIn, returns, app, stranger, chooses };
