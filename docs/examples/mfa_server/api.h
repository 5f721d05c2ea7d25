// SPDX-License-Identifier: Apache-2.0
// The API: each route read, run by the engine, and answered.
#ifndef OTPCORE_EXAMPLES_MFA_SERVER_API_H_
#define OTPCORE_EXAMPLES_MFA_SERVER_API_H_

#include <functional>
#include <string>
#include <vector>

#include "jwt.h"
#include "observation.h"
#include "organization_index.h"
#include "otpcore/otpcore.h"
#include "otpcore/testing/doubles.h"
#include "sessions.h"
#include "settings.h"
#include "wire.h"

namespace mfa_server {

// What a handler gets to see of a request.
struct Call {
  std::vector<std::string> path;  // the parts of the route that are not fixed, in order
  std::string body;
  std::string member_id_parameter;        // ?member_id=
  std::string email_address_parameter;    // ?email_address=
  std::string organization_id_parameter;  // ?organization_id=
  std::string include_deleted_parameter;  // ?include_deleted=
  otpcore::SessionArguments session_headers;
  std::string device;  // the X-Otpcore-Device header; empty: an unknown one
  std::string request_id;
};

struct Route {
  std::string method;   // empty: the path is known, and takes no method
  std::string pattern;  // "/v1/b2b/organizations/*"; a star stands for one part
  std::function<Answer(const Call&)> handle;
  bool open = false;  // asks for no credentials, whatever its path
};

// What the routes work on. All of it outlives them.
struct Backend {
  otpcore::Engine& engine;
  otpcore::Clock& clock;
  otpcore::SecureRandom& random;
  const SessionStore& sessions;
  const OrganizationSettings& settings;
  const OrganizationIndex& index;
  const JwtKeys& jwt;
  Observation& observation;
  otpcore::Environment environment;
  std::string error_url_base;
  otpcore::Directory* directory = nullptr;  // of the store; null: it cannot be searched
};

std::vector<Route> ApiRoutes(const Backend& backend);

// The routes below /test; for tests only.
std::vector<Route> TestRoutes(const Backend& backend, otpcore::testing::VirtualClock& clock,
                              otpcore::testing::SmsInbox& inbox);

// The same routes, each answer counted; and GET /metrics.
std::vector<Route> Observed(std::vector<Route> routes, Observation& observation);

}  // namespace mfa_server

#endif  // OTPCORE_EXAMPLES_MFA_SERVER_API_H_
