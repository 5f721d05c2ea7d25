// SPDX-License-Identifier: Apache-2.0
// The enrolment machine of a Member's phone number: one table, every cell of it defined (rules E-01
// … E-04). The number that is to replace a verified one has a machine of its own beside it
// (candidate_machine.h).
#ifndef OTPCORE_RULES_ENROLLMENT_H_
#define OTPCORE_RULES_ENROLLMENT_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "otpcore/base/export.h"
#include "otpcore/model/enrollment_state.h"

namespace otpcore {

// kWrongCode … kExhausted, kReactivated and kClaimLost change no state. Commands do not look them
// up; the picture of the machine shows them.
enum class EnrollmentEvent : uint8_t {
  kLinkedBySend = 0,
  kLinkedByUpdate = 1,
  kImported = 2,  // with a number verified elsewhere
  kAuthenticated = 3,
  kWrongCode = 4,
  kSupersededCode = 5,
  kChallengeExpired = 6,
  kExhausted = 7,
  kDeliveryRejected = 8,  // of the send that linked the number; a later send's changes nothing here
  kReplaced = 9,          // a pending number by another (M-08)
  kPhoneDeleted = 10,
  kMemberDeleted = 11,
  kReactivated = 12,
  kClaimLost = 13,  // another Member verified the number first
  kChanged = 14,    // a verified number by its candidate, whose code was right (E-04)
};
inline constexpr size_t kEnrollmentStateCount = 3;
inline constexpr size_t kEnrollmentEventCount = 15;

// What happens to the claim of the number (S-07, A-08).
enum class ClaimEffect : uint8_t {
  kKeep = 0,
  kLease = 1,      // take it for one passcode life
  kPermanent = 2,  // take it for good
  kRelease = 3,    // give it back, if it is still this Member's
};

struct Transition {
  bool allowed = false;  // false: the command that would cause this event is refused in this state
  EnrollmentState next = EnrollmentState::kNone;
  ClaimEffect claim = ClaimEffect::kKeep;
  bool drops_challenge = false;  // any challenge goes with the number
};

// The cell of the table. Thread-safe.
OTPCORE_EXPORT Transition NextEnrollment(EnrollmentState state, EnrollmentEvent event);

OTPCORE_EXPORT std::string_view NameOf(EnrollmentState state);
OTPCORE_EXPORT std::string_view NameOf(EnrollmentEvent event);

}  // namespace otpcore

#endif  // OTPCORE_RULES_ENROLLMENT_H_
