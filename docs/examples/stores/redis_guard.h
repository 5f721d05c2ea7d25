// A SendGuard on Redis (rules L-06, L-07), to be copied: quotas that many hosts share. Each quota
// is a sorted set of operation ids by the server's time, so windows roll exactly and a set has at
// most as many elements as its limit; everything expires by itself.
#ifndef OTPCORE_EXAMPLES_STORES_REDIS_GUARD_H_
#define OTPCORE_EXAMPLES_STORES_REDIS_GUARD_H_

#include <string>
#include <vector>

#include "otpcore/ports.h"
#include "redis_connection.h"

namespace otpcore::examples {

// Thread-safe. Answers kUnreachable when the server does; what that leads to is the policy's
// affair.
class RedisGuard final : public SendGuard {
 public:
  explicit RedisGuard(RedisServer server);

  Admission Admit(const OperationId& operation_id, const std::vector<Quota>& quotas) override;
  void Settle(const OperationId& operation_id, Settlement settlement) override;
  // Verified numbers are what the conversion quota compares its sends with.
  void Observe(EventList* events) override;

 private:
  std::string Named(const std::string& name) const { return "{" + server_.hash_tag + "}:" + name; }
  SteadyTime Deadline() const { return std::chrono::steady_clock::now() + server_.timeout; }

  const RedisServer server_;
  RedisPool pool_;
};

}  // namespace otpcore::examples

#endif  // OTPCORE_EXAMPLES_STORES_REDIS_GUARD_H_
