// SPDX-License-Identifier: Apache-2.0
// The keys of JWTs, given by an operator: shared by servers, changed without an end to sessions; a
// step of hostile_test.js.
"use strict";
const assert = require("node:assert/strict");
const crypto = require("node:crypto");
const fs = require("node:fs");
const { MfaServer, Sqlite, makeFolder } = require("./servers.js");

const FILE = { type: "pkcs8", format: "pem" };

async function jwtKeys(program) {
  const folder = makeFolder();
  const write = (name, kind, options) => {
    const file = `${folder}/${name}`;
    fs.writeFileSync(file, crypto.generateKeyPairSync(kind, options).privateKey.export(FILE));
    return file;
  };
  const [old, fresh] = ["old", "new"].map((name) => write(name, "rsa", { modulusLength: 2048 }));
  const { url } = new Sqlite();
  const serve = async (...keys) => {
    const server = new MfaServer(program, url,
      ["--test-controls", ...keys.flatMap((key) => ["--jwt-key", key])]);
    await server.start();
    server.keys = async () => (await server.call("GET", "/v1/b2b/sessions/jwks/project-test-local")).json.keys;
    server.use = async (names) => (await server.call("POST", "/v1/b2b/sessions/authenticate", names)).json;
    return server;
  };
  const [first, second] = [await serve(old), await serve(old)];
  const { organization } = (await first.call("POST", "/v1/b2b/organizations", { organization_name: "Keys" })).json;
  const { organization_id } = organization;
  const { member_id } = (await first.call("POST", `/v1/b2b/organizations/${organization_id}/members`,
    { email_address: "ada@example.com" })).json;
  const signed_in = (await first.call("POST", "/test/primary_authentication", { organization_id, member_id })).json;
  const { session_token, session_jwt } = signed_in;
  assert.ok(!first.out.includes("ends with this process"));
  assert.deepEqual(await first.keys(), await second.keys());
  assert.equal((await second.use({ session_jwt })).member_session.member_id, member_id);

  const changed = await serve(fresh, old);
  assert.equal((await changed.keys()).length, 2);
  const renewed = await changed.use({ session_jwt });
  assert.equal(renewed.member_session.member_id, member_id, "what the old key signed is still good");
  const kid = (jwt) => JSON.parse(Buffer.from(jwt.split(".")[0], "base64url")).kid;
  assert.equal(kid(renewed.session_jwt), (await changed.keys())[0].kid, "the first key signs");
  assert.notEqual(kid(renewed.session_jwt), kid(session_jwt));
  const after = await serve(fresh);
  assert.equal((await after.use({ session_jwt: renewed.session_jwt })).member_session.member_id, member_id);
  assert.equal((await after.use({ session_jwt })).error_type, "session_not_found");
  assert.equal((await after.use({ session_token })).member_session.member_id, member_id);
  // Made at the start: another one each time, and it says so.
  const [one, other] = [await serve(), await serve()];
  await one.said(/JWTs are signed with a key that ends with this process/);
  const short = (await one.use({ session_token })).session_jwt;
  assert.equal((await one.use({ session_jwt: short })).member_session.member_id, member_id);
  assert.equal((await other.use({ session_jwt: short })).error_type, "session_not_found");
  for (const server of [first, second, changed, after, one, other]) assert.equal(await server.stop(), 0);

  fs.writeFileSync(`${folder}/text`, "no key");
  for (const file of [`${folder}/nowhere`, `${folder}/text`, write("small", "rsa", { modulusLength: 1024 }),
    write("curve", "ec", { namedCurve: "P-256" })])
    await assert.rejects(new MfaServer(program, "memory", ["--jwt-key", file]).start(), /ended with 2/, file);
  console.log("ok: keys of JWTs: shared, changed, and refused");
}

module.exports = { jwtKeys };
