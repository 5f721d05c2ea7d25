// SPDX-License-Identifier: Apache-2.0
// The faults of the model checker and of the fault sequences, by the need at which they strike: one
// vocabulary for both. Commit faults carry the names of testing::FaultyStore.
#ifndef OTPCORE_TESTS_MODEL_CHECK_FAULTS_H_
#define OTPCORE_TESTS_MODEL_CHECK_FAULTS_H_

#include <cstdint>
#include <vector>

namespace otpcore {
namespace model {

// What an operation waits for.
enum class NeedKind : uint8_t {
  kLoad,
  kAdmission,
  kCommit,
  kSessionEffect,
  kDelivery,
  kDone,
};

enum class Fault : uint8_t {
  kNone,
  kCrash,  // the host stops here, whatever it waited for
  kRetry,  // the same, and the client tries again: same request, same operation id
  // load
  kLoadFails,  // store or session directory out of reach
  kNoEntropy,
  // admission
  kTooMany,
  kGuardUnreachable,
  // commit
  kConflict,        // not applied, though nothing stood against it
  kUnavailable,     // surely not applied
  kUnknownApplied,  // applied, but the answer was lost
  kUnknownLost,     // not applied, and the answer is "unknown"
  kUnknownLate,     // "unknown", and it reaches the store later
  kNested,          // another host's send is committed just before (sequences only; the checker
                    // interleaves)
  // session effect
  kEffectRefused,
  // delivery
  kRejected,
  kSinkUnavailable,  // surely not sent
  kSinkUnknown,      // may have been sent
};

inline const char* NameOf(Fault fault) {
  switch (fault) {
    case Fault::kNone: return "ok";
    case Fault::kCrash: return "host crashes";
    case Fault::kRetry: return "host crashes, client repeats the request";
    case Fault::kLoadFails: return "out of reach";
    case Fault::kNoEntropy: return "ok, but no entropy";
    case Fault::kTooMany: return "too many";
    case Fault::kGuardUnreachable: return "out of reach";
    case Fault::kConflict: return "Conflict (without reason)";
    case Fault::kUnavailable: return "Unavailable";
    case Fault::kUnknownApplied: return "Unknown (applied)";
    case Fault::kUnknownLost: return "Unknown (lost)";
    case Fault::kUnknownLate: return "Unknown (still on its way)";
    case Fault::kNested: return "another send commits first";
    case Fault::kEffectRefused: return "not applied";
    case Fault::kRejected: return "Rejected";
    case Fault::kSinkUnavailable: return "Unavailable";
    case Fault::kSinkUnknown: return "Unknown";
  }
  return "?";
}

// What can go wrong at a need, but for crashes, which can happen at each.
inline std::vector<Fault> FaultsAt(NeedKind need, bool draws_entropy) {
  switch (need) {
    case NeedKind::kLoad:
      return draws_entropy ? std::vector<Fault>{Fault::kLoadFails, Fault::kNoEntropy}
                           : std::vector<Fault>{Fault::kLoadFails};
    case NeedKind::kAdmission: return {Fault::kTooMany, Fault::kGuardUnreachable};
    case NeedKind::kCommit:
      return {Fault::kConflict, Fault::kUnavailable, Fault::kUnknownApplied, Fault::kUnknownLost};
    case NeedKind::kSessionEffect: return {Fault::kEffectRefused};
    case NeedKind::kDelivery:
      return {Fault::kRejected, Fault::kSinkUnavailable, Fault::kSinkUnknown};
    case NeedKind::kDone: return {};
  }
  return {};
}

}  // namespace model
}  // namespace otpcore

#endif  // OTPCORE_TESTS_MODEL_CHECK_FAULTS_H_
