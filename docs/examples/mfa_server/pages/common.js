// SPDX-License-Identifier: Apache-2.0
// What both pages use: calls, elements, times.

// An answer of 400 or more; `type` is its error_type.
export class Refusal extends Error {
  constructor(status, body) {
    super(body.error_message || "The server does not answer.");
    this.status = status;
    this.type = body.error_type || "";
    this.retryAfter = body.retry_after || 0;  // seconds
  }
}

// Answers the body of a success; throws a Refusal. `omit`: else the browser asks for a password
// of its own at each 401, and does not answer before it has one.
export async function call(method, path, body) {
  let response;
  let json = {};
  try {
    response = await fetch(path, { method, credentials: "omit", body: body && JSON.stringify(body) });
    json = await response.json();
  } catch {
    throw new Refusal(0, {});
  }
  if (!response.ok) throw new Refusal(response.status, json);
  return json;
}

// An element: text and elements become children, names in `properties` that are no properties of
// the element become attributes. Text stays text: nothing here makes markup of it.
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

// "14:03:22", and the day before it where that is not the day of `now`. UTC, as all of the server.
export function timeOf(text, now = text) {
  const [day, time] = text.split("T");
  return (day === now.split("T")[0] ? "" : `${day} `) + time.slice(0, 8);
}

export function plural(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}

// "about 3 minutes"
export function spanOf(seconds) {
  for (const [size, unit] of [[86400, "day"], [3600, "hour"], [60, "minute"]])
    if (seconds >= size) return plural(Math.ceil(seconds / size), unit);
  return plural(Math.max(1, Math.ceil(seconds)), "second");
}

// An Organization that anybody of example.com may join, with a second factor.
export const sample = { organization_name: "Acme", mfa_policy: "REQUIRED_FOR_ALL",
  email_jit_provisioning: "RESTRICTED", email_allowed_domains: ["example.com"] };

export function makeSampleOrganization() {
  return call("POST", "/test/v1/b2b/organizations", sample);
}
