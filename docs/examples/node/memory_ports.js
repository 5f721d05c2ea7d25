// SPDX-License-Identifier: Apache-2.0
// Ports in memory, for tests and to see what each must do.
"use strict";

class MemoryPorts {
  constructor() {
    this.records = new Map(); // by key in hex; an empty record is a deleted one
    this.sessions = new Map();
    this.messages = [];
    this.delivery = "accepted";
  }

  async load(keys) {
    return {
      epoch: 0,
      records: keys.map((key) => {
        const record = this.records.get(key.toString("hex"));
        return record && record.bytes.length > 0 ? record : null;
      }),
    };
  }
  // Without an await in it, nothing comes between: all or none.
  async commit(writes) {
    for (const { key, expected } of writes) {
      const record = this.records.get(key.toString("hex"));
      if ((record && record.bytes.length > 0 ? record.revision : 0n) !== expected) return "conflict";
    }
    for (const { key, record } of writes) {
      const was = this.records.get(key.toString("hex"))?.revision ?? 0n;
      this.records.set(key.toString("hex"), { revision: was + 1n, bytes: record });
    }
    return "committed";
  }
  async findSession(_, value) {
    return this.sessions.get(value) ?? null;
  }
  async changeSession(effect) {
    if (effect.session === "") return true; // one to be created: whoever ran the command makes it
    return effect.kind === "extend" ? this.sessions.has(effect.session) : this.sessions.delete(effect.session);
  }
  async admit() {
    return { kind: 0 };
  }
  async settle() {}
  async deliver(message) {
    if (this.delivery === "accepted") this.messages.push(message);
    return this.delivery;
  }
}

module.exports = { MemoryPorts };
