// SPDX-License-Identifier: Apache-2.0
// otpcore for Node.js, over otpcore/c/otpcore.h by koffi. otpcore.d.ts is the manual.
"use strict";

const { randomBytes } = require("node:crypto");
const koffi = require("koffi");

// ---- The C interface ----

const library = koffi.load(process.env.OTPCORE_LIBRARY || "libotpcore_c.so");
koffi.opaque("otpcore_config");
koffi.opaque("otpcore_op");
const View = koffi.struct("otpcore_view", { data: "void *", size: "size_t" });
const Id = koffi.array("uint8_t", 16, "Typed");
const structs = {
  otpcore_error_info: { error_type: View, message: View, http_status: "int32_t", error_class: "int32_t", end_user_code: "int32_t" },
  otpcore_need: { kind: "int32_t", count: "uint32_t", session_kind: "int32_t", session: View, entropy_size: "size_t", id: Id, spent: "int32_t", has_message: "int32_t", has_session_effect: "int32_t" },
  otpcore_session: { organization_id: View, member_id: View, session_id: View, factors: "uint32_t", email_address: View },
  otpcore_quota: { subject: "int32_t", max: "int32_t", min_ended: "int32_t", window_ms: "int64_t", life_ms: "int64_t", organization_id: View, member_id: View, address: View, region: View, replaces: Id },
  otpcore_write: { key: View, expected: "uint64_t", record: View },
  otpcore_session_effect: { kind: "int32_t", session_kind: "int32_t", session: View, organization_id: View, member_id: View, duration_ms: "int64_t", factor: "uint32_t", factor_id: View, address: View, at_ms: "int64_t" },
  otpcore_message: { challenge_id: Id, organization_id: View, member_id: View, channel: View, to: View, locale: View, text: View, passcode: View, brand: View, minutes: "int32_t", expires_at_ms: "int64_t", subject: View, template_id: View, purpose: View },
  otpcore_reply: { code: "int32_t", retry_after_ms: "int64_t", detail: View, json: View, events: View, expires_at_ms: "int64_t", next_send_at_ms: "int64_t", sends_left: "int32_t", tries_left: "int32_t" },
};
for (const [name, members] of Object.entries(structs))
  structs[name] = koffi.struct(name, { struct_size: "size_t", ...members });

const c = {};
for (const prototype of [
  "otpcore_config *otpcore_config_new()",
  "void otpcore_config_free(otpcore_config *)",
  "int32_t otpcore_config_set(otpcore_config *, const char *, const uint8_t *, size_t)",
  "int32_t otpcore_config_add_key(otpcore_config *, uint32_t, const uint8_t *)",
  "int32_t otpcore_config_add_sealing_key(otpcore_config *, uint32_t, const uint8_t *)",
  "int32_t otpcore_config_seal(otpcore_config *, _Inout_ otpcore_view *)",
  "otpcore_op *otpcore_op_new(otpcore_config *, const char *, const uint8_t *)",
  "void otpcore_op_free(otpcore_op *)",
  "int32_t otpcore_op_set(otpcore_op *, const char *, const uint8_t *, size_t)",
  "int32_t otpcore_op_next(otpcore_op *, _Inout_ otpcore_need *)",
  "int32_t otpcore_op_key(otpcore_op *, uint32_t, _Inout_ otpcore_view *)",
  "int32_t otpcore_op_record(otpcore_op *, uint32_t, uint64_t, const uint8_t *, size_t)",
  "int32_t otpcore_op_session(otpcore_op *, otpcore_session *)",
  "int32_t otpcore_op_loaded(otpcore_op *, int, int64_t, uint64_t, const uint8_t *, size_t)",
  "int32_t otpcore_op_quota(otpcore_op *, uint32_t, _Inout_ otpcore_quota *)",
  "int32_t otpcore_op_admitted(otpcore_op *, int32_t, int64_t)",
  "int32_t otpcore_op_write(otpcore_op *, uint32_t, _Inout_ otpcore_write *)",
  "int32_t otpcore_op_committed(otpcore_op *, int32_t)",
  "int32_t otpcore_op_session_effect(otpcore_op *, _Inout_ otpcore_session_effect *)",
  "int32_t otpcore_op_session_applied(otpcore_op *, int)",
  "int32_t otpcore_op_message(otpcore_op *, _Inout_ otpcore_message *)",
  "int32_t otpcore_op_delivered(otpcore_op *, int32_t, int)",
  "int32_t otpcore_op_settled(otpcore_op *)",
  "int32_t otpcore_op_reply(otpcore_op *, _Inout_ otpcore_reply *)",
  "int32_t otpcore_describe(int32_t, _Inout_ otpcore_error_info *)",
]) {
  const name = /otpcore_\w+(?=\()/.exec(prototype)[0];
  c[name.slice("otpcore_".length)] = library.func(prototype);
}

const REASONS = {
  [-1]: "not now, or out of range",
  [-2]: "no memory",
  [-3]: "there is no such field or setting",
  [-4]: "it cannot have this value",
  [-5]: 'this command needs actor: "host" or "person"',
};
const EFFECTS = [null, "create", "create_intermediate", "upgrade", "extend"];
const DELIVERIES = { accepted: 1, rejected: 2, unavailable: 3, unknown: 4 };
const COMMITS = { committed: 1, conflict: 2, not_committed: 3, unknown: 4 };
const DONE = 7;

function check(code) {
  if (code !== 0) throw new Error(`otpcore: ${REASONS[code] ?? code}`);
}

// What a function fills in behind its other arguments.
function get(struct, name, ...leading) {
  const out = { struct_size: koffi.sizeof(structs[struct]) };
  check(c[name](...leading, out));
  return out;
}
// Views do not last: what they show is copied.
function bytes(view) {
  const size = Number(view.size);
  return size === 0 ? Buffer.alloc(0) : Buffer.from(koffi.decode(view.data, koffi.array("uint8_t", size, "Typed")));
}
const text = (view) => bytes(view).toString("utf8");

function* texts(value) {
  if (value === null || value === undefined) return;
  if (Buffer.isBuffer(value)) yield value;
  else if (Array.isArray(value)) for (const one of value) yield* texts(one);
  else yield Buffer.from(String(value), "utf8");
}

// ---- Configuration ----

const configs = new FinalizationRegistry((handle) => c.config_free(handle));

class Config {
  constructor({ keys, sealingKeys = {}, ...settings }) {
    this.handle = c.config_new();
    configs.register(this, this.handle);
    const addKeys = (add, ring) => {
      for (const [id, key] of Object.entries(ring)) {
        if (key.length !== 32) throw new TypeError("a key has 32 bytes");
        check(add(this.handle, Number(id), key));
      }
    };
    addKeys(c.config_add_key, keys);
    addKeys(c.config_add_sealing_key, sealingKeys);
    // The preset sets all of the policy, so it comes first.
    const names = Object.keys(settings).sort((a, b) => (b === "preset") - (a === "preset"));
    for (const name of names) {
      const values = [...texts(settings[name])];
      if (Array.isArray(settings[name])) values.unshift(Buffer.alloc(0)); // replaces the list
      for (const value of values) {
        const code = c.config_set(this.handle, name, value, value.length);
        if (code !== 0) throw new TypeError(`${name}: ${REASONS[code] ?? code}`);
      }
    }
    const problem = { data: null, size: 0 };
    if (c.config_seal(this.handle, problem) !== 0) throw new TypeError(text(problem));
  }
}

// ---- Commands ----

class Engine {
  constructor(config, ports, { onPortError = () => {} } = {}) {
    this.config = config;
    this.ports = ports;
    this.onPortError = onPortError;
  }

  async run(command, fields = {}, { operationId = null } = {}) {
    if (operationId !== null && operationId.length !== 16) throw new TypeError("an operation id has 16 bytes");
    const op = c.op_new(this.config.handle, command, operationId);
    if (!op) throw new TypeError(`there is no command ${command}`);
    try {
      for (const [name, value] of Object.entries(fields)) {
        for (const one of texts(value)) {
          const code = c.op_set(op, name, one, one.length);
          if (code !== 0) throw new TypeError(`${name}: ${REASONS[code] ?? code}`);
        }
      }
      return await this.#drive(op);
    } finally {
      c.op_free(op);
    }
  }

  async #drive(op) {
    for (;;) {
      const need = get("otpcore_need", "op_next", op);
      if (need.kind === DONE) return replyOf(op);
      check(await [null, load, admit, commit, changeSession, deliver, settle][need.kind](op, need, this));
    }
  }

  // What a port answers; `otherwise` when it throws.
  async ask(port, otherwise, ...args) {
    try {
      return await this.ports[port](...args);
    } catch (error) {
      this.onPortError(port, error);
      return otherwise;
    }
  }
}

const FAILED = Symbol("failed");

async function load(op, need, engine) {
  const keys = Array.from({ length: need.count }, (_, i) => {
    const view = { data: null, size: 0 };
    check(c.op_key(op, i, view));
    return bytes(view);
  });
  const session = text(need.session);
  let epoch = 0n;
  let ok = true;
  if (keys.length > 0) {
    const loaded = await engine.ask("load", FAILED, keys);
    ok = loaded !== FAILED;
    epoch = BigInt(loaded.epoch ?? 0);
    for (let i = 0; ok && i < keys.length; ++i) {
      const record = loaded.records[i];
      if (record) check(c.op_record(op, i, BigInt(record.revision), record.bytes, record.bytes.length));
    }
  }
  if (ok && need.session_kind !== 0) {
    const found = await engine.ask("findSession", FAILED, need.session_kind, session);
    ok = found !== FAILED;
    if (ok && found) check(c.op_session(op, sessionOf(found)));
  }
  const entropy = randomBytes(Number(need.entropy_size));
  return c.op_loaded(op, ok ? 1 : 0, BigInt(Date.now()), epoch, entropy, entropy.length);
}

function sessionOf(found) {
  const view = (value) => {
    const encoded = Buffer.from(value ?? "", "utf8");
    return { data: encoded, size: encoded.length };
  };
  return {
    struct_size: koffi.sizeof(structs.otpcore_session),
    organization_id: view(found.organizationId),
    member_id: view(found.memberId),
    session_id: view(found.sessionId),
    factors: found.factors,
    email_address: view(found.emailAddress),
  };
}

async function admit(op, need, engine) {
  const quotas = Array.from({ length: need.count }, (_, i) => {
    const quota = get("otpcore_quota", "op_quota", op, i);
    return {
      subject: quota.subject, max: quota.max, minEnded: quota.min_ended, windowMs: Number(quota.window_ms),
      lifeMs: Number(quota.life_ms), organizationId: bytes(quota.organization_id), memberId: bytes(quota.member_id),
      address: text(quota.address), region: text(quota.region), replaces: Buffer.from(quota.replaces),
    };
  });
  const admission = await engine.ask("admit", { kind: 3 }, Buffer.from(need.id), quotas);
  return c.op_admitted(op, admission.kind, BigInt(admission.retryAfterMs ?? 0));
}

async function commit(op, need, engine) {
  const writes = Array.from({ length: need.count }, (_, i) => {
    const write = get("otpcore_write", "op_write", op, i);
    return { key: bytes(write.key), expected: BigInt(write.expected), record: bytes(write.record) };
  });
  const message = need.has_message ? messageOf(op) : null;
  return c.op_committed(op, COMMITS[await engine.ask("commit", "unknown", writes, message)] ?? COMMITS.unknown);
}

async function changeSession(op, _, engine) {
  const effect = get("otpcore_session_effect", "op_session_effect", op);
  const applied = await engine.ask("changeSession", false, {
    kind: EFFECTS[effect.kind], sessionKind: effect.session_kind, session: text(effect.session),
    organizationId: text(effect.organization_id), memberId: text(effect.member_id),
    durationMs: Number(effect.duration_ms), factor: effect.factor, factorId: text(effect.factor_id),
    address: text(effect.address),
  });
  return c.op_session_applied(op, applied ? 1 : 0);
}

async function deliver(op, _, engine) {
  const delivery = await engine.ask("deliver", "unknown", messageOf(op));
  if (delivery === "unsubscribed") return c.op_delivered(op, DELIVERIES.rejected, 1);
  return c.op_delivered(op, DELIVERIES[delivery] ?? DELIVERIES.unknown, 0);
}

async function settle(op, need, engine) {
  await engine.ask("settle", null, Buffer.from(need.id), need.spent !== 0);
  return c.op_settled(op);
}

function messageOf(op) {
  const message = get("otpcore_message", "op_message", op);
  return {
    challengeId: Buffer.from(message.challenge_id), organizationId: text(message.organization_id),
    memberId: text(message.member_id), channel: text(message.channel), to: text(message.to),
    locale: text(message.locale), text: text(message.text), passcode: text(message.passcode),
    brand: text(message.brand), minutes: message.minutes, expiresAtMs: Number(message.expires_at_ms),
    subject: text(message.subject), templateId: text(message.template_id), purpose: text(message.purpose),
  };
}

function replyOf(op) {
  const reply = get("otpcore_reply", "op_reply", op);
  const answer = {
    ok: reply.code === 0, code: reply.code, errorType: "", message: "", httpStatus: 200,
    retryAfterMs: Number(reply.retry_after_ms), body: JSON.parse(text(reply.json)),
    events: JSON.parse(text(reply.events)), sendsLeft: reply.sends_left, triesLeft: reply.tries_left,
  };
  if (answer.ok) return answer;
  const info = get("otpcore_error_info", "describe", reply.code);
  const detail = text(reply.detail);
  answer.errorType = text(info.error_type);
  answer.message = text(info.message) + (detail ? ` (${detail})` : "");
  answer.httpStatus = info.http_status;
  return answer;
}

const Factor = { HOST_PRIMARY: 1, EMAIL: 2, SMS: 4, TOTP: 8, RECOVERY_CODE: 16 };
const SessionKind = { INTERMEDIATE_TOKEN: 1, SESSION_TOKEN: 2, SESSION_JWT: 3 };

module.exports = { Config, Engine, Factor, SessionKind };
