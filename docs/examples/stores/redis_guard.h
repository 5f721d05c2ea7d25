// SPDX-License-Identifier: Apache-2.0
// A SendGuard on Redis (rules L-06 … L-08), to be copied: quotas that many hosts share. Each quota
// is a sorted set of admission ids by the server's time, so windows roll exactly and a set has at
// most as many elements as its limit; so is that of the passcodes that a conversion quota looks at,
// by their ends. Everything expires by itself.
#ifndef OTPCORE_EXAMPLES_STORES_REDIS_GUARD_H_
#define OTPCORE_EXAMPLES_STORES_REDIS_GUARD_H_

#include <string>
#include <vector>

#include "otpcore/engine/ports.h"
#include "redis_connection.h"

namespace otpcore::examples {

// Thread-safe. Answers kUnreachable when the server does; what that leads to is the policy's
// affair.
class RedisGuard final : public SendGuard {
 public:
  // More failures than `spraying_failures` in an hour in one Organization raise kSpraying (L-08);
  // take Policy::spraying_failures.
  explicit RedisGuard(RedisServer server, int spraying_failures = 100);

  Admission Admit(const AdmissionId& id, const Quotas& quotas) override;
  void Settle(const AdmissionId& id, Settlement settlement) override;
  // A passcode that was used or failed too often ends for the conversion quota, and one that
  // verified its number counts as proved. Failures are counted for spraying, which is raised once
  // an hour at most, by one host.
  void Observe(EventList* events) override;

 private:
  std::string Named(const std::string& name) const { return "{" + server_.hash_tag + "}:" + name; }
  SteadyTime Deadline() const { return std::chrono::steady_clock::now() + server_.timeout; }

  void ObserveFailure(EventList* events, Instant at);

  const RedisServer server_;
  const int spraying_failures_;
  RedisPool pool_;
};

}  // namespace otpcore::examples

#endif  // OTPCORE_EXAMPLES_STORES_REDIS_GUARD_H_
