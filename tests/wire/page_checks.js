// SPDX-License-Identifier: Apache-2.0
// What any page of the server must fulfil, whatever it shows: names for who cannot see it, contrast,
// and room at each width, in light and in dark.
"use strict";
const assert = require("node:assert/strict");

const LOOKS = [
  { width: 1280, height: 860 }, { width: 1280, height: 860, dark: true },
  { width: 390, height: 844, scale: 2 }, { width: 390, height: 844, dark: true, scale: 2 },
];
const CONTROLS = ["button", "textbox", "combobox", "spinbutton", "link"];

// Runs in the page: texts whose contrast to what is behind them is below 4.5 (WCAG 2.2, 1.4.3).
function faintTexts() {
  const parse = (color) => color.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    const [a, b] = [parse(getComputedStyle(element).color), behind(element)].map(light).sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < 4.5) faint.push(`${contrast.toFixed(2)}: ${walker.currentNode.data.trim().slice(0, 40)}`);
  }
  return faint;
}

// Runs in the page: parts that lie over each other or have no room, and controls too small to hit.
function crowdedParts() {
  const seen = (selector) => [...document.querySelectorAll(selector)].filter((part) => part.checkVisibility())
    .map((part) => [part, part.getBoundingClientRect()]);
  const parts = seen("header, main > section, main > form, footer");
  const crowded = parts.filter(([part, box]) => part.matches("main > *") && box.width < 270).map(([part]) => `narrow: ${part.outerHTML.slice(0, 60)}`);
  parts.forEach(([part, a], index) => {
    for (const [other, b] of parts.slice(index + 1))
      if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
        crowded.push(`${part.outerHTML.slice(0, 60)} over ${other.outerHTML.slice(0, 60)}`);
  });
  for (const [part, box] of seen("button, input, select"))
    if (box.height < 24 || box.width < 24) crowded.push(`small: ${part.outerHTML.slice(0, 60)}`);
  return crowded;
}

// Looks at what `page` shows now, in all widths and colours. `each(name)` is called at each look.
async function checkLooks(page, each = () => {}) {
  for (const look of LOOKS) {
    await page.look(look);
    const name = `${look.width}-${look.dark ? "dark" : "light"}`;
    assert.ok(await page.run("document.documentElement.scrollWidth <= innerWidth"), `${name}: it scrolls sideways`);
    assert.deepEqual(await page.run(`(${faintTexts})()`), [], name);
    assert.deepEqual(await page.run(`(${crowdedParts})()`), [], name);
    await each(name);
  }
  await page.look(LOOKS[0]);
  const nodes = await page.roles();
  for (const { role, name } of nodes)
    assert.ok(name || !CONTROLS.includes(role), `a ${role} has no name`);
  assert.ok(nodes.some(({ role }) => role === "heading"));
  assert.ok(nodes.some(({ role }) => CONTROLS.includes(role)));
}

module.exports = { checkLooks };
