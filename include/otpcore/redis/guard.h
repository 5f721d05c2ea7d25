// SPDX-License-Identifier: Apache-2.0
// A SendGuard on Redis (rules L-06 … L-08): quotas that many hosts share. Each quota
// is a sorted set of admission ids by the server's time, so windows roll exactly and a set has at
// most as many elements as its limit; so is that of the passcodes that a conversion quota looks at,
// by their ends. Everything expires by itself.
#ifndef OTPCORE_REDIS_GUARD_H_
#define OTPCORE_REDIS_GUARD_H_

#include <memory>

#include "otpcore/base/export.h"
#include "otpcore/engine/ports.h"
#include "otpcore/redis/options.h"

namespace otpcore {

class RedisClient;

// Thread-safe. Answers kUnreachable when the server does; what that leads to is the policy's
// affair.
class OTPCORE_EXPORT RedisGuard final : public SendGuard {
 public:
  // More failures than `spraying_failures` in an hour in one Organization raise kSpraying (L-08);
  // take Policy::spraying_failures.
  explicit RedisGuard(RedisOptions options, int spraying_failures = 100);
  ~RedisGuard() override;

  Admission Admit(const AdmissionId& id, const Quotas& quotas) override;
  void Settle(const AdmissionId& id, Settlement settlement) override;
  // A passcode that was used or failed too often ends for the conversion quota, and one that
  // verified its number counts as proved. Failures are counted for spraying, which is raised once
  // an hour at most, by one host.
  void Observe(EventList* events) override;

 private:
  void ObserveFailure(EventList* events, Instant at);

  const int spraying_failures_;
  std::unique_ptr<RedisClient> client_;
};

}  // namespace otpcore

#endif  // OTPCORE_REDIS_GUARD_H_
