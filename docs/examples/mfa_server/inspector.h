// SPDX-License-Identifier: Apache-2.0
// What the inspector page shows: the latest requests with what was decided, and the Members and
// Organizations that they were about. For tests and for trying the server out.
//
// It knows what went through this server since its start. It keeps no code and no secret: an event
// has none.
#ifndef OTPCORE_EXAMPLES_MFA_SERVER_INSPECTOR_H_
#define OTPCORE_EXAMPLES_MFA_SERVER_INSPECTOR_H_

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "api.h"
#include "otpcore/otpcore.h"

namespace mfa_server {

// Thread-safe.
class Inspector {
 public:
  // How many of each it keeps; the oldest leave.
  static constexpr size_t kRequestsMax = 200;
  static constexpr size_t kMembersMax = 200;
  static constexpr size_t kOrganizationsMax = 50;

  // The same routes, each request noted. Those that only look at this server are not.
  std::vector<Route> Noting(std::vector<Route> routes, otpcore::Clock& clock);
  // What a command decided. It belongs to the request whose id the reply has.
  void Decided(const otpcore::ReplyBase& reply);

  // The requests, latest first: at, method, route, status, error_type ("" of a success), and
  // decisions with organization_id, member_id, error_type, factor and events.
  Json Timeline() const;
  // The ids that decisions named, latest first.
  std::vector<std::pair<otpcore::EntityId, otpcore::EntityId>> members() const;
  std::vector<otpcore::EntityId> organizations() const;

 private:
  struct Decision {
    otpcore::EventList events;
    otpcore::ErrorCode error = otpcore::ErrorCode::kOk;
  };
  struct Request {
    otpcore::Instant at;
    std::string method;
    std::string route;
    int status = 0;
    std::string error_type;
    std::vector<Decision> decisions;
  };

  static Json Show(const Request& request);

  mutable std::mutex mutex_;
  std::map<std::string, Request> open_;  // by request id
  std::deque<Request> closed_;           // latest first
  std::deque<std::pair<otpcore::EntityId, otpcore::EntityId>> members_;
  std::deque<otpcore::EntityId> organizations_;
};

// The routes that the inspector page gets its data from. All of it outlives them.
//
//   GET  /test/organizations  {organizations}
//   GET  /test/members        {members}: what the store keeps of each, without what is secret, and
//                             in `holds` what Explain says of it
//   GET  /test/timeline       {requests}
//   GET  /test/clock          {now, runs}
std::vector<Route> InspectorRoutes(const Backend& backend, otpcore::Store& store,
                                   const otpcore::Policy& policy, const Inspector& inspector,
                                   bool clock_runs);

}  // namespace mfa_server

#endif  // OTPCORE_EXAMPLES_MFA_SERVER_INSPECTOR_H_
