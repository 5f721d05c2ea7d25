// SPDX-License-Identifier: Apache-2.0
// Search and dangerouslyGet by the official client; a step of wire_test.js, whose `story` and
// `fails` it gets.
"use strict";
const assert = require("node:assert/strict");

const where = (filter_name, filter_value) => ({ filter_name, filter_value });
const all = (...operands) => ({ operator: "AND", operands });
const any = (...operands) => ({ operator: "OR", operands });
const idsOf = (page) => page.members.map((member) => member.member_id);

// All pages of a search.
async function walk(search, request) {
  const found = [];
  for (let cursor = "", pages = 0; ; ++pages) {
    assert.ok(pages < 100, "the pages do not end");
    const page = await search(cursor ? { ...request, cursor } : request);
    assert.equal(page.status_code, 200);
    found.push(...(page.members ?? page.organizations));
    cursor = page.results_metadata.next_cursor;
    if (!cursor) return found;
  }
}

async function make(story, name, emails) {
  const { organization } = await story.client.organizations.create(
    { organization_name: name, organization_slug: `${name.toLowerCase()}-${story.unique}` });
  const organization_id = organization.organization_id;
  const members = [];
  for (const [i, email_address] of emails.entries()) {
    const made = await story.client.organizations.members.create({
      organization_id, email_address, external_id: `crm-${name}-${i}-${story.unique}`,
      is_breakglass: i === 0 });
    members.push(made.member);
  }
  return { organization, organization_id, members };
}

async function members(story, fails) {
  const api = story.client.organizations.members;
  const search = (request) => api.search(request);
  const red = await make(story, "Red", ["Ann@Example.com", "bob@example.com", "eve@example.com"]);
  const blue = await make(story, "Blue", ["ann@corp.example", "zoe@corp.example"]);
  const both = [red.organization_id, blue.organization.organization_slug.toUpperCase()];

  const page = await search({ organization_ids: both });
  assert.equal(page.members.length, 5);
  assert.equal(page.results_metadata.total, 5);
  assert.equal(page.results_metadata.next_cursor, undefined);
  assert.deepEqual(Object.keys(page.organizations).sort(),
    [red.organization_id, blue.organization_id].sort());
  assert.equal(page.organizations[red.organization_id].organization_name, "Red");
  const ann = page.members.find((member) => member.email_address === "Ann@Example.com");
  const got = await api.get({ organization_id: red.organization_id, member_id: ann.member_id });
  assert.deepEqual(ann, got.member, "as get shows it");
  for (const limit of [1, 2, 5]) {
    const found = await walk(search, { organization_ids: both, limit });
    assert.deepEqual(found.map((member) => member.member_id), idsOf(page));
  }
  const found = async (...operands) =>
    (await search({ organization_ids: both, query: all(...operands) })).members
      .map((member) => member.email_address).sort();
  assert.deepEqual(await found(where("member_emails", ["ANN@example.com"])), ["Ann@Example.com"]);
  assert.deepEqual(await found(where("member_email_fuzzy", "ANN@")),
    ["Ann@Example.com", "ann@corp.example"]);
  assert.deepEqual(await found(where("member_ids", [blue.members[1].member_id])),
    ["zoe@corp.example"]);
  assert.deepEqual(await found(where("member_ids", [red.members[1].external_id])),
    ["bob@example.com"]);
  assert.deepEqual(await found(where("member_is_breakglass", true), where("member_email_fuzzy", "corp")),
    ["ann@corp.example"]);
  assert.equal((await found(where("member_totp_exists", false))).length, 5);
  assert.deepEqual(await found(where("member_phone_numbers", ["+14155550123"])), []);
  assert.equal((await found(where("member_password_exists", false))).length, 5);
  const either = await search({ organization_ids: both, query: any(
    where("member_email_fuzzy", "zoe"), where("member_email_fuzzy", "eve")) });
  assert.equal(either.members.length, 2);

  // Deleted ones are found where they are asked for.
  const eve = { organization_id: red.organization_id, member_id: red.members[2].member_id };
  await api.delete(eve);
  assert.equal((await found()).length, 4);
  assert.deepEqual(await found(where("statuses", ["deleted"])), ["eve@example.com"]);
  await fails(api.dangerouslyGet({ member_id: eve.member_id }), 404, "member_not_found");
  const dead = await api.dangerouslyGet({ member_id: eve.member_id, include_deleted: true });
  assert.equal(dead.member.status, "deleted");
  const alive = await api.dangerouslyGet({ member_id: ann.member_id });
  assert.equal(alive.organization.organization_id, red.organization_id);
  assert.equal(alive.member_id, ann.member_id);
  await fails(api.dangerouslyGet({ member_id: red.members[0].external_id }), 404, "member_not_found");

  await fails(search({ organization_ids: [] }), 400, "member_search_organization_ids_empty");
  await fails(search({ organization_ids: ["nowhere"] }), 404, "organization_not_found");
  await fails(search({ organization_ids: both, limit: 1001 }), 400, "bad_request");
  await fails(search({ organization_ids: both, cursor: "0123" }), 400, "bad_request");
  const first = await search({ organization_ids: both, limit: 1 });
  await fails(search({ organization_ids: both, query: all(where("member_email_fuzzy", "ann")),
                       cursor: first.results_metadata.next_cursor }), 400, "bad_request");
  const refused = (operand, type) => fails(
    search({ organization_ids: both, query: all(operand) }), 400, `member_search_${type}`);
  await refused({ filter_value: ["x"] }, "missing_filter_name");
  await refused(where(7, ["x"]), "filter_name_must_be_string");
  await refused(where("member_roles", ["x"]), "filter_name_not_recognized");
  await refused(where("member_ids", null), "missing_filter_value");
  await refused(where("member_ids", "x"), "expected_array_of_strings");
  await refused(where("member_ids", [1]), "expected_array_of_strings");
  await refused(where("member_is_breakglass", "true"), "expected_boolean");
  await refused(where("member_email_fuzzy", ["abc"]), "expected_string");
  await refused(where("member_ids", []), "missing_member_ids");
  await refused(where("member_emails", []), "missing_member_emails");
  await refused(where("member_email_fuzzy", ""), "missing_member_email_fuzzy");
  await refused(where("member_email_fuzzy", "ab"), "member_email_fuzzy_too_short");
  await refused(where("statuses", []), "missing_statuses");
  await refused(where("member_mfa_phone_numbers", []), "missing_mfa_member_phone_numbers");
  await refused(where("member_mfa_phone_number_fuzzy", ""), "missing_mfa_member_phone_number_fuzzy");
  await refused(where("member_mfa_phone_number_fuzzy", "+1"),
    "member_mfa_phone_number_fuzzy_too_short");
  await refused(where("member_ids", [ann.member_id, "crm-1"]),
    "cannot_mix_internal_and_external_member_ids");
  await fails(search({ organization_ids: both, query: { operator: "NOT", operands: [] } }), 400,
    "bad_request");
}

async function organizations(story, fails) {
  const api = story.client.organizations;
  const search = (request) => api.search(request);
  const tall = await make(story, "Tall", [`tim-${story.unique}@Tall.example`]);
  const small = await make(story, "Small", [`sam-${story.unique}@small.example`]);
  const ours = where("organization_ids", [tall.organization_id, small.organization_id]);
  const names = async (query) =>
    (await walk(search, { query, limit: 1 })).map((found) => found.organization_name).sort();
  assert.deepEqual(await names(all(ours)), ["Small", "Tall"]);
  const slug = tall.organization.organization_slug;
  assert.deepEqual(await names(all(where("organization_slugs", [slug.toUpperCase()]))), ["Tall"]);
  assert.deepEqual(await names(all(where("organization_slug_fuzzy", slug.toUpperCase()))), ["Tall"]);
  assert.deepEqual(await names(all(ours, where("organization_name_fuzzy", "MALL"))), ["Small"]);
  assert.deepEqual(await names(all(where("member_emails", [`SAM-${story.unique}@small.example`]))),
    ["Small"]);
  assert.deepEqual(await names(all(ours, where("member_email_fuzzy", `im-${story.unique}`))),
    ["Tall"]);
  assert.deepEqual(await names(all(ours, where("has_active_sso_connection", true))), []);
  await api.delete({ organization_id: small.organization_id });
  assert.deepEqual(await names(all(ours)), ["Tall"]);
  assert.ok((await search({})).organizations.length > 1, "without a query everything is found");

  const refused = (operand, type) => fails(
    search({ query: all(operand) }), 400, `organization_search_${type}`);
  await refused({ filter_value: ["x"] }, "missing_filter_name");
  await refused(where(true, ["x"]), "filter_name_must_be_string");
  await refused(where("allowed_domains", ["x"]), "filter_name_not_recognized");
  await refused({ filter_name: "organization_ids" }, "missing_filter_value");
  await refused(where("organization_ids", { x: 1 }), "expected_array_of_strings");
  await refused(where("has_active_sso_connection", "yes"), "expected_boolean");
  await refused(where("organization_name_fuzzy", 1), "expected_string");
  await refused(where("organization_ids", []), "missing_organization_ids");
  await refused(where("organization_slugs", []), "missing_organization_slugs");
  await refused(where("organization_name_fuzzy", ""), "missing_organization_name_fuzzy");
  await refused(where("organization_name_fuzzy", "ab"), "organization_name_fuzzy_too_short");
  await refused(where("organization_slug_fuzzy", ""), "missing_organization_slug_fuzzy");
  await refused(where("organization_slug_fuzzy", "ab"), "organization_slug_fuzzy_too_short");
  await refused(where("member_emails", []), "missing_member_emails");
  await refused(where("member_email_fuzzy", ""), "missing_member_email_fuzzy");
  await refused(where("member_email_fuzzy", "@a"), "member_email_fuzzy_too_short");
}

// Redis keeps its keys in no order: the server says so.
async function unsearchable(story, fails) {
  const { organizations } = story.client;
  await fails(organizations.search({}), 400, "bad_request");
  await fails(organizations.members.search({ organization_ids: ["x"] }), 400, "bad_request");
  await fails(organizations.members.dangerouslyGet({ member_id: "x" }), 400, "bad_request");
}

module.exports = { members, organizations, unsearchable };
