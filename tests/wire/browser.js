// SPDX-License-Identifier: Apache-2.0
// A headless Chromium, driven over a pipe (--remote-debugging-pipe) in the protocol of its developer
// tools: no package is needed for it. Keys go through the browser as a person's do.
"use strict";
const { spawnSync } = require("node:child_process");
const { launch, makeFolder, pause } = require("./servers.js");

const PATIENCE_MS = 20000;  // before a wait is given up, which fails the test
const KEYS = { Enter: [13, "\r"], Tab: [9, ""], " ": [32, " "], Backspace: [8, ""] };

// The program's name; nothing: none is installed.
function findChromium() {
  return ["chromium", "chromium-browser", "google-chrome"].find(
    (name) => spawnSync("which", [name]).status === 0);
}

class Browser {
  constructor(program) {
    const words = ["--headless=new", "--remote-debugging-pipe", `--user-data-dir=${makeFolder()}`,
      "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions",
      "--disable-background-networking", "--hide-scrollbars", "--disable-lcd-text", "--force-color-profile=srgb", "about:blank"];
    // Its sandbox needs a user who is not root.
    if (process.getuid() === 0) words.unshift("--no-sandbox");
    this.child = launch(program, words, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    this.pending = new Map();
    this.pages = new Map();
    this.ids = 0;
    let rest = "";
    this.child.stdio[4].setEncoding("utf8").on("data", (text) => {
      const messages = (rest + text).split("\0");
      rest = messages.pop();
      for (const message of messages) this.take(JSON.parse(message));
    });
  }
  take(message) {
    if (message.id === undefined) return this.pages.get(message.sessionId)?.hear(message);
    const { resolve, reject, method } = this.pending.get(message.id);
    this.pending.delete(message.id);
    if (message.error) reject(new Error(`${method}: ${message.error.message}`));
    else resolve(message.result);
  }
  send(method, params = {}, sessionId) {
    const id = ++this.ids;
    this.child.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
    return new Promise((resolve, reject) => this.pending.set(id, { resolve, reject, method }));
  }
  async page() {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page(this, sessionId);
    this.pages.set(sessionId, page);
    for (const domain of ["Page", "Runtime", "Log"]) await page.send(`${domain}.enable`);
    return page;
  }
  async close() {
    this.child.kill("SIGKILL");
    await this.child.ended;
  }
}

class Page {
  constructor(browser, session) {
    Object.assign(this, { browser, session, faults: [], refusals: [] });
  }
  send(method, params) { return this.browser.send(method, params, this.session); }
  // `faults` gets all that a console shows in red or yellow, Content-Security-Policy's words too;
  // `refusals` the answers of 400 and more, which some steps provoke.
  hear({ method, params }) {
    if (method === "Runtime.exceptionThrown")
      this.faults.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    if (method === "Runtime.consoleAPICalled" && ["error", "warning", "assert"].includes(params.type))
      this.faults.push(params.args.map((arg) => arg.value ?? arg.description).join(" "));
    if (method !== "Log.entryAdded" || !["error", "warning"].includes(params.entry.level)) return;
    const { source, text, url } = params.entry;
    if (source === "network" && /status of \d+/.test(text))
      this.refusals.push(`${text.match(/status of (\d+)/)[1]} ${new URL(url).pathname}`);
    else this.faults.push(`${source}: ${text}`);
  }
  async look({ width, height, dark = false, scale = 1 }) {
    await this.send("Emulation.setDeviceMetricsOverride",
      { width, height, deviceScaleFactor: scale, mobile: width < 600 });
    await this.send("Emulation.setEmulatedMedia",
      { features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }] });
  }
  async open(url) {
    await this.send("Page.navigate", { url });
    await this.until(`location.href === ${JSON.stringify(url)} && document.readyState === "complete"`);
  }
  async run(expression) {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate",
      { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails)
      throw new Error(`${expression}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
    return result.value;
  }
  // Waits until `expression` holds.
  async until(expression) {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await pause(20))
      if (await this.run(`Boolean(${expression})`).catch(() => false)) return;
    throw new Error(`it never holds: ${expression}\n${await this.run("document.body.innerText.slice(0, 2000)")}`);
  }
  async press(key, { shift = false } = {}) {
    const [windowsVirtualKeyCode, text] = KEYS[key];
    const event = { key, code: key === " " ? "Space" : key, windowsVirtualKeyCode, modifiers: shift ? 8 : 0 };
    await this.send("Input.dispatchKeyEvent", { type: text ? "keyDown" : "rawKeyDown", text, ...event });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
  }
  // Types into what has the focus, in place of what is there.
  async type(text) {
    await this.run("document.activeElement.select?.()");
    await this.send("Input.insertText", { text });
  }
  // Goes to what matches `selector` by the Tab key alone.
  async tabTo(selector) {
    const there = `document.activeElement.matches(${JSON.stringify(selector)})`;
    for (let steps = 0; steps < 200; ++steps) {
      if (await this.run(there)) return;
      await this.press("Tab");
    }
    throw new Error(`the Tab key does not lead to ${selector}`);
  }
  // What is seen; down to the end of what matches `last`, where it is given.
  async picture(last) {
    const bottom = last && await this.run(`document.querySelector("${last}").getBoundingClientRect().bottom + 24`);
    const clip = bottom && { x: 0, y: 0, width: await this.run("innerWidth"), height: bottom, scale: 1 };
    return Buffer.from((await this.send("Page.captureScreenshot", { format: "png", clip })).data, "base64");
  }
  // Each node of the accessibility tree that is not ignored: {role, name}.
  async roles() {
    const { nodes } = await this.send("Accessibility.getFullAXTree");
    return nodes.filter((node) => !node.ignored)
      .map((node) => ({ role: node.role?.value, name: node.name?.value ?? "" }));
  }
}

module.exports = { Browser, findChromium };
