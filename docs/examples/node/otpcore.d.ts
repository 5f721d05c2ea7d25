// SPDX-License-Identifier: Apache-2.0
/**
 * otpcore for Node.js: one-time codes for the Members of an Organization.
 *
 *     const engine = new Engine(new Config({ keys: { 1: key }, brand: "Acme" }), ports);
 *     const reply = await engine.run("send_sms_otp", { organization_id: "acme", member_id: "ada" });
 *     if (!reply.ok) log(reply.errorType, reply.retryAfterMs);
 *
 * The library performs no I/O: an Engine awaits its ports. Commands and fields have the names of
 * otpcore/c/otpcore.h. OTPCORE_LIBRARY names the file of libotpcore_c.
 */

type Value = string | number | boolean | Buffer | null | undefined;

/** A field with its value; of a list all of its values. Absent ones are null or undefined. */
export type Fields = Record<string, Value | Value[]>;

/** Policy, messages and keys, checked together. Throws a TypeError that says what makes no sense. */
export class Config {
  /** The other members are settings of otpcore_config_set: passcode_life_ms, allowed_regions, … */
  constructor(settings: { keys: Record<number, Buffer>; sealingKeys?: Record<number, Buffer> } & Record<string, unknown>);
}

/** What a store has under a key. */
export interface Record_ { revision: bigint | number; bytes: Buffer }
export interface Write {
  key: Buffer;
  /** Revision; 0: the key must be free. */
  expected: bigint;
  /** Empty: delete. */
  record: Buffer;
}
export interface Session {
  organizationId: string;
  memberId: string;
  /** A sum of Factor. */
  factors: number;
  sessionId?: string;
  /** That its e-mail factor proved. Of a session of no Member the ids are empty. */
  emailAddress?: string;
}
export interface SessionEffect {
  kind: "create" | "create_intermediate" | "upgrade" | "extend";
  /** 0, and `session` empty: one is to be created. */
  sessionKind: number;
  session: string;
  organizationId: string;
  memberId: string;
  durationMs: number;
  factor: number;
  factorId: string;
  address: string;
}
/** A passcode on its way to a person. `text` and `passcode` are secret. */
export interface Message {
  /** The idempotency key. */
  challengeId: Buffer;
  organizationId: string;
  memberId: string;
  channel: string;
  to: string;
  locale: string;
  text: string;
  passcode: string;
  brand: string;
  minutes: number;
  expiresAtMs: number;
  /** Of the channel "email"; else empty. */
  subject: string;
  templateId: string;
  purpose: "" | "login" | "signup";
}
export interface Quota {
  /** 1 address, 2 region, 3 organization, 4 conversion, 5 e-mail of an organization; see Quota in otpcore/plan/outcome.h. */
  subject: number;
  max: number;
  minEnded: number;
  windowMs: number;
  lifeMs: number;
  organizationId: Buffer;
  memberId: Buffer;
  address: string;
  region: string;
  replaces: Buffer;
}

/**
 * What a host brings. A port that throws gave no answer: the error goes to `onPortError`, a commit
 * or a delivery counts as "unknown".
 */
export interface Ports {
  /** The record of each key, or null, as of one moment. `epoch` changes after a restore. */
  load(keys: Buffer[]): Promise<{ records: (Record_ | null)[]; epoch?: number | bigint }>;
  /** All writes or none. "conflict": some revision was another. */
  commit(writes: Write[], message: Message | null): Promise<"committed" | "conflict" | "not_committed" | "unknown">;
  findSession(kind: number, value: string): Promise<Session | null>;
  /** False: it is gone. */
  changeSession(effect: SessionEffect): Promise<boolean>;
  /** kind 0 admitted, 1 too many, 2 too few authenticated. */
  admit(id: Buffer, quotas: Quota[]): Promise<{ kind: number; retryAfterMs?: number }>;
  settle(id: Buffer, spent: boolean): Promise<void>;
  deliver(message: Message): Promise<"accepted" | "rejected" | "unsubscribed" | "unavailable" | "unknown">;
}

/** How a command ended. `body` may hold secrets. */
export interface Reply {
  ok: boolean;
  /** 0: success; else a number of docs/errors.md. */
  code: number;
  /** The wire name; "" for success. */
  errorType: string;
  /** For a developer. */
  message: string;
  httpStatus: number;
  /** 0: waiting does not help. */
  retryAfterMs: number;
  /** The response by its wire names. */
  body: any;
  /** For the audit log. */
  events: { kind: string; at: string; reason: string; challenge_id: string }[];
  sendsLeft: number;
  triesLeft: number;
}

/** Runs commands. Any number at a time. */
export class Engine {
  constructor(config: Config, ports: Ports, options?: { onPortError?: (port: keyof Ports, error: unknown) => void });
  /**
   * Runs one command. `operationId`: 16 bytes, the same for each retry of this request. Rejects
   * with a TypeError when there is no such command or field, or it cannot have this value.
   */
  run(command: string, fields?: Fields, options?: { operationId?: Buffer | null }): Promise<Reply>;
}

export const Factor: { HOST_PRIMARY: 1; EMAIL: 2; SMS: 4; TOTP: 8; RECOVERY_CODE: 16 };
export const SessionKind: { INTERMEDIATE_TOKEN: 1; SESSION_TOKEN: 2; SESSION_JWT: 3 };
