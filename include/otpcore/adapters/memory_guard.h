// SPDX-License-Identifier: Apache-2.0
// MemorySendGuard: the in-memory SendGuard, for hosts that run as one process (rules L-06 … L-08).
//
// Quotas are exact: each admission is remembered with its time and leaves at its time + window. The
// conversion guard looks at sends, ends and proofs only; a wrong code changes nothing, so nobody
// can bend it by failing on purpose. Memory is bounded by `Options::keys_max`: when that many keys
// hold something, sends that would need another key are refused until one of them empties. A first
// send takes two keys, its number's for an hour and its own for a day, and an Organization three
// for its first region; `bench/run.py --only memory` prints their bytes. Keys that have emptied are
// removed only when all keys are used up.
#ifndef OTPCORE_ADAPTERS_MEMORY_GUARD_H_
#define OTPCORE_ADAPTERS_MEMORY_GUARD_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "otpcore/base/export.h"
#include "otpcore/engine/ports.h"

namespace otpcore {

// Refers to the clock, which must outlive it. Thread-safe.
class OTPCORE_EXPORT MemorySendGuard final : public SendGuard {
 public:
  struct Options {
    // Numbers, Organizations, (Organization, region) pairs and operations that may be remembered at
    // once; 0 refuses every quota. An attacker can fill it only within the quotas of Organizations
    // they control.
    size_t keys_max = 1000000;
    // More failures than this in an hour in one Organization raise kSpraying (L-08); take
    // Policy::spraying_failures.
    int spraying_failures = 100;
  };

  explicit MemorySendGuard(Clock& clock);
  MemorySendGuard(Clock& clock, const Options& options);
  ~MemorySendGuard() override;

  Admission Admit(const AdmissionId& id, const Quotas& quotas) override;
  void Settle(const AdmissionId& id, Settlement settlement) override;
  void Observe(EventList* events) override;

  // Keys in use, for tests and monitoring.
  size_t size() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace otpcore

#endif  // OTPCORE_ADAPTERS_MEMORY_GUARD_H_
