// SPDX-License-Identifier: Apache-2.0
// NoGuard: the SendGuard of a host that limits nothing over several Members.
//
// It admits every send, remembers nothing and raises no event. With it nothing stops one number
// from getting SMS through many Members (L-06), nothing stops toll fraud with numbers that are
// never verified (L-07), and no spraying is seen (L-08). The limits of each Member stay. Take it in
// tests, and where another system in front of the engine does all of this.
#ifndef OTPCORE_ADAPTERS_NO_GUARD_H_
#define OTPCORE_ADAPTERS_NO_GUARD_H_

#include "otpcore/engine/ports.h"

namespace otpcore {

// Has no state. Thread-safe.
class OTPCORE_EXPORT NoGuard final : public SendGuard {
 public:
  Admission Admit(const AdmissionId&, const Quotas&) override { return Admission(); }
  void Settle(const AdmissionId&, Settlement) override {}
  void Observe(EventList*) override {}
};

}  // namespace otpcore

#endif  // OTPCORE_ADAPTERS_NO_GUARD_H_
