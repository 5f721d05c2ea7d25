// SPDX-License-Identifier: Apache-2.0
// A SendGuard on PostgreSQL (rules L-06 … L-08), to be copied: quotas that many hosts share. Every
// send that counts is a row with the server's time, so windows roll exactly and a quota has at most
// as many rows as its limit; so is every passcode that a conversion quota looks at. An admission is
// one call of a function in schema.sql.
#ifndef OTPCORE_EXAMPLES_STORES_POSTGRES_GUARD_H_
#define OTPCORE_EXAMPLES_STORES_POSTGRES_GUARD_H_

#include <string>
#include <vector>

#include "otpcore/engine/ports.h"
#include "postgres_connection.h"

namespace otpcore::examples {

// Thread-safe. Answers kUnreachable when the server does; what that leads to is the policy's
// affair.
class PostgresGuard final : public SendGuard {
 public:
  // More failures than `spraying_failures` in an hour in one Organization raise kSpraying (L-08);
  // take Policy::spraying_failures.
  explicit PostgresGuard(std::string conninfo, int connections_max = 4,
                         std::chrono::milliseconds timeout = std::chrono::milliseconds(2000),
                         int spraying_failures = 100);

  Admission Admit(const AdmissionId& id, const Quotas& quotas) override;
  void Settle(const AdmissionId& id, Settlement settlement) override;
  // A passcode that was used or failed too often ends for the conversion quota, and one that
  // verified its number counts as proved. Failures are counted for spraying, which is raised once
  // an hour at most, by one host.
  void Observe(EventList* events) override;

  // Removes what no window looks at any more; call it now and then. False: not done.
  bool Sweep();

 private:
  SteadyTime Deadline() const { return std::chrono::steady_clock::now() + timeout_; }

  void ObserveFailure(EventList* events, Instant at);

  const std::chrono::milliseconds timeout_;
  const int spraying_failures_;
  PgPool pool_;
};

}  // namespace otpcore::examples

#endif  // OTPCORE_EXAMPLES_STORES_POSTGRES_GUARD_H_
