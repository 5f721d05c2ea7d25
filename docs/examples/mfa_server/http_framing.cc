// SPDX-License-Identifier: Apache-2.0
#include "http_framing.h"

#include <algorithm>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/verb.hpp>
#include <iterator>

namespace mfa_server {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr size_t kExtensionBytesMax = 256;
constexpr size_t kLengthDigitsMax = 18;
constexpr size_t kTargetBytesMax = size_t{8} * 1024;

// Fields of which a request has one at most. Recipients differ in whether the first or the last
// one counts.
constexpr beast::string_view kSingle[] = {
    "Host",
    "Content-Length",
    "Transfer-Encoding",
    "Authorization",
    "X-Otpcore-Device",
    "X-Stytch-Member-Session",
    "X-Stytch-Member-SessionJWT",
    "Expect",
    "Content-Type",
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsControl(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == '\x7f';
}

size_t CountOf(const RequestHeader& header, beast::string_view name) {
  const auto [first, last] = header.equal_range(name);
  return static_cast<size_t>(std::distance(first, last));
}

// The characters of `uri-host [ ":" port ]` (RFC 9110, section 7.2); an empty Host is allowed.
bool IsHost(beast::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char c) {
    return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("-._~%!$&'()*+,;=:[]").find(c) != std::string_view::npos;
  });
}

// Origin form, absolute form, or the asterisk of OPTIONS (RFC 9112, section 3.2).
bool IsTarget(const RequestHeader& header) {
  const beast::string_view target = header.target();
  if (std::any_of(target.begin(), target.end(), [](char c) { return c < '!' || c > '~'; }))
    return false;
  if (target.find('#') != beast::string_view::npos) return false;
  for (const beast::string_view start : {"/", "http://", "https://"}) {
    if (beast::iequals(target.substr(0, start.size()), start)) return true;
  }
  return target == "*" && header.method() == http::verb::options;
}

const char* LengthFault(const RequestHeader& header) {
  const size_t lengths = CountOf(header, "Content-Length");
  const size_t codings = CountOf(header, "Transfer-Encoding");
  const beast::string_view length = header[http::field::content_length];
  if (lengths > 0 && (length.empty() || length.size() > kLengthDigitsMax ||
                      !std::all_of(length.begin(), length.end(), IsDigit)))
    return "Content-Length is not a number";
  if (codings > 0 && !beast::iequals(header[http::field::transfer_encoding], "chunked"))
    return "the only Transfer-Encoding is chunked";
  if (codings > 0 && header.version() < 11) return "HTTP/1.0 has no Transfer-Encoding";
  const bool has_body = codings > 0 || length.find_first_not_of('0') != beast::string_view::npos;
  const bool takes_none = header.method() == http::verb::get || header.method() == http::verb::head;
  if (has_body && takes_none) return "GET and HEAD take no body";
  return nullptr;
}

}  // namespace

const char* HeaderFault(const RequestHeader& header, std::string_view raw) {
  if (raw.find("\r\n ") != std::string_view::npos || raw.find("\r\n\t") != std::string_view::npos)
    return "a header's line is folded";
  for (const beast::string_view name : kSingle) {
    if (CountOf(header, name) > 1) return "a header that may come once comes twice";
  }
  if (const char* const fault = LengthFault(header)) return fault;
  if (header.version() >= 11 && CountOf(header, "Host") == 0) return "Host is missing";
  if (!IsHost(header[http::field::host])) return "Host is not a host";
  if (header.target().size() > kTargetBytesMax) return "the target has more than 8 KiB";
  if (!IsTarget(header)) return "the target of the request is not a path";
  const beast::string_view expected = header[http::field::expect];
  if (header.version() >= 11 && !expected.empty() && !beast::iequals(expected, "100-continue"))
    return "the only expectation is 100-continue";
  return nullptr;
}

bool IsPlainChunkExtension(std::string_view extension) {
  return extension.size() <= kExtensionBytesMax &&
         std::none_of(extension.begin(), extension.end(), IsControl);
}

bool HasTrailer(std::string_view last_chunk) {
  constexpr std::string_view kEnd = "\r\n";
  if (last_chunk.substr(0, kEnd.size()) == kEnd) last_chunk.remove_prefix(kEnd.size());
  const size_t size_line_end = last_chunk.find(kEnd);
  return size_line_end + 2 * kEnd.size() != last_chunk.size();
}

}  // namespace mfa_server
