// SPDX-License-Identifier: Apache-2.0
// The machine of a candidate, the number that is to replace a Member's verified one: one table,
// every cell of it defined (rules E-01, E-04).
//
// It runs beside the enrolment machine (enrollment.h), whose number stays verified all the while.
#ifndef OTPCORE_RULES_CANDIDATE_MACHINE_H_
#define OTPCORE_RULES_CANDIDATE_MACHINE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "otpcore/base/export.h"
#include "otpcore/rules/enrollment.h"

namespace otpcore {

enum class CandidateState : uint8_t {
  kNone = 0,
  kOpen = 1,  // its passcode was issued and is not known to be dead
  kOver = 2,  // its passcode is dead; kept only to tell so
};

// Commands look up those that change a claim, but for kProved, which is kChanged of the enrolment.
// The others follow from the state of the passcode; the picture of the machine shows them.
enum class CandidateEvent : uint8_t {
  kNamed = 0,      // a change is started, anew too
  kReplaced = 1,   // a change is started with another number than the candidate's
  kProved = 2,     // its right code: the numbers change places
  kClaimLost = 3,  // its right code, but another Member verified the number first
  kWrongCode = 4,
  kSupersededCode = 5,
  kExpired = 6,
  kExhausted = 7,
  kDeliveryFailed = 8,  // rejected, or surely not sent
  kPhoneDeleted = 9,    // the verified number
  kMemberDeleted = 10,  // or purged
  kReactivated = 11,    // the Member
};
inline constexpr size_t kCandidateStateCount = 3;
inline constexpr size_t kCandidateEventCount = 12;

struct CandidateTransition {
  bool allowed = false;  // false: the event cannot happen in this state
  CandidateState next = CandidateState::kNone;
  ClaimEffect claim = ClaimEffect::kKeep;  // of the candidate's number
};

// The cell of the table. Thread-safe.
OTPCORE_EXPORT CandidateTransition NextCandidate(CandidateState state, CandidateEvent event);

OTPCORE_EXPORT std::string_view NameOf(CandidateState state);
OTPCORE_EXPORT std::string_view NameOf(CandidateEvent event);

}  // namespace otpcore

#endif  // OTPCORE_RULES_CANDIDATE_MACHINE_H_
