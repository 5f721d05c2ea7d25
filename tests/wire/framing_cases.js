// SPDX-License-Identifier: Apache-2.0
// The corpus of framing cases: bytes that two recipients may take apart differently (RFC 9112,
// section 11.2). framing.js sends each to mfa_server itself and through proxies.
//
// Each case hides a whole second request. `refused`: the server answers 400 once, closes, and does
// not run the hidden request. Otherwise the case is a good one and `answers` lists the statuses; the
// hidden request, if there is one, is then an ordinary request that must be run.
"use strict";
const { basic } = require("./servers.js");

const SEND = "/v1/b2b/otps/sms/send";
const AUTHORIZATION = `Authorization: ${basic("project-test-local", "secret-test-local")}\r\n`;

// Makes an Organization, so whether it was run can be seen afterwards.
function hiddenRequest(slug) {
  const body = JSON.stringify({ organization_name: "Hidden", organization_slug: slug });
  return `POST /v1/b2b/organizations HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}` +
    `Connection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

const head = (method = "POST", target = SEND) =>
  `${method} ${target} HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}`;
const chunked = `${head()}Transfer-Encoding: chunked\r\n\r\n`;

const cases = [];
const refused = (name, bytes) => cases.push({ name, bytes, refused: true });
const good = (name, answers, bytes) => cases.push({ name, bytes, answers, refused: false });

// ---- A body where none belongs ----

for (const method of ["GET", "HEAD"]) {
  const target = "/v1/b2b/organizations/nobody";
  refused(`${method} with a request as its body`, (hidden) =>
    `${head(method, target)}Content-Length: ${hidden.length}\r\n\r\n${hidden}`);
  refused(`${method} of no route with a request as its body`, (hidden) =>
    `${head(method, "/anything")}Content-Length: ${hidden.length}\r\n\r\n${hidden}`);
  refused(`${method} with a request in a chunk`, (hidden) =>
    `${head(method, target)}Transfer-Encoding: chunked\r\n\r\n` +
    `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`);
  refused(`${method} with no chunk and a request behind`, (hidden) =>
    `${head(method, target)}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`);
}
refused("CONNECT", (hidden) => `CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n${hidden}`);

// ---- Chunks ----

for (const size of ["0x2", "0X2", "0x17", "+2", "+17", "-2", " 2", " 17", "\t2", "2 ", "2zzz", "17zzz",
  "0_2", "2,", "2;", "2;=b", "2;a=", '2;a="b', "2;a b", "2\0", "2\x0b", "\xb2", "", "0x", "zz",
  "fffffffffffffffff", "ffffffffffffffff2", "10000000000000002", "00000000000000000000g2",
  '2;a="\n"', '2;a="\r"', "2;a\nb", `2;a=${"b".repeat(300)}`]) {
  refused(`a chunk's size ${JSON.stringify(size.slice(0, 30))}`,
    (hidden) => `${chunked}${size}\r\n{}\r\n0\r\n\r\n${hidden}`);
}
for (const size of ["0x0", "+0", " 0", "0 ", "-0", "0zzz", "0;", ""]) {
  refused(`the last chunk's size ${JSON.stringify(size)}`,
    (hidden) => `${chunked}2\r\n{}\r\n${size}\r\n\r\n${hidden}`);
}
for (const [name, body] of Object.entries({
  "a chunk's size that ends in LF": "2\n{}\r\n0\r\n\r\n",
  "a chunk's size that ends in CR": "2\r{}\r\n0\r\n\r\n",
  "a chunk's size that ends in CR CR LF": "2\r\r\n{}\r\n0\r\n\r\n",
  "chunk data without CRLF": "2\r\n{}0\r\n\r\n",
  "chunk data that ends in LF": "2\r\n{}\n0\r\n\r\n",
  "chunk data that ends in CR": "2\r\n{}\r0\r\n\r\n",
  "chunk data that ends in something": "2\r\n{}xx0\r\n\r\n",
  "chunk data that is longer": "2\r\n{   }\r\n0\r\n\r\n",
  "chunk data that is shorter": "4\r\n{}\r\n0\r\n\r\n",
  "a last chunk that ends in LF": "2\r\n{}\r\n0\n\r\n",
  "a last chunk and LF": "2\r\n{}\r\n0\r\n\n",
  "a last chunk with LF twice": "2\r\n{}\r\n0\n\n",
  "an empty line before a chunk": "\r\n2\r\n{}\r\n0\r\n\r\n",
  "an empty line between chunks": "1\r\n{\r\n\r\n1\r\n}\r\n0\r\n\r\n",
  "an unreadable chunk line": "%$&\r\n{}\r\n0\r\n\r\n",
  "a trailer": "2\r\n{}\r\n0\r\nA: b\r\n\r\n",
  "a trailer and no other chunk": "0\r\nA: b\r\n\r\n",
  "a trailer with a length": "2\r\n{}\r\n0\r\nContent-Length: 5\r\n\r\n",
  "a trailer with a coding": "2\r\n{}\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n",
  "a trailer with a session": "2\r\n{}\r\n0\r\nX-Stytch-Member-Session: a\r\n\r\n",
  "a folded trailer": "2\r\n{}\r\n0\r\nA: b\r\n c\r\n\r\n",
  "a trailer that ends in LF": "2\r\n{}\r\n0\r\nA: b\n\r\n",
  "a trailer without a colon": "2\r\n{}\r\n0\r\nA\r\n\r\n",
  "a trailer with a space before its colon": "2\r\n{}\r\n0\r\nA : b\r\n\r\n",
  "data instead of a trailer": "2\r\n{}\r\n0\r\n",
  "data after a trailer, no empty line": "2\r\n{}\r\n0\r\nA: b\r\n",
})) refused(name, (hidden) => `${chunked}${body}${hidden}`);

// ---- Which length counts ----

for (const [name, fields] of Object.entries({
  "two lengths": "Content-Length: 2\r\nContent-Length: LENGTH",
  "the same length twice": "Content-Length: LENGTH\r\nContent-Length: LENGTH",
  "a list of lengths": "Content-Length: LENGTH, LENGTH",
  "a list of different lengths": "Content-Length: 2, LENGTH",
  "a length and a comma": "Content-Length: LENGTH,",
  "an empty length": "Content-Length:",
  "a length and an empty one": "Content-Length: 2\r\nContent-Length:",
  "a length with a plus": "Content-Length: +LENGTH",
  "a length below zero": "Content-Length: -5",
  "a length in hexadecimal": "Content-Length: 0x2",
  "a length with a fraction": "Content-Length: 2.0",
  "a length with an exponent": "Content-Length: 2e0",
  "a length with a space within": "Content-Length: 2 0",
  "a length with a parameter": "Content-Length: 2;a=b",
  "a length in quotes": 'Content-Length: "2"',
  "a length with a vertical tab": "Content-Length: \x0b2",
  "a length of 10^23": `Content-Length: 1${"0".repeat(23)}`,
  "a length of 2^64": "Content-Length: 18446744073709551618",
  "an escaped length": "Content-Length: %32",
  "a name with a space": "Content-Length : LENGTH",
  "a name with a tab": "Content-Length\t: LENGTH",
  "a name with a space before it": "X: a\r\n Content-Length: LENGTH",
  "a folded length": "Content-Length:\r\n LENGTH",
  "a folded line": "X: a\r\n\tContent-Length: LENGTH",
  "a folded line that is empty": "X:\r\n Content-Length: LENGTH",
  "a line that ends in LF": "X: a\r\nContent-Length: LENGTH\nY: b",
  "an LF before a line": "\nContent-Length: LENGTH",
  "a CR within a line": "X: a\rContent-Length: LENGTH",
  "a NUL within a line": "X: a\0\r\nContent-Length: 0",
  "a control character within a line": "X: a\x01\r\nContent-Length: 0",
  "a line without a colon": "Content-Length\r\nContent-Length: 0",
  "a line without a name": ": a\r\nContent-Length: 0",
  "a name with a control character": "Content-Length\x01: 0",
  "a name in brackets": "(Content-Length): 0",
  "a length and chunks": "Content-Length: LENGTH\r\nTransfer-Encoding: chunked",
  "chunks and a length": "Transfer-Encoding: chunked\r\nContent-Length: LENGTH",
  "a length of zero and chunks": "Content-Length: 0\r\nTransfer-Encoding: chunked",
  "a length and a coding that is none": "Transfer-Encoding: identity\r\nContent-Length: LENGTH",
})) {
  refused(name, (hidden) => `${head()}${fields.replaceAll("LENGTH", hidden.length)}\r\n\r\n${hidden}`);
}
for (const [name, fields] of Object.entries({
  "no coding": "Transfer-Encoding: identity",
  "an empty coding": "Transfer-Encoding:",
  "gzip": "Transfer-Encoding: gzip",
  "gzip and chunks": "Transfer-Encoding: gzip, chunked",
  "chunks and no coding": "Transfer-Encoding: chunked, identity",
  "chunks in chunks": "Transfer-Encoding: chunked, chunked",
  "a coding twice": "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
  "no coding and chunks": "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
  "chunks and then no coding": "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
  "an unknown coding": "Transfer-Encoding: xchunked",
  "chunks with a parameter": "Transfer-Encoding: chunked;q=1",
  "chunks in quotes": 'Transfer-Encoding: "chunked"',
  "a comma before chunks": "Transfer-Encoding: , chunked",
  "a vertical tab before chunks": "Transfer-Encoding: \x0bchunked",
  "a NUL after chunks": "Transfer-Encoding: chunked\0",
  "an escaped coding": "Transfer-Encoding: chunke%64",
  "a coding's name with a space": "Transfer-Encoding : chunked",
  "a folded coding": "Transfer-Encoding:\r\n chunked",
  "a folded coding after a line": "X: a\r\n Transfer-Encoding: chunked",
  "a coding's line that ends in LF": "X: a\nTransfer-Encoding: chunked",
})) {
  refused(`coding: ${name}`, (hidden) => `${head()}${fields}\r\n\r\n0\r\n\r\n${hidden}`);
}
refused("HTTP/1.0 with chunks", (hidden) =>
  `POST ${SEND} HTTP/1.0\r\n${AUTHORIZATION}Connection: keep-alive\r\n` +
  `Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`);

// ---- The request line, and what must come once ----

for (const [name, line] of Object.entries({
  "a request line that ends in LF": "GET /healthz HTTP/1.1\nHost: x\r\n",
  "a request line with two spaces": "GET  /healthz HTTP/1.1\r\nHost: x\r\n",
  "a request line with a tab": "GET\t/healthz HTTP/1.1\r\nHost: x\r\n",
  "a request line with a space at its end": "GET /healthz HTTP/1.1 \r\nHost: x\r\n",
  "a space before the request line": " GET /healthz HTTP/1.1\r\nHost: x\r\n",
  "a space within the target": "GET /heal thz HTTP/1.1\r\nHost: x\r\n",
  "a folded request line": "GET /healthz\r\n HTTP/1.1\r\nHost: x\r\n",
  "two empty lines before the request line": "\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n",
  "an LF before the request line": "\nGET /healthz HTTP/1.1\r\nHost: x\r\n",
  "a line before the request line": "X: a\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n",
  "a space before the first field": "GET /healthz HTTP/1.1\r\n Host: x\r\n",
  "HTTP/0.9": "GET /healthz\r\n",
  "HTTP/1.2": "GET /healthz HTTP/1.2\r\nHost: x\r\n",
  "HTTP/2.0": "PRI * HTTP/2.0\r\n\r\nSM\r\n",
  "http/1.1": "GET /healthz http/1.1\r\nHost: x\r\n",
  "HTTP/01.1": "GET /healthz HTTP/01.1\r\nHost: x\r\n",
  "a method with a byte of no letter": "GE\x80T /healthz HTTP/1.1\r\nHost: x\r\n",
  "a target that is no path": "GET healthz HTTP/1.1\r\nHost: x\r\n",
  "a target with a fragment": "GET /healthz#x HTTP/1.1\r\nHost: x\r\n",
  "a target with a raw byte": "GET /healthz\xe9 HTTP/1.1\r\nHost: x\r\n",
  "a target with another scheme": "GET ftp://x/healthz HTTP/1.1\r\nHost: x\r\n",
  "no Host": "GET /healthz HTTP/1.1\r\n",
  "two Hosts": "GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n",
  "the same Host twice": "GET /healthz HTTP/1.1\r\nHost: x\r\nhost: x\r\n",
  "a Host with a space": "GET /healthz HTTP/1.1\r\nHost: x y\r\n",
  "a Host with a path": "GET /healthz HTTP/1.1\r\nHost: x/y\r\n",
  "a Host with a user": "GET /healthz HTTP/1.1\r\nHost: x@y\r\n",
  "two credentials": `GET /healthz HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}${AUTHORIZATION}`,
  "an unknown expectation": "GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\n",
})) refused(name, (hidden) => `${line}\r\n${hidden}`);

// ---- Good ones ----

const PAIR = [400, 200];  // {} is a bad request for SEND, and the hidden request makes its Organization
good("a length", PAIR, (hidden) => `${head()}Content-Length: 2\r\n\r\n{}${hidden}`);
good("a length with a zero before it", PAIR, (hidden) =>
  `${head()}Content-Length: 02\r\n\r\n{}${hidden}`);
good("a length with spaces around it", PAIR, (hidden) =>
  `${head()}Content-Length: \t 2 \t\r\n\r\n{}${hidden}`);
good("no length", PAIR, (hidden) => `${head()}\r\n${hidden}`);
good("chunks", PAIR, (hidden) => `${chunked}2\r\n{}\r\n0\r\n\r\n${hidden}`);
good("one byte a chunk", PAIR, (hidden) => `${chunked}1\r\n{\r\n1\r\n}\r\n0\r\n\r\n${hidden}`);
good("no chunk but the last", PAIR, (hidden) => `${chunked}0\r\n\r\n${hidden}`);
good("a last chunk of many zeros", PAIR, (hidden) => `${chunked}2\r\n{}\r\n0000\r\n\r\n${hidden}`);
good("a chunk's size with zeros before it", PAIR, (hidden) =>
  `${chunked}0002\r\n{}\r\n0\r\n\r\n${hidden}`);
good("a chunk's size in capitals", PAIR, (hidden) =>
  `${chunked}A\r\n{        }\r\n0\r\n\r\n${hidden}`);
good("chunk extensions", PAIR, (hidden) =>
  `${chunked}2;a;b=c;d="e;f"\r\n{}\r\n0;a=b\r\n\r\n${hidden}`);
good("a coding in capitals", PAIR, (hidden) =>
  `${head()}TRANSFER-ENCODING: Chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n${hidden}`);
good("a target with a host", [200, 200], (hidden) =>
  `GET http://y:1/healthz?a HTTP/1.1\r\nHost: x\r\n\r\n${hidden}`);
good("an empty Host", [200, 200], (hidden) => `GET /healthz HTTP/1.1\r\nHost:\r\n\r\n${hidden}`);
good("an empty line before the request line", [200, 200], (hidden) =>
  `\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n\r\n${hidden}`);
good("GET with a length of zero", [200, 200], (hidden) =>
  `GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n${hidden}`);
good("HEAD", [200, 200], (hidden) => `HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n${hidden}`);
good("HTTP/1.0 that stays", [200, 200], (hidden) =>
  `GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n${hidden}`);
good("HTTP/1.0", [200], () => "GET /healthz HTTP/1.0\r\n\r\n");

module.exports = { cases, hiddenRequest, AUTHORIZATION, SEND };
