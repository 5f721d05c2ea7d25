// SPDX-License-Identifier: Apache-2.0
#include "http_router.h"

#include <sodium.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace mfa_server {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): an example reads as a host would

constexpr char kChallenge[] = R"(Basic realm="otpcore", charset="UTF-8")";

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

// The time depends on the lengths only.
bool SameSecret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

// Takes "scheme SP credentials" apart.
std::pair<std::string_view, std::string_view> SplitAuthorization(std::string_view value) {
  const size_t scheme_end = std::min(value.find(' '), value.size());
  const size_t begin = std::min(value.find_first_not_of(' ', scheme_end), value.size());
  return {value.substr(0, scheme_end), value.substr(begin)};
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Escapes that are none stay as they are.
std::string Unescape(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() && text[i] == '%' ? HexDigit(text[i + 1]) : -1;
    const int low = high >= 0 ? HexDigit(text[i + 2]) : -1;
    if (low < 0) {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return plain;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// The path and the query of a target in origin form or in absolute form (RFC 9112, section 3.2).
std::pair<std::string_view, std::string_view> SplitTarget(std::string_view target) {
  if (const size_t scheme_end = target.find("://"); target.substr(0, 1) != "/") {
    const size_t path =
        scheme_end == target.npos ? target.size() : target.find_first_of("/?", scheme_end + 3);
    target = target.substr(std::min(path, target.size()));
  }
  const size_t path_end = std::min(target.find('?'), target.size());
  const std::string_view path = target.substr(0, path_end);
  return {path.empty() ? "/" : path, target.substr(std::min(path_end + 1, target.size()))};
}

// An escaped slash in an id must not lead to another route, so a path is taken apart first.
std::vector<std::string> PartsOf(std::string_view path) {
  std::vector<std::string> parts;
  for (const std::string_view part : Split(path, '/')) parts.push_back(Unescape(part));
  return parts;
}

// Matches "/a/*/b" part by part; a star takes any part that is not empty.
bool Matches(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  return std::equal(pattern.begin(), pattern.end(), path.begin(), path.end(),
                    [](const std::string& wanted, const std::string& part) {
                      return wanted == "*" ? !part.empty() : wanted == part;
                    });
}

// False when the parameter comes twice.
bool ReadParameter(std::string_view query, std::string_view name, std::string* value) {
  bool found = false;
  for (const std::string_view pair : Split(query, '&')) {
    const size_t name_end = std::min(pair.find('='), pair.size());
    if (Unescape(pair.substr(0, name_end)) != name) continue;
    if (found) return false;
    found = true;
    std::string text(pair.substr(std::min(name_end + 1, pair.size())));
    std::replace(text.begin(), text.end(), '+', ' ');
    *value = Unescape(text);
  }
  return true;
}

// The characters of a bearer token (RFC 6750, section 2.1). An empty header is no token: who sends
// one means to be judged.
bool ReadSessionHeader(const std::optional<std::string_view>& header, std::string* value) {
  if (!header) return true;
  *value = std::string(*header);
  return !header->empty() && std::all_of(header->begin(), header->end(), [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("-._~+/=").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

HttpAnswer Write(const Answer& answer) {
  HttpAnswer written;
  written.status = answer.status;
  if (answer.text) {
    written.body = *answer.text;
    written.fields.emplace_back("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    written.fields.insert(written.fields.end(), answer.fields.begin(), answer.fields.end());
    return written;
  }
  // Text that came from a client may not be UTF-8; it is replaced, never thrown about.
  written.body = answer.body.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (answer.retry_after)
    written.fields.emplace_back("Retry-After",
                                std::to_string(RetryAfterSeconds(*answer.retry_after)));
  if (answer.status == 401) written.fields.emplace_back("WWW-Authenticate", kChallenge);
  return written;
}

}  // namespace

Router::Router(std::vector<Route> routes, SecureRandom& random, Environment environment,
               std::string_view credentials, std::string error_url_base)
    : random_(random),
      environment_(environment),
      credentials_(SplitAuthorization(credentials).second),
      error_url_base_(std::move(error_url_base)) {
  for (Route& route : routes) {
    std::vector<std::string> pattern = PartsOf(route.pattern);
    const auto same = [&](const Path& path) { return path.pattern == pattern; };
    auto path = std::find_if(paths_.begin(), paths_.end(), same);
    if (path == paths_.end()) path = paths_.insert(path, {std::move(pattern), {}, ""});
    if (!route.method.empty()) path->allow += (path->allow.empty() ? "" : ", ") + route.method;
    if (route.method == "GET") path->allow += ", HEAD";
    path->routes.push_back(std::move(route));
  }
  const auto stars = [](const Path& path) {
    return std::count(path.pattern.begin(), path.pattern.end(), "*");
  };
  std::stable_sort(paths_.begin(), paths_.end(),
                   [&](const Path& a, const Path& b) { return stars(a) < stars(b); });
}

std::string Router::NewRequestId() const {
  uint8_t drawn[16] = {};
  // Without entropy the nil UUID stands in, as in the engine.
  const bool filled = random_.Fill(drawn, sizeof drawn);
  return FormatId("request-id", environment_, filled ? UuidFromRandom(drawn) : Uuid());
}

HttpAnswer Router::Refuse(const Error& error) const {
  return Write(RenderError(error, NewRequestId(), error_url_base_));
}

bool Router::IsAuthorized(const RequestHead& head) const {
  const auto [scheme, credentials] = SplitAuthorization(head.authorization.value_or(""));
  return EqualsIgnoringCase(scheme, "Basic") && SameSecret(credentials, credentials_);
}

Destination Router::Find(const RequestHead& head) const {
  Destination found;
  const auto refuse = [&](const Error& error) {
    found.route = nullptr;
    found.refusal = Refuse(error);
    return found;
  };
  const auto [path_text, query] = SplitTarget(head.target);
  std::vector<std::string> parts = PartsOf(path_text);
  const auto path = std::find_if(paths_.begin(), paths_.end(), [&](const Path& candidate) {
    return Matches(candidate.pattern, parts);
  });
  if (path == paths_.end()) return refuse(ErrorCode::kRouteNotFound);

  const std::string_view method = head.method == "HEAD" ? "GET" : head.method;
  const auto route =
      std::find_if(path->routes.begin(), path->routes.end(),
                   [&](const Route& candidate) { return candidate.method == method; });
  if (route == path->routes.end()) {
    refuse(ErrorCode::kMethodNotAllowed);
    found.refusal.fields.emplace_back("Allow", path->allow);
    return found;
  }
  // The test controls ask for no credentials, so a page of another site must not reach them
  // through the browser of who runs this server. Clients that are no browser say nothing here.
  const std::string_view site = head.fetch_site.value_or("none");
  if (route->pattern.rfind("/test/", 0) == 0 && site != "same-origin" && site != "none")
    return refuse(Error(ErrorCode::kBadRequest, "a page of another site may not do this"));
  const bool asks_for_credentials =
      !route->open && (route->pattern.rfind("/v1/", 0) == 0 ||
                       route->pattern.rfind("/otpcore/", 0) == 0 || route->pattern == "/metrics");
  if (asks_for_credentials && !IsAuthorized(head))
    return refuse(ErrorCode::kUnauthorizedCredentials);
  Call& call = found.call;
  if (!ReadParameter(query, "member_id", &call.member_id_parameter) ||
      !ReadParameter(query, "email_address", &call.email_address_parameter) ||
      !ReadParameter(query, "organization_id", &call.organization_id_parameter) ||
      !ReadParameter(query, "include_deleted", &call.include_deleted_parameter))
    return refuse(Error(ErrorCode::kBadRequest, "a parameter comes twice"));
  if (!ReadSessionHeader(head.member_session, &call.session_headers.session_token) ||
      !ReadSessionHeader(head.member_session_jwt, &call.session_headers.session_jwt))
    return refuse(Error(ErrorCode::kBadRequest, "a session's header is not a token"));
  for (size_t i = 0; i < parts.size(); ++i) {
    if (path->pattern[i] == "*") call.path.push_back(std::move(parts[i]));
  }
  call.device = std::string(head.device.value_or(""));
  call.request_id = NewRequestId();
  found.route = &*route;
  return found;
}

HttpAnswer Router::Run(const Route& route, const Call& call) const {
  try {
    return Write(route.handle(call));
  } catch (...) {  // of memory or of a host's port: the connection and the server go on
    return Refuse(ErrorCode::kInternalServerError);
  }
}

}  // namespace mfa_server
