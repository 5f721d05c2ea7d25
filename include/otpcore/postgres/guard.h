// SPDX-License-Identifier: Apache-2.0
// A SendGuard on PostgreSQL (rules L-06 … L-08): quotas that many hosts share. Every
// send that counts is a row with the server's time, so windows roll exactly and a quota has at most
// as many rows as its limit; so is every passcode that a conversion quota looks at. An admission is
// one call of a function that
// `otpcore migrate` makes.
#ifndef OTPCORE_POSTGRES_GUARD_H_
#define OTPCORE_POSTGRES_GUARD_H_

#include <memory>

#include "otpcore/base/export.h"
#include "otpcore/engine/ports.h"
#include "otpcore/postgres/options.h"

namespace otpcore {

class PgClient;

// Thread-safe. Answers kUnreachable when the server does; what that leads to is the policy's
// affair.
class OTPCORE_EXPORT PostgresGuard final : public SendGuard {
 public:
  // More failures than `spraying_failures` in an hour in one Organization raise kSpraying (L-08);
  // take Policy::spraying_failures.
  explicit PostgresGuard(PostgresOptions options, int spraying_failures = 100);
  ~PostgresGuard() override;

  Admission Admit(const AdmissionId& id, const Quotas& quotas) override;
  void Settle(const AdmissionId& id, Settlement settlement) override;
  // A passcode that was used or failed too often ends for the conversion quota, and one that
  // verified its number counts as proved. Failures are counted for spraying, which is raised once
  // an hour at most, by one host.
  void Observe(EventList* events) override;

  // Removes what no window looks at any more; call it now and then. False: not done.
  bool Sweep();

 private:
  void ObserveFailure(EventList* events, Instant at);

  const int spraying_failures_;
  std::unique_ptr<PgClient> client_;
};

}  // namespace otpcore

#endif  // OTPCORE_POSTGRES_GUARD_H_
