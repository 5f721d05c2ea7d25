// SPDX-License-Identifier: Apache-2.0
// What an operator sees of the server: metrics for Prometheus, and an audit log.
//
// Neither holds a secret, a whole number or an address: events tell the region and the last two
// digits (N-05).
#ifndef OTPCORE_EXAMPLES_MFA_SERVER_OBSERVATION_H_
#define OTPCORE_EXAMPLES_MFA_SERVER_OBSERVATION_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "otpcore/otpcore.h"

namespace mfa_server {

// Thread-safe.
class Observation {
 public:
  Observation();
  Observation(const Observation&) = delete;
  Observation& operator=(const Observation&) = delete;
  ~Observation();

  // Appends a line of JSON for each event to `path`; "-" is the standard output. False: the file
  // cannot be written, and `*problem` says so. Before the first request.
  bool OpenAudit(const std::string& path, std::string* problem);

  // A request was answered: `result` is "ok" or the error's type.
  void Answered(const std::string& route, const std::string& result, double seconds);
  // What a command decided.
  void Decided(const otpcore::ReplyBase& reply);
  // `watcher` hears of each decision too. Before the first request.
  void Watch(std::function<void(const otpcore::ReplyBase&)> watcher);
  // The same ports, and how long each takes and what it answers is counted. Both must outlive the
  // engine that uses them.
  otpcore::Ports Observe(const otpcore::Ports& ports);

  // The metrics in Prometheus' text format:
  //   otpcore_requests_total{route, result}       answered requests
  //   otpcore_request_seconds{route}              histogram
  //   otpcore_port_seconds{port}                  histogram: load, commit, find_session,
  //                                               apply_session, deliver, admit
  //   otpcore_commits_total{outcome}              committed, conflict, unavailable, unknown
  //   otpcore_messages_total{channel, outcome}    accepted, rejected, unavailable, unknown
  //   otpcore_events_total{event, reason}         each event of a decision
  //   otpcore_audit_lines_lost_total              lines that could not be written
  std::string Metrics() const;

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace mfa_server

#endif  // OTPCORE_EXAMPLES_MFA_SERVER_OBSERVATION_H_
