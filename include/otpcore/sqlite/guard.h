// SPDX-License-Identifier: Apache-2.0
// A SendGuard in an SQLite file (rules L-06 … L-08). Every send that counts is a row, so windows
// roll exactly and a quota has at most as many rows as its limit; so is every passcode that a
// conversion quota looks at.
#ifndef OTPCORE_SQLITE_GUARD_H_
#define OTPCORE_SQLITE_GUARD_H_

#include "otpcore/base/export.h"
#include "otpcore/engine/ports.h"
#include "otpcore/sqlite/database.h"

namespace otpcore {

// Refers to clock and database, which must outlive it. Times are by that clock. Thread-safe.
// Answers kUnreachable when the file does not take the write; what that leads to is the policy's
// affair.
class OTPCORE_EXPORT SqliteGuard final : public SendGuard {
 public:
  // More failures than `spraying_failures` in an hour in one Organization raise kSpraying (L-08);
  // take Policy::spraying_failures.
  SqliteGuard(Clock& clock, SqliteDatabase& database, int spraying_failures = 100)
      : clock_(clock), file_(database.file()), spraying_failures_(spraying_failures) {}

  // A refusal only reads, and waits for no writer.
  Admission Admit(const AdmissionId& id, const Quotas& quotas) override;
  void Settle(const AdmissionId& id, Settlement settlement) override;
  // A passcode that was used or failed too often ends for the conversion quota, and one that
  // verified its number counts as proved. Failures are counted for spraying, which is raised once
  // an hour at most, by one host.
  void Observe(EventList* events) override;

  // Removes what no window looks at any more; call it now and then. False: not done.
  bool Sweep();

 private:
  Clock& clock_;
  SqliteFile& file_;
  const int spraying_failures_;
};

}  // namespace otpcore

#endif  // OTPCORE_SQLITE_GUARD_H_
