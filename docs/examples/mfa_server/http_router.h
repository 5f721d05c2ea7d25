// SPDX-License-Identifier: Apache-2.0
// From a request that was read to its answer: route, credentials, parameters, and the error objects
// of what never reaches a command. Knows the semantics of HTTP (RFC 9110) and no connections.
#ifndef OTPCORE_EXAMPLES_MFA_SERVER_HTTP_ROUTER_H_
#define OTPCORE_EXAMPLES_MFA_SERVER_HTTP_ROUTER_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api.h"
#include "otpcore/otpcore.h"

namespace mfa_server {

// What the router looks at of a request's header; nothing stands for an absent field.
struct RequestHead {
  std::string_view method;
  std::string_view target;
  std::optional<std::string_view> authorization;
  std::optional<std::string_view> member_session;
  std::optional<std::string_view> member_session_jwt;
  std::optional<std::string_view> device;
  std::optional<std::string_view> fetch_site;  // Sec-Fetch-Site, of browsers
};

// An answer without what depends on the connection: version, length, date.
struct HttpAnswer {
  int status = 200;
  std::string body;  // JSON, unless `fields` has another Content-Type
  std::vector<std::pair<std::string, std::string>> fields;
};

// Where a request goes: to `route` with `call`, whose body the caller fills in, or nowhere.
struct Destination {
  const Route* route = nullptr;  // null: answer `refusal`
  Call call;
  HttpAnswer refusal;
};

// Immutable, so any number of threads may use it. `random` must outlive it.
class Router {
 public:
  // A route whose method is empty makes its path known and takes no method. Among patterns that
  // match a path, those with the fewest stars count. Routes below /v1/ and /otpcore/, and
  // /metrics, unless they are open, ask for `credentials`, which is the value of an Authorization
  // header.
  Router(std::vector<Route> routes, otpcore::SecureRandom& random, otpcore::Environment environment,
         std::string_view credentials, std::string error_url_base);

  // Refusals: kRouteNotFound; kMethodNotAllowed, with Allow; kUnauthorizedCredentials, with
  // WWW-Authenticate; kBadRequest for a parameter that comes twice, for a session's header that
  // cannot be a token, and below /test/ for a request that a page of another site makes. HEAD goes
  // where GET goes (RFC 9110, section 9.3.2).
  Destination Find(const RequestHead& head) const;

  // Runs the route; a handler that throws is answered kInternalServerError.
  HttpAnswer Run(const Route& route, const Call& call) const;

  HttpAnswer Refuse(const otpcore::Error& error) const;

 private:
  struct Path {
    std::vector<std::string> pattern;  // its parts
    std::vector<Route> routes;
    std::string allow;  // the value of an Allow field
  };

  std::string NewRequestId() const;
  bool IsAuthorized(const RequestHead& head) const;

  std::vector<Path> paths_;
  otpcore::SecureRandom& random_;
  const otpcore::Environment environment_;
  const std::string credentials_;
  const std::string error_url_base_;
};

}  // namespace mfa_server

#endif  // OTPCORE_EXAMPLES_MFA_SERVER_HTTP_ROUTER_H_
