// SPDX-License-Identifier: Apache-2.0
// A person at a page of mfa_server, with the test controls in the other hand.
"use strict";
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { withPalette } = require("./small_png.js");
const { pause } = require("./servers.js");

// The step of the sign-in page that is shown, and what it says.
const at = (step) => `document.querySelector('form[data-step="${step}"]:not([hidden])')`;
const shown = "(document.querySelector('form:not([hidden])')?.innerText ?? '')";

class Person {
  // Pictures go into `folder`, where there is one.
  constructor(server, page, folder) { Object.assign(this, { server, page, folder }); }
  async control(route, body) {
    const answer = await this.server.call(body === undefined ? "GET" : "POST", route, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.json));
    return answer.json;
  }
  async code() { return (await this.control("/test/inbox")).at(-1).body.match(/\d{6}/)[0]; }
  advance(seconds) { return this.control("/test/clock", { advance_ms: seconds * 1000 }); }
  // Down to the end of what matches `last`, where it is given.
  async picture(name, last) {
    if (!this.folder) return;
    const png = withPalette(await this.page.picture(last));
    assert.ok(png.length < 150 * 1024, `${name} has ${png.length} bytes`);
    fs.writeFileSync(path.join(this.folder, `page-${name}.png`), png);
  }
  // Types what the step that has the focus asks for, and waits for the next step, or the error.
  async enter(typed, step) {
    await this.page.type(typed);
    await this.page.press("Enter");
    if (step) return this.page.until(at(step));
    await this.page.until("document.querySelector('form:not([hidden]) .error').textContent");
    assert.ok(await this.page.run("document.activeElement.getAttribute('aria-invalid') === 'true'"), "the field is marked");
  }
  async choose(act, step) {
    await this.page.tabTo(`form:not([hidden]) [data-act="${act}"]`);
    await this.page.press("Enter");
    await this.page.until(at(step));
  }
  says(words) { return this.page.until(`${shown}.includes(${JSON.stringify(words)})`); }
  // From the page's start to the code by e-mail.
  async signInByEmail(address, step) {
    await this.page.until(at("address"));
    await this.enter(address, "email-code");
    await this.enter(await this.code(), step);
  }
  async signOut() {
    await this.page.tabTo("form:not([hidden]) .primary");
    await this.page.press("Enter");
    await this.page.until(at("address"));
  }
  // Waits until the console has shown each of these, and takes them as seen.
  async sawFaults(patterns) {
    const missing = () => patterns.filter((pattern) => !this.page.faults.some((fault) => pattern.test(fault)));
    for (let wait = 0; wait < 400 && missing().length > 0; ++wait) await pause(50);
    assert.deepEqual(missing(), [], this.page.faults.join("\n"));
    this.page.faults.length = 0;
  }
  // Since the last call: what was refused, and that the console showed nothing else.
  faultless(refused = []) {
    assert.deepEqual(this.page.faults, []);
    assert.deepEqual(this.page.refusals.splice(0), refused);
  }
}

module.exports = { Person, at, shown };
