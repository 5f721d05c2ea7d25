// SPDX-License-Identifier: Apache-2.0
// Processes as measure.js sees them.
"use strict";
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");

function output(program, words) {
  const done = spawnSync(program, words, { encoding: "utf8", maxBuffer: 1 << 26 });
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(`${program} ${words.join(" ")}: ${done.stderr}`);
  return done.stdout.trim();
}

const TICK_MICROS = 1e6 / Number(output("getconf", ["CLK_TCK"]));

// CPU time of a server so far: its own, its children's, and that of those which have ended.
function cpuMicros(pid) {
  let ticks = 0;
  for (const entry of fs.readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    let stat;
    try {
      stat = fs.readFileSync(`/proc/${entry}/stat`, "utf8");
    } catch { continue; /* it ended meanwhile */ }
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
    const own = Number(entry) === pid;
    if (!own && fields[1] !== pid) continue;
    ticks += fields[11] + fields[12] + (own ? fields[13] + fields[14] : 0);
  }
  return ticks * TICK_MICROS;
}

module.exports = { cpuMicros, output };
