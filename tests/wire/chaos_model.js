// SPDX-License-Identifier: Apache-2.0
// What one Member's client knows for certain, and what therefore must not happen. An answer is an
// acknowledgement; a 503 or a broken connection says nothing, so after it both outcomes are allowed.
"use strict";

const CHALLENGE_FAILURES_MAX = 5;
const LOCK_AFTER_FAILURES = 10;    // L-02
const FAILURES_WANTED_MAX = 18;    // below the 25 of L-04, so that the storm goes on

const unknown = (reply) => reply.status === 0 || reply.status === 503;
const any = (list) => list[Math.floor(Math.random() * list.length)];

class MemberModel {
  // `world`: {servers, violation(text), count(name), awaitUp()}
  constructor(world, ids, number) {
    Object.assign(this, { world, ids, number });
    this.session = null;       // a token that was acknowledged
    this.live = null;          // {code (null: not known), fails, certain, maybeUsed}
    this.dead = [];            // codes that were acknowledged as used, replaced or expired
    this.failsInARow = 0;      // acknowledged, since the last success there may have been
    this.failsInAll = 0;
    this.locked = false;
    this.seen = new Map();     // per life of a server: how many SMS to this number it has shown
  }

  violation(text) {
    this.world.violation(`${this.number}: ${text}`);
  }

  retire(entry) {
    if (entry && entry.code) this.dead.push(entry.code);
  }

  // The SMS that `server` has delivered to this number since the last look; null: it was killed.
  async newSms(server, life) {
    const reply = server.life === life ? await server.call("GET", "/test/inbox") : { status: 0 };
    if (reply.status !== 200 || server.life !== life) return null;
    const mine = reply.json.filter((sms) => sms.to === this.number);
    const key = `${server.index}/${life}`;
    const fresh = mine.slice(this.seen.get(key) || 0);
    this.seen.set(key, mine.length);
    return fresh.map((sms) => sms.body.match(/\d{6}/)[0]);
  }

  // True once there is a session.
  async signIn() {
    if (this.session) return true;
    const server = await this.world.pick();
    const reply = await server.call("POST", "/test/primary_authentication", this.ids);
    if (reply.status === 200) {
      this.session = reply.json.session_token
        ? { session_token: reply.json.session_token }
        : { intermediate_session_token: reply.json.intermediate_session_token };
      return true;
    }
    if (!unknown(reply)) this.violation(`sign-in answers ${reply.status} ${reply.json.error_type}`);
    return false;
  }

  // Sends to the number; true when the passcode is known and must work.
  async send(more = {}) {
    const server = await this.world.pick();
    const life = server.life;
    const reply = await server.call("POST", "/v1/b2b/otps/sms/send", { ...this.ids, ...more });
    if (reply.status === 429) {
      if (reply.json.error_type === "user_lock_limit_reached") this.locked = true;
      return false;
    }
    if (reply.status !== 200 && !unknown(reply)) {
      this.violation(`send answers ${reply.status} ${reply.json.error_type}`);
      return false;
    }
    const sms = await this.newSms(server, life);
    if (sms && sms.length > 1) this.violation(`one send, ${sms.length} SMS`);
    if (reply.status === 200) {
      this.world.count("sends");
      if (sms && sms.length !== 1) this.violation(`an acknowledged send, ${sms.length} SMS`);
    } else {
      this.world.count("unknown");
    }
    if (sms && sms.length === 1) {
      // Whatever the answer was: an SMS means that its commit was made, so this code must work.
      this.retire(this.live);
      this.dead = this.dead.filter((code) => code !== sms[0]);
      this.live = { code: sms[0], fails: 0, certain: true, maybeUsed: false };
      return true;
    }
    if (reply.status === 200) {  // it was killed before it could be asked
      this.retire(this.live);
      this.live = { code: null, fails: 0, certain: false, maybeUsed: false };
    } else if (this.live) {  // replaced, or not
      this.live.certain = false;
      this.live.fails = 0;
    }
    return false;
  }

  // Gives `code` to `times` servers at once.
  async guess(code, times = 1) {
    const right = this.live !== null && code === this.live.code;
    const replies = await Promise.all(Array.from({ length: times }, async () => {
      const server = await this.world.pick();
      return server.call("POST", "/v1/b2b/otps/sms/authenticate",
        { ...this.ids, ...this.session, code });
    }));
    let successes = 0;
    let doubts = 0;
    for (const reply of replies) {
      this.world.count("guesses");
      if (unknown(reply)) {
        ++doubts;
        this.world.count("unknown");
      } else if (reply.status === 200) {
        ++successes;
      } else if (reply.status === 404 && reply.json.error_type === "otp_code_not_found") {
        this.failed(right);
      } else if (reply.status === 429 && reply.json.error_type === "user_lock_limit_reached") {
        this.locked = true;
      } else if (reply.status === 404) {
        this.violation(`an acknowledged session is gone: ${reply.json.error_type}`);
        this.session = null;
      } else if (reply.status === 401 && this.world.database.readsOld) {
        ++doubts;  // an answer that writes nothing is as old as what was read
        this.world.count("old");
      } else if (reply.status !== 401) {
        this.violation(`authenticate answers ${reply.status} ${reply.json.error_type}`);
      }
    }
    this.conclude(code, right, successes, doubts);
    return successes;
  }

  failed(right) {
    ++this.failsInARow;
    ++this.failsInAll;
    this.world.count("failures");
    if (right && this.live.certain) this.violation("the code of an acknowledged send is called wrong");
    if (this.live && ++this.live.fails > CHALLENGE_FAILURES_MAX)
      this.violation(`${this.live.fails} failures of one passcode`);
    if (this.failsInARow > LOCK_AFTER_FAILURES)
      this.violation(`${this.failsInARow} failures in a row without a lock`);
  }

  conclude(code, right, successes, doubts) {
    if (successes > 1) this.violation(`${successes} successes of one passcode`);
    if (successes > 0 && !right && this.dead.includes(code))
      this.violation("a code that was used, replaced or expired succeeds");
    if (successes > 0 && !right && this.live && this.live.certain)
      this.violation("a wrong code succeeds");
    if (right && successes === 0 && doubts === 0 && !this.live.maybeUsed && this.live.certain &&
        this.live.fails < CHALLENGE_FAILURES_MAX && !this.locked)
      this.violation("the code of an acknowledged send does not work");
    if (successes > 0) {
      this.world.count("successes");
      this.failsInARow = 0;
      if (right) this.retire(this.live);
      this.live = null;
      if (this.session.intermediate_session_token) this.session = null;
    } else if (right && doubts > 0) {
      this.live.maybeUsed = true;
      this.failsInARow = 0;  // the success may have been, and have cleared the count
    }
  }

  wrongCode() {
    for (;;) {
      const code = String(Math.floor(Math.random() * 1e6)).padStart(6, "0");
      if (!(this.live && this.live.code === code) && !this.dead.includes(code)) return code;
    }
  }

  // A code that must be dead; only while it is known that no live one is the same by chance.
  async replay() {
    if (this.dead.length === 0 || (this.live && !this.live.code)) return;
    const code = any(this.dead);
    if (this.live && code === this.live.code) return;
    this.world.count("replays");
    await this.guess(code);
  }

  // Time went on past the life of the passcode, and of the session.
  expire() {
    this.retire(this.live);
    this.live = null;
    this.session = null;
  }

  // One turn of the storm: send, perhaps err, then be right at two servers at once.
  async turn() {
    if (this.locked || !(await this.signIn())) return;
    const known = await this.send();
    await this.world.mayPause();
    if (this.failsInAll < FAILURES_WANTED_MAX && this.live && Math.random() < 0.6)
      await this.guess(this.wrongCode());
    await this.world.mayPause();
    // With its answer lost the code is tried until it is clear what became of it.
    for (let tries = 0; known && this.live && this.live.code && tries < 30 && !this.locked; ++tries) {
      if ((await this.guess(this.live.code, 2)) > 0) break;
      if (!this.live.maybeUsed) break;
      const settled = await this.world.settle();
      if (settled && tries > 0) break;
    }
    await this.world.mayPause();
    if (this.session && !this.locked) await this.replay();
  }

  // Wrong codes until the lock; the model counts them.
  async driveIntoLock() {
    for (let sends = 0; sends < 4 && !this.locked; ++sends) {
      if (!(await this.signIn())) continue;
      await this.send();
      for (let i = 0; i < CHALLENGE_FAILURES_MAX + 1 && !this.locked && this.session; ++i)
        await this.guess(this.wrongCode());
    }
    if (!this.locked) this.violation(`no lock after ${this.failsInARow} failures in a row`);
  }
}

module.exports = { MemberModel, CHALLENGE_FAILURES_MAX, LOCK_AFTER_FAILURES, unknown, any };
