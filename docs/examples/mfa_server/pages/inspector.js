// SPDX-License-Identifier: Apache-2.0
// Shows what the routes below /test/ tell, again and again, and moves the clock.
import { call, make, makeSampleOrganization, plural, timeOf } from "/ui/common.js";

const PAUSE_MS = 1500;
const GOOD = ["authenticated", "email_authenticated", "number_verified", "email_verified", "totp_activated", "unlocked", "enrolled", "phone_changed", "mfa_spared"];
const BAD = ["failure", "locked", "delivery_failed", "refused_by_limit", "spraying", "challenge_dead", "number_taken", "clock_anomaly", "key_missing", "totp_code_reused", "mfa_sms_not_sent"];

const one = (selector) => document.querySelector(selector);
let data = null;
let drawn = {};  // what each part shows, so that only what changed is drawn anew

// Replaces the children of `parent`; the focus stays on what has the same data-key.
function redraw(parent, ...children) {
  const key = parent.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  parent.replaceChildren(...children);
  if (key) parent.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
}

function changed(part, ...values) {
  const text = JSON.stringify(values);
  if (drawn[part] === text) return false;
  drawn[part] = text;
  return true;
}

const pill = (text, kind = "") => make("span", { className: `pill ${kind}` }, text);
const words = (name) => name.replace(/_/g, " ");

// The options of a list, and what was chosen stays chosen.
function choices(select, all, values) {
  const chosen = select.value;
  select.replaceChildren(make("option", { value: "" }, all),
    ...values.map(([value, text]) => make("option", { value }, text)));
  select.value = values.some(([value]) => value === chosen) ? chosen : "";
}

// ---- Phone ----

// The body with the code in it marked.
function marked(body) {
  return body.split(/(?<!\d)(\d{4,10})(?!\d)/).map((part, index) =>
    index % 2 ? make("span", { className: "code" }, part) : part);
}

function drawPhone() {
  const { inbox, now } = data;
  const sent = new Map();
  for (const request of data.requests)
    for (const { events } of request.decisions)
      for (const event of events)
        if (event.event === "sent" || event.event === "email_sent" || event.event === "phone_change_started") sent.set(event.challenge_id, event.at);
  choices(one("#whose"), "Everybody", [...new Set(inbox.map((message) => message.to))].map((to) => [to, to]));
  const whose = one("#whose").value;
  const shown = inbox.filter((message) => !whose || message.to === whose).reverse();
  redraw(one("#phone ol"), ...shown.map((message) => {
    const at = sent.get(message.challenge_id);
    const kind = message.channel === "email" ? "E-mail" : message.channel.toUpperCase();
    return make("li", { className: message.channel === "email" ? "mail" : "" },
      make("div", { className: "from" }, make("span", {}, `${kind} to ${message.to}`), at ? make("time", { dateTime: at }, timeOf(at, now).slice(0, -3)) : null),
      make("div", { className: "bubble" }, message.subject ? make("b", { className: "subject" }, message.subject) : null, ...marked(message.body)));
  }), ...(shown.length ? [] : [make("li", {}, make("p", { className: "empty" }, "No message yet. Sign in on the sign-in page, and its code arrives here."))]));
}

// ---- Members ----

function passcode(code, now) {
  if (code.state === "none") return "none";
  const tries = code.failures ? `, ${plural(code.failures, "wrong try", "wrong tries")}` : "";
  return (code.state === "live" ? `live until ${timeOf(code.expires_at, now)}` : code.state) + tries;
}

function sessionsOf(sessions, now) {
  if (!sessions.length) return "none";
  return make("div", {}, ...sessions.map((session) => make("div", {},
    `${session.intermediate ? "half" : "full"}: ${session.factors.map(words).join(" + ")}, until ${timeOf(session.expires_at, now)}`)));
}

function hold({ rule, is_lock, what, until, ends }, now) {
  return make("li", { className: is_lock ? "lock" : "" },
    make("p", {}, make("b", {}, rule), `${what}${until ? `, until ${timeOf(until, now)}` : ""}.`), make("p", {}, ends));
}

function memberCard(shown, now) {
  const { member } = shown;
  const id = member.member_id;
  const act = (text, path) => make("button", { type: "button", "data-key": `${id} ${path}`, onclick: () => run(() =>
    call("POST", path, { organization_id: member.organization_id, member_id: id })) }, text);
  const number = member.mfa_phone_number ? `${member.mfa_phone_number}, ${words(shown.number)}` : "none";
  const rows = [["Number", number], ["SMS code", passcode(shown.passcode, now)],
    ["E-mail code", passcode(shown.email_passcode, now)],
    ["App", words(shown.totp) + (shown.recovery_codes_left ? `, ${plural(shown.recovery_codes_left, "recovery code")}` : "")],
    ["Failures", `${shown.failures_in_a_row} in a row, ${shown.failures_in_budget} in the budget, ${shown.email_failures_in_a_row} by e-mail`],
    ["Sends", `${shown.sends} SMS, ${shown.email_sends} e-mail`],
    ["Devices", `${shown.known_devices} known`], ["Sessions", sessionsOf(shown.sessions, now)]];
  const locked = shown.holds.some((one) => one.is_lock);
  return make("article", { className: `card ${locked ? "locked" : ""}`, "data-member": member.email_address },
    make("h3", {}, member.email_address || id),
    make("div", { className: "pills" }, locked ? pill("locked", "bad") : null,
      pill(member.status, member.status === "active" ? "good" : ""),
      member.mfa_enrolled ? pill("MFA enrolled", "good") : pill("no MFA"),
      member.email_address_verified ? pill("address verified", "good") : pill("address not verified", "warn")),
    shown.holds.length ? make("ul", { className: "holds", "aria-label": "Held back by" }, ...shown.holds.map((one) => hold(one, now))) : null,
    make("dl", {}, ...rows.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])),
    make("div", { className: "actions" }, act("Unlock", "/test/unlock"), act("Forget devices", "/test/forget_devices")));
}

function drawMembers() {
  const locked = data.members.filter((shown) => shown.holds.some((one) => one.is_lock)).length;
  one("#members-title").textContent = `Members${locked ? `, ${locked} locked` : ""}`;
  const rank = (shown) => shown.holds.some((one) => one.is_lock) ? 0 : shown.holds.length ? 1 : 2;
  const order = [...data.members].sort((a, b) => rank(a) - rank(b) ||
    a.member.email_address.localeCompare(b.member.email_address));
  redraw(one(".members"), ...order.map((shown) => memberCard(shown, data.now)),
    ...(order.length ? [] : [make("p", { className: "empty" }, "No Member yet. Make an Organization: whoever signs in to it with an address of example.com becomes its Member.")]));
}

// ---- Time line ----

// What the whole request was answered is not said again; of a lock its rule says more.
function eventPill(event, answered) {
  const more = [event.lock_rule ? words(event.lock_rule) : event.reason !== answered && words(event.reason),
    event.last_digits && `${event.region} …${event.last_digits}`].filter(Boolean).join(", ");
  const kind = GOOD.includes(event.event) ? "good" : BAD.includes(event.event) ? "bad" : "";
  return make("li", {}, pill(words(event.event) + (more ? `: ${more}` : ""), kind));
}

function requestItem(request, names, now) {
  const control = request.route.startsWith("/test/") && !request.error_type;
  const who = [...new Set(request.decisions.map(({ member_id }) => names.get(member_id)).filter(Boolean))];
  const events = request.decisions.flatMap((decision) => decision.events.map((event) => eventPill(event, request.error_type)));
  return make("li", { className: request.error_type ? "refused" : control ? "control" : "" },
    make("div", { className: "line" },
      make("time", { dateTime: request.at }, timeOf(request.at, now)),
      make("code", {}, `${request.method} ${request.route.replace(/^\/v1\/b2b\//, "")}`)),
    make("div", { className: "about" },
      request.error_type ? pill(`${request.status} ${request.error_type}`, "bad") : control ? null : pill("ok", "good"),
      who.length ? make("span", { className: "who" }, who.join(", ")) : null,
      events.length ? make("ul", { className: "events" }, ...events) : null));
}

function drawTimeline() {
  const names = new Map(data.members.map(({ member }) => [member.member_id, member.email_address || member.member_id]));
  choices(one("#about"), "Everybody", [...names].sort((a, b) => a[1].localeCompare(b[1])));
  const about = one("#about").value;
  const shown = data.requests.filter((request) =>
    !about || request.decisions.some((decision) => decision.member_id === about));
  redraw(one(".timeline"), ...shown.map((request) => requestItem(request, names, data.now)),
    ...(shown.length ? [] : [make("li", { className: "control" }, make("p", { className: "empty" }, "Nothing was decided yet."))]));
}

// ---- All of it ----

function draw() {
  const { now, runs, inbox, members, requests } = data;
  one("#now").textContent = `${now.replace("T", " ").slice(0, 19)} UTC${runs ? "" : " (stands still)"}`;
  const day = now.slice(0, 10);
  if (changed("phone", inbox, requests, day, one("#whose").value)) drawPhone();
  if (changed("members", members, day)) drawMembers();
  if (changed("timeline", requests, members.map(({ member }) => member.email_address), day, one("#about").value)) drawTimeline();
}

async function load() {
  const [clock, inbox, { members }, { requests }] = await Promise.all(
    ["clock", "inbox", "members", "timeline"].map((name) => call("GET", `/test/${name}`)));
  data = { now: clock.now, runs: clock.runs, inbox, members, requests };
  draw();
}

// Runs `work`, shows what became of it, and what went wrong.
async function run(work) {
  try {
    await work();
    await load();
    one(".status").textContent = "";
  } catch (error) {
    if (error.type === undefined) throw error;
    one(".status").textContent = error.message;
  }
}

const advance = (seconds) => run(() => call("POST", "/test/clock", { advance_ms: seconds * 1000 }));
for (const button of document.querySelectorAll("[data-advance]"))
  button.addEventListener("click", () => advance(Number(button.dataset.advance)));
one("#move").addEventListener("submit", (event) => {
  event.preventDefault();
  const minutes = one("#minutes").valueAsNumber;
  if (Number.isInteger(minutes)) advance(minutes * 60);
  else one(".status").textContent = "Give a whole number of minutes, with a minus to go back.";
});
one("#sample").addEventListener("click", () => run(makeSampleOrganization));
for (const select of [one("#whose"), one("#about")]) select.addEventListener("change", draw);

async function follow() {
  if (!document.hidden) await run(() => {});
  setTimeout(follow, PAUSE_MS);
}
await follow();
