// SPDX-License-Identifier: Apache-2.0
// Signs a person in: address, code by e-mail, Organization, then a number and its code or an
// authenticator app. With ?organization=SLUG the address is a Member's of that Organization from
// the start, and nothing else is looked for.
//
// The calls are those of the API, below /test: there the server stands for an application's back
// end (pages.h). A real one gives the browser its session in an HttpOnly cookie; this page keeps
// the token in a variable, so it is gone with the page.
import { call, make, sample, spanOf, timeOf } from "/ui/common.js";

const TEXTS = {
  bad_request: "Please fill this in.",
  invalid_email: "This is no e-mail address.",
  invalid_code: "A code has digits only, and all of those that you were sent.",
  invalid_totp_code: "The app shows a code of six digits.",
  invalid_recovery_code: "This is no recovery code.",
  invalid_phone_number: "This is no number that takes an SMS. Begin with + and the country.",
  invalid_phone_number_country_code: "No SMS goes to this country.",
  unable_to_auth_otp_code: "This code does not work: it is wrong, too old or used.",
  unable_to_authenticate_totp: "This code is wrong.",
  totp_code_already_authenticated: "This code was used already. Wait for the next one.",
  too_many_requests: "Too many codes were asked for.",
  user_lock_limit_reached: "Too many wrong codes: you are locked out for now.",
};
// The session that a step belongs to is over.
const ENDED = ["intermediate_session_not_found", "session_not_found"];

const state = { preferred: null, organization: null, address: "", member: null, token: "", session: null, options: null };
const formOf = (step) => document.querySelector(`form[data-step="${step}"]`);
const api = (path, body) => call("POST", `/test/v1/b2b/${path}`, body);

// What names the person in each call of a second factor.
function person(more) {
  return { organization_id: state.organization.organization_id, member_id: state.member.member_id,
           intermediate_session_token: state.token, ...more };
}

function fill(selector, text) {
  for (const element of document.querySelectorAll(selector)) element.textContent = text;
}

function show(step) {
  for (const form of document.forms) form.hidden = form.dataset.step !== step;
  const form = formOf(step);
  const steps = document.querySelector(".steps");
  const stages = [...steps.children].map((item) => item.dataset.stage);
  const current = stages.indexOf(form.dataset.stage);
  steps.hidden = current < 0;
  [...steps.children].forEach((item, index) => {
    item.className = index < current ? "done" : "";
    if (index === current) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  });
  refuse(form, "");
  for (const input of form.querySelectorAll("input.code, input[name=code]")) input.value = "";
  const heading = form.querySelector("h1");
  document.title = heading.textContent;
  const field = [...form.querySelectorAll("input, select")].find((each) => each.checkVisibility());
  (field ?? heading).focus();
}

function refuse(form, text) {
  form.querySelector(".error").textContent = text;
  const input = form.querySelector("input");
  if (!input) return;
  if (text) {
    input.setAttribute("aria-invalid", "true");
    input.focus();
  } else {
    input.removeAttribute("aria-invalid");
  }
}

// What is wrong, in words for the person.
function textOf(error) {
  const wait = error.retryAfter ? ` Try again in ${spanOf(error.retryAfter)}.` : "";
  return (TEXTS[error.type] ?? error.message) + wait;
}

// Runs `work`. What it throws is shown in `form`.
async function attempt(form, work) {
  const buttons = [...form.querySelectorAll("button")];
  if (buttons.some((button) => button.disabled)) return;
  for (const button of buttons) button.disabled = true;
  try {
    refuse(form, "");
    await work();
  } catch (error) {
    if (error.type === undefined) throw error;
    if (ENDED.includes(error.type)) {
      begin();
      refuse(formOf("address"), "Your sign-in took too long. Please begin anew.");
    } else {
      refuse(form, textOf(error));
    }
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

// ---- Steps ----

function begin() {
  Object.assign(state, { organization: state.preferred, member: null, token: "", session: null, options: null });
  fill("#brand", state.preferred?.organization_name ?? "mfa_server");
  fill(".to-organization", state.preferred ? ` to ${state.preferred.organization_name}` : "");
  show("address");
}

async function prefer(name) {
  const { organizations } = await call("GET", "/test/organizations");
  state.preferred = organizations.find((one) => one.organization_slug === name || one.organization_id === name) ?? null;
}

async function sendEmail() {
  const at = { email_address: state.address };
  if (state.preferred) {
    await api("otps/email/login_or_signup", { ...at, organization_id: state.preferred.organization_id });
  } else {
    await api("otps/email/discovery/send", at);
  }
  fill(".address", state.address);
  show("email-code");
}

async function proveEmail(code) {
  const at = { email_address: state.address, code };
  if (state.preferred) return afterEmail(await api("otps/email/authenticate", { ...at, organization_id: state.preferred.organization_id }));
  const found = await api("otps/email/discovery/authenticate", at);
  state.token = found.intermediate_session_token;
  const open = found.discovered_organizations.filter((entry) => !entry.primary_required);
  if (open.length === 1) return exchange(open[0].organization);
  return chooseOrganization(open);
}

const MEMBERSHIPS = { active_member: "You are a member", pending_member: "You have begun to join", invited_member: "You are invited",
  eligible_to_join_by_email_domain: "You may join" };

function chooseOrganization(entries) {
  document.getElementById("no-organization").hidden = entries.length > 0;
  document.getElementById("organizations").replaceChildren(...entries.map(({ organization, membership }) => {
    const button = make("button", { type: "button" }, organization.organization_name, make("span", {}, MEMBERSHIPS[membership.type] ?? ""));
    button.addEventListener("click", () => attempt(formOf("organization"), () => exchange(organization)));
    return button;
  }));
  show("organization");
  formOf("organization").querySelector("button").focus();
}

async function exchange({ organization_id }) {
  return afterEmail(await api("discovery/intermediate_sessions/exchange", { organization_id, intermediate_session_token: state.token }));
}

async function makeOrganization() {
  return afterEmail(await api("discovery/organizations/create", { ...sample, intermediate_session_token: state.token,
    email_allowed_domains: [state.address.split("@").at(-1)] }));
}

function allows(method) {
  const { mfa_methods, allowed_mfa_methods } = state.organization;
  return mfa_methods !== "RESTRICTED" || allowed_mfa_methods.includes(method);
}

// Shows a number but for its last four digits as dots: a person knows their own.
const masked = (number) => number.slice(0, -4).replace(/\d/g, "•") + number.slice(-4);

async function afterEmail(answer) {
  state.member = answer.member;
  state.organization = answer.organization;
  fill(".organization-name", answer.organization.organization_name);
  fill("#brand", answer.organization.organization_name);
  if (answer.member_authenticated) return signedIn(answer);
  state.token = answer.intermediate_session_token;
  state.options = answer.mfa_required.member_options;
  const has = { "has-app": state.options?.totp_registration_id, "has-number": state.options?.mfa_phone_number };
  for (const element of document.querySelectorAll("[data-when]")) element.hidden = !has[element.dataset.when];
  for (const element of document.querySelectorAll("[data-method]")) element.hidden = !allows(element.dataset.method);
  fill(".number", masked(has["has-number"] || ""));
  if (answer.mfa_required.secondary_auth_initiated === "sms_otp") return show("sms-code");
  if (has["has-app"]) return show("app-code");
  if (has["has-number"]) return sendSms();
  show("choose");
}

async function sendSms(number) {
  await api("otps/sms/send", person(number ? { mfa_phone_number: number } : {}));
  if (number) fill(".number", masked(number));
  show("sms-code");
}

async function setUpApp() {
  const made = await api("totp", person());
  const form = formOf("app-setup");
  form.querySelector(".qr").src = made.qr_code;
  form.querySelector(".secret").textContent = made.secret;
  form.querySelector(".codes").replaceChildren(...made.recovery_codes.map((code) => make("li", {}, code)));
  show("app-setup");
}

const FACTORS = { email_otp: "code by e-mail", otp: "code by SMS", totp: "authenticator app", recovery_code: "recovery code", recovery_codes: "recovery code" };

function rowsOf(answer) {
  const session = answer.member_session;
  const factors = session.authentication_factors.map((factor) =>
    make("div", {}, `${FACTORS[factor.delivery_method === "sms" ? "otp" : factor.type] ?? factor.type}, ${timeOf(factor.last_authenticated_at)}`));
  return [["Member", answer.member.email_address], ["Organization", answer.organization.organization_name],
    ["Proved", make("div", {}, ...factors)],
    ["Since", `${timeOf(session.started_at, "")} UTC`], ["Until", `${timeOf(session.expires_at, "")} UTC`],
    ["Session", make("code", {}, session.member_session_id)],
    ["Member id", make("code", {}, session.member_id)]];
}

// Shows what the API says of the session that the token names.
async function signedIn(proof) {
  state.session = proof.session_token;
  state.token = "";
  const answer = await api("sessions/authenticate", { session_token: state.session });
  document.getElementById("session").replaceChildren(
    ...rowsOf(answer).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
  const part = answer.session_jwt.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
  const claims = new TextDecoder().decode(Uint8Array.from(atob(part), (c) => c.charCodeAt(0)));
  document.getElementById("claims").textContent = JSON.stringify(JSON.parse(claims), null, 2);
  show("done");
  formOf("done").querySelector("h1").focus();
}

const codeOf = (form) => form.elements.code.value.replace(/\s/g, "");

const SUBMIT = {
  organization: () => {},
  address: (form) => {
    state.address = form.elements.address.value.trim();
    return sendEmail();
  },
  "email-code": (form) => proveEmail(codeOf(form)),
  choose: () => {},
  number: (form) => sendSms(form.elements.number.value.replace(/[\s().-]/g, "")),
  "sms-code": async (form) => signedIn(await api("otps/sms/authenticate", person({ code: codeOf(form) }))),
  "app-setup": async (form) => signedIn(await api("totp/authenticate", person({ code: codeOf(form) }))),
  "app-code": async (form) => signedIn(await api("totp/authenticate", person({ code: codeOf(form) }))),
  recovery: async (form) => signedIn(await api("recovery_codes/recover", person({ recovery_code: form.elements.code.value.trim() }))),
  done: async () => {
    await api("sessions/revoke", { session_token: state.session });
    begin();
  },
};
const ACTS = { make: makeOrganization, address: begin, "resend-email": sendEmail,
  "resend-sms": () => sendSms(), app: setUpApp };

for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(form, () => SUBMIT[form.dataset.step](form));
  });
  form.addEventListener("click", (event) => {
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (act) attempt(form, ACTS[act] ?? (() => show(act)));
  });
}
const named = new URLSearchParams(location.search).get("organization");
if (named) await attempt(formOf("address"), () => prefer(named));
begin();
